"""Explicit Runge–Kutta methods: a tableau each."""

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.record import Record

from .base import Field, Integrator, advance, combine


@dataclasses.dataclass(frozen=True)
class ExplicitRungeKutta(Integrator):
    r"""A method given by its Butcher tableau.

    .. math::

        k_i = f\Big(t + c_i h,\; s + h \sum_{j<i} a_{ij} k_j\Big), \qquad s' = s + h \sum_i b_i k_i
    """

    a: ClassVar[tuple[tuple[float, ...], ...]]
    b: ClassVar[tuple[float, ...]]

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        slopes = [field(t, s)]
        for row in self.a:
            slopes.append(field(t + sum(row) * dt, advance(s, combine(row, slopes), dt)))
        return advance(s, combine(self.b, slopes), dt)


class Euler(ExplicitRungeKutta):
    """Forward Euler, order 1.  With noise: Euler–Maruyama, strong order 1/2 (1 for additive noise), Itô."""

    name, order, strong_order, weak_order = "euler", 1, 0.5, 1.0
    a, b = (), (1.0,)


class Midpoint(ExplicitRungeKutta):
    """Explicit midpoint rule, order 2 (Hairer, Nørsett & Wanner 1993, II.1)."""

    name, order = "midpoint", 2
    a, b = ((0.5,),), (0.0, 1.0)


class Heun(ExplicitRungeKutta):
    """Heun's trapezoidal rule, order 2 (Hairer, Nørsett & Wanner 1993, II.1)."""

    name, order = "heun", 2
    a, b = ((1.0,),), (0.5, 0.5)


class RK4(ExplicitRungeKutta):
    """The classical Runge–Kutta method, order 4 (Kutta 1901)."""

    name, order = "rk4", 4
    a = ((0.5,), (0.0, 0.5), (0.0, 0.0, 1.0))
    b = (1 / 6, 1 / 3, 1 / 3, 1 / 6)

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        # Each stage needs only the slope before it, so the stages are a loop: written out four times, the
        # body of a small model outgrows what XLA compiles as one kernel and a step costs eight times more.
        c, b = jnp.asarray((0.0, *map(sum, self.a)), dt.dtype), jnp.asarray(self.b, dt.dtype)
        zero = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), jax.eval_shape(field, t, s))

        def stage(i: Array, carry: tuple[Record, Record]) -> tuple[Record, Record]:
            slope, total = carry
            slope = field(t + c[i] * dt, advance(s, slope, c[i] * dt))
            return slope, jax.tree.map(lambda a, k: a + b[i] * k, total, slope)

        _, total = jax.lax.fori_loop(0, 4, stage, (zero, zero))
        return advance(s, total, dt)
