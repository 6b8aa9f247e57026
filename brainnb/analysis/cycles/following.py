"""Following a cycle by pseudo-arclength, whatever is asked of it besides: one step, and steps to the end.

A step goes along the curve, bent as the last one was, and returns to it by Newton's method across its direction.  The mesh
follows the orbit from point to point.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import numpy as np

from .chain import Conditions, Link, Turn
from .collocation import Orbit, Sign, equidistant, phases, sampled

MOST_ITERATIONS = 7
TOLERANCE = 1e-9
TURN = 0.95
"""Least cosine between the directions of successive points."""

WANTED = np.deg2rad(13.5)
"""The angle between them at which steps aim."""

CLEAR = 0.03
"""A direction that turns by so much farther (cosine) at the first guess is not waited for."""

MOST_TRIES = 4
"""Steps that are tried, by the number of points wanted."""

SMALL_CYCLE = 2e-3
"""A cycle that shrinks to a point is followed down to steps of this size."""

GOING, RANGE, BOX, PERIOD, SHRUNK, SMALL, RESONANT = range(7)
"""How a curve ended: not yet, left the range, left the box, period too long, shrank to a point, step too small, its multipliers
came together."""


class Scale(NamedTuple):
    """Units of the continuation: one for each state, and origin and length of the range of every parameter that moves."""

    x: np.ndarray
    lo: np.ndarray
    length: np.ndarray


class Rows(NamedTuple):
    """A point of a curve, or all of them row by row."""

    orbit: Orbit
    edges: np.ndarray
    along: Orbit
    """Direction of the curve."""
    link: Link | None
    ds: np.ndarray
    """Length of the step that led here."""
    iterations: np.ndarray
    """Of Newton's method."""
    cosine: np.ndarray = np.float64(1.0)
    """Between its direction and the one across which it was found."""


class Place(NamedTuple):
    """Where a curve stands: a cycle, its mesh, the direction of the curve, and the length of the next step."""

    orbit: Orbit
    edges: np.ndarray
    along: Orbit
    ds: float
    bend: Orbit | None = None
    """How the direction changes along the curve."""
    shortest: float = np.inf
    """Logarithm of the shortest period so far."""
    turn: float = 0.0
    """By how much the direction turned over the last step, by its length."""

    def ahead(self) -> Orbit:
        """Where the next point is expected."""
        there = self.orbit.plus(self.ds, self.along)
        return there if self.bend is None else there.plus(self.ds**2 / 2, self.bend)


class Problem(ABC):
    """What a cycle must satisfy, in scaled states and parameters."""

    far: float
    """A step of Newton's method of this size has lost the curve."""
    smallest: float
    largest: float
    """Lengths of steps along the curve."""
    sign: Sign
    """How the values of an orbit close."""

    @abstractmethod
    def newton(self, orbit: Orbit, h: np.ndarray, given: Conditions) -> Turn:
        """A turn of Newton's method."""

    @abstractmethod
    def conditions(self, guess: Orbit, along: Orbit, h: np.ndarray) -> Conditions:
        """The scalar equations in the plane through ``guess`` across ``along``, the direction of the curve."""

    @abstractmethod
    def size(self, scalars: Sequence[float], largest: float) -> float:
        """By how much a turn has moved an orbit: its scalars and, at most, a value."""

    @abstractmethod
    def ended(self, row: Rows, before: Place) -> int:
        """Whether a curve ends with a point, and how."""

    def flipped(self, row: Rows, before: Place) -> bool:
        """Whether a step went through a point where the cycle has no size, and on along its other half."""
        return False

    def kept(self, orbit: Orbit, h: np.ndarray) -> Orbit:
        """A point as the next step begins from it."""
        return orbit


def corrected(
    problem: Problem, guess: Orbit, along: Orbit, edges: np.ndarray, ds: float = 0.0, hasty: bool = False
) -> Rows | None:
    """The point in the plane through a guess across a direction, ``ds`` further on a curve; None where there is none.

    ``hasty`` gives up as soon as the curve is seen to turn too far, or a step of Newton's method is longer than the last.
    """
    h = np.diff(edges)
    given = problem.conditions(guess, along, h)
    orbit, size = guess, np.inf
    for iterations in range(1, MOST_ITERATIONS + 1):
        turn = problem.newton(orbit, h, given)
        *scalars, largest, cosine = np.asarray(turn.told).tolist()
        before, size = size, problem.size(scalars, largest)
        orbit = turn.orbit
        given = given._replace(defect=np.zeros_like(given.defect))  # they are linear: one step meets them
        if not TOLERANCE < size < problem.far:
            break
        if hasty and (size > before or (iterations == 1 and cosine < TURN - CLEAR)):
            return None
    if not (size <= TOLERANCE and np.isfinite(cosine)):
        return None
    orbit, along, link = (type(x)(*map(np.asarray, x)) for x in (turn.orbit, turn.along, turn.link))
    return Rows(orbit, edges, along, link, np.float64(ds), np.int64(iterations), np.float64(cosine))


def tried(problem: Problem, place: Place) -> tuple[Rows | None, Place, int]:
    """Try a step: the point to which it leads, where the curve stands then, and how it ended."""
    row = corrected(problem, place.ahead(), place.along, place.edges, place.ds, hasty=place.bend is not None)
    flipped = row is not None and problem.flipped(row, place)
    cosine = 0.0 if row is None else row.cosine
    if row is not None and not flipped and cosine >= TURN:
        return row, _onward(problem, row, place, cosine), problem.ended(row, place)
    shorter = place._replace(ds=place.ds / 2)
    if abs(shorter.ds) >= (SMALL_CYCLE if flipped else problem.smallest):
        return None, shorter, GOING
    return None, shorter, SHRUNK if flipped else SMALL


def _onward(problem: Problem, row: Rows, before: Place, cosine: float) -> Place:
    """Where the curve goes on from a point, on a mesh of its own."""
    bend = row.along.plus(-1.0, before.along).times(1 / row.ds)
    turn = np.arccos(min(1.0, cosine)) / abs(row.ds)
    faster = turn / before.turn if before.turn else 1.0
    expected = turn * min(max(faster, 1 / 3), 3.0)
    ds = abs(row.ds) * (1.5 if row.iterations <= 3 else 1.15 if row.iterations == 4 else 0.8)
    ds = min(ds, problem.largest, WANTED / max(expected, 1e-300))
    orbit = problem.kept(row.orbit, np.diff(row.edges))
    edges = equidistant(row.orbit.u, row.edges, problem.sign)
    orbit, along, bend = moved((orbit, row.along, bend), row.edges, edges, problem.sign)
    shortest = min(before.shortest, row.orbit.log_T)
    return Place(orbit, edges, along, float(np.copysign(ds, row.ds)), bend, shortest, turn)


def moved(orbits: Sequence[Orbit], edges: np.ndarray, onto: np.ndarray, sign: Sign) -> list[Orbit]:
    """Orbits and directions on another mesh."""
    shape, n = orbits[0].u.shape, orbits[0].u.shape[-1]
    signs = np.tile(np.broadcast_to(sign, n), len(orbits))
    values = sampled(np.concatenate([x.u for x in orbits], -1), edges, phases(onto).reshape(-1), signs)
    return [Orbit(values[:, i * n : (i + 1) * n].reshape(shape), x.s) for i, x in enumerate(orbits)]


def follow(
    problem: Problem, place: Place, most: int, stop: Callable[[Rows, Rows], bool] | None = None
) -> tuple[list[Rows], int]:
    """Points of a curve in turn to its end, or ``most`` of them, or until ``stop`` of two successive ones; and how it ended."""
    found: list[Rows] = []
    end, tries = GOING, 0
    place = place._replace(shortest=min(place.shortest, place.orbit.log_T))
    while end == GOING and len(found) < most and tries < MOST_TRIES * most:
        tries += 1
        row, place, end = tried(problem, place)
        if row is not None:
            found.append(row)
            if stop is not None and len(found) > 1 and stop(*found[-2:]):
                break
    return found, end


def stacked(rows: Sequence[Rows]) -> Rows:
    """Points as one, row by row."""
    return jax.tree.map(lambda *x: np.stack(x), *rows)
