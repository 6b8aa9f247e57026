"""Curves of folds, period doublings and tori of cycles in two parameters: where they begin, what lies on them, how they end."""

from collections.abc import Iterable, Sequence

import numpy as np

from ..branch import Branch, Special
from ..cases import Case
from . import torus_curves
from .bautin import SIZES, born
from .collocation import Orbit
from .critical import CriticalCycles
from .critical_points import critical_multipliers, specials
from .cycle_special import Found
from .cycle_track import INTERVALS, Follower, extremes
from .following import PERIOD, SHRUNK, stacked
from .tracing import LONGEST, NOTES, WORDS, Tracer, Track, begun, joined, kept

ENDS = {SHRUNK: "bautin"}
HOMOCLINIC = {PERIOD: "The period grows without bound: the curve ends at a homoclinic orbit."}


def curves(
    case: Case,
    paths: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    points: Sequence[Found],
    known: Iterable[Branch],
    notes: list[str],
) -> list[Branch]:
    """All curves that the special cycles of a diagram (``points``) and the points of codimension two on the curves ``known``
    of resting points lead to."""
    tracer = Tracer(case, paths, ranges)
    known = list(known)
    bautins = [point for branch in known for point in branch.special if point.kind == "bautin"]
    follower = Follower(case, int(tracer.index[0]), *ranges[0])
    found: list[Track] = []
    if 0.0 <= tracer.second <= 1.0:
        for point in points:
            if point.special.kind in ("cycle_fold", "period_doubling"):
                fold = point.special.kind == "cycle_fold"
                at, problem = _begun(follower, point, tracer.second), _problem(tracer, fold)
                if not any(track.problem.fold == fold and track.passes(at) for track in found):
                    kept(found, tracer.both_ways(problem, at, point.row.edges), point.special, notes)
    for point in bautins:
        ends = [(track, k) for track in found for k, end in ((0, track.begin), (-1, track.end)) if end == SHRUNK]
        if not any(tracer.nearest(track, k, [point]) for track, k in ends):
            kept(found, _from_bautin(tracer, point), point, notes)
    made = [_branch(tracer, track, bautins) for track in found]
    resonances = [point for _, more in made for point in more]
    return [
        *(branch for branch, _ in made),
        *torus_curves.curves(tracer, follower, [*points, *resonances], known, notes),
    ]


def _problem(tracer: Tracer, fold: bool) -> CriticalCycles:
    """What the cycles of a curve satisfy."""
    return CriticalCycles(tracer.case.flow, fold, tracer.case.p, tracer.index, tracer.scale, tracer.box)


def _begun(follower: Follower, point: Found, second: float) -> Orbit:
    """A special cycle of one parameter as a point of its curve."""
    row, fold = point.row, point.special.kind == "cycle_fold"
    v = row.along.u if fold else follower.reversing(row)
    a = float(row.along.log_T) if fold else 0.0
    weight = np.diff(row.edges)[:, None, None]
    size = np.sqrt(np.sum(weight * v**2) / v[0].size / 2 + a**2)
    s = np.array([row.orbit.log_T, row.orbit.q, second, a / size])
    return Orbit(np.concatenate([row.orbit.u, v / size], -1), s if fold else s[:3])


def _from_bautin(tracer: Tracer, point: Special) -> Track | None:
    """The curve of folds of cycles that begins at a Bautin point."""
    edges, problem = np.linspace(0, 1, INTERVALS + 1), _problem(tracer, True)
    for size in SIZES:
        at, along = born(tracer.case, tracer.index, tracer.scale, point, size)
        row = tracer.near(problem, begun(at, edges, along), 0.0)
        if row is not None:
            rows, end = tracer.one_way(problem, row, 1.0, at.log_T + LONGEST)
            return Track(problem, stacked(rows), SHRUNK, end) if len(rows) > 1 else None
    return None


def _branch(tracer: Tracer, track: Track, bautins: Sequence[Special]) -> tuple[Branch, list[Found]]:
    """A curve in the model's own units, with the Bautin points in which it ends as cycles without size, and its special points."""
    rows, scale, fold = track.rows, tracer.scale, track.problem.fold
    x = rows.orbit.u[..., : len(scale.x)]
    mu = critical_multipliers(rows.link, fold)
    points = specials(tracer, track, mu)
    low, high = (values * scale.x for values in extremes(x))
    value, value2 = tracer.out(track.q).T
    said = NOTES | HOMOCLINIC
    words = {word: said[word] for word in (track.begin, track.end) if word in said}
    named = WORDS | ENDS
    whole = Branch(
        track.problem.kind, value, x[:, 0, 0] * scale.x, _rest_stable(mu, fold), mu, named[track.end],
        named[track.begin], value2=value2, low=low, high=high, period=np.exp(rows.orbit.s[:, 0]),
        special=tuple(point.special for point in points), note=" ".join(words.values()),
    )  # fmt: skip
    for at_end, how in ((False, track.begin), (True, track.end)):
        point = tracer.nearest(track, -1 if at_end else 0, bautins) if how == SHRUNK else None
        if point is not None:
            whole = joined(whole, at_end, **without_size(point))
    return whole, points


def without_size(point: Special) -> dict[str, np.ndarray | float]:
    """A point of codimension two as a cycle that has shrunk to it."""
    return dict(value=point.value, value2=point.value2, x=point.x, low=point.x, high=point.x, period=point.period)


def _rest_stable(mu: np.ndarray, fold: bool) -> np.ndarray:
    """Whether all multipliers but the trivial one and the critical one lie within the unit circle."""
    rest = mu[:, 1:]
    critical = np.argmin(np.abs(rest - (1.0 if fold else -1.0)), axis=1)
    inside = np.abs(rest) < 1
    inside[np.arange(len(rest)), critical] = True
    return inside.all(1)
