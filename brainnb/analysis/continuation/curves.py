"""Curves as they were followed, both ways from a point, and whether a point lies on one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..ahead import Program
from ..cases import Case
from . import continuation
from .continuation import ENDS, Steps, capacity
from .frame import Frame, frame
from .seeds import polish

DEFAULT = Steps()
WIDER = 3.0
"""Branches may leave the declared bounds of the states by so many widths."""
LONGEST = 2400
"""A curve of more points is cut, and says so."""


@dataclass(frozen=True)
class Curve:
    """Points of a curve in scaled coordinates, with tangents, test functions and Jacobians; why it begins and ends."""

    y: np.ndarray
    tangent: np.ndarray
    tests: np.ndarray
    jacobian: np.ndarray
    begin: str
    end: str

    def __len__(self) -> int:
        return len(self.y)

    def reversed(self) -> "Curve":
        """The same curve the other way; the tests that carry the direction change their sign."""
        sign = np.array([-1.0, -1.0, 1.0])[: self.tests.shape[1]]
        return Curve(
            self.y[::-1], -self.tangent[::-1], sign * self.tests[::-1], self.jacobian[::-1], self.end, self.begin
        )

    def joined(self, other: "Curve") -> "Curve":
        """This curve and then another that begins where it ends."""
        pairs = ((self.y, other.y), (self.tangent, other.tangent), (self.tests, other.tests))
        joined = [np.concatenate([a, b]) for a, b in (*pairs, (self.jacobian, other.jacobian))]
        return Curve(*joined, self.begin, other.end)

    def part(self, first: int, last: int) -> "Curve":
        """Rows ``first`` to ``last - 1``."""
        cut = slice(first, last)
        return Curve(self.y[cut], self.tangent[cut], self.tests[cut], self.jacobian[cut], self.begin, self.end)


@dataclass(frozen=True)
class Road:
    """What all curves of one picture share."""

    case: Case
    at: Frame
    low: np.ndarray
    high: np.ndarray
    steps: Steps = DEFAULT

    @classmethod
    def of(cls, case: Case, paths: tuple[str, ...], ranges: tuple[tuple[float, float], ...]) -> "Road":
        """The road of a case with free parameters in their ranges."""
        at = frame(case, paths, ranges)
        n, free = case.flow.n, len(paths)
        low = np.concatenate([np.full(n, -WIDER), np.zeros(free)])
        return cls(case, at, low, np.concatenate([np.full(n, 1.0 + WIDER), np.ones(free)]))

    def soon(self) -> list[Program]:
        """The program that follows resting points."""
        y = (self.low + self.high) / 2
        given = y, y / np.linalg.norm(y), np.zeros(0), self.low, self.high, self.steps, self.at, _nowhere(y)
        return [(continuation.follow, (self.case.flow, "equilibrium", *given))]

    def one_way(self, y: np.ndarray, row: np.ndarray, problem: str = "equilibrium", aux: Sequence[float] = ()) -> Curve:
        """Follow a curve from near ``y`` in the direction ``row``."""
        aux, steps, home, parts, end = np.asarray(aux, float), self.steps, _nowhere(y), [], "steps"
        room = capacity(self.case.flow.n)
        for _ in range(LONGEST // room):
            found = continuation.follow(
                self.case.flow, problem, y, row / np.linalg.norm(row), aux, self._limits(self.low, y, -np.inf),
                self._limits(self.high, y, np.inf), steps, self.at, home,
            )  # fmt: skip
            count, code, *arrays, aux, h = map(np.asarray, found)
            first = 1 if parts else 0
            if not parts:
                home = np.stack([arrays[0][0], arrays[1][0]])
            parts.append([a[first:count] for a in arrays])
            end = ENDS[int(code)]
            if code or count < room:
                break
            y, row, steps = arrays[0][count - 1], arrays[1][count - 1], steps._replace(first=float(h))
        joined = [np.concatenate(rows) for rows in zip(*parts, strict=True)]
        return Curve(*joined, "", end)

    def both_ways(
        self, y: np.ndarray, row: np.ndarray, problem: str = "equilibrium", aux: Sequence[float] = ()
    ) -> Curve:
        """Follow a curve from near ``y`` in both directions and join them; a closed one is followed once."""
        ahead, back = None, None
        if not self._leaves(y, row):
            ahead = self.one_way(y, row, problem, aux)
            if ahead.end == "closed":
                return Curve(ahead.y, ahead.tangent, ahead.tests, ahead.jacobian, "closed", "closed")
        if not self._leaves(y, -row):
            back = self.one_way(y, -row, problem, aux).reversed()
        whole = [half for half in (back, ahead) if half is not None and len(half)]
        if len(whole) == 2:
            return back.part(0, len(back) - 1).joined(ahead)
        if not whole:
            return ahead if ahead is not None else back
        only = whole[0]
        return Curve(only.y, only.tangent, only.tests, only.jacobian, only.begin or "range", only.end or "range")

    def _leaves(self, y: np.ndarray, row: np.ndarray) -> bool:
        n = self.case.flow.n
        free = slice(n, len(self.low))
        up, down = row[free] > 1e-12, row[free] < -1e-12
        y, low, high = y[free], self.low[free], self.high[free]
        return bool(np.any((y >= high - 1e-12) & up) | np.any((y <= low + 1e-12) & down))

    @staticmethod
    def _limits(limits: np.ndarray, y: np.ndarray, rest: float) -> np.ndarray:
        return np.concatenate([limits, np.full(len(y) - len(limits), rest)])

    def covered(self, points: np.ndarray, curve: Curve) -> np.ndarray:
        """Which of some resting points (K, n + 1) lie on a curve."""
        n = self.case.flow.n
        owners, guesses = [], []
        found = np.zeros(len(points), bool)
        p = curve.y[:, n]
        for k, point in enumerate(points):
            inside = (np.minimum(p[:-1], p[1:]) <= point[n] + 1e-12) & (np.maximum(p[:-1], p[1:]) >= point[n] - 1e-12)
            for i in np.nonzero(inside)[0]:
                guess = hermite(curve, i, point[n], n)
                away = np.abs(guess - point).max()
                if away < 1e-6:
                    found[k] = True
                elif away < 5e-3:  # the bent chord is good to less: perhaps the same point, perhaps a near one
                    owners.append(k)
                    guesses.append(guess)
        if guesses:
            polished, left = polish(self.case, self.at, np.array(guesses), 8)
            near = np.isfinite(left) & (np.abs(polished - points[owners]).max(axis=1) < 1e-6)
            found[np.array(owners)[near]] = True
        return found


def _nowhere(y: np.ndarray) -> np.ndarray:
    """In the place of a curve's first point and tangent, before there are any."""
    return np.full((2, len(y)), np.nan)


def hermite(curve: Curve, i: int, value: float, n: int) -> np.ndarray:
    """Where the segment ``i`` of a curve takes a value of the parameter: along the chord, then bent to its tangents."""
    a, b = curve.y[i], curve.y[i + 1]
    share = np.clip((value - a[n]) / (b[n] - a[n]) if b[n] != a[n] else 0.5, 0.0, 1.0)
    length = np.linalg.norm(b - a)
    for _ in range(8):
        s = share
        point = (
            (1 + 2 * s) * (1 - s) ** 2 * a
            + s * (1 - s) ** 2 * length * curve.tangent[i]
            + s**2 * (3 - 2 * s) * b
            + s**2 * (s - 1) * length * curve.tangent[i + 1]
        )
        slope = b[n] - a[n]
        if abs(slope) < 1e-14 or abs(point[n] - value) < 1e-12:
            break
        share = np.clip(share - (point[n] - value) / slope, 0.0, 1.0)
    point[n] = value
    return point
