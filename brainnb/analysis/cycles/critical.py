r"""Cycles at a fold or a period doubling, followed in two parameters by pseudo-arclength.

A cycle whose multiplier is critical is a periodic orbit of the flow together with its linearisation:

.. math:: x' = T f(x, p), \qquad v' = T \,(J(x, p)\, v + a f(x, p)), \qquad \langle v, v \rangle + a^2 = 1

At a period doubling $a = 0$ and $v(1) = -v(0)$.  At a fold $v(1) = v(0)$ and $\langle x', v \rangle = 0$: the direction in
which the cycle moves while both parameters stand still, and $a$ the change of $\ln T$ along it.  Both are regular along
the curve, through cusps and resonances too, and are solved by the collocation of :mod:`collocation` with twice the states.

References
----------
Doedel, Govaerts & Kuznetsov 2003, doi:10.1137/S0036142902400779 (fold, flip and torus curves of cycles by extended systems).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..flow import Constants, Flow, kernel
from .chain import Conditions, Turn, turn
from .collocation import Orbit, Sign, mean_with, mean_with_slope, whole
from .following import BOX, GOING, PERIOD, RANGE, SHRUNK, Place, Problem, Rows, Scale

SMALL_CYCLE = 0.015
"""A fold that shrinks below this size (mean, in scales of the states) is at a Bautin point, where the equations degenerate."""

ORBIT = 1e-4
"""The last step of Newton's method may move the orbit by so much more than the parameters: in a canard explosion the cycle is
known to few digits where both parameters are known to all."""


@kernel(static=("flow", "fold"), brief=True)
def newton(
    flow: Flow,
    fold: bool,
    p: Constants,
    index: Array,
    scale: Scale,
    sign: Array,
    orbit: Orbit,
    h: Array,
    given: Conditions,
) -> Turn:
    """A turn of Newton's method for a cycle and its critical direction."""
    n = flow.n

    def field(w: Array, s: Array) -> Array:
        p2 = p.put(index, scale.lo + scale.length * s[1:3])
        f, turned = jax.jvp(lambda x: flow(x * scale.x, p2) / scale.x, (w[:n],), (w[n:],))
        return jnp.exp(s[0]) * jnp.concatenate([f, turned + s[3] * f if fold else turned])

    return turn(field, orbit, h, given, sign, own=n)


def change(scalars: Sequence[float], largest: float) -> float:
    """The change of both parameters by a turn of Newton's method, or much of that of the rest."""
    _, first, second, *_ = map(abs, scalars)
    return max(first, second, ORBIT * max(largest, *map(abs, scalars)))


def shrinks(row: Rows, before: Place, n: int) -> bool:
    """Whether a cycle of ``n`` states is about to have no size."""
    swing = _swing(row.orbit, np.diff(row.edges), n)
    return swing < SMALL_CYCLE and swing < _swing(before.orbit, np.diff(before.edges), n)


def _swing(orbit: Orbit, h: np.ndarray, n: int) -> float:
    """Mean size of a cycle."""
    w = whole(orbit.u[..., :n])
    middle = np.einsum("j,jkn->n", h, w) / w.shape[1]
    return float(np.sqrt(np.einsum("j,jkn->", h, (w - middle) ** 2) / w[0].size))


@dataclass(frozen=True)
class CriticalCycles(Problem):
    """Cycles at a fold (``fold``) or a period doubling, in two constants of a flow.

    Their values are x and v; their scalars the logarithm of the period, both parameters and, at a fold, ``a``.
    """

    flow: Flow
    fold: bool
    p: Constants
    index: np.ndarray
    scale: Scale
    box: np.ndarray
    """(n, 2): where the cycle may be, in scaled states."""
    longest: float = np.inf
    """Logarithm of the longest period that is followed."""

    far = 10.0
    smallest, largest = 1e-5, 0.15

    @property
    def kind(self) -> str:
        """What the branch is called."""
        return "cycle_fold_curve" if self.fold else "period_doubling_curve"

    @property
    def sign(self) -> Sign:
        """What a cycle does returns; at a period doubling its critical direction returns reversed."""
        n = self.flow.n
        return np.concatenate([np.ones(n), np.full(n, 1.0 if self.fold else -1.0)])

    def newton(self, orbit: Orbit, h: np.ndarray, given: Conditions) -> Turn:
        """A turn of Newton's method."""
        return newton(self.flow, self.fold, self.p, self.index, self.scale, self.sign, orbit, h, given)

    def conditions(self, guess: Orbit, along: Orbit, h: np.ndarray) -> Conditions:
        """The phase of ``guess``, the length of the critical direction, at a fold its phase, and the plane across the curve."""
        n, k = self.flow.n, len(guess.s)
        x, v = guess.u.copy(), guess.u.copy()
        x[..., n:], v[..., :n] = 0.0, 0.0
        turn, size = mean_with_slope(x, self.sign), mean_with(v, h)
        last, none = guess.s * (np.arange(k) >= 3), np.zeros(k)
        rows = [
            (turn, none, 0.0),
            (size, last, np.sum(size * v[:, 0]) + last @ guess.s - 1),
            (mean_with(along.u, h), along.s, 0.0),
        ]
        if self.fold:
            still = np.roll(turn, n, -1)
            rows.insert(2, (still, none, np.sum(still * v[:, 0])))
        onto, direct, defect = zip(*rows, strict=True)
        return Conditions(np.stack(onto), np.stack(direct), np.array(defect))

    def size(self, scalars: Sequence[float], largest: float) -> float:
        """The change of the parameters, or much of that of the rest."""
        return change(scalars, largest)

    def ended(self, row: Rows, before: Place) -> int:
        """At the border of a range, outside the box, with a long period, or at a fold without size."""
        x, q = row.orbit.u[..., : self.flow.n], row.orbit.s[1:3]
        if np.any(q < 0) or np.any(q > 1):
            return RANGE
        if np.any(x < self.box[:, 0]) or np.any(x > self.box[:, 1]):
            return BOX
        if row.orbit.log_T > self.longest:
            return PERIOD
        return SHRUNK if self.fold and shrinks(row, before, self.flow.n) else GOING

    def kept(self, orbit: Orbit, h: np.ndarray) -> Orbit:
        """The same point with its critical direction of length one: the equations ask it only to first order."""
        n = self.flow.n
        v = orbit.u.copy()
        v[..., :n] = 0.0
        length = np.sqrt(np.sum(mean_with(v, h) * v[:, 0]) + np.sum(orbit.s[3:] ** 2))
        u, s = orbit.u.copy(), orbit.s.copy()
        u[..., n:] /= length
        s[3:] /= length
        return Orbit(u, s)
