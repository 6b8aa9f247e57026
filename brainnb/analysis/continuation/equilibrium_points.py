"""Special points of resting branches: seen between two points of a branch, solved for, each told once."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..cases import Case
from . import located, normal_forms
from .brackets import BRANCH, FOLD, HOPF, Bracket, brackets, crossings, narrower
from .curves import Curve, Road
from .frame import Frame, linear_at
from .problems import LARGEST_BIALTERNATE
from .seeds import SAME

GOOD = 1e-8
"""A point counts as solved when no defining equation is farther from zero (scaled states, per ms)."""


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


def branch_points(found: Diagram, first: int) -> list[Point]:
    """Solve for the branch points on the curves from number ``first`` on; gives those that are new."""
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


def folds(found: Diagram) -> None:
    """Solve for all folds."""
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


def hopfs(found: Diagram) -> None:
    """Solve for all Hopf points; crossings of two real eigenvalues of opposite sign are none."""
    flow, at = found.case.flow, found.at
    if flow.n < 2:
        return
    if flow.n <= LARGEST_BIALTERNATE:
        marks = brackets(found.curves, HOPF)
    else:
        marks = crossings(found.curves, [np.linalg.eigvals(c.jacobian) for c in found.curves])

    marks = _turning(found, marks)

    def solver(marks: list[Bracket]) -> located.Located:
        y = np.array([m.middle() for m in marks])
        values, vectors = np.linalg.eig(linear_at(flow, y, at)[1][:, :, : flow.n])
        chosen = [_pair(v) for v in values]
        q = np.array([vectors[k][:, i] for k, i in enumerate(chosen)])
        rate = np.array([values[k][i].imag for k, i in enumerate(chosen)])
        return located.hopfs(flow, at, y, q, rate)

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


def _turning(found: Diagram, marks: list[Bracket]) -> list[Bracket]:
    """Those at which a pair of complex eigenvalues crosses, and not two real ones of opposite sign (a neutral saddle)."""
    flow, at = found.case.flow, found.at
    turns, left = [False] * len(marks), dict(enumerate(marks))
    for _ in range(5):
        if not left:
            break
        middles = np.array([mark.middle() for mark in left.values()])
        every = np.linalg.eigvals(linear_at(flow, middles, at)[1][:, :, : flow.n])
        for (k, mark), values in zip(list(left.items()), every, strict=True):
            sums = np.abs(values[:, None] + values[None, :]) + np.where(np.eye(flow.n, dtype=bool), np.inf, 0.0)
            i, j = np.unravel_index(np.argmin(sums), sums.shape)
            scale = max(abs(values[i]), abs(values[j]), 1e-300)
            turns[k] = bool(abs(values[i].imag) > 1e-9 * scale)
            if sums[i, j] < 0.1 * scale or mark.width < 1e-6:
                del left[k]
            else:
                left[k] = narrower(flow, at, mark, HOPF, 3)
    return [mark for mark, pair in zip(marks, turns, strict=True) if pair]


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
