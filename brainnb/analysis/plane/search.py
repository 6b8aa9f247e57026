"""Resting points of a face: Newton from many starts, sifted, and counted against the degree of the field."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ..flow import Constants, Flow, kernel
from .face import Face, field, solved, with_slope

CELLS = 192
"""Cells along one side of the grid on which a plane is read; a halo of one more lies around it."""

LATTICE = 16
CANDIDATES = 256
"""Newton starts from a lattice of 16 by 16 points and from up to 256 cells in which all components change sign."""

STEPS = 48
FAR = 0.2
"""No Newton step is longer than this fraction of the box."""

SAME = 1e-6
"""Points nearer than this, in units of the box, are one."""

SOLVED = 1e-8
"""A point counts when its last Newton step was this small; simple ones end at rounding, only multiple ones stay here."""

SINGULAR = 1e-9
"""A Jacobian with so small a determinant beside its norm has no sign."""


@kernel
def newton(flow: Flow, face: Face, p: Constants, starts: Array, box: Array) -> tuple[Array, Array, Array, Array]:
    """Newton from ``starts`` (s, k), all at once: points, their fields, Jacobians, and the last step in units of the box."""
    width, middle = box[:, 1] - box[:, 0], jnp.mean(box, 1)
    at = jax.vmap(lambda q: with_slope(flow, face, p, q))

    def going(carry: tuple) -> Array:
        i, _, _, go = carry
        return (i < STEPS) & go.any()

    def step(carry: tuple) -> tuple:
        i, q, _, go = carry
        f, J = at(q)
        dq = -jax.vmap(solved)(J, f)
        dq = jnp.where(jnp.all(f == 0.0, 1, keepdims=True), 0.0, dq)  # there already, whatever the slope is
        size = jnp.max(jnp.abs(dq) / width, 1)
        new = q + dq * jnp.minimum(1.0, FAR / jnp.maximum(size, 1e-300))[:, None]
        go &= jnp.isfinite(size)
        q = jnp.where(go[:, None], new, q)
        go &= (size > 1e-15) & (jnp.max(jnp.abs(q - middle) / width, 1) < 1.5)
        return i + 1, q, size, go

    q = jnp.asarray(starts)
    _, q, size, _ = lax.while_loop(going, step, (0, q, jnp.full(len(q), jnp.inf), jnp.isfinite(q).all(1)))
    return q, *at(q), size


@kernel
def survey(flow: Flow, face: Face, p: Constants, lines: tuple[Array, ...]) -> tuple[Array, Array, Array]:
    """The field on a grid, which cells every component changes sign in, and how often the field turns around each.

    On a line, ``turns`` is +1 where the field rises through zero in a cell, -1 where it falls.
    """
    q = jnp.stack(jnp.meshgrid(*lines, indexing="ij"), -1)
    F = jax.vmap(lambda q: field(flow, face, p, q))(q.reshape(-1, len(lines))).reshape(q.shape)
    up = F > 0
    if len(lines) == 1:
        turns = up[1:, 0].astype(int) - up[:-1, 0]
        turns = jnp.where(jnp.isfinite(F[1:, 0]) & jnp.isfinite(F[:-1, 0]), turns, 0)
        return F, turns != 0, turns
    corners = up[:-1, :-1].astype(int) + up[1:, :-1] + up[:-1, 1:] + up[1:, 1:]
    changes = ((corners > 0) & (corners < 4)).all(-1)
    arrows = _whole(F)
    across, along = _turn(arrows[:-1], arrows[1:]), _turn(arrows[:, :-1], arrows[:, 1:])
    turns = (across[:, :-1] + along[1:] - across[:, 1:] - along[:-1]) / (2 * jnp.pi)
    finite = jnp.isfinite(F).all(-1)
    finite = finite[:-1, :-1] & finite[1:, :-1] & finite[:-1, 1:] & finite[1:, 1:]
    return F, changes & finite, jnp.where(finite, jnp.round(turns), 0).astype(int)


def _whole(F: Array) -> Array:
    """The field, with the arrows of neighbours where it rests on a corner of the grid, as it does in a symmetric box.

    An arrow without length turns nowhere.  With any other, the four cells around share the turning of their outer edges,
    and they are counted together.
    """
    beside = jnp.roll(F, -1, 0) + 0.618 * jnp.roll(F, -1, 1)
    return jnp.where((F == 0.0).all(-1, keepdims=True), beside, F)


def _turn(a: Array, b: Array) -> Array:
    """The angle from the arrow ``a`` to the arrow ``b``; exactly opposite for the cells on both sides of an edge."""
    return jnp.arctan2(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0], a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1])


@dataclass(frozen=True)
class Found:
    """Resting points of a face, each with its Jacobian, and whether their number adds up."""

    q: np.ndarray
    slopes: np.ndarray
    residual: np.ndarray
    complete: bool
    checked: str
    outside: np.ndarray

    def index(self) -> np.ndarray:
        """+1, -1, or 0 where the Jacobian is singular: what each point adds to the degree."""
        return signs(self.slopes)


def signs(slopes: np.ndarray) -> np.ndarray:
    """Signs of determinants (points,), 0 where singular to rounding."""
    if not len(slopes):
        return np.zeros(0, int)
    rows = np.abs(slopes).sum(2, keepdims=True)
    det = np.linalg.det(slopes / np.where(rows > 0, rows, 1.0))
    return np.where(np.abs(det) > SINGULAR, np.sign(det), 0).astype(int)


def sifted(
    q: np.ndarray, f: np.ndarray, slopes: np.ndarray, size: np.ndarray, width: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct solutions among the ends of Newton's ways: points, Jacobians, residuals; in the order of the axes."""
    ends = np.isfinite(q).all(1) & np.isfinite(slopes).all((1, 2)) & (size <= SOLVED)
    q, f, slopes, size = q[ends], f[ends], slopes[ends], size[ends]
    order = np.argsort(size, kind="stable")
    q, f, slopes = q[order], f[order], slopes[order]
    chosen, left = [], np.arange(len(q))
    while len(left):
        chosen.append(left[0])
        left = left[(np.abs(q[left] - q[left[0]]) / width).max(1) > SAME]
    chosen = np.array(chosen, int)
    order = np.lexsort(np.round(q[chosen] / width, 7).T[::-1]) if len(chosen) else chosen
    chosen = chosen[order]
    return q[chosen], slopes[chosen], np.abs(f[chosen]).max(1, initial=0.0)


def lattice(box: np.ndarray, count: int = LATTICE) -> np.ndarray:
    """Middles of the cells of a coarse grid, (count**k, k)."""
    lines = [lo + (np.arange(count) + 0.5) / count * (hi - lo) for lo, hi in box]
    return np.stack(np.meshgrid(*lines, indexing="ij"), -1).reshape(-1, len(box))


def grid(box: np.ndarray, cells: int = CELLS) -> tuple[np.ndarray, ...]:
    """The lines of the grid with its halo: ``cells + 3`` values each; the inner ``cells + 1`` span the box."""
    return tuple(lo + np.arange(-1, cells + 2) * ((hi - lo) / cells) for lo, hi in box)


@dataclass(frozen=True)
class Grid:
    """What :func:`survey` saw: grid lines with their halo, the field there, changing cells and turns."""

    lines: tuple[np.ndarray, ...]
    F: np.ndarray
    changes: np.ndarray
    turns: np.ndarray

    @property
    def inner(self) -> tuple[np.ndarray, np.ndarray]:
        """Lines and field without the halo."""
        cut = (slice(1, -1),) * len(self.lines)
        return tuple(line[1:-1] for line in self.lines), self.F[cut]


def surveyed(flow: Flow, face: Face, p: Constants, box: np.ndarray) -> Grid:
    """Read a line or a plane on its grid."""
    lines = grid(box)
    return Grid(lines, *map(np.asarray, survey(flow, face, p, lines)))


def points(flow: Flow, face: Face, p: Constants, box: np.ndarray, seen: Grid) -> Found:
    """All resting points of a line or a plane within ``box``, counted cell by cell.

    Around every cell of the grid the field turns as often as the indices of the points inside add up to
    (Poincaré, Hopf).  Where a cell says more than was found, Newton starts again inside; what still does not add up is
    said.  A saddle and a node that share a cell and are both missed cannot be seen this way: every cell in which both
    components change sign has a start of its own.
    """
    width = box[:, 1] - box[:, 0]
    near = np.argwhere(seen.changes | (seen.turns != 0))
    near = near[_spread(len(near), CANDIDATES)]
    ways = _ways(flow, face, p, box, _within(seen, near, 0.5))
    found = sifted(*ways, width)
    wrong = unequal(seen, found[0], found[1], box)
    if len(wrong):
        dense = np.concatenate([_within(seen, wrong, at) for at in (0.5, 0.02, 0.98, 0.25, 0.75)])
        again = _ways(flow, face, p, box, dense[_spread(len(dense), CANDIDATES)])
        found = sifted(*(np.concatenate(pair) for pair in zip(ways, again, strict=True)), width)
        wrong = unequal(seen, found[0], found[1], box)
    broken = np.zeros(len(wrong), bool)
    some = _spread(len(wrong), CANDIDATES)
    broken[some] = breaks(flow, face, p, seen, wrong[some])
    q, slopes, residual = found
    inside = ((q >= box[:, 0] - 1e-9 * width) & (q <= box[:, 1] + 1e-9 * width)).all(1)
    beyond = (np.abs(q - box.mean(1)) / width).max(1, initial=0.0) > 0.5 + 1.5 / CELLS
    blind = int((~np.isfinite(seen.F).all(-1)).sum()) + int(broken.sum())
    missing = int((~broken).sum())
    text = _said(seen, signs(slopes[~beyond]), missing, blind)
    return Found(q[inside], slopes[inside], residual[inside], not missing and not blind, text, q[beyond])


def unequal(seen: Grid, q: np.ndarray, slopes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Cells (c, k) around which the field turns otherwise than the points found there say.

    Cells and points within a cell and a half of each other are counted together: a point on the edge of a cell belongs
    to the sum of both.  Where a Jacobian is singular its point may have any index, and the turning is believed.
    """
    first = np.array([line[0] for line in seen.lines])
    step = np.array([line[1] - line[0] for line in seen.lines])
    at = (q - first) / step - 0.5
    inside = ((at > -0.5) & (at < np.array(seen.turns.shape) - 0.5)).all(1)
    cells = np.argwhere(seen.turns != 0)
    places = np.concatenate([cells.astype(float), at[inside]])
    worth = np.concatenate([seen.turns[tuple(cells.T)], -signs(slopes[inside])])
    degenerate = np.concatenate([np.zeros(len(cells), bool), signs(slopes[inside]) == 0])
    count, group = together(places, 1.5)
    sums = np.bincount(group, worth, count)
    excused = np.bincount(group, degenerate, count) > 0
    wrong = ((sums != 0) & ~excused)[group]
    return np.clip(np.round(places[wrong]).astype(int), 0, np.array(seen.turns.shape) - 1)


def together(places: np.ndarray, reach: float) -> tuple[int, np.ndarray]:
    """Groups of places (s, k) that hang together by steps of at most ``reach`` along each axis; the group of each."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    if not len(places):
        return 0, np.zeros(0, int)
    pairs = cKDTree(places).query_pairs(reach, p=np.inf, output_type="ndarray")
    linked = coo_matrix((np.ones(len(pairs), bool), pairs.T), (len(places), len(places)))
    return connected_components(linked, directed=False)


@kernel
def values(flow: Flow, face: Face, p: Constants, q: Array) -> Array:
    """The field at points (s, k)."""
    return jax.vmap(lambda q: field(flow, face, p, q))(q)


def breaks(flow: Flow, face: Face, p: Constants, seen: Grid, cells: np.ndarray) -> np.ndarray:
    """Which of some cells are cut by a jump or a pole: a change of sign on an edge without a zero between."""
    found = np.zeros(len(cells), bool)
    edges, owner = [], []
    for i, cell in enumerate(cells):
        for axis in range(cells.shape[1]):
            for other in np.ndindex(*(2,) * (cells.shape[1] - 1)):
                start = cell + np.insert(other, axis, 0)
                end = cell + np.insert(other, axis, 1)
                for part in range(cells.shape[1]):
                    if seen.F[(*start, part)] * seen.F[(*end, part)] < 0:
                        edges.append((start, end, part))
                        owner.append(i)
    for first in range(0, len(edges), CANDIDATES):
        some = edges[first : first + CANDIDATES]
        a, b = (
            np.array([[line[j] for line, j in zip(seen.lines, e[side], strict=True)] for e in some]) for side in (0, 1)
        )
        part = np.array([e[2] for e in some])
        low = np.array([seen.F[(*e[0], e[2])] for e in some])
        high = np.array([seen.F[(*e[1], e[2])] for e in some])
        size = np.minimum(np.abs(low), np.abs(high))
        for _ in range(40):
            middle = (a + b) / 2
            f = np.asarray(values(flow, face, p, _padded(middle)))[np.arange(len(some)), part]
            left = np.sign(f) == np.sign(low)
            a, b = np.where(left[:, None], middle, a), np.where(left[:, None], b, middle)
        jumps = ~(np.abs(f) <= 1e-3 * size)
        found[np.array(owner[first : first + CANDIDATES])[jumps]] = True
    return found


def _ways(flow: Flow, face: Face, p: Constants, box: np.ndarray, candidates: np.ndarray) -> tuple[np.ndarray, ...]:
    starts = np.concatenate([_padded(candidates), lattice(box)])
    return tuple(map(np.asarray, newton(flow, face, p, starts, box)))


def _padded(q: np.ndarray) -> np.ndarray:
    """``q`` with rows of NaN behind, which Newton leaves alone: one size, one compilation."""
    return np.concatenate([q, np.full((CANDIDATES - len(q), q.shape[1]), np.nan)])


def _within(seen: Grid, cells: np.ndarray, at: float) -> np.ndarray:
    return np.stack([line[c] + at * (line[1] - line[0]) for line, c in zip(seen.lines, cells.T, strict=True)], -1)


def _spread(count: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(int)) if count else np.zeros(0, int)


def _said(seen: Grid, indices: np.ndarray, missing: int, blind: int) -> str:
    """How the search was checked, in words."""
    turns, total = int(seen.turns.sum()), int(indices.sum())
    where = "around the box" if len(seen.lines) == 2 else "between the ends"
    rule = "turns of the field" if len(seen.lines) == 2 else "changes of sign"
    text = f"{rule} {where}: {turns}; indices of the points found: {total}; "
    if missing:
        return text + f"{missing} cells do not add up: a point may be missing there"
    if blind:
        return text + f"every cell adds up but {blind}, where the field is not finite or jumps"
    if (indices == 0).any():
        return (
            text + "every cell adds up; a degenerate point has no index of its own, the turning around it is believed"
        )
    return text + f"each of {seen.turns.size} cells adds up"
