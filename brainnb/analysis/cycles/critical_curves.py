"""Curves of folds and period doublings of cycles in two parameters: where they begin, what lies on them, how they end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..branch import Branch, Special
from ..cases import Case
from .bautin import SIZES, born
from .collocation import Orbit
from .critical import CriticalCycles
from .critical_points import critical_multipliers, specials
from .cycle_special import Found
from .cycle_track import INTERVALS, Follower, extremes
from .following import BOX, GOING, PERIOD, RANGE, SHRUNK, SMALL, Place, Rows, Scale, corrected, follow, stacked

FIRST = 2e-3
"""Length of the first step."""

MOST_ROWS = 192
FEWEST = 4
"""A curve of fewer points is none: in a canard explosion Newton's method holds for no step at all."""

LONGEST = np.log(300.0)
"""The longest period that is followed, by that of the first cycle, as a logarithm."""

NEAR = 5e-3
"""A curve that passes this near a point (parameters in their ranges, logarithm of the period) goes through it."""

KINDS = {True: "cycle_fold_curve", False: "period_doubling_curve"}
WORDS = {RANGE: "range", BOX: "box", PERIOD: "period", SHRUNK: "bautin", SMALL: "step too small", GOING: "steps"}
NOTES = {
    PERIOD: "The period grows without bound: the curve ends at a homoclinic orbit.",
    BOX: "The cycle left five times the box of the states.",
    SMALL: "Newton's method held for no further step, as in a canard explosion, where cycles change faster than rounding allows.",
    GOING: f"Followed for {MOST_ROWS} points to one side and not to its end.",
}


@dataclass(frozen=True)
class Track:
    """Rows of a curve of one kind, and how it begins and ends."""

    fold: bool
    rows: Rows
    begin: int
    end: int

    @property
    def q(self) -> np.ndarray:
        """(rows, 2): the parameters in their ranges."""
        return self.rows.orbit.s[:, 1:3]


class Tracer:
    """Critical cycles of one case in two of its constants, over their ranges."""

    def __init__(self, case: Case, paths: Sequence[str], ranges: Sequence[tuple[float, float]]):
        self.case, (lo, hi) = case, np.array(ranges, float).T
        self.index = np.array([case.constant(path) for path in paths])
        self.scale = Scale(case.scale(), lo, hi - lo)
        self.box = case.box(5.0) / self.scale.x[:, None]

    def problem(self, fold: bool, longest: float = np.inf) -> CriticalCycles:
        """What the cycles of a curve satisfy."""
        return CriticalCycles(self.case.flow, fold, self.case.p, self.index, self.scale, self.box, longest)

    def near(self, fold: bool, row: Rows, ds: float, along: Orbit | None = None) -> Rows | None:
        """The point at a distance along the curve (or another direction) from one of its points."""
        along = row.along if along is None else along
        return corrected(self.problem(fold), row.orbit.plus(ds, along), along, row.edges, ds)

    def toward(self, row: Rows, parameter: int) -> Orbit:
        """The direction in which one parameter moves alone."""
        s = np.zeros_like(row.orbit.s)
        s[1 + parameter] = 1.0
        return Orbit(np.zeros_like(row.orbit.u), s)

    def both_ways(self, fold: bool, at: Orbit, edges: np.ndarray) -> Track | None:
        """The curve through a critical cycle, from one end to the other."""
        start = _start(at, edges, at)
        for parameter in (1, 0):
            row = self.near(fold, start, 0.0, self.toward(start, parameter))
            if row is not None:
                break
        else:
            return None
        longest = row.orbit.log_T + LONGEST
        (back, begin), (ahead, end) = (self._one_way(fold, row, sign, longest) for sign in (-1.0, 1.0))
        # The step to a point, seen from the other side, is the step to its neighbour.
        steps = [np.float64(0.0), *(one.ds for one in back[::-1])]
        turned = [one._replace(along=one.along.times(-1.0)) for one in back[::-1]] + [row]
        turned = [one._replace(ds=ds) for one, ds in zip(turned, steps, strict=True)]
        return Track(fold, stacked([*turned, *ahead]), begin, end)

    def from_bautin(self, point: Special) -> Track | None:
        """The curve of folds of cycles that begins at a Bautin point."""
        edges = np.linspace(0, 1, INTERVALS + 1)
        for size in SIZES:
            begun, along = born(self.case, self.index, self.scale, point, size)
            row = self.near(True, _start(begun, edges, along), 0.0)
            if row is not None:
                break
        else:
            return None
        rows, end = self._one_way(True, row, 1.0, begun.log_T + LONGEST)
        return Track(True, stacked(rows), SHRUNK, end) if len(rows) > 1 else None

    def _one_way(self, fold: bool, row: Rows, sign: float, longest: float) -> tuple[list[Rows], int]:
        """Points to one side of a point, and how they end."""
        place = Place(row.orbit, row.edges, row.along.times(sign), FIRST)
        rows, end = follow(self.problem(fold, longest), place, MOST_ROWS)
        return self._cut(fold, rows) if end == RANGE and len(rows) > 1 else rows, end

    def _cut(self, fold: bool, rows: list[Rows]) -> list[Rows]:
        """The last point of a curve that left its ranges, moved onto their border; without it where that fails."""
        before, after = rows[-2:]
        q, r = before.orbit.s[1:3], after.orbit.s[1:3]
        out = np.maximum(-r, r - 1)
        parameter = int(np.argmax(out))
        border = float(np.clip(r[parameter], 0.0, 1.0))
        row = self.near(fold, before, border - float(q[parameter]), self.toward(before, parameter))
        if row is None or np.abs(row.orbit.s[1:3] - q).max() > 2 * np.abs(r - q).max() + 1e-6:
            return rows[:-1]
        way = float(np.sum(row.along.u * after.along.u) / row.along.u.size + row.along.s @ after.along.s)
        return [*rows[:-1], row._replace(along=row.along.times(np.sign(way)), ds=after.ds)]


def _start(at: Orbit, edges: np.ndarray, along: Orbit) -> Rows:
    """A guess in the place of a point."""
    return Rows(at, edges, along, None, np.float64(0.0), np.int64(0))


def curves(
    case: Case,
    paths: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    points: Iterable[Found],
    known: Iterable[Special],
    notes: list[str],
) -> list[Branch]:
    """All curves that the special cycles of a diagram (``points``) and the Bautin points among ``known`` lead to."""
    tracer = Tracer(case, paths, ranges)
    second = float((case.value(paths[1]) - tracer.scale.lo[1]) / tracer.scale.length[1])
    follower = Follower(case, int(tracer.index[0]), *ranges[0])
    bautins = [point for point in known if point.kind == "bautin"]
    found: list[Track] = []
    if 0.0 <= second <= 1.0:
        for point in points:
            kind = point.special.kind
            if kind in ("cycle_fold", "period_doubling"):
                at = _begun(follower, point, second)
                if any(_passes(track, at, kind == "cycle_fold") for track in found):
                    continue
                _keep(found, tracer.both_ways(kind == "cycle_fold", at, point.row.edges), point.special, notes)
    for point in bautins:
        q = (np.array([point.value, point.value2]) - tracer.scale.lo) / tracer.scale.length
        ends = [track.q[k] for track in found for k, end in ((0, track.begin), (-1, track.end)) if end == SHRUNK]
        if not any(np.abs(end - q).max() < 0.02 for end in ends):
            _keep(found, tracer.from_bautin(point), point, notes)
    return [_branch(tracer, track, bautins) for track in found]


def _keep(found: list[Track], track: Track | None, origin: Special, notes: list[str]) -> None:
    if track is None or len(track.rows.ds) < FEWEST:
        notes.append(f"no curve in two parameters could be followed from the {origin.kind} at {origin.value:g}")
    else:
        found.append(track)


def _begun(follower: Follower, point: Found, second: float) -> Orbit:
    """A special cycle of one parameter as a point of its curve."""
    row, fold = point.row, point.special.kind == "cycle_fold"
    v = row.along.u if fold else follower.reversing(row)
    a = float(row.along.log_T) if fold else 0.0
    weight = np.diff(row.edges)[:, None, None]
    size = np.sqrt(np.sum(weight * v**2) / v[0].size / 2 + a**2)
    s = np.array([row.orbit.log_T, row.orbit.q, second, a / size])
    return Orbit(np.concatenate([row.orbit.u, v / size], -1), s if fold else s[:3])


def _passes(track: Track, at: Orbit, fold: bool) -> bool:
    """Whether a curve goes through a critical cycle."""
    if track.fold != fold:
        return False
    z, y = track.rows.orbit.s[:, [1, 2, 0]], at.s[[1, 2, 0]]
    chord = np.diff(z, axis=0)
    length = np.maximum((chord**2).sum(1), 1e-300)
    share = np.clip(((y - z[:-1]) * chord).sum(1) / length, 0.0, 1.0)
    distance = np.abs(y - z[:-1] - share[:, None] * chord).max(1)
    return bool((distance < NEAR).any())


def _branch(tracer: Tracer, track: Track, bautins: Sequence[Special]) -> Branch:
    """A curve in the model's own units, with the Bautin points in which it ends as cycles without size."""
    rows, scale = track.rows, tracer.scale
    n = len(scale.x)
    x = rows.orbit.u[..., :n]
    mu = critical_multipliers(rows.link, track.fold)
    low, high = (values * scale.x for values in extremes(x))
    value, value2 = (scale.lo + scale.length * track.q).T
    words = {word: NOTES[word] for word in (track.begin, track.end) if word in NOTES}
    whole = Branch(
        KINDS[track.fold], value, x[:, 0, 0] * scale.x, _rest_stable(mu, track.fold), mu, WORDS[track.end],
        WORDS[track.begin], value2=value2, low=low, high=high, period=np.exp(rows.orbit.s[:, 0]),
        special=specials(tracer, track, mu), note=" ".join(words.values()),
    )  # fmt: skip
    for at_end, how in ((False, track.begin), (True, track.end)):
        if how == SHRUNK:
            k = -1 if at_end else 0
            far = [np.abs(scale.lo + scale.length * track.q[k] - [b.value, b.value2]) / scale.length for b in bautins]
            near = [b for b, away in zip(bautins, far, strict=True) if away.max() < 0.02]
            whole = _closed_by(whole, near[0], at_end) if near else whole
    return whole


def _closed_by(branch: Branch, point: Special, at_end: bool) -> Branch:
    """A curve with the Bautin point at one of its ends."""
    k = -1 if at_end else 0

    def joined(a: np.ndarray, one: np.ndarray | float) -> np.ndarray:
        one = np.asarray(one)[None]
        return np.concatenate([a, one] if at_end else [one, a])

    return replace(
        branch,
        value=joined(branch.value, point.value),
        value2=joined(branch.value2, point.value2),
        x=joined(branch.x, point.x),
        low=joined(branch.low, point.x),
        high=joined(branch.high, point.x),
        period=joined(branch.period, point.period),
        stable=joined(branch.stable, branch.stable[k]),
        eigenvalues=joined(branch.eigenvalues, branch.eigenvalues[k]),
        special=branch.special if at_end else tuple(replace(s, row=s.row + 1) for s in branch.special),
    )


def _rest_stable(mu: np.ndarray, fold: bool) -> np.ndarray:
    """Whether all multipliers but the trivial one and the critical one lie within the unit circle."""
    rest = mu[:, 1:]
    critical = np.argmin(np.abs(rest - (1.0 if fold else -1.0)), axis=1)
    inside = np.abs(rest) < 1
    inside[np.arange(len(rest)), critical] = True
    return inside.all(1)
