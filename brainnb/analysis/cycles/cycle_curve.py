"""Cycles as they are, in one parameter: the model over the phase, and the equations of a branch."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..flow import Constants, Flow, kernel
from .chain import Conditions, Turn, turn
from .collocation import Orbit, mean_with, mean_with_slope
from .following import BOX, GOING, PERIOD, RANGE, Place, Problem, Rows, Scale

STANDING = 1e-8
"""A branch along which the parameter moves less than this part of its range for every e-fold of the period stands still."""

LONG, LONGEST = np.log(10.0), np.log(2000.0)
"""Periods, by the shortest one of the branch: a parameter that stands still then ends it; the longest one followed."""


@kernel(brief=True)
def newton(flow: Flow, p: Constants, index: Array, scale: Scale, orbit: Orbit, h: Array, given: Conditions) -> Turn:
    """A turn of Newton's method for a cycle, in the constants that ``index`` names: one (a number) or several."""

    def field(x: Array, s: Array) -> Array:
        free = scale.lo + scale.length * jnp.reshape(s[1:], jnp.shape(index))
        return jnp.exp(s[0]) * flow(x * scale.x, p.put(index, free)) / scale.x

    return turn(field, orbit, h, given)


@dataclass(frozen=True)
class Cycles(Problem):
    """Cycles of a flow in one of its constants: their scalars are the logarithm of the period and the parameter."""

    flow: Flow
    p: Constants
    index: np.ndarray
    scale: Scale
    box: np.ndarray
    """(n, 2): where the cycle may be, in scaled states."""

    far = 2.0
    smallest, largest = 1e-7, 0.1
    sign = 1.0

    def newton(self, orbit: Orbit, h: np.ndarray, given: Conditions) -> Turn:
        """A turn of Newton's method."""
        return newton(self.flow, self.p, self.index, self.scale, orbit, h, given)

    def conditions(self, guess: Orbit, along: Orbit, h: np.ndarray) -> Conditions:
        """The phase of ``guess``, and the plane through it across ``along``."""
        onto = np.stack([mean_with_slope(guess.u), mean_with(along.u, h)])
        return Conditions(onto, np.stack([np.zeros(2), along.s]), np.zeros(2))

    def size(self, scalars: Sequence[float], largest: float) -> float:
        """The largest change."""
        return max(largest, *map(abs, scalars))

    def ended(self, row: Rows, before: Place) -> int:
        """At the border of the range, outside the box, with a period that grows without bound."""
        u, log_T, q = row.orbit.u, row.orbit.log_T - before.shortest, row.orbit.q
        if q < 0 or q > 1:
            return RANGE
        if np.any(u < self.box[:, 0]) or np.any(u > self.box[:, 1]):
            return BOX
        standing = log_T > LONG and abs(row.along.q) < STANDING
        return PERIOD if log_T > LONGEST or standing else GOING

    def flipped(self, row: Rows, before: Place) -> bool:
        """Through a point where the cycle has no size its phase turns by half a period."""
        h = np.diff(row.edges)
        return bool(np.sum(_swing(row.orbit.u, h) * _swing(before.orbit.u, h)) < -1e-9)


def _swing(u: np.ndarray, h: np.ndarray) -> np.ndarray:
    """How the nodes of a cycle depart from their mean, weighted so that products are means over phase."""
    nodes = u[:, 0]
    return (nodes - h @ nodes) * np.sqrt(h)[:, None]
