"""Cycles that are born beside a point of codimension two: they lead to the curves of cycles that begin in it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from ..branch import Branch, Special
from .cycle_track import Follower, Track
from .tracing import Tracer

AWAY = (0.04, 0.12)
"""How far from the point (parameters in their ranges) Hopf points are taken, in turn."""


class Beside(NamedTuple):
    """A branch of cycles in one of both parameters."""

    follower: Follower
    track: Track
    moving: int
    still: float
    """Where the other parameter stands in its range."""

    def both(self, q: float) -> list[float]:
        """Both parameters of a cycle, from the one that moves."""
        return [float(q), self.still] if self.moving == 0 else [self.still, float(q)]


def born_beside(tracer: Tracer, point: Special, known: Iterable[Branch], away: float, most: int) -> Iterator[Beside]:
    """Branches of cycles (``most`` points of them) from Hopf points on the curves through a point, across these curves."""
    at = tracer.into([point.value, point.value2])
    for branch in known:
        if branch.kind != "hopf_curve":
            continue
        values = np.stack([branch.value, branch.value2], 1)
        q = (values - tracer.scale.lo) / tracer.scale.length
        for k, frequency in _rows(branch, np.abs(q - at).max(1), away):
            moving = int(np.argmin(np.abs(np.gradient(q, axis=0)[k])))
            other = tracer.case.with_value(tracer.paths[1 - moving], float(values[k, 1 - moving]))
            follower = Follower(other, int(tracer.index[moving]), *tracer.ranges[moving])
            place = follower.from_hopf(branch.x[k], float(values[k, moving]), frequency)
            track = follower.run(place, most)
            if track is not None:
                yield Beside(follower, track, moving, float(q[k, 1 - moving]))


def _rows(branch: Branch, far: np.ndarray, away: float) -> Iterator[tuple[int, float]]:
    """Rows to both sides of where a curve comes nearest to a point, and their frequencies; none where it passes by."""
    middle = int(np.argmin(far))
    if far[middle] > away / 2:
        return
    for side in (np.arange(middle, -1, -1), np.arange(middle, len(far))):
        beyond = side[far[side] > away]
        if beyond.size:
            values = branch.eigenvalues[beyond[0]]
            pair = values[values.imag > 0]
            if pair.size:
                yield int(beyond[0]), float(pair[np.argmin(np.abs(pair.real))].imag)
