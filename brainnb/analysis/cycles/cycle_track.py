"""A cycle under way: starts, steps, points at a wanted place, on top of the compiled loop of :mod:`cycle_curve`."""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from ..cases import Case
from ..flow import Constants, Flow, in_double, kernel
from .collocation import POWERS, M, Orbit, linearised, product
from .cycle_curve import GOING, ROWS, Place, Rows, Rules, Scale, follow
from .floquet import cyclic, null_vector

INTERVALS = 64
"""Intervals of the mesh, a power of two."""

TOLERANCE = 1e-9
LARGEST, SMALLEST, FIRST = 0.1, 1e-7, 1e-3
TURN = 0.95
MOST_ROWS = 512
LONG, LONGEST = 10.0, 2000.0
"""Periods, by the shortest one of the branch: a parameter that stands still then ends it; the longest one followed."""


@kernel
def slopes(flow: Flow, x: jax.Array, p: Constants) -> tuple[jax.Array, jax.Array]:
    """Vector field and Jacobian."""
    return flow(x, p), jax.jacfwd(flow)(x, p)


@kernel
def variation(
    flow: Flow, p: Constants, index: jax.Array, scale: Scale, orbit: Orbit, edges: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """The linearised collocation of a cycle and the vector field at its values, scaled."""

    def g(u: jax.Array, q: jax.Array) -> jax.Array:
        return flow(u * scale.x, p.put(index, scale.lo + scale.length * q)) / scale.x

    A, _ = linearised(g, orbit, jnp.diff(edges))
    return A, jax.vmap(jax.vmap(lambda u: g(u, orbit.q)))(orbit.u)


@dataclass(frozen=True)
class Track:
    """Points of a branch, and how it ended."""

    rows: Rows
    end: int

    def __len__(self) -> int:
        return len(self.rows.iterations)

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

    def rules(self, **changes: float) -> Rules:
        given = dict(
            rows=ROWS,
            tolerance=TOLERANCE,
            smallest=SMALLEST,
            largest=LARGEST,
            turn=TURN,
            log_T=np.inf,
            long=np.inf,
            box=self.box,
            remesh=True,
        )
        return Rules(**given | changes)

    def call(self, place: Place, **changes: float) -> tuple[Rows, Place, int]:
        """One call of the compiled loop; only the rows that are points."""
        # Arrays of one kind, whoever made them: a Python number among them would be another signature to compile.
        p, index, scale, place, rules = jax.tree.map(
            np.asarray, (self.case.p, self.index, self.scale, place, self.rules(**changes))
        )
        rows, count, place, end = follow(self.case.flow, p, index, scale, place, rules)
        count = int(count)
        return jax.tree.map(lambda x: np.asarray(x)[:count], rows), place, int(end)

    def run(self, place: Place, most: int = MOST_ROWS, stop: Callable[[Rows], bool] | None = None) -> Track:
        """Follow a branch to its end, or for ``most`` points."""
        found, end, shortest = [], GOING, np.inf
        while sum(len(rows.ds) for rows in found) < most and end == GOING:
            shortest = min([shortest, float(place.orbit.log_T), *(r.orbit.log_T.min() for r in found if len(r.ds))])
            rows, place, end = self.call(place, log_T=shortest + np.log(LONGEST), long=shortest + np.log(LONG))
            if not len(rows.ds):
                break
            found.append(rows)
            if stop is not None and stop(rows):
                break
        if not found:
            return Track(rows, end)
        return Track(jax.tree.map(lambda *x: np.concatenate(x), *found), end)

    def near(self, row: Rows, ds: float) -> Rows | None:
        """The point at a distance along the branch from one of its points; None where there is none."""
        rows, _, _ = self.call(
            Place(row.orbit, row.edges, row.along, ds), rows=1, turn=-1.0, remesh=False, smallest=abs(ds)
        )
        return jax.tree.map(lambda x: x[0], rows) if len(rows.ds) else None

    def at(self, row: Rows, q: float, rounds: int = 1) -> Rows | None:
        """The cycle at a value of the parameter, from a point close by; the mesh is fitted between rounds."""
        along = Orbit(np.zeros_like(row.orbit.u), np.float64(0.0), np.float64(1.0))
        for k in range(rounds):
            place = Place(row.orbit, row.edges, along, np.float64(q - row.orbit.q))
            rows, place, _ = self.call(place, rows=1, turn=-1.0, remesh=k < rounds - 1, smallest=np.inf)
            if not len(rows.ds):
                return None
            row = jax.tree.map(lambda x: x[0], rows)
            if k < rounds - 1:
                row = row._replace(orbit=jax.tree.map(np.asarray, place.orbit), edges=np.asarray(place.edges))
        return row

    def from_hopf(self, x: np.ndarray, value: float, frequency: float) -> Place:
        """Where the branch that is born at a Hopf point begins."""
        p = self._at(value)
        J = np.asarray(slopes(self.case.flow, x, p)[1]) * self.scale.x / self.scale.x[:, None]
        eigenvalues, vectors = np.linalg.eig(J)
        k = np.argmin(np.abs(eigenvalues - 1j * frequency))
        edges = np.linspace(0, 1, INTERVALS + 1)
        turn = np.exp(2j * np.pi * mesh_phases(edges))
        u = (turn[..., None] * vectors[:, k]).real
        u /= np.sqrt(np.mean(u**2))
        rest = np.broadcast_to(x / self.scale.x, u.shape)
        orbit = Orbit(rest, np.log(2 * np.pi / frequency), np.float64((value - self.lo) / (self.hi - self.lo)))
        zero = np.float64(0.0)
        return Place(orbit, edges, Orbit(u, zero, zero), np.float64(FIRST))

    def from_samples(self, phase: np.ndarray, x: np.ndarray, period: float, value: float) -> Rows | None:
        """The cycle near a sampled orbit, its phases rising from 0 to below 1; None where Newton finds none."""
        even = np.linspace(0, 1, INTERVALS + 1)
        ends = np.append(phase, 1.0), np.concatenate([x, x[:1]]) / self.scale.x
        path = np.append(0, np.cumsum(np.sqrt((np.diff(ends[1], axis=0) ** 2).sum(1))))
        share = 0.5 * path / path[-1] + 0.5 * ends[0]
        edges = np.interp(even, share, ends[0])
        at = mesh_phases(edges)
        u = np.stack([np.interp(at, ends[0], ends[1][:, i]) for i in range(x.shape[1])], -1)
        q = np.float64((value - self.lo) / (self.hi - self.lo))
        orbit = Orbit(u, np.log(period), q)
        zero = np.float64(0.0)
        row = Rows(orbit, edges, orbit, None, zero, 0)
        return self.at(row, q, rounds=4)

    def reversing(self, row: Rows) -> np.ndarray:
        """(N, M, n): the direction that returns reversed after a turn, at a period doubling."""
        A = np.asarray(variation(self.case.flow, self.case.p, self.index, self.scale, row.orbit, row.edges)[0])
        n = A.shape[2]
        first = null_vector(cyclic(A, -1.0)).reshape(-1, n)
        return np.concatenate([first[:, None], np.einsum("jkab,jb->jka", A[:, :-1, :, :n], first)], 1)

    def crossing(self, row: Rows) -> Orbit:
        """The direction of another branch at a branch point: that of all cycles nearby which is across the branch itself."""
        A, f = (
            np.asarray(a) for a in variation(self.case.flow, self.case.p, self.index, self.scale, row.orbit, row.edges)
        )
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
            near.append(Orbit(np.concatenate([first[:, None], inner], 1), *free))
        times, h = in_double(product), np.diff(row.edges)
        a, b = (float(times(one, row.along, h)) for one in near)
        across = Orbit(*(b * x - a * y for x, y in zip(*near, strict=True)))
        length = np.sqrt(float(times(across, across, h)))
        return Orbit(*(np.asarray(x) / length for x in across))

    def doubled(self, row: Rows) -> Place | None:
        """Where the branch of twice the period begins, at a period doubling."""
        v = self.reversing(row)
        n = v.shape[2]
        edges = np.concatenate([row.edges[:-1] / 2, 0.5 + row.edges / 2])
        u, v = np.concatenate([row.orbit.u] * 2), np.concatenate([v, -v])
        coarse = edges[::2]
        at = mesh_phases(coarse).reshape(-1)
        u, v = (sampled(y, edges, at, closed).reshape(-1, M, n) for y, closed in ((u, u[:1, 0]), (v, v[:1, 0])))
        zero = np.float64(0.0)
        along = Orbit(v, zero, zero)
        length = np.sqrt(float(in_double(product)(along, along, np.diff(coarse))))
        orbit = Orbit(u, row.orbit.log_T + np.log(2), row.orbit.q)
        return Place(orbit, coarse, along._replace(u=v / length), np.float64(10 * FIRST))

    @in_double
    def _at(self, value: float) -> Constants:
        return self.case.p.put(self.index, value)


def mesh_phases(edges: np.ndarray) -> np.ndarray:
    """(N, M): where the values of an orbit stand."""
    return edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(M) / M)


def sampled(u: np.ndarray, edges: np.ndarray, at: np.ndarray, end: np.ndarray | None = None) -> np.ndarray:
    """Values of piecewise polynomials (N, M, n) at phases; ``end`` is their last value, by default the first."""
    end = u[:1, 0] if end is None else end
    full = np.concatenate([u, np.concatenate([u[1:, :1], end[None]])], 1)
    at = np.asarray(at) % 1.0
    j = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, len(u) - 1)
    local = (at - edges[j]) / (edges[j + 1] - edges[j])
    return np.einsum("ak,akn->an", np.vander(local, M + 1, increasing=True) @ POWERS, full[j])


def extremes(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, n): lowest and highest values of cycles (rows, N, M, n), between the values too."""
    rows, n = u.shape[0], u.shape[-1]
    full = np.concatenate([u, np.roll(u[:, :, :1], -1, 1)], 2)
    inner = np.arange(3 * M) / (3 * M)
    fine = np.einsum("ck,rjkn->rjcn", np.vander(inner, M + 1, increasing=True) @ POWERS, full).reshape(rows, -1, n)
    found = []
    for sign in (-1, 1):
        y = sign * fine
        k = np.argmax(y, 1)[:, None]
        before, top, after = (np.take_along_axis(y, (k + d) % y.shape[1], 1)[:, 0] for d in (-1, 0, 1))
        bend = before - 2 * top + after
        lift = (after - before) ** 2 / np.where(bend < 0, -8 * bend, np.inf)
        found.append(sign * (top + np.where(k[:, 0] % (3 * M) != 0, lift, 0.0)))
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
