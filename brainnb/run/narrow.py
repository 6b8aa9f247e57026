"""What is one number is computed once, not for every cell.

A time constant that all cells share reaches their equations as an array of equal numbers: its reciprocal, and the
exponential of a step, would be taken cell by cell.  Three kinds of arrays are found in the traced step, and followed
through its elementwise operations: one number for all, one of two numbers by a mask (the slope of a cell that may be
refractory), and another array times a number (all that becomes of a conductance that only decays).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from .written import Op, Program, Var, done

SHAPED = {"broadcast_in_dim", "iota"}
"""Operations that say the shape of their result."""


class Number(NamedTuple):
    """The same for all."""

    value: Any


class Either(NamedTuple):
    """One of two numbers: where the mask is false, and where it is true."""

    mask: Var
    values: tuple


class Times(NamedTuple):
    """An array times a number."""

    base: Var
    factor: Any


def narrowed(step: Callable, *like: Any) -> Callable:
    """``step`` with numbers in place of arrays of equal numbers; for programs that nobody takes the derivative of.

    Products are taken in another order, so results differ from those of ``step`` by rounding.

    Parameters
    ----------
    step : callable
        A pure function; it may close over traced values.
    *like : pytree
        Arguments of the shapes it will be called with.
    """
    program = Program(step, *like)
    narrow = Narrow()
    for op in program.ops:
        narrow.take(op)

    def inside(*arguments: Any) -> Any:
        at = program.begun(arguments)
        done(narrow.ops, at)
        return program.ended(at)

    return inside


class Narrow:
    """The operations so far, and what is known of their results."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.known: dict[Var, Number | Either | Times] = {}

    def take(self, op: Op) -> None:
        """One operation more, as it is or narrowed."""
        found = self.found(op) if op.plain and op.made[0].shape else None
        if found is None:
            self.ops.append(op)
            return
        made = op.made[0]
        self.known[made] = found
        shape = made.shape
        if isinstance(found, Number):
            self.ops.append(Op("broadcast_in_dim", lambda x: [jnp.broadcast_to(x, shape)], [found.value], [made]))
        elif isinstance(found, Either):
            self.ops.append(Op("select_n", lambda m, x, y: [jnp.where(m, y, x)], [found.mask, *found.values], [made]))
        else:
            self.ops.append(Op("mul", lambda x, y: [x * y], [found.base, found.factor], [made]))

    def found(self, op: Op) -> Number | Either | Times | None:
        """What the result is, if it is one of the three."""
        made, given = op.made[0], [self.about(x) for x in op.given]
        if op.name == "broadcast_in_dim":
            return Number(op.given[0]) if jnp.shape(op.given[0]) == () else None
        if op.name in SHAPED:
            return None
        if all(isinstance(x, Number) for x in given):
            return Number(self.number(op.name, op.do, [x.value for x in given], made))
        if op.name == "select_n" and given[0] is None and all(isinstance(x, Number) for x in given[1:]):
            return Either(op.given[0], tuple(x.value for x in given[1:])) if len(given) == 3 else None
        if all(isinstance(x, Number | Either) for x in given):
            masks = {x.mask for x in given if isinstance(x, Either)}
            if len(masks) > 1:
                return None
            cases = [[x.values[k] if isinstance(x, Either) else x.value for x in given] for k in (0, 1)]
            return Either(masks.pop(), tuple(self.number(op.name, op.do, case, made) for case in cases))
        return self.times(op, given) if made.dtype.kind == "f" else None

    def times(self, op: Op, given: list) -> Times | None:
        """The result as an array times a number."""
        of = [
            x if x is not None or not isinstance(y, Var) else Times(y, 1.0)
            for x, y in zip(given, op.given, strict=True)
        ]
        of = [x if isinstance(x, Number | Times) else None for x in of]
        first, *rest = of
        made = op.made[0]
        if op.name == "neg" and isinstance(first, Times):
            return Times(first.base, self.number("neg", lambda x: [-x], [first.factor], made))
        if op.name == "mul" and sorted(type(x).__name__ for x in of) == ["Number", "Times"]:
            number, array = sorted(of, key=lambda x: type(x).__name__)
            return Times(array.base, self.number("mul", lambda x, y: [x * y], [array.factor, number.value], made))
        if op.name == "div" and isinstance(first, Times) and isinstance(rest[0], Number):
            return Times(first.base, self.number("div", lambda x, y: [x / y], [first.factor, rest[0].value], made))
        if op.name in ("add", "sub") and all(isinstance(x, Times) for x in of) and first.base is rest[0].base:
            sign = -1.0 if op.name == "sub" else 1.0
            factors = [first.factor, rest[0].factor]
            return Times(first.base, self.number("add", lambda x, y: [x + sign * y], factors, made))
        return None

    def about(self, x: Any) -> Number | Either | Times | None:
        """What is known of something that is taken."""
        return self.known.get(x) if isinstance(x, Var) and x.shape else Number(x) if jnp.shape(x) == () else None

    def number(self, name: str, do: Callable, given: list, like: Var) -> Any:
        """An operation on numbers."""
        made = Var(jax.ShapeDtypeStruct((), like.dtype))
        self.ops.append(Op(name, do, given, [made]))
        return made
