"""Stochastic Runge–Kutta methods: derivative-free, a tableau each."""

import dataclasses
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.record import Record

from .base import Field, advance, as_record, combine
from .sde import Stochastic
from .wiener import Wiener, kick

Row = tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class StochasticRungeKutta(Stochastic):
    r"""A method given by the tableau of Rößler (2010, eq. 6.1).

    .. math::

        H^0_i &= s + h \sum_j a^0_{ij} f(H^0_j) + \sum_j b^0_{ij}\, g(H^1_j) \tfrac{I_{10}}{h} \\
        H^1_i &= s + h \sum_j a^1_{ij} f(H^0_j) + \sqrt h \sum_j b^1_{ij}\, g(H^1_j) \\
        s' &= s + h \sum_i \alpha_i f(H^0_i) + \sum_i \Big( \beta^1_i \Delta W + \beta^2_i \tfrac{I_{11}}{\sqrt h}
              + \beta^3_i \tfrac{I_{10}}{h} + \beta^4_i \tfrac{I_{111}}{h} \Big) g(H^1_i)

    For sources that do not meet: one source, or one for each state with an amplitude that depends on no other
    noisy state; additive noise of any kind.
    """

    noise: ClassVar[str] = "separate"
    a0: ClassVar[tuple[Row, ...]]
    b0: ClassVar[tuple[Row, ...]]
    a1: ClassVar[tuple[Row, ...]]
    b1: ClassVar[tuple[Row, ...]]
    alpha: ClassVar[Row]
    beta: ClassVar[tuple[Row, ...]]
    """Weights of dW, I11 / sqrt(h), I10 / h and I111 / h: one row each."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        stages = len(cls.alpha)
        for name in ("a0", "b0", "a1", "b1"):
            if [len(row) for row in getattr(cls, name)] != list(range(stages)):
                raise ModelError(
                    f"{cls.__name__}: row i of {name} has i coefficients, from 0 to {stages - 1}: one row a stage."
                )
        if [len(row) for row in cls.beta] != [stages] * 4:
            raise ModelError(f"{cls.__name__}: beta has 4 rows of {stages} weights, as many as alpha has.")

    def step_noise(self, field: Field, diffusion: Field, t: Array, s: Record, dt: Array, w: Wiener) -> Record:
        root = jnp.sqrt(dt)
        ones = jax.tree.map(jnp.ones_like, w.dW)
        per_time = jax.tree.map(lambda x: x / dt, w.area)
        slopes, amplitudes = [], []
        for i in range(len(self.alpha)):
            h0 = _displaced(s, self.a0[i], slopes, dt)
            for b, g in zip(self.b0[i], amplitudes, strict=True):
                h0 = advance(h0, kick(g, per_time), b) if b else h0
            h1 = _displaced(s, self.a1[i], slopes, dt)
            for b, g in zip(self.b1[i], amplitudes, strict=True):
                h1 = advance(h1, kick(g, ones), b * root) if b else h1
            slopes.append(as_record(field(t + sum(self.a0[i]) * dt, h0)) if self._uses_slope(i) else None)
            amplitudes.append(as_record(diffusion(t + sum(self.a1[i]) * dt, h1)))
        new = _displaced(s, self.alpha, slopes, dt)
        for i, g in enumerate(amplitudes):
            new = advance(new, kick(g, self._weights(i, w, dt, root)), 1.0)
        return new

    def _uses_slope(self, i: int) -> bool:
        return bool(self.alpha[i]) or any(row[i] for a in (self.a0, self.a1) for row in a[i + 1 :])

    def _weights(self, i: int, w: Wiener, dt: Array, root: Array) -> Record:
        b1, b2, b3, b4 = (row[i] for row in self.beta)
        ito = dt if self.integral == "ito" else 0.0

        def one(dW: Array, *area: Array) -> Array:
            total = b1 * dW + b2 * (dW**2 - ito) / (2.0 * root)
            if self.area:
                total += b3 * area[0] / dt + b4 * (dW**3 - 3.0 * dt * dW) / (6.0 * dt)
            return total

        return jax.tree.map(one, w.dW, *([w.area] if self.area else []))


def _displaced(s: Record, row: Row, slopes: list, dt: Array) -> Record:
    used = [(a, f) for a, f in zip(row, slopes, strict=True) if a]
    return advance(s, combine(*map(list, zip(*used, strict=True))), dt) if used else s


class MilsteinGradFree(StochasticRungeKutta):
    r"""Milstein's method with the derivative of the amplitude as a difference.

    .. math::

        s' = s + h f + g\, \Delta W + \frac{g(s_+) - g(s_-)}{4 \sqrt h} (\Delta W^2 - h),
        \qquad s_\pm = s \pm g \sqrt h

    In the Stratonovich sense, ``MilsteinGradFree(integral="stratonovich")``, the last bracket is $\Delta W^2$: its
    mean is not zero, so a difference to one side only would cost half an order.  Strong and weak order 1.

    References
    ----------
    Kloeden & Platen 1992, doi:10.1007/978-3-662-12616-5, sec. 11.1.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.integrators.get("milstein2").name
    'milstein_grad_free'
    """

    name, order, strong_order, weak_order = "milstein_grad_free", 1, 1.0, 1.0
    integrals = ("ito", "stratonovich")
    a0 = b0 = a1 = ((), (0.0,), (0.0, 0.0))
    b1 = ((), (1.0,), (-1.0, 0.0))
    alpha = (1.0, 0.0, 0.0)
    beta = ((1.0, 0.0, 0.0), (0.0, 0.5, -0.5), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


class KLPL(StochasticRungeKutta):
    r"""The explicit order-1 method of Kloeden and Platen, without derivatives.

    .. math::

        s' = s + h f + g\, \Delta W + \frac{g(\tilde s) - g(s)}{2 \sqrt h} (\Delta W^2 - h),
        \qquad \tilde s = s + h f + g \sqrt h

    Strong and weak order 1, Itô.

    References
    ----------
    Kloeden & Platen 1992, doi:10.1007/978-3-662-12616-5, eq. 11.1.3.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.integrators.KLPL().strong_order
    1.0
    """

    name, order, strong_order, weak_order = "klpl", 1, 1.0, 1.0
    a0 = b0 = ((), (0.0,))
    a1 = b1 = ((), (1.0,))
    alpha = (1.0, 0.0)
    beta = ((1.0, 0.0), (-1.0, 1.0), (0.0, 0.0), (0.0, 0.0))


class SRK1W1(StochasticRungeKutta):
    r"""Rößler's SRI1W1: strong and weak order 3/2, Itô; order 2 without noise.

    The weak order is 2 on linear equations and for additive noise; in general the displacements by $\sqrt h$ leave a mean of
    order $h^{5/2}$ in a step.

    References
    ----------
    Rößler 2010, doi:10.1137/09076636X, table 6.1.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.integrators.SRK1W1().strong_order
    1.5
    """

    name, order, strong_order, weak_order = "srk1w1", 2, 1.5, 1.5
    area = True
    a0 = ((), (3 / 4,), (0.0, 0.0), (0.0, 0.0, 0.0))
    b0 = ((), (3 / 2,), (0.0, 0.0), (0.0, 0.0, 0.0))
    a1 = ((), (1 / 4,), (1.0, 0.0), (0.0, 0.0, 1 / 4))
    b1 = ((), (1 / 2,), (-1.0, 0.0), (-5.0, 3.0, 1 / 2))
    alpha = (1 / 3, 2 / 3, 0.0, 0.0)
    beta = (
        (-1.0, 4 / 3, 2 / 3, 0.0),
        (-1.0, 4 / 3, -1 / 3, 0.0),
        (2.0, -4 / 3, -2 / 3, 0.0),
        (-2.0, 5 / 3, -2 / 3, 1.0),
    )


class SRK2W1(StochasticRungeKutta):
    r"""Rößler's SRI2W1: strong and weak order 3/2, Itô; order 3 without noise, weak order 2 for additive noise.

    References
    ----------
    Rößler 2010, doi:10.1137/09076636X, table 6.2.

    Examples
    --------
    >>> import brainnb as bn
    >>> bn.integrators.SRK2W1().order
    3
    """

    name, order, strong_order, weak_order = "srk2w1", 3, 1.5, 1.5
    area = True
    a0 = ((), (1.0,), (1 / 4, 1 / 4), (0.0, 0.0, 0.0))
    b0 = ((), (0.0,), (1.0, 1 / 2), (0.0, 0.0, 0.0))
    a1 = ((), (1 / 4,), (1.0, 0.0), (0.0, 0.0, 1 / 4))
    b1 = ((), (-1 / 2,), (1.0, 0.0), (2.0, -1.0, 1 / 2))
    alpha = (1 / 6, 1 / 6, 2 / 3, 0.0)
    beta = (
        (-1.0, 4 / 3, 2 / 3, 0.0),
        (1.0, -4 / 3, 1 / 3, 0.0),
        (2.0, -4 / 3, -2 / 3, 0.0),
        (-2.0, 5 / 3, -2 / 3, 1.0),
    )
