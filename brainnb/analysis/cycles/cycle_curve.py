"""Cycles as they are, in one parameter: the model over the phase, and the equations of a branch."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..flow import Constants, Flow, kernel
from .collocation import Conditions, Orbit, System, linearised, mean_with, mean_with_slope, whole
from .following import BOX, GOING, PERIOD, RANGE, Place, Problem, Rows, Scale

STANDING = 1e-8
"""A branch along which the parameter moves less than this part of its range for every e-fold of the period stands still."""

LONG, LONGEST = np.log(10.0), np.log(2000.0)
"""Periods, by the shortest one of the branch: a parameter that stands still then ends it; the longest one followed."""


@kernel(brief=True)
def equations(flow: Flow, p: Constants, index: Array, scale: Scale, orbit: Orbit, h: Array) -> System:
    """The collocation equations of a cycle, in the constants that ``index`` names: one (a number) or several."""

    def field(x: Array, s: Array) -> Array:
        free = scale.lo + scale.length * jnp.reshape(s[1:], jnp.shape(index))
        return jnp.exp(s[0]) * flow(x * scale.x, p.put(index, free)) / scale.x

    return linearised(field, orbit.u, orbit.s, h)


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

    def linearised(self, orbit: Orbit, h: np.ndarray) -> System:
        """The collocation equations of a cycle."""
        return System(*map(np.asarray, equations(self.flow, self.p, self.index, self.scale, orbit, h)))

    def conditions(self, guess: Orbit, along: Orbit, h: np.ndarray) -> Conditions:
        """The phase of ``guess``, and the plane through it across ``along``."""
        onto = np.stack([mean_with_slope(whole(guess.u)), mean_with(whole(along.u), h)], 1)
        return Conditions(onto, np.stack([np.zeros(2), along.s]), np.zeros(2))

    def size(self, step: Orbit) -> float:
        """The largest change."""
        return max(np.abs(step.u).max(), np.abs(step.s).max())

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
