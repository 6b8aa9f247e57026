"""A cycle under way: starts, steps, points at a wanted place, on top of :mod:`following`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import jax
import numpy as np

from ..ahead import Program
from ..cases import Case
from ..continuation.frame import Frame, linear_at
from ..flow import Constants
from .collocation import POWERS, M, Orbit, equidistant, phases, product, sampled
from .cycle_curve import Cycles, newton
from .floquet import cyclic, null_vector
from .following import Place, Rows, Scale, corrected, follow, moved, stacked

INTERVALS = 64
"""Intervals of the mesh, a power of two."""

FIRST = 1e-3
"""Length of the first step from a Hopf point."""

MOST_ROWS = 512


@dataclass(frozen=True)
class Track:
    """Points of a branch, and how it ended."""

    rows: Rows
    end: int

    def __len__(self) -> int:
        return len(self.rows.ds)

    def row(self, k: int) -> Rows:
        return jax.tree.map(lambda x: x[k], self.rows)

    def part(self, which: slice) -> "Track":
        return Track(jax.tree.map(lambda x: x[which], self.rows), self.end)


@dataclass(frozen=True)
class Follower:
    """Cycles of one case in one of its constants, over a range."""

    case: Case
    index: int
    lo: float
    hi: float

    def __post_init__(self):
        x = self.case.scale()
        object.__setattr__(self, "scale", Scale(x, np.float64(self.lo), np.float64(self.hi - self.lo)))
        object.__setattr__(self, "box", self.case.box(5.0) / x[:, None])

    def value(self, q: float | np.ndarray) -> float | np.ndarray:
        """The parameter's own value."""
        return self.lo + (self.hi - self.lo) * q

    @cached_property
    def problem(self) -> Cycles:
        """What its cycles satisfy."""
        with jax.enable_x64(True):  # handed over once, and not at every turn of Newton's method
            given = jax.device_put((self.case.p, np.asarray(self.index), self.scale))
        return Cycles(self.case.flow, *given, self.box)

    def slopes(self, x: np.ndarray, q: float) -> tuple[np.ndarray, np.ndarray]:
        """Slopes of the scaled states, and their derivatives by these, at states (..., n) and a value of the parameter."""
        z = np.empty((*x.shape[:-1], x.shape[-1] + 1))
        z[..., :-1], z[..., -1] = x, q
        f, J = linear_at(self.case.flow, z.reshape(-1, z.shape[-1]), self.frame)
        return f.reshape(x.shape), J[:, :, :-1].reshape(*x.shape, -1)

    @cached_property
    def frame(self) -> Frame:
        """Its scaled coordinates, with their origin at that of the states."""
        x, lo, length = self.scale
        return Frame(self.case.p, np.array([self.index]), np.append(0 * x, lo), np.append(x, length))

    def soon(self) -> list[Program]:
        """The program that following cycles will ask for."""
        c, x = self.case, self.case.x / self.scale.x
        orbit = Orbit(np.broadcast_to(x, (INTERVALS, M, x.size)).copy(), np.zeros(2))
        h = np.full(INTERVALS, 1 / INTERVALS)
        given = self.problem.conditions(orbit, orbit, h)
        return [(newton, (c.flow, c.p, np.asarray(self.index), self.scale, orbit, h, given))]

    def run(
        self, place: Place, most: int = MOST_ROWS, stop: Callable[[Rows, Rows], bool] | None = None
    ) -> Track | None:
        """Follow a branch to its end, or for ``most`` points, or until ``stop`` of two of them; None where it has none."""
        found, end = follow(self.problem, place, most, stop)
        return Track(stacked(found), end) if found else None

    def near(self, row: Rows, ds: float) -> Rows | None:
        """The point at a distance along the branch from one of its points; None where there is none."""
        return corrected(self.problem, row.orbit.plus(ds, row.along), row.along, row.edges, ds)

    def at(self, row: Rows, q: float, rounds: int = 1) -> Rows | None:
        """The cycle at a value of the parameter, from a point close by; the mesh is fitted between rounds."""
        along = Orbit(np.zeros_like(row.orbit.u), np.array([0.0, 1.0]))
        orbit, edges = row.orbit, row.edges
        for k in range(rounds):
            row = corrected(self.problem, orbit.plus(q - orbit.q, along), along, edges, q - orbit.q)
            if row is None:
                return None
            if k < rounds - 1:
                edges = equidistant(row.orbit.u, row.edges)
                (orbit,) = moved([row.orbit], row.edges, edges, 1.0)
        return row

    def from_hopf(self, x: np.ndarray, value: float, frequency: float) -> Place:
        """Where the branch that is born at a Hopf point begins."""
        q = (value - self.lo) / (self.hi - self.lo)
        eigenvalues, vectors = np.linalg.eig(self.slopes(x / self.scale.x, q)[1])
        k = np.argmin(np.abs(eigenvalues - 1j * frequency))
        edges = np.linspace(0, 1, INTERVALS + 1)
        turn = np.exp(2j * np.pi * phases(edges))
        u = (turn[..., None] * vectors[:, k]).real
        u /= np.sqrt(np.mean(u**2))
        rest = np.broadcast_to(x / self.scale.x, u.shape)
        orbit = Orbit(rest, np.array([np.log(2 * np.pi / frequency), q]))
        return Place(orbit, edges, Orbit(u, np.zeros(2)), FIRST)

    def from_samples(self, phase: np.ndarray, x: np.ndarray, period: float, value: float) -> Rows | None:
        """The cycle near a sampled orbit, its phases rising from 0 to below 1; None where Newton finds none."""
        even = np.linspace(0, 1, INTERVALS + 1)
        ends = np.append(phase, 1.0), np.concatenate([x, x[:1]]) / self.scale.x
        path = np.append(0, np.cumsum(np.sqrt((np.diff(ends[1], axis=0) ** 2).sum(1))))
        share = 0.5 * path / path[-1] + 0.5 * ends[0]
        edges = np.interp(even, share, ends[0])
        at = phases(edges)
        u = np.stack([np.interp(at, ends[0], ends[1][:, i]) for i in range(x.shape[1])], -1)
        q = (value - self.lo) / (self.hi - self.lo)
        orbit = Orbit(u, np.array([np.log(period), q]))
        return self.at(Rows(orbit, edges, orbit, None, np.float64(0.0), np.int64(0)), q, rounds=4)

    def variation(self, row: Rows) -> tuple[np.ndarray, np.ndarray]:
        """The linearised collocation of a cycle (of :func:`chain.intervals`) and the scaled vector field at its values."""
        h = np.diff(row.edges)
        turn = self.problem.newton(row.orbit, h, self.problem.conditions(row.orbit, row.along, h))
        return np.asarray(turn.A), self.slopes(row.orbit.u, row.orbit.q)[0]

    def reversing(self, row: Rows, sign: complex = -1.0) -> np.ndarray:
        """(N, M, n): the direction that returns reversed after a turn, at a period doubling, or times another ``sign``."""
        A, _ = self.variation(row)
        n = A.shape[2]
        first = null_vector(cyclic(A, sign)).reshape(-1, n)
        return np.concatenate([first[:, None], np.einsum("jkab,jb->jka", A[:, :-1, :, :n], first)], 1)

    def crossing(self, row: Rows) -> Orbit:
        """The direction of another branch at a branch point: that of all cycles nearby which is across the branch itself."""
        A, f = self.variation(row)
        N, _, n = f.shape
        phase = np.diff(row.edges)[:, None] * f[:, 0]
        matrix = np.zeros((N * n + 1, N * n + 2))
        matrix[:-1, :-2] = cyclic(A)
        matrix[:-1, -2:] = A[:, -1, :, n : n + 2].reshape(-1, 2)
        matrix[-1, :-2] = phase.reshape(-1)
        near = []
        for y in np.linalg.svd(matrix)[2][-2:]:
            first, free = y[:-2].reshape(N, n), y[-2:]
            inner = np.einsum("jkab,jb->jka", A[:, :-1, :, :n], first) + A[:, :-1, :, n : n + 2] @ free
            near.append(Orbit(np.concatenate([first[:, None], inner], 1), free))
        h = np.diff(row.edges)
        a, b = (product(one, row.along, h) for one in near)
        across = near[0].times(b).plus(-a, near[1])
        return across.times(1 / np.sqrt(product(across, across, h)))

    def doubled(self, row: Rows) -> Place:
        """Where the branch of twice the period begins, at a period doubling."""
        v = self.reversing(row)
        n = v.shape[2]
        edges = np.concatenate([row.edges[:-1] / 2, 0.5 + row.edges / 2])
        u, v = np.concatenate([row.orbit.u] * 2), np.concatenate([v, -v])
        coarse = edges[::2]
        both = np.concatenate([u, v], -1)
        both = sampled(both, edges, phases(coarse).reshape(-1)).reshape(-1, M, 2 * n)
        begun, along = Orbit(both[..., :n], row.orbit.s + np.array([np.log(2), 0.0])), Orbit(both[..., n:], np.zeros(2))
        length = np.sqrt(product(along, along, np.diff(coarse)))
        return Place(begun, coarse, along.times(1 / length), 10 * FIRST)

    def _at(self, value: float) -> Constants:
        numbers = np.array(self.case.p.numbers)
        numbers[self.index] = value
        return Constants(numbers, self.case.p.others)


def extremes(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, n): lowest and highest values of cycles (rows, N, M, n), between the values too."""
    rows, n = u.shape[0], u.shape[-1]
    full = np.moveaxis(np.concatenate([u, np.roll(u[:, :, :1], -1, 1)], 2), 3, 1)
    inner = np.arange(3 * M) / (3 * M)
    fine = full.reshape(-1, M + 1) @ (np.vander(inner, M + 1, increasing=True) @ POWERS).T
    fine = fine.reshape(rows, n, -1)
    found = []
    for sign in (-1, 1):
        k = np.argmax(sign * fine, 2)[..., None]
        before, top, after = (sign * np.take_along_axis(fine, (k + d) % fine.shape[2], 2)[..., 0] for d in (-1, 0, 1))
        bend = before - 2 * top + after
        lift = (after - before) ** 2 / np.where(bend < 0, -8 * bend, np.inf)
        found.append(sign * (top + np.where(k[..., 0] % (3 * M) != 0, lift, 0.0)))
    return found[0], found[1]


def peak(u: np.ndarray, edges: np.ndarray, i: int = 0) -> float:
    """The phase at which state ``i`` is highest."""
    N = len(u)
    full = np.concatenate([u, np.roll(u[:, :1], -1, 0)], 1)[..., i]
    coefficients = full @ POWERS.T
    best = (-np.inf, 0.0)
    for j in range(N):
        roots = np.roots((coefficients[j, 1:] * np.arange(1, M + 1))[::-1]) if np.any(coefficients[j, 1:]) else []
        inner = [r.real for r in roots if abs(r.imag) < 1e-9 and 0 <= r.real <= 1]
        for t in (0.0, *inner):
            best = max(best, (float(np.polyval(coefficients[j][::-1], t)), edges[j] + t * (edges[j + 1] - edges[j])))
    return best[1]
