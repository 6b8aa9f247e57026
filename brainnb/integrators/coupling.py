"""Whether the units of an array state act on each other, which their own slopes do not show."""

import functools
import operator
import warnings
from typing import Any, NamedTuple

import jax
import jax.extend.core as jex
import jax.numpy as jnp
from jax import Array

from brainnb.core.record import Record, flat

from .base import Field, as_record, moving

CALLS = {"jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call"}
"""Programs within a program."""

ELEMENTWISE = {"abs", "add", "and", "atan2", "bitcast_convert_type", "broadcast_in_dim", "ceil", "clamp", "convert_element_type", "copy", "copy_p", "cos", "cosh", "div", "eq", "erf", "erf_inv", "exp", "exp2", "expand_dims", "expm1", "floor", "ge", "gt", "integer_pow", "iota", "is_finite", "le", "log", "log1p", "logistic", "lt", "max", "min", "mul", "ne", "neg", "not", "or", "pow", "rem", "round", "rsqrt", "select_n", "shift_left", "shift_right_logical", "sign", "sin", "sinh", "sqrt", "square", "stop_gradient", "sub", "tan", "tanh", "xor"}  # fmt: skip
"""Operations that give every element of an array what only this element has to say."""


def called(eqn: Any) -> Any:
    """The program that an operation of a program calls, or None."""
    return eqn.params.get("jaxpr", eqn.params.get("call_jaxpr")) if eqn.primitive.name in CALLS else None


class Felt(NamedTuple):
    """Which arguments are felt in a value, as bits: those of ``own`` element by element, ``others`` perhaps across."""

    own: int = 0
    others: int = 0


def warn_if_coupled(field: Field, t: Any, s: Record, name: str, method: str) -> None:
    """Warn when units of one array state act on each other: their own slope then hides the coupling.

    The program of the field tells where no unit of a state can be felt in the slope of another.  Of the states where
    it leaves that open the numbers tell: for a diagonal Jacobian ``J v / v`` is the same for every ``v``.
    """
    closed, shape = jax.make_jaxpr(lambda s: as_record(field(t, s)), return_shape=True)(s)
    like = moving(s, shape)
    places = {path: k for k, path in enumerate(flat(s))}
    own = {path: (places[path], k) for k, path in enumerate(flat(like))}
    arrays = [Felt(1 << k) if v.aval.size > 1 else Felt() for k, v in enumerate(closed.jaxpr.invars)]
    felt = _felt(closed.jaxpr, arrays)
    open_ = {path: at for path, at in own.items() if felt[at[1]].others >> at[0] & 1}
    if not open_:
        return
    coupled = _coupled(closed, tuple(open_.values()), jax.tree.leaves(s))
    for path in [path for path, found in zip(open_, coupled, strict=True) if found]:
        warnings.warn(
            f"{name}: the units of `{path.partition('.')[2]}` act on each other, which method={method!r} does not see in "
            f"its slopes; use method='rk4', or a smaller dt.",
            stacklevel=4,
        )


def _felt(jaxpr: Any, given: list[Felt]) -> list[Felt]:
    """What is felt in each result of a program, for all arguments in one pass."""
    at = dict(zip(jaxpr.invars, given, strict=True))

    def of(x: Any) -> Felt:
        return Felt() if isinstance(x, jex.Literal) else at.get(x, Felt())

    for eqn in jaxpr.eqns:
        read = [of(x) for x in eqn.invars]
        inner = called(eqn)
        if inner is not None:
            made = _felt(getattr(inner, "jaxpr", inner), read)
        else:
            own, others = (functools.reduce(operator.or_, bits, 0) for bits in zip(Felt(), *read, strict=True))
            alone = eqn.primitive.name in ELEMENTWISE
            made = [Felt(own, others) if alone else Felt(0, own | others)] * len(eqn.outvars)
        at.update(zip(eqn.outvars, made, strict=True))
    return [of(x) for x in jaxpr.outvars]


def _coupled(closed: Any, open_: tuple[tuple[int, int], ...], leaves: list[Array]) -> list[bool]:
    """Of each pair of argument and result, whether their Jacobian has more than a diagonal; one program tells of all."""

    def diagonals(consts: list, leaves: list[Array]) -> list[tuple[Array, Array]]:
        found = []
        for argument, result in open_:

            def own(x: Array, argument: int = argument, result: int = result) -> Array:
                return jax.core.eval_jaxpr(closed.jaxpr, consts, *leaves[:argument], x, *leaves[argument + 1 :])[result]

            x = leaves[argument]
            uneven = jax.random.uniform(jax.random.key(1), jnp.shape(x), x.dtype, 0.5, 1.5)
            found.append(tuple(jax.jvp(own, (x,), (v,))[1] / v for v in (jnp.ones_like(x), uneven)))
        return found

    pairs = jax.jit(diagonals)(closed.consts, leaves)
    return [not jnp.allclose(one, other, rtol=1e-3, atol=1e-6) for one, other in pairs]
