"""Nullclines: where one component of the field is zero, as polylines on which it is zero to rounding.

The field is contoured on a grid, which finds every branch, closed loops, vertical and horizontal lines alike.  Newton
then carries each vertex onto the curve; at a pole or a jump the sign changes without a zero, Newton does not arrive, and
the line is cut there.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ..flow import Constants, Flow, kernel
from .face import Face, with_slope
from .search import CELLS, Grid

CHUNK = 1024
"""Vertices that are carried onto the curve in one call; more come in further calls."""

STEPS = 6
CLOSE = 1e-10
"""How near a vertex lies to its curve, in units of the box."""

REACH = 1.5
"""A vertex moves less than so many cells; one that wants further did not start at a zero."""


class Nullcline(NamedTuple):
    """Vertices (v, 2), and for each the number of the polyline it belongs to."""

    vertices: np.ndarray
    component: np.ndarray


def nullclines(flow: Flow, face: Face, p: Constants, seen: Grid) -> tuple[Nullcline, Nullcline]:
    """The curves on which the first and the second component of the field are zero."""
    lines, F = seen.inner
    drawn = [_contours(*lines, F[..., part]) for part in range(2)]
    counts = [len(vertices) for vertices, _ in drawn]
    part = np.repeat([0, 1], counts)
    box = np.array([(line[0], line[-1]) for line in lines])
    vertices, good = _carried(flow, face, p, np.concatenate([v for v, _ in drawn]), part, box)
    first = counts[0]
    halves = (slice(None, first), slice(first, None))
    return tuple(_cut(vertices[half], good[half], ids) for half, (_, ids) in zip(halves, drawn, strict=True))


def _contours(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Polylines of ``z = 0`` as vertices and line numbers; cells with a value that is not finite have none."""
    from contourpy import LineType, contour_generator

    with np.errstate(invalid="ignore"):
        z = np.ma.masked_invalid(z.T)
    found = contour_generator(x, y, z, line_type=LineType.ChunkCombinedOffset, corner_mask=False).lines(0.0)
    if found[0][0] is None:
        return np.zeros((0, 2)), np.zeros(0, int)
    offsets = found[1][0].astype(int)
    return found[0][0], np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _carried(
    flow: Flow, face: Face, p: Constants, vertices: np.ndarray, part: np.ndarray, box: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    new, good = np.empty_like(vertices), np.zeros(len(vertices), bool)
    for first in range(0, len(vertices), CHUNK):
        some = slice(first, first + CHUNK)
        count = len(vertices[some])
        padded = np.full((CHUNK, 2), np.nan)
        padded[:count] = vertices[some]
        which = np.zeros(CHUNK, int)
        which[:count] = part[some]
        there, left = map(np.asarray, carry(flow, face, p, padded, which, box))
        new[some], left = there[:count], left[:count]
        cell = (box[:, 1] - box[:, 0]) / CELLS
        moved = np.abs(new[some] - vertices[some]) / cell
        good[some] = (left <= CLOSE) & (moved.max(1, initial=0.0) < REACH)
    return new, good


@kernel
def carry(flow: Flow, face: Face, p: Constants, vertices: Array, part: Array, box: Array) -> tuple[Array, Array]:
    """Vertices (v, 2) moved along the gradient until component ``part`` of the field is zero; the last step of each."""
    width = box[:, 1] - box[:, 0]

    def step(q: Array, part: Array) -> Array:
        f, J = with_slope(flow, face, p, q)
        value, gradient = f[part], J[part] * width
        size = jnp.sum(gradient**2)
        move = -value * gradient / jnp.where(size > 0, size, 1.0)
        return jnp.where(value == 0.0, 0.0, jnp.where(size > 0, move, jnp.inf))

    def one(q: Array, part: Array) -> tuple[Array, Array]:
        def again(_: int, carry: tuple) -> tuple:
            move = step(carry[0], part)
            return carry[0] + width * jnp.clip(move, -0.05, 0.05), jnp.max(jnp.abs(move))

        return lax.fori_loop(0, STEPS, again, (q, jnp.asarray(jnp.inf)))

    return jax.vmap(one)(vertices, part)


def _cut(vertices: np.ndarray, good: np.ndarray, ids: np.ndarray) -> Nullcline:
    """The good vertices; a line is cut where a vertex was not good, and a piece of one vertex is dropped."""
    if not len(ids):
        return Nullcline(vertices, ids)
    begins = np.r_[True, (ids[1:] != ids[:-1]) | ~good[:-1]]
    pieces = (np.cumsum(begins) - 1)[good]
    long = np.bincount(pieces, minlength=1)[pieces] > 1
    _, renamed = np.unique(pieces[long], return_inverse=True)
    return Nullcline(vertices[good][long], renamed)
