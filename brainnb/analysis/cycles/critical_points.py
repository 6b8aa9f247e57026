"""Rows on a curve of critical cycles where more happens at once: cusps, strong resonances, fold-flips."""

from collections.abc import Callable

import jax
import numpy as np

from ..branch import Special
from .chain import Link
from .cycle_special import Found
from .floquet import TRUSTED, multipliers
from .following import Rows
from .stretch import Lost, Stretch
from .tracing import Tracer, Track

NOTES = {
    "cycle_cusp": "two curves of folds of cycles meet here",
    "resonance_1_1": "two further multipliers are 1: a curve of tori begins here",
    "resonance_1_2": "two multipliers are -1: a curve of tori begins here",
    "fold_flip": "a fold and a period doubling of the cycle at once",
    "resonance_1_3": "three turns bring the torus back: cycles of three times the period are near",
    "resonance_1_4": "four turns bring the torus back: cycles of four times the period are near",
    "fold_torus": "a further multiplier is 1",
    "flip_torus": "a further multiplier is -1",
    "neutral_homoclinic": "the saddle repels as fast as it attracts: a curve of folds of cycles begins here",
}

STANDING = 1e-3
"""At a cusp both parameters stand still: they move less than this part of what they do nearby."""


def specials(tracer: Tracer, track: Track, mu: np.ndarray) -> list[Found]:
    """All such points of a curve, in its order."""
    found, fold = [], track.problem.fold
    move = track.rows.along.s[:, 1:3]
    if fold:
        for k in np.flatnonzero((move[:-1] * move[1:]).sum(1) < 0):
            way = move[k] / np.linalg.norm(move[k])
            found.append(located(tracer, track, int(k), "cycle_cusp", lambda row, way=way: row.along.s[1:3] @ way))
    for kind, other in (("resonance", 1.0 if fold else -1.0), ("fold_flip", -1.0 if fold else 1.0)):
        kind = f"resonance_1_{1 if fold else 2}" if kind == "resonance" else kind
        tests = np.array([_crossing(one, fold, other) for one in mu])
        for k in np.flatnonzero(tests[:-1] * tests[1:] < 0):
            found.append(located(tracer, track, int(k), kind, lambda row, o=other: _at(row, fold, o)))
    return sorted((point for point in found if point is not None), key=lambda point: point.special.row)


def critical_multipliers(link: Link, fold: bool) -> np.ndarray:
    """(rows, n): the trivial one first; in three dimensions the third follows from the divergence, to all digits.

    Computed ones that are nearly equal, as at a fold, have half the digits.
    """
    mu = multipliers(link)
    if mu.shape[1] == 3:
        critical = 1.0 if fold else -1.0
        rest = np.stack([np.full(len(mu), critical), critical * np.exp(np.asarray(link.growth))], 1)
        mu[:, 1:] = np.take_along_axis(rest, np.argsort(-np.abs(rest), axis=1), 1)
    return mu


def _crossing(mu: np.ndarray, fold: bool, other: float) -> float:
    """Changes its sign where a multiplier that is neither trivial nor critical goes through ``other`` (1 or -1)."""
    rest = _others(mu, fold)
    if not rest.size or abs(mu[0] - 1) > (0.1 if fold else TRUSTED):
        return np.nan
    return float(np.prod((1 - other * rest) / (1 + np.abs(rest))).real)


def _others(mu: np.ndarray, fold: bool) -> np.ndarray:
    rest = mu[1:]
    return np.delete(rest, np.argmin(np.abs(rest - (1.0 if fold else -1.0))))


def _at(row: Rows, fold: bool, other: float) -> float:
    link = jax.tree.map(lambda x: np.asarray(x)[None], row.link)
    return _crossing(critical_multipliers(link, fold)[0], fold, other)


def located(tracer: Tracer, track: Track, k: int, kind: str, test: Callable[[Rows], float]) -> Found | None:
    """The zero of a test behind row k, on corrected points; None where it is none."""
    stretch = Stretch(track.problem, *(jax.tree.map(lambda x, j=j: x[j], track.rows) for j in (k, k + 1)))
    ends = tuple(float(test(stretch.at(ds))) for ds in (0.0, stretch.length))
    if not ends[0] * ends[1] < 0:
        return None
    try:
        row, _ = stretch.zero(test)
    except Lost:
        return None
    off = abs(float(test(row)))
    if kind == "cycle_cusp":
        off = float(np.linalg.norm(row.along.s[1:3])) / np.abs(ends).max()
    if off > STANDING:
        return None
    n = len(tracer.scale.x)
    value, value2 = tracer.out(row.orbit.s[1:3])
    period = float(np.exp(row.orbit.s[0]))
    point = Special(
        kind, float(value), row.orbit.u[0, 0, :n] * tracer.scale.x, value2=float(value2), frequency=2 * np.pi / period,
        period=period, residual=off, row=k, note=NOTES[kind],
    )  # fmt: skip
    return Found(point, row, 0.0)
