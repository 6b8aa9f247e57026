"""What is one number is computed once, not for every cell.

A time constant that all cells share reaches their equations as an array of equal numbers: its reciprocal, and the
exponential of a step, would be taken cell by cell.  Here they are found in the traced step and taken once.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .written import Op, Program, Var, done

SHAPED = {"broadcast_in_dim", "iota"}
"""Operations that say the shape of their result."""


def narrowed(step: Callable, *like: Any) -> Callable:
    """``step`` with numbers in place of arrays of equal numbers; for programs that nobody takes the derivative of.

    What is divided by such a number is multiplied by its reciprocal, which rounds once more.

    Parameters
    ----------
    step : callable
        A pure function; it may close over traced values.
    *like : pytree
        Arguments of the shapes it will be called with.
    """
    program = Program(step, *like)
    equal: dict[Var, Any] = {}  # arrays of equal numbers, and the number
    ops: list[Op] = []

    def number(x: Any) -> Any:
        return equal.get(x, x) if isinstance(x, Var) else x

    def scalar(name: str, do: Callable, given: list, like: Var) -> Var:
        made = Var(jax.ShapeDtypeStruct((), like.dtype))
        ops.append(Op(name, do, given, [made]))
        return made

    for op in program.ops:
        whole = op.made[0] if op.plain and op.made[0].shape else None
        if whole is not None and op.name == "broadcast_in_dim" and not jnp.shape(op.given[0]):
            equal[whole] = op.given[0]
        elif whole is not None and op.name not in SHAPED and all(not jnp.shape(number(x)) for x in op.given):
            equal[whole] = scalar(op.name, op.do, [number(x) for x in op.given], whole)
            op = _spread(equal[whole], whole)
        elif whole is not None and op.name == "div" and _is_number(number(op.given[1])) and whole.dtype.kind == "f":
            inverse = scalar("div", lambda x: [1.0 / x], [number(op.given[1])], whole)
            op = Op("mul", lambda x, y: [x * y], [op.given[0], inverse], op.made)
        ops.append(op)

    def inside(*arguments: Any) -> Any:
        at = program.begun(arguments)
        done(ops, at)
        return program.ended(at)

    return inside


def _spread(number: Var, over: Var) -> Op:
    shape = over.shape
    return Op("broadcast_in_dim", lambda x: [lax.broadcast_in_dim(x, shape, ())], [number], [over])


def _is_number(x: Any) -> bool:
    return isinstance(x, Var) and not x.shape
