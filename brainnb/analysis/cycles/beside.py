"""Cycles that are born beside a point of codimension two: they lead to the curves of cycles that begin in it."""

from collections.abc import Iterable, Iterator

import numpy as np

from ..branch import Branch, Special
from .cycle_track import Follower, Track
from .tracing import Tracer

AWAY = (0.04, 0.12)
"""How far from the point (parameters in their ranges) Hopf points are taken, in turn."""


def born_beside(
    tracer: Tracer, point: Special, known: Iterable[Branch], away: float, most: int
) -> Iterator[tuple[Follower, Track, float]]:
    """Branches of cycles in the first parameter (``most`` points of them) from Hopf points on the curves through a point, and
    where the second parameter stands meanwhile."""
    at = tracer.into([point.value, point.value2])
    for branch in known:
        if branch.kind != "hopf_curve":
            continue
        q = (np.stack([branch.value, branch.value2], 1) - tracer.scale.lo) / tracer.scale.length
        for k, frequency in _rows(branch, np.abs(q - at).max(1), away):
            other = tracer.case.with_value(tracer.paths[1], float(branch.value2[k]))
            follower = Follower(other, int(tracer.index[0]), *tracer.ranges[0])
            track = follower.run(follower.from_hopf(branch.x[k], float(branch.value[k]), frequency), most)
            if track is not None:
                yield follower, track, float(q[k, 1])


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
