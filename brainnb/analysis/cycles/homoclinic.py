r"""Homoclinic orbits in two parameters, each by a cycle so long that its length no longer matters.

Near an orbit homoclinic to a saddle whose eigenvalue nearest to the imaginary axis is $\lambda$, cycles of period $T$ lie at
parameters that differ from its own by $e^{-|\operatorname{Re} \lambda| T}$ (Beyn 1990, doi:10.1093/imanum/10.3.379).  A cycle
is followed in both parameters while its period is held at

.. math:: T = K / |\operatorname{Re} \lambda|

so that every orbit stays equally near, where the saddle is about to meet a node or a focus too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .chain import Conditions, Turn
from .collocation import Orbit, equidistant, mean_with, mean_with_slope
from .cycle_curve import newton
from .following import BOX, GOING, PERIOD, RANGE, SHRUNK, Place, Problem, Rows, corrected, moved
from .infinite_period import resting, slowest
from .tracing import Tracer

DECAYS = 24.0
"""Period of the cycles, by the time in which a deviation from the saddle changes by e."""

STRETCH = 0.2
"""By so much (logarithm) the period may change in one step: the step is shorter where the saddle changes faster."""

LONGER = np.log(25.0)
"""The longest period that is followed, by the shortest one, as a logarithm: the saddle is then all but degenerate."""

SMALL_LOOP = 0.03
"""A loop that shrinks below this extent (in scales of the states) is at a Bogdanov-Takens point."""


class Saddle(NamedTuple):
    """The resting point of a loop, in scaled states."""

    x: np.ndarray
    eigenvalues: np.ndarray
    residual: float

    @property
    def leading(self) -> complex:
        """The eigenvalue nearest to the imaginary axis."""
        return self.eigenvalues[np.argmin(np.abs(self.eigenvalues.real))]

    @property
    def balance(self) -> float:
        """From -1 to 1: whether orbits come nearer more slowly (below zero: faster) than they leave."""
        real = self.eigenvalues.real
        out, back = real[real > 0].min(), real[real < 0].max()
        return float((out + back) / (out - back))


@dataclass(frozen=True)
class LongCycles(Problem):
    """Cycles of a long period in two constants of a flow: their scalars are the logarithm of the period and both parameters."""

    tracer: Tracer
    log_T: float | None = None
    """The logarithm of the period, where the saddle does not decide on it."""
    longest: float = np.inf

    kind = "homoclinic_curve"
    far = 2.0
    smallest, largest = 1e-6, 0.1
    sign = 1.0

    def newton(self, orbit: Orbit, h: np.ndarray, given: Conditions) -> Turn:
        """A turn of Newton's method."""
        t = self.tracer
        return newton(t.case.flow, t.case.p, t.index, t.scale, orbit, h, given)

    def conditions(self, guess: Orbit, along: Orbit, h: np.ndarray) -> Conditions:
        """The phase of ``guess``, the period that its saddle asks for, and the plane through it across ``along``."""
        turn = mean_with_slope(guess.u)
        onto = np.stack([turn, np.zeros_like(turn), mean_with(along.u, h)])
        direct = np.stack([np.zeros(3), np.eye(3)[0], along.s])
        return Conditions(onto, direct, np.array([0.0, guess.log_T - self._wanted(guess, h), 0.0]))

    def _wanted(self, guess: Orbit, h: np.ndarray) -> float:
        if self.log_T is not None:
            return self.log_T
        found = saddle(self.tracer, guess, h)
        wanted = np.nan if found is None else period(found)
        return wanted if abs(wanted - guess.log_T) < STRETCH else np.nan  # which no orbit has: the step is too long

    def size(self, scalars: Sequence[float], largest: float) -> float:
        """The largest change."""
        return max(largest, *map(abs, scalars))

    def ended(self, row: Rows, before: Place) -> int:
        """At the border of a range, outside the box, where the saddle is no longer one, or where the loop has no size."""
        u, q, box = row.orbit.u, row.orbit.s[1:3], self.tracer.box
        if np.any(q < 0) or np.any(q > 1):
            return RANGE
        if np.any(u < box[:, 0]) or np.any(u > box[:, 1]):
            return BOX
        extent = np.ptp(u, (0, 1)).max()
        if extent < SMALL_LOOP and extent < np.ptp(before.orbit.u, (0, 1)).max():
            return SHRUNK
        return PERIOD if row.orbit.log_T > min(before.shortest + LONGER, self.longest) else GOING


def saddle(tracer: Tracer, orbit: Orbit, h: np.ndarray) -> Saddle | None:
    """The saddle at which a long cycle rests; None where there is none."""
    q = orbit.s[1:3]
    found = resting(tracer, slowest(orbit.u, h), q)
    if found is None:
        return None
    eigenvalues = np.linalg.eigvals(tracer.slopes(found[0], q)[1])
    split = (eigenvalues.real > 0).any() and (eigenvalues.real < 0).any()
    return Saddle(found[0], eigenvalues, found[1]) if split else None


def period(at: Saddle) -> float:
    """The logarithm of the period that a saddle asks for."""
    return float(np.log(DECAYS / abs(at.leading.real)))


def settled(tracer: Tracer, row: Rows) -> Rows | None:
    """A long cycle near one in hand, of the period that its saddle asks for, with one of the parameters as it is."""
    for scalar in (2, 1):
        found = _stretched(tracer, row, tracer.toward(row, scalar))
        if found is not None:
            return found
    return None


def uncertainty(tracer: Tracer, row: Rows) -> float:
    """By how much (in the ranges of the parameters) the curve moves when its cycles are a quarter longer."""
    along = tracer.toward(row, 1 + int(np.argmax(np.abs(row.along.s[1:3]))))
    other = _stretched(tracer, row, along, float(row.orbit.log_T + np.log(1.25)))
    return np.nan if other is None else float(np.abs(other.orbit.s[1:3] - row.orbit.s[1:3]).max())


def _stretched(tracer: Tracer, row: Rows, along: Orbit, log_T: float | None = None) -> Rows | None:
    """A cycle of the period that the saddle asks for, or another, in steps that Newton's method can follow."""
    step = np.inf
    while abs(step) >= STRETCH:
        at = saddle(tracer, row.orbit, np.diff(row.edges))
        if at is None:
            return None
        step = (period(at) if log_T is None else log_T) - row.orbit.log_T
        wanted = float(row.orbit.log_T + np.clip(step, -STRETCH, STRETCH))
        edges = equidistant(row.orbit.u, row.edges)
        (orbit,) = moved([row.orbit], row.edges, edges, 1.0)
        row = corrected(LongCycles(tracer, wanted), orbit, along, edges)
        if row is None:
            return None
    return row
