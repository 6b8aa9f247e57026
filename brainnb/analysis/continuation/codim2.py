r"""Curves of folds and Hopf points in two parameters, and the points on them where more happens at once.

A curve starts at every fold and Hopf point of the first diagram and of those at a few other values of the second
parameter, and at every Bogdanov-Takens, zero-Hopf and double Hopf point found on the way, at which a fold and a Hopf
curve or two Hopf curves meet (for the homoclinic curves and those of tori that emanate too see :mod:`brainnb.analysis.cycles`).
Where a test function changes its sign along a curve, the point is solved for:

================ ============= =======================================================================================
on a fold curve  cusp          $\langle p, B(q, q) \rangle = 0$
\                bogdanov_takens a second zero eigenvalue: the sum of the principal minors vanishes
\                zero_hopf     a pair on the imaginary axis beside the zero
on a Hopf curve  bogdanov_takens $\omega = 0$
\                bautin        $l_1 = 0$: cycles of both kinds, a fold of cycles emanates
\                zero_hopf, double_hopf  a further eigenvalue, a further pair on the imaginary axis
================ ============= =======================================================================================

References
----------
Kuznetsov 2004, *Elements of Applied Bifurcation Theory*, doi:10.1007/978-1-4757-3978-7, chapters 8 and 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..branch import Branch, Special
from ..cases import Case
from . import equilibria, located
from .codim2_points import Point, jacobian_at, on_fold, on_hopf
from .curves import Curve, Road
from .equilibrium_points import Diagram

NEAR = 2e-3
"""Curves that come this near to a point, in scaled coordinates, pass through it."""

SECONDS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Where in the range of the second parameter further diagrams are drawn, for curves that the first one does not meet."""

NOTES = {
    "bogdanov_takens": "a fold, a Hopf and a homoclinic curve meet here",
    "bautin": "a curve of folds of cycles begins here",
    "cusp": "two fold curves meet here",
    "zero_hopf": "a fold and a Hopf curve touch here; tori may begin",
    "double_hopf": "two Hopf curves cross here; tori may begin",
}


@dataclass
class Sheet:
    """Everything found in one plane of parameters."""

    road: Road
    folds: list[Curve] = field(default_factory=list)
    hopfs: list[Curve] = field(default_factory=list)
    points: list[tuple[str, int, Point]] = field(default_factory=list)

    def new(self, point: Point) -> bool:
        """Whether no such point is known there."""
        return all(p.kind != point.kind or np.abs(p.y - point.y).max() > 1e-5 for *_, p in self.points)


def curves(
    case: Case,
    paths: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    diagram: Diagram,
    notes: list[str],
) -> list[Branch]:
    """All fold and Hopf curves that the points of a diagram lead to."""
    sheet = Sheet(Road.of(case, paths, ranges))
    at, n = sheet.road.at, case.flow.n
    second = (case.value(paths[1]) - at.shift[n + 1]) / at.size[n + 1]
    if 0.0 <= second <= 1.0:
        _begin(sheet, diagram, second)
    else:
        notes.append(
            f"{paths[1]} = {case.value(paths[1]):g} lies outside its range: no curve begins at the first diagram"
        )
    for share in SECONDS:
        other = case.with_value(paths[1], float(at.shift[n + 1] + share * at.size[n + 1]))
        _begin(sheet, equilibria.diagram(Road.of(other, paths[:1], ranges[:1]), criticality=False), share)
    done = 0
    while done < len(sheet.points):
        point = sheet.points[done][2]
        done += 1
        _emanate(sheet, point)
    return [
        *(_fold_branch(sheet, k) for k in range(len(sheet.folds))),
        *(b for k in range(len(sheet.hopfs)) for b in _hopf_branches(sheet, k)),
    ]


def _begin(sheet: Sheet, diagram: Diagram, second: float) -> None:
    """Follow the folds and Hopf points of a diagram at one value of the second parameter."""
    n = sheet.road.case.flow.n
    for point in diagram.points:
        y = np.append(point.y, second)
        if np.isnan(point.vectors).any():
            continue
        if point.kind == "fold" and not _passes(sheet.folds, y, n):
            _follow_fold(sheet, y, point.vectors[0])
        elif point.kind == "hopf" and not _passes(sheet.hopfs, y, n):
            _follow_hopf(sheet, y, point.vectors, point.rate)


def _emanate(sheet: Sheet, point: Point) -> None:
    """Follow the curves of folds and Hopf points that meet at a point of codimension two and are not known."""
    n = sheet.road.case.flow.n
    pairs = {"zero_hopf": 1, "double_hopf": 0}
    if point.kind in ("bogdanov_takens", "zero_hopf") and not _passes(sheet.folds, point.y, n):
        _follow_fold(sheet, point.y, point.vectors[0])
    if point.kind == "bogdanov_takens" and not _passes(sheet.hopfs, point.y, n):
        _leave_bogdanov_takens(sheet, point)
    if point.kind in pairs:
        for k, rate in enumerate(point.rate):
            vectors = point.vectors[pairs[point.kind] + 2 * k :][:2]
            if not _turns_on(sheet, point.y, vectors):
                _follow_hopf(sheet, point.y, vectors, float(rate))


def _turns_on(sheet: Sheet, y: np.ndarray, vectors: np.ndarray) -> bool:
    """Whether a known Hopf curve passes through a point with the pair of these eigenvectors."""
    n = sheet.road.case.flow.n
    plane = np.linalg.qr(vectors.T)[0]
    for curve in sheet.hopfs:
        if _passes([curve], y, n):
            near = np.argmin(np.abs(curve.y[:, : n + 2] - y).max(axis=1))
            q = curve.y[near, n + 2 : 2 * n + 2]
            if np.linalg.norm(plane.T @ q) > 0.7 * np.linalg.norm(q):
                return True
    return False


def _follow_fold(sheet: Sheet, y: np.ndarray, q: np.ndarray) -> None:
    q = q / np.linalg.norm(q)
    row = _way(sheet, ("zero",), y, q[None], np.zeros(0))
    curve = sheet.road.both_ways(np.concatenate([y, q]), row, "fold", q)
    if len(curve) < 2:
        return
    sheet.folds.append(curve)
    for point in on_fold(sheet.road, curve):
        if sheet.new(point):
            sheet.points.append(("fold", len(sheet.folds) - 1, point))


def _follow_hopf(sheet: Sheet, y: np.ndarray, vectors: np.ndarray, rate: float) -> None:
    q, jacobian = vectors[0], jacobian_at(sheet.road, y)
    turned, pace = jacobian @ q, _pace(jacobian, vectors)
    d = turned - q * (turned @ q) / (q @ q)
    aux = np.concatenate([q / (q @ q), d / np.linalg.norm(d), [pace**2]])
    row = np.append(_way(sheet, ("pair",), y, vectors, np.array([rate])), 0.0)
    curve = sheet.road.both_ways(np.concatenate([y, q, [(rate / pace) ** 2]]), row, "hopf", aux)
    _keep_hopf(sheet, curve)


def _leave_bogdanov_takens(sheet: Sheet, point: Point) -> None:
    """The Hopf curve that begins at a Bogdanov-Takens point: the way in which the frequency grows."""
    q, r = point.vectors
    q = q / np.linalg.norm(q)
    d = r - q * (r @ q)
    aux = np.concatenate([q, d / np.linalg.norm(d), [_pace(jacobian_at(sheet.road, point.y), point.vectors) ** 2]])
    y = np.concatenate([point.y, q, [0.0]])
    row = np.eye(len(y))[-1]
    ahead = sheet.road.one_way(y, row, "hopf", aux)
    if len(ahead) > 1:
        _keep_hopf(sheet, replace(ahead, begin="bogdanov_takens"))


def _pace(jacobian: np.ndarray, vectors: np.ndarray) -> float:
    """How fast states move in the plane of two vectors: what the frequency of a pair is small or large beside.

    The frequency itself is no such measure: near a Bogdanov-Takens point it is nearly nothing, and elsewhere on the
    curve many times that.
    """
    plane = np.linalg.qr(vectors.T)[0]
    return float(np.linalg.norm(plane.T @ jacobian @ plane))


def _keep_hopf(sheet: Sheet, curve: Curve) -> None:
    if len(curve) < 2:
        return
    sheet.hopfs.append(curve)
    for point in on_hopf(sheet.road, curve):
        if sheet.new(point):
            sheet.points.append(("hopf", len(sheet.hopfs) - 1, point))


def _way(sheet: Sheet, parts: Sequence[str], y: np.ndarray, vectors: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """The direction of a curve in states and parameters (zero for the vector that goes with it)."""
    flow, size = sheet.road.case.flow, len(y)
    system, u = located.equations(flow, sheet.road.at, parts, y[None], vectors[None], rate[None])
    tangent = np.linalg.svd(system(u)[1][0])[2][-1][:size]
    return np.concatenate([tangent / np.linalg.norm(tangent), np.zeros(flow.n)])


def _passes(curves: list[Curve], y: np.ndarray, n: int) -> bool:
    """Whether a curve passes through a point of states and parameters."""
    for curve in curves:
        z = curve.y[:, : n + 2]
        chord = np.diff(z, axis=0)
        length = np.maximum((chord**2).sum(axis=1), 1e-300)
        share = np.clip(((y - z[:-1]) * chord).sum(axis=1) / length, 0.0, 1.0)
        distance = np.abs(y - z[:-1] - share[:, None] * chord).max(axis=1)
        if (distance < NEAR + 0.03 * np.sqrt(length)).any():
            return True
    return False


def _fold_branch(sheet: Sheet, k: int) -> Branch:
    return _branch(sheet, "fold", k, sheet.folds[k], 0)


def _hopf_branches(sheet: Sheet, k: int) -> list[Branch]:
    """The parts of a curve where a pair is imaginary; beyond a Bogdanov-Takens point it is one of neutral saddles."""
    curve, made = sheet.hopfs[k], []
    real = curve.y[:, -1] >= 0
    edges = np.nonzero(np.diff(real.astype(int)))[0] + 1
    for first, last in zip([0, *edges], [*edges, len(curve)], strict=True):
        if real[first] and last - first > 1:
            part = curve.part(first, last)
            begin = curve.begin if first == 0 else "bogdanov_takens"
            end = curve.end if last == len(curve) else "bogdanov_takens"
            made.append(_branch(sheet, "hopf", k, replace(part, begin=begin, end=end), first))
    return made


def _branch(sheet: Sheet, kind: str, k: int, curve: Curve, first: int) -> Branch:
    n, at = sheet.road.case.flow.n, sheet.road.at
    y = at.out(_snapped(curve.y[:, : n + 2], n))
    values = np.linalg.eigvals(curve.jacobian)
    special = tuple(
        _special(p, at, n, first)
        for where, number, p in sheet.points
        if where == kind and number == k and first - 1 <= p.row < first + len(curve)
    )
    # the eigenvalues that are zero by definition say nothing of stability
    critical = 1 if kind == "fold" else 2
    rest = np.sort(np.where(_least(values, critical), -np.inf, values.real), axis=1)
    return Branch(
        f"{kind}_curve", y[:, n], y[:, :n], (rest < 0).all(axis=1), values, curve.end, curve.begin,
        value2=y[:, n + 1], special=special,
    )  # fmt: skip


def _least(values: np.ndarray, count: int) -> np.ndarray:
    rank = np.argsort(np.argsort(np.abs(values.real), axis=1), axis=1)
    return rank < count


def _snapped(y: np.ndarray, n: int) -> np.ndarray:
    y = y.copy()
    free = y[:, n:]
    free[np.abs(free) < 1e-12] = 0.0
    free[np.abs(free - 1.0) < 1e-12] = 1.0
    return y


def _special(point: Point, at: object, n: int, first: int) -> Special:
    y = at.out(point.y)
    rate = float(point.rate[0]) if len(point.rate) else np.nan
    return Special(
        kind=point.kind,
        value=float(y[n]),
        value2=float(y[n + 1]),
        x=y[:n],
        frequency=rate,
        period=2 * np.pi / rate if rate > 0 else np.nan,
        residual=point.residual,
        row=max(point.row - first, 0),
        note=NOTES[point.kind],
    )
