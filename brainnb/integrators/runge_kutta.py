"""What all Runge–Kutta methods share: a tableau of coefficients and one way to step it."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.record import Record

from .base import Field, Integrator, advance, combine

Row = tuple[float, ...]

LOOP_FROM = 4
"""Stages from which they are a loop: written out, the body of a small model outgrows what XLA compiles as one kernel."""


@dataclasses.dataclass(frozen=True)
class ExplicitRungeKutta(Integrator):
    r"""A method given by its Butcher tableau.

    .. math::

        k_i = f\Big(t + c_i h,\; s + h \sum_{j<i} a_{ij} k_j\Big), \qquad s' = s + h \sum_i b_i k_i,
        \qquad c_i = \sum_j a_{ij}

    A subclass gives ``a`` (the rows below the first, which is empty), ``b`` and the order that they claim; the
    tests measure it.

    Examples
    --------
    >>> import brainnb as bn
    >>> class Nystroem(bn.integrators.ExplicitRungeKutta):
    ...     name, order = "nystroem", 3
    ...     a = ((2 / 3,), (0.0, 2 / 3))
    ...     b = (1 / 4, 3 / 8, 3 / 8)
    >>> bn.simulate(bn.neurons.FitzHughNagumo(), T=1, method=Nystroem()).attrs["method"]
    'nystroem'
    """

    a: ClassVar[tuple[Row, ...]]
    b: ClassVar[Row]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not any(isinstance(getattr(cls, name, ()), property) for name in "ab") and hasattr(cls, "b"):
            check_tableau(cls)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not hasattr(type(self), "b") or not hasattr(type(self), "order"):
            raise ModelError(f"{type(self).__name__} must give its tableau and what it claims: order, a and b.")

    def evaluations(self, states: int) -> int:
        return len(self.b)

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        return advance(s, weighted(self.b, stage_slopes(self.a, field, t, s, dt)), dt)


def check_tableau(cls: type) -> None:
    """Refuse coefficients that are no explicit Runge–Kutta method."""
    name, a, b = cls.__name__, getattr(cls, "a", ()), cls.b
    if len(a) != len(b) - 1:
        raise ModelError(
            f"{name}: b has {len(b)} weights, so a needs {len(b) - 1} rows, one for each stage but the first; it has {len(a)}."
        )
    for i, row in enumerate(a, start=1):
        if len(row) != i:
            raise ModelError(f"{name}: row {i} of a has {len(row)} coefficients; stage {i} sees the {i} before it.")
    if abs(sum(b) - 1.0) > 1e-9:
        raise ModelError(f"{name}: the weights b add up to {sum(b):.10g}; 1 was expected.")


def stage_slopes(a: tuple[Row, ...], field: Field, t: Array, s: Record, dt: Array) -> Any:
    """The slope of every stage: a list of a few, or one stack of many."""
    if len(a) + 1 < LOOP_FROM:
        slopes = [field(t, s)]
        for row in a:
            slopes.append(field(t + sum(row) * dt, advance(s, combine(row, slopes), dt)))
        return slopes
    square = np.zeros((len(a) + 1,) * 2)
    for i, row in enumerate(a):
        square[i + 1, : len(row)] = row
    c, square = jnp.asarray(square.sum(axis=1), dt.dtype), jnp.asarray(square, dt.dtype)

    def stage(i: Array, slopes: Mapping[str, Any]) -> Mapping[str, Any]:
        new = field(t + c[i] * dt, advance(s, weighted(square[i], slopes), dt))
        return jax.tree.map(lambda stack, k: stack.at[i].set(k), slopes, new)

    none = jax.tree.map(lambda x: jnp.zeros((len(c), *x.shape), x.dtype), jax.eval_shape(field, t, s))
    return jax.lax.fori_loop(0, len(c), stage, none)


def weighted(weights: Any, slopes: Any) -> Mapping[str, Any]:
    """Weighted sum of the stages."""
    if isinstance(slopes, list):
        return combine(weights, slopes)

    def one(stack: Array) -> Array:
        w = jnp.asarray(weights, stack.dtype)
        return (w.reshape(-1, *[1] * (stack.ndim - 1)) * stack).sum(axis=0)

    return jax.tree.map(one, slopes)
