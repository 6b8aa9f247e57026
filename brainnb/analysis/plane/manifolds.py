"""Lines through a plane: trajectories from chosen starts, and the stable and unstable manifolds of saddles."""

from dataclasses import dataclass

import numpy as np

from ..flow import Constants, Flow
from .face import Face
from .paths import FULL, LANES, WHY, Limits, paths

STEPS = 1024
"""Points of a line at most; a line that needs more ends, and says so."""

STRIDE = 0.02
TOLERANCE = 1e-9
"""No step is longer than a fiftieth of the box, so that lines are smooth; none errs by more than this fraction of it."""

ASIDE = 1e-5
"""A separatrix starts this fraction of the box beside its saddle, along the eigenvector."""

ARRIVED = 1e-4
MARGIN = 0.05
"""Lines end this near a resting point, or this far outside the box, as fractions of the box."""

FOREVER = 1e6
LONGEST = 16
"""Calls that a trajectory of a given length may take."""


@dataclass(frozen=True)
class Line:
    """A path as it is drawn: points (v, 2), times (v,), why it ended; of a separatrix the saddle and its kind."""

    q: np.ndarray
    t: np.ndarray
    why: str
    saddle: int = -1
    kind: str = "trajectory"


def trajectories(
    flow: Flow,
    face: Face,
    p: Constants,
    box: np.ndarray,
    starts: np.ndarray,
    points: np.ndarray,
    T: float | None,
    jumps: bool,
) -> list[Line]:
    """Paths from ``starts`` (s, k) until ``T``; without it until they arrive, leave a wide box, or are long."""
    found = _followed(flow, face, p, box, starts, np.ones(len(starts)), points, T, 2.0, jumps)
    return [Line(q, t, why) for q, t, why in found]


def separatrices(
    flow: Flow, face: Face, p: Constants, box: np.ndarray, points: np.ndarray, slopes: np.ndarray
) -> list[Line]:
    """Both halves of both manifolds of every saddle of a plane: stable ones are found backward in time."""
    starts, directions, meaning = [], [], []
    width = box[:, 1] - box[:, 0]
    for i, J in enumerate(slopes):
        values, vectors = np.linalg.eig(J)
        if np.iscomplexobj(values) or values[0] * values[1] >= 0:
            continue
        for value, vector in zip(values, vectors.T, strict=True):
            vector = vector / np.abs(vector / width).max()
            for side in (1, -1):
                starts.append(points[i] + side * ASIDE * vector)
                directions.append(np.sign(value))
                meaning.append((i, "unstable" if value > 0 else "stable"))
    rest = np.array([J[0, 0] * J[1, 1] - J[0, 1] * J[1, 0] > 0 for J in slopes], bool)
    found = _followed(
        flow, face, p, box, np.array(starts).reshape(-1, 2), np.array(directions), points[rest], None, margin=MARGIN
    )
    lines = []
    for (q, t, why), (i, kind) in zip(found, meaning, strict=True):
        sign = 1.0 if kind == "unstable" else -1.0
        lines.append(Line(np.concatenate([points[i : i + 1], q]), np.r_[0.0, sign * t], why, i, kind))
    return lines


def _followed(
    flow: Flow,
    face: Face,
    p: Constants,
    box: np.ndarray,
    starts: np.ndarray,
    directions: np.ndarray,
    points: np.ndarray,
    T: float | None,
    margin: float,
    jumps: bool = False,
) -> list[tuple[np.ndarray, np.ndarray, str]]:
    width = box[:, 1] - box[:, 0]
    traps = np.full((LANES, len(box)), np.inf)
    traps[: min(len(points), LANES)] = points[:LANES]
    wide = np.stack([box[:, 0] - margin * width, box[:, 1] + margin * width], 1)
    reach = ARRIVED if T is None else 0.0
    limits = Limits(wide, width, traps, *map(np.float64, (reach, T or FOREVER, STRIDE, TOLERANCE)))
    found = []
    for first in range(0, len(starts), LANES):
        some = slice(first, first + LANES)
        found += _together(flow, face, p, starts[some], directions[some], limits, LONGEST if T else 1, jumps)
    return found


def _together(
    flow: Flow,
    face: Face,
    p: Constants,
    starts: np.ndarray,
    directions: np.ndarray,
    limits: Limits,
    most: int,
    jumps: bool,
) -> list[tuple[np.ndarray, np.ndarray, str]]:
    """Up to ``LANES`` paths; those that are full go on in further calls, ``most`` in all."""
    lanes, sign = np.full((LANES, starts.shape[1]), np.nan), np.ones(LANES)
    lanes[: len(starts)], sign[: len(starts)] = starts, directions
    parts: list[list[tuple[np.ndarray, np.ndarray]]] = [[] for _ in starts]
    ends, begun = [""] * len(starts), np.zeros(LANES)
    for _ in range(most):
        out = paths(flow, face, p, lanes, sign, limits, begun, steps=STEPS, jumps=jumps)
        q, t, count, why = map(np.asarray, out)
        lanes = np.full_like(lanes, np.nan)
        for i in range(len(starts)):
            if ends[i] and ends[i] != WHY[FULL]:
                continue
            n = min(count[i], STEPS)
            skip = len(parts[i]) > 0
            parts[i].append((q[i, skip:n], t[i, skip:n]))
            ends[i] = WHY[why[i]]
            if ends[i] == WHY[FULL]:
                lanes[i], begun[i] = q[i, n - 1], t[i, n - 1]
        if np.isnan(lanes).all():
            break
    return [
        (np.concatenate([q for q, _ in part]), np.concatenate([t for _, t in part]), end)
        for part, end in zip(parts, ends, strict=True)
    ]
