"""The equilibrium diagram: all branches of resting points in a range, with their special points located and classified.

Branches are followed from every resting point that a search at several parameter values finds and that no branch
passes yet, and from every branch point along the other curve.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from . import located, normal_forms
from .brackets import BRANCH, FOLD, HOPF, Bracket, brackets, crossings, narrower
from .branch import Branch, Special
from .curves import Curve, Road
from .flow import Case
from .frame import Frame, linear_at
from .problems import LARGEST_BIALTERNATE
from .seeds import SAME, polish, search

VALUES = 7
"""Parameter values at which resting points are searched."""
GOOD = 1e-8
"""A point counts as solved when no defining equation is farther from zero (scaled states, per ms)."""
MOST = 40
"""Branches of one diagram; a search that finds more is cut and says so."""


@dataclass
class Diagram:
    """What was found, and all that is needed to go on from it."""

    road: Road
    curves: list[Curve]
    points: list["Point"] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def case(self) -> Case:
        """The model with its numbers."""
        return self.road.case

    @property
    def at(self) -> Frame:
        """The scaled coordinates."""
        return self.road.at


@dataclass(frozen=True, eq=False)
class Point:
    """A special point in scaled coordinates, with the vectors that were solved for."""

    kind: str
    y: np.ndarray
    curve: int
    row: int
    residual: float
    vectors: np.ndarray
    rate: float = np.nan
    coefficient: float = np.nan
    note: str = ""
    tangent: np.ndarray | None = None


def values_of(n: int) -> int:
    """At how many parameter values resting points of ``n`` states are searched."""
    return VALUES if n <= 8 else 4


def diagram(road: Road, *, criticality: bool = True) -> Diagram:
    """Follow everything; with ``criticality=False`` the marks come without normal forms, which may follow later."""
    found = Diagram(road, [])
    n = road.case.flow.n
    values = np.linspace(0.0, 1.0, values_of(n))
    seeds = search(road.case, road.at, values, road.low, road.high)
    if not len(seeds):
        found.notes.append("no resting point was found in the box; the search began at the bounds of the states")
    _, slopes = linear_at(road.case.flow, seeds, road.at) if len(seeds) else (None, np.zeros((0, n, n + 1)))
    left = list(zip(seeds, slopes, strict=True))
    left.sort(key=lambda pair: pair[0][n] not in (0.0, 1.0))  # a branch from the edge of the range is followed once
    while left and len(found.curves) < MOST:
        seed, slope = left.pop(0)
        row = np.linalg.svd(slope)[2][-1]
        curve = road.both_ways(seed, row if row[n] >= 0 else -row)
        if len(curve) < 2:
            found.notes.append(f"no branch could be followed from a resting point ({curve.end})")
            continue
        found.curves.append(curve)
        if left:
            known = road.covered(np.array([y for y, _ in left]), curve)
            left = [pair for pair, on in zip(left, known, strict=True) if not on]
    if left:
        found.notes.append(f"more than {MOST} branches: {len(left)} resting points were not followed")
    first = 0
    while first < len(found.curves) and len(found.curves) < MOST:
        crossed = _branch_points(found, first)
        first = len(found.curves)
        for point in crossed:
            _switch(found, point)
    _folds(found)
    _hopfs(found)
    found.points.sort(key=lambda p: (p.curve, p.row))
    if criticality:
        classify(found)
    return found


def _solved(
    found: Diagram, marks: list[Bracket], kind: int, solver: object
) -> list[tuple[Bracket, np.ndarray, object]]:
    """Solve all brackets together; those from which Newton's method goes elsewhere are narrowed and tried again."""
    done, flow, at = [], found.case.flow, found.at
    for attempt in range(4):
        if not marks:
            break
        result, again = solver(marks), []
        for k, mark in enumerate(marks):
            away = np.linalg.norm(result.y[k] - mark.middle())
            if result.residual[k] < GOOD and away <= 1.5 * mark.width + 1e-7:
                one = located.Located(*(part[k : k + 1] for part in vars(result).values()))
                done.append((mark, one))
            elif attempt < 3:
                again.append(narrower(flow, at, mark, kind))
            else:
                blank = np.full((1, *result.vectors.shape[1:]), np.nan)
                y = mark.middle()[None]
                value = np.abs(linear_at(flow, y, at)[0]).max()
                done.append(
                    (mark, located.Located(y, blank, np.full((1, 1), np.nan), np.array([max(value, mark.width)])))
                )
        marks = again
    return done


def _new(found: Diagram, kind: str, y: np.ndarray) -> bool:
    return all(p.kind != kind or np.abs(p.y - y).max() > SAME for p in found.points)


def _branch_points(found: Diagram, first: int) -> list[Point]:
    flow, at, new = found.case.flow, found.at, []
    marks = brackets(found.curves, BRANCH, first)
    solver = lambda marks: located.branch_points(flow, at, np.array([m.middle() for m in marks]))  # noqa: E731
    for mark, one in _solved(found, marks, BRANCH, solver):
        point = Point("branch_point", one.y[0], mark.curve, mark.row, float(one.residual[0]), one.vectors[0])
        if point.residual > GOOD:
            continue
        if _new(found, point.kind, point.y):
            point = replace(point, tangent=mark.tangent.mean(axis=0))
            found.points.append(point)
            new.append(point)
    return new


def _switch(found: Diagram, point: Point) -> None:
    """Follow the other curve through a branch point, both ways, unless it is known."""
    road = found.road
    cross = normal_forms.crossing(found.case.flow, found.at, point.y, point.vectors)
    at = found.points.index(point)
    found.points[at] = replace(point, coefficient=cross.coefficient, note=cross.word)
    if not len(cross.directions):
        found.notes.append("a branch point is degenerate: its other branches were not followed")
        return
    way = cross.directions[np.argmin(np.abs(cross.directions @ point.tangent))]
    halves = []
    for sign in (-1, 1):
        half = road.one_way(point.y + 2e-3 * sign * way, sign * way)
        if len(half) < 2:
            continue
        far = half.y[min(len(half) - 1, 8)]
        settled, left = polish(found.case, found.at, far[None], 8)
        if np.isfinite(left[0]) and any(road.covered(settled, c)[0] for c in found.curves):
            continue
        halves.append((sign, half))
    if not halves:
        return
    slope = linear_at(found.case.flow, point.y[None], found.at)[1]
    tests = np.zeros((1, halves[0][1].tests.shape[1]))
    j = slope[:, :, : found.case.flow.n]
    whole = None
    for sign, half in halves:
        here = Curve(point.y[None], sign * way[None], tests, j, "branch_point", "branch_point")
        if whole is None and sign < 0:
            whole = half.reversed().joined(here)
        elif whole is None:
            whole = here.joined(half)
        else:
            whole = whole.joined(half)
    begin = whole.begin or "branch_point"
    found.curves.append(Curve(whole.y, whole.tangent, whole.tests, whole.jacobian, begin, whole.end or "branch_point"))


def _folds(found: Diagram) -> None:
    flow, at = found.case.flow, found.at
    crossed = [p.y for p in found.points if p.kind == "branch_point"]
    marks = [m for m in brackets(found.curves, FOLD) if not any(_inside(m, y) for y in crossed)]
    solver = lambda marks: located.folds(flow, at, np.array([m.middle() for m in marks]))  # noqa: E731
    for mark, one in _solved(found, marks, FOLD, solver):
        point = Point("fold", one.y[0], mark.curve, mark.row, float(one.residual[0]), one.vectors[0])
        if _new(found, "fold", point.y):
            found.points.append(point)


def _inside(mark: Bracket, y: np.ndarray) -> bool:
    return np.linalg.norm(y - mark.y.mean(axis=0)) <= 1.01 * mark.width / 2 + 1e-6


def _hopfs(found: Diagram) -> None:
    flow, at = found.case.flow, found.at
    if flow.n < 2:
        return
    if flow.n <= LARGEST_BIALTERNATE:
        marks = brackets(found.curves, HOPF)
    else:
        marks = crossings(found.curves, [np.linalg.eigvals(c.jacobian) for c in found.curves])

    def solver(marks: list[Bracket]) -> located.Located:
        y = np.array([m.middle() for m in marks])
        values, vectors = np.linalg.eig(linear_at(flow, y, at)[1][:, :, : flow.n])
        chosen = [_pair(v) for v in values]
        q = np.array([vectors[k][:, i] for k, i in enumerate(chosen)])
        rate = np.array([values[k][i].imag for k, i in enumerate(chosen)])
        return located.hopfs(flow, at, y, q, rate)

    marks = [m for m in marks if _turns(found, m)]
    for mark, one in _solved(found, marks, HOPF, solver):
        turning = float(one.rate[0, 0])
        rate = abs(turning)
        scale = np.abs(found.curves[mark.curve].jacobian[mark.row]).max()
        if rate < 1e-7 * scale:
            continue  # two zero eigenvalues: no oscillation begins here
        vectors = one.vectors[0] * np.array([[1.0], [np.sign(turning) or 1.0]])
        point = Point("hopf", one.y[0], mark.curve, mark.row, float(one.residual[0]), vectors, rate)
        if _new(found, "hopf", point.y):
            found.points.append(point)


def _pair(values: np.ndarray) -> int:
    """The complex eigenvalue nearest the imaginary axis."""
    turning = values.imag > 0
    return int(np.argmin(np.where(turning, np.abs(values.real) / np.maximum(np.abs(values), 1e-300), np.inf)))


def _turns(found: Diagram, mark: Bracket) -> bool:
    """Whether a pair of complex eigenvalues crosses, and not two real ones of opposite sign (a neutral saddle)."""
    flow, at = found.case.flow, found.at
    for _ in range(5):
        values = np.linalg.eigvals(linear_at(flow, mark.middle()[None], at)[1][0][:, : flow.n])
        sums = np.abs(values[:, None] + values[None, :]) + np.where(np.eye(flow.n, dtype=bool), np.inf, 0.0)
        i, j = np.unravel_index(np.argmin(sums), sums.shape)
        scale = max(abs(values[i]), abs(values[j]), 1e-300)
        if sums[i, j] < 0.1 * scale or mark.width < 1e-6:
            return bool(abs(values[i].imag) > 1e-9 * scale)
        mark = narrower(flow, at, mark, HOPF, 3)
    return bool(abs(values[i].imag) > 1e-9 * scale)


def classify(found: Diagram) -> None:
    """Compute the normal forms of all folds and Hopf points that lack them."""
    flow, at = found.case.flow, found.at
    for kind in ("fold", "hopf"):
        which = [
            i
            for i, p in enumerate(found.points)
            if p.kind == kind and np.isnan(p.coefficient) and np.isfinite(p.vectors).all()
        ]
        if not which:
            continue
        y = np.array([found.points[i].y for i in which])
        v = np.array([found.points[i].vectors for i in which])
        if kind == "fold":
            values = normal_forms.fold(flow, at, y, v[:, 0])
        else:
            rate = np.array([found.points[i].rate for i in which])
            values = normal_forms.lyapunov(flow, at, y, v[:, 0], v[:, 1], rate)
        for i, value in zip(which, values, strict=True):
            word = ("supercritical" if value < 0 else "subcritical") if kind == "hopf" else ""
            found.points[i] = replace(found.points[i], coefficient=float(value), note=word)


def branches(found: Diagram) -> list[Branch]:
    """The diagram in model units."""
    n, at, made = found.case.flow.n, found.at, []
    if not found.curves:
        return made
    eigenvalues = np.linalg.eigvals(np.concatenate([c.jacobian for c in found.curves]))
    first = 0
    for k, curve in enumerate(found.curves):
        y, values = at.out(_snapped(curve.y, n)), eigenvalues[first : first + len(curve)]
        first += len(curve)
        special = tuple(_special(p, at, n) for p in found.points if p.curve == k)
        stable = (values.real < 0).all(axis=1)
        made.append(Branch("equilibrium", y[:, n], y[:, :n], stable, values, curve.end, curve.begin, special=special))
    return made


def _snapped(y: np.ndarray, n: int) -> np.ndarray:
    """The ends of the range exactly, without the noise of rounding."""
    y = y.copy()
    y[np.abs(y[:, n]) < 1e-12, n] = 0.0
    y[np.abs(y[:, n] - 1.0) < 1e-12, n] = 1.0
    return y


def _special(point: Point, at: Frame, n: int) -> Special:
    y = at.out(point.y)
    return Special(
        kind=point.kind,
        value=float(y[n]),
        x=y[:n],
        coefficient=point.coefficient,
        frequency=point.rate,
        period=2 * np.pi / point.rate if point.kind == "hopf" else np.nan,
        residual=point.residual,
        row=point.row,
        note=point.note,
    )
