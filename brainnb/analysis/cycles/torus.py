r"""Cycles at the onset of a torus, as a problem in two parameters.

A pair of multipliers $e^{\pm i \theta}$ has a direction $v$ that returns turned by the angle $\theta$.  With $v = e^{i
\theta t} w$ its rest is periodic, and the cycle is solved for together with it:

.. math:: x' = T f(x, p), \qquad w' = T J(x, p)\, w - i \theta w, \qquad w(1) = w(0), \quad \langle w, w \rangle = 1

The angle is a scalar unknown.  At 0 and $\pi$, the resonances 1:1 and 1:2, the curve comes back on itself with $w$ and its
conjugate exchanged: there it ends.

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
from .collocation import Orbit, mean_with, mean_with_slope
from .critical import change, shrinks
from .following import BOX, GOING, PERIOD, RANGE, RESONANT, SHRUNK, Place, Problem, Rows, Scale


@kernel(brief=True)
def newton(flow: Flow, p: Constants, index: Array, scale: Scale, orbit: Orbit, h: Array, given: Conditions) -> Turn:
    """A turn of Newton's method for a cycle and the real and imaginary parts of what turns about it."""
    n = flow.n

    def field(w: Array, s: Array) -> Array:
        p2 = p.put(index, scale.lo + scale.length * s[1:3])
        x, re, im = w[:n], w[n : 2 * n], w[2 * n :]

        def own(x: Array) -> Array:
            return flow(x * scale.x, p2) / scale.x

        f, along = jax.jvp(own, (x,), (re,))
        across = jax.jvp(own, (x,), (im,))[1]
        T, turn = jnp.exp(s[0]), s[3]
        return jnp.concatenate([T * f, T * along + turn * im, T * across - turn * re])

    return turn(field, orbit, h, given, own=n)


@dataclass(frozen=True)
class TorusCycles(Problem):
    """Cycles with a pair of multipliers on the unit circle, in two constants of a flow.

    Their values are x and both parts of w; their scalars the logarithm of the period, both parameters and the angle.
    """

    flow: Flow
    p: Constants
    index: np.ndarray
    scale: Scale
    box: np.ndarray
    """(n, 2): where the cycle may be, in scaled states."""
    longest: float = np.inf
    """Logarithm of the longest period that is followed."""

    kind = "torus_curve"
    far = 10.0
    smallest, largest = 1e-5, 0.15
    sign = 1.0

    def newton(self, orbit: Orbit, h: np.ndarray, given: Conditions) -> Turn:
        """A turn of Newton's method."""
        return newton(self.flow, self.p, self.index, self.scale, orbit, h, given)

    def conditions(self, guess: Orbit, along: Orbit, h: np.ndarray) -> Conditions:
        """The phase of ``guess``, the length and the phase of w, and the plane across the curve."""
        n, none = self.flow.n, np.zeros(4)
        x, w, turned = (guess.u.copy() for _ in range(3))
        x[..., n:], w[..., :n], turned[..., :n] = 0.0, 0.0, 0.0
        turned[..., n : 2 * n], turned[..., 2 * n :] = -w[..., 2 * n :], w[..., n : 2 * n]
        size = mean_with(w, h)
        onto = np.stack([mean_with_slope(x), size, mean_with(turned, h), mean_with(along.u, h)])
        return Conditions(
            onto, np.stack([none, none, none, along.s]), np.array([0.0, np.sum(size * w[:, 0]) - 1, 0.0, 0.0])
        )

    def size(self, scalars: Sequence[float], largest: float) -> float:
        """The change of the parameters, or much of that of the rest."""
        return change(scalars, largest)

    def ended(self, row: Rows, before: Place) -> int:
        """At the border of a range, outside the box, with a long period, at a resonance, or where the cycle has no size."""
        x, s = row.orbit.u[..., : self.flow.n], row.orbit.s
        if np.any(s[1:3] < 0) or np.any(s[1:3] > 1):
            return RANGE
        if np.any(x < self.box[:, 0]) or np.any(x > self.box[:, 1]):
            return BOX
        if s[0] > self.longest:
            return PERIOD
        if not 0 < s[3] < np.pi:
            return RESONANT
        return SHRUNK if shrinks(row, before, self.flow.n) else GOING

    def kept(self, orbit: Orbit, h: np.ndarray) -> Orbit:
        """The same point with what turns of length one: the equations ask it only to first order."""
        n, u = self.flow.n, orbit.u.copy()
        w = u.copy()
        w[..., :n] = 0.0
        u[..., n:] /= np.sqrt(np.sum(mean_with(w, h) * w[:, 0]))
        return Orbit(u, orbit.s)
