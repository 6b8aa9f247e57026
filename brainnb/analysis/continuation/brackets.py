"""Between which points of a curve something happens: sign changes of test functions, made narrow enough to solve from."""

from typing import NamedTuple

import numpy as np

from ..flow import Flow
from . import problems
from .curves import Curve
from .frame import Frame, linear_at, solve


class Bracket(NamedTuple):
    """Two points of a curve (and their tangents) between which a test function changes its sign."""

    curve: int
    row: int
    y: np.ndarray
    tangent: np.ndarray
    tests: np.ndarray

    @property
    def width(self) -> float:
        """Distance of both points."""
        return float(np.linalg.norm(self.y[1] - self.y[0]))

    def middle(self, way: np.ndarray | None = None) -> np.ndarray:
        """Where the test is zero, if it is straight in between."""
        share = np.abs(self.tests[0]) / max(np.abs(self.tests).sum(), 1e-300)
        return (1 - share) * self.y[0] + share * self.y[1]


FOLD, BRANCH, HOPF = range(3)


def brackets(curves: list[Curve], kind: int, first: int = 0) -> list[Bracket]:
    """All sign changes of one test function along the curves from number ``first`` on."""
    found = []
    for k, curve in enumerate(curves[first:], first):
        if kind >= curve.tests.shape[1]:
            continue
        values = curve.tests[:, kind]
        for i in np.nonzero((values[:-1] < 0) != (values[1:] < 0))[0]:
            found.append(Bracket(k, int(i), curve.y[i : i + 2], curve.tangent[i : i + 2], values[i : i + 2]))
    return found


def crossings(curves: list[Curve], eigenvalues: list[np.ndarray], first: int = 0) -> list[Bracket]:
    """Hopf brackets of systems too large for a determinant: two more or two fewer unstable eigenvalues, in pairs."""
    found = []
    for k in range(first, len(curves)):
        turns = np.abs(eigenvalues[k].imag) > 1e-9 * np.abs(eigenvalues[k]).max(axis=1, keepdims=True)
        count = (turns & (eigenvalues[k].real > 0)).sum(axis=1)
        every = (eigenvalues[k].real > 0).sum(axis=1)
        for i in np.nonzero((np.diff(count) != 0) & (np.abs(np.diff(every)) > 1))[0]:
            values = np.array([_slowest_pair(eigenvalues[k][j]).real for j in (i, i + 1)])
            found.append(Bracket(k, int(i), curves[k].y[i : i + 2], curves[k].tangent[i : i + 2], values))
    return found


def _slowest_pair(values: np.ndarray) -> complex:
    turning = values[values.imag > 0]
    return turning[np.argmin(np.abs(turning.real))] if turning.size else 0j


def onto(flow: Flow, at: Frame, y: np.ndarray, direction: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """A point brought onto the curve across a direction, and the derivative there; None where that fails."""
    anchor = y
    for _ in range(8):
        value, matrix = linear_at(flow, y[None], at)
        whole = np.concatenate([matrix, direction[None, None]], axis=1)
        step = solve(whole, np.append(value[0], direction @ (y - anchor))[None])[0]
        if not np.isfinite(step).all():
            return y, None
        y = y - step
        if np.abs(step).max() < 1e-10:
            return y, matrix[0]
    return y, None


def narrower(flow: Flow, at: Frame, bracket: Bracket, kind: int, times: int = 6) -> Bracket:
    """Halve a bracket, with every new point brought onto the curve."""
    n = flow.n
    for _ in range(times):
        chord = bracket.y[1] - bracket.y[0]
        direction = chord / np.linalg.norm(chord)
        y, matrix = onto(flow, at, bracket.y.mean(axis=0), direction)
        if matrix is None:
            return bracket
        whole = np.concatenate([matrix, direction[None]])[None]
        tangent = solve(whole, np.eye(n + 1)[-1:])[0]
        length = np.linalg.norm(tangent)
        if not np.isfinite(length):
            return bracket
        tangent /= length
        test = value_of(kind, matrix, tangent)
        half = 0 if (test < 0) == (bracket.tests[0] < 0) else 1
        ys, tangents, tests = bracket.y.copy(), bracket.tangent.copy(), bracket.tests.copy()
        ys[half], tangents[half], tests[half] = y, tangent, test
        bracket = bracket._replace(y=ys, tangent=tangents, tests=tests)
    return bracket


def value_of(kind: int, matrix: np.ndarray, tangent: np.ndarray) -> float:
    """A test function at one point, by its definition; its sign is that of the compiled one."""
    n = len(matrix)
    if kind == FOLD:
        return float(tangent[n])
    if kind == BRANCH:
        return float(np.linalg.det(np.concatenate([matrix, tangent[None]])))
    if n > problems.LARGEST_BIALTERNATE:
        return float(_slowest_pair(np.linalg.eigvals(matrix[:, :n])).real)
    whole = np.einsum("ab,abij->ij", matrix[:, :n], problems.bialternate(n))
    return float(np.linalg.slogdet(whole)[0])
