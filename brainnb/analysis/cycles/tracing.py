"""Curves of cycles in two parameters: from a cycle to both sides, to the border of the ranges or to another end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..branch import Branch, Special
from ..cases import Case
from ..continuation.frame import Frame, linear_at
from .collocation import Orbit
from .following import BOX, GOING, PERIOD, RANGE, SMALL, Place, Problem, Rows, Scale, corrected, follow, stacked

FIRST = 2e-3
"""Length of the first step."""

MOST_ROWS = 192
FEWEST = 4
"""A curve of fewer points is none: in a canard explosion Newton's method holds for no step at all."""

LONGEST = np.log(300.0)
"""The longest period that is followed, by that of the first cycle, as a logarithm."""

NEAR = 5e-3
"""A curve that passes this near a point (parameters in their ranges, logarithm of the period) goes through it."""

CLOSE = 0.05
"""A curve whose cycles shrink this near a point of codimension two (parameters in their ranges) ends in it."""

WORDS = {RANGE: "range", BOX: "box", PERIOD: "period", SMALL: "step too small", GOING: "steps"}
NOTES = {
    BOX: "The cycle left five times the box of the states.",
    SMALL: "Newton's method held for no further step, as in a canard explosion, where cycles change faster than rounding allows.",
    GOING: f"Followed for {MOST_ROWS} points to one side and not to its end.",
}


@dataclass(frozen=True)
class Track:
    """Rows of a curve, what its cycles satisfy, and how it begins and ends."""

    problem: Problem
    rows: Rows
    begin: int
    end: int

    @property
    def q(self) -> np.ndarray:
        """(rows, 2): the parameters in their ranges."""
        return self.rows.orbit.s[:, 1:3]

    def passes(self, at: Orbit, near: float = NEAR) -> bool:
        """Whether the curve goes through a cycle."""
        z, y = self.rows.orbit.s[:, [1, 2, 0]], at.s[[1, 2, 0]]
        chord = np.diff(z, axis=0)
        length = np.maximum((chord**2).sum(1), 1e-300)
        share = np.clip(((y - z[:-1]) * chord).sum(1) / length, 0.0, 1.0)
        distance = np.abs(y - z[:-1] - share[:, None] * chord).max(1)
        return bool((distance < near).any())


class Tracer:
    """Cycles of one case in two of its constants, over their ranges."""

    def __init__(self, case: Case, paths: Sequence[str], ranges: Sequence[tuple[float, float]]):
        self.case, (lo, hi) = case, np.array(ranges, float).T
        self.paths, self.ranges = tuple(paths), tuple(ranges)
        self.index = np.array([case.constant(path) for path in paths])
        self.scale = Scale(case.scale(), lo, hi - lo)
        self.box = case.box(5.0) / self.scale.x[:, None]
        x = self.scale.x
        self.frame = Frame(case.p, self.index, np.append(0 * x, lo), np.append(x, hi - lo))

    @property
    def second(self) -> float:
        """Where the case itself stands in the range of the second parameter."""
        return self.into([np.nan, self.case.value(self.paths[1])])[1]

    def into(self, values: Sequence[float]) -> np.ndarray:
        """Values of both parameters in their ranges."""
        return (np.asarray(values) - self.scale.lo) / self.scale.length

    def out(self, q: np.ndarray) -> np.ndarray:
        """The parameters' own values."""
        return self.scale.lo + self.scale.length * q

    def slopes(self, x: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slopes of the scaled states, and their derivatives by these, at states (..., n) and values of the parameters."""
        z = np.concatenate([x, np.broadcast_to(q, (*x.shape[:-1], len(q)))], -1)
        f, J = linear_at(self.case.flow, z.reshape(-1, z.shape[-1]), self.frame)
        return f.reshape(x.shape), J[:, :, : x.shape[-1]].reshape(*x.shape, -1)

    def near(self, problem: Problem, row: Rows, ds: float, along: Orbit | None = None) -> Rows | None:
        """The point at a distance along the curve (or another direction) from one of its points."""
        along = row.along if along is None else along
        return corrected(problem, row.orbit.plus(ds, along), along, row.edges, ds)

    def toward(self, row: Rows, scalar: int) -> Orbit:
        """The direction in which one scalar moves alone."""
        s = np.zeros_like(row.orbit.s)
        s[scalar] = 1.0
        return Orbit(np.zeros_like(row.orbit.u), s)

    def both_ways(self, problem: Problem, at: Orbit, edges: np.ndarray, fixed: Iterable[int] = (2, 1)) -> Track | None:
        """The curve through a cycle, which is found while one of the scalars ``fixed`` stands still, from one end to the other."""
        start = begun(at, edges)
        for scalar in fixed:
            row = self.near(problem, start, 0.0, self.toward(start, scalar))
            if row is not None:
                return self.through(problem, row)
        return None

    def through(self, problem: Problem, row: Rows) -> Track:
        """The curve through one of its points, from one end to the other."""
        longest = row.orbit.log_T + LONGEST
        (back, begin), (ahead, end) = (self.one_way(problem, row, sign, longest) for sign in (-1.0, 1.0))
        # The step to a point, seen from the other side, is the step to its neighbour.
        steps = [np.float64(0.0), *(one.ds for one in back[::-1])]
        turned = [one._replace(along=one.along.times(-1.0)) for one in back[::-1]] + [row]
        turned = [one._replace(ds=ds) for one, ds in zip(turned, steps, strict=True)]
        return Track(problem, stacked([*turned, *ahead]), begin, end)

    def one_way(self, problem: Problem, row: Rows, sign: float, longest: float) -> tuple[list[Rows], int]:
        """Points to one side of a point, and how they end."""
        place = Place(row.orbit, row.edges, row.along.times(sign), FIRST)
        rows, end = follow(replace(problem, longest=longest), place, MOST_ROWS)
        return self._cut(problem, rows) if end == RANGE and len(rows) > 1 else rows, end

    def _cut(self, problem: Problem, rows: list[Rows]) -> list[Rows]:
        """The last point of a curve that left its ranges, moved onto their border; without it where that fails."""
        before, after = rows[-2:]
        q, r = before.orbit.s[1:3], after.orbit.s[1:3]
        inside = np.clip(r, 0.0, 1.0)
        with np.errstate(all="ignore"):
            reached = np.where(inside == r, np.inf, (inside - q) / (r - q))  # how soon each border is
        parameter = int(np.argmin(reached))
        border = float(inside[parameter])
        row = self.near(problem, before, border - float(q[parameter]), self.toward(before, 1 + parameter))
        if row is None or np.abs(row.orbit.s[1:3] - q).max() > 2 * np.abs(r - q).max() + 1e-6:
            return rows[:-1]
        way = float(np.sum(row.along.u * after.along.u) / row.along.u.size + row.along.s @ after.along.s)
        return [*rows[:-1], row._replace(along=row.along.times(np.sign(way)), ds=after.ds)]

    def nearest(self, track: Track, k: int, points: Iterable[Special]) -> Special | None:
        """The point of codimension two in which a curve ends with row ``k``."""
        away = [(float(np.abs(self.into([p.value, p.value2]) - track.q[k]).max()), p) for p in points]
        far, point = min(away, key=lambda pair: pair[0], default=(np.inf, None))
        return point if far < CLOSE else None


def begun(at: Orbit, edges: np.ndarray, along: Orbit | None = None) -> Rows:
    """A guess in the place of a point."""
    return Rows(at, edges, at if along is None else along, None, np.float64(0.0), np.int64(0))


def kept(found: list[Track], track: Track | None, origin: Special, notes: list[str], what: str = "curve") -> None:
    """Keep a curve that could be followed, or say that none could."""
    if track is None or len(track.rows.ds) < FEWEST:
        notes.append(f"no {what} in two parameters could be followed from the {origin.kind} at {origin.value:g}")
    else:
        found.append(track)


def joined(branch: Branch, at_end: bool, **row: np.ndarray | float) -> Branch:
    """A branch with one more row at one of its ends: what ``row`` does not give is that of the last one."""
    names = ("value", "value2", "x", "low", "high", "period", "stable", "eigenvalues")
    wide = {}
    for name in names:
        values = getattr(branch, name)
        if values is not None:
            one = np.asarray(row.get(name, values[-1 if at_end else 0]))[None]
            wide[name] = np.concatenate([values, one] if at_end else [one, values])
    special = branch.special if at_end else tuple(replace(s, row=s.row + 1) for s in branch.special)
    return replace(branch, special=special, **wide)
