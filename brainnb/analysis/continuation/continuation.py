r"""Pseudo-arclength continuation of any curve $F(y) = 0$ with one unknown more than equations, in one compiled loop.

A step goes along the tangent and returns to the curve by Newton's method across it,

.. math:: F(y) = 0, \qquad t \cdot (y - y_0) = h .

The matrix of that iteration, bordered by the last tangent, gives the next tangent and the test functions with the same
factorisation, so that the model is compiled once.  A step is repeated with half its length when the tangent turns by
more than 15 degrees, when the corrector goes far (another branch may be near) or when a test function bends so much
that it could have passed zero twice; folds and Hopf points in tight places are then not stepped over.

References
----------
Keller 1977, in *Applications of Bifurcation Theory*, pp. 359-384; Govaerts 2000, *Numerical Methods for Bifurcations of
Dynamical Equilibria*, doi:10.1137/1.9780898719543; Allgower & Georg 2003, doi:10.1137/1.9780898719154.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..flow import Flow, kernel
from . import problems
from .frame import Frame

ENDS = ("steps", "range", "box", "closed", "no convergence", "step too small")
ON, RANGE, BOX, CLOSED, FAILED, SMALL = range(6)
START, ALONG, LAST = range(3)
NEWTON = 8
TURN, EASY = float(np.cos(np.deg2rad(15.0))), float(np.cos(np.deg2rad(6.0)))


def capacity(n: int) -> int:
    """Points of one call: 400, and fewer where the Jacobians of so many would fill the memory."""
    return int(np.clip(2_000_000 // n**2, 16, 400))


class Steps(NamedTuple):
    """How long steps may be, in scaled coordinates."""

    first: float = 0.01
    longest: float = 0.04
    shortest: float = 1e-7


class Walk(NamedTuple):
    """What the loop carries: the iterate, the step under way, and the curve so far."""

    turns: Array
    count: Array
    mode: Array
    end: Array
    y: Array
    anchor: Array
    row: Array
    newton: Array
    h: Array
    last: Array
    tangent: Array
    first: Array
    first_tangent: Array
    tests: Array
    slopes: Array
    largest: Array
    aux: Array
    ys: Array
    tangents: Array
    kept: Array
    jacobians: Array


@kernel(static=("flow", "problem"))
def follow(
    flow: Flow, problem: str, y: Array, row: Array, aux: Array, low: Array, high: Array, steps: Steps, at: Frame
) -> tuple[Array, ...]:
    """Follow a curve from near ``y`` along ``row``.

    Parameters
    ----------
    y, row : (N,)
        A guess and the direction in which the coordinate across which it is corrected grows.
    aux : (m,)
        Fixed numbers of the problem (borders), renewed at every step.
    low, high : (N,)
        Where the curve ends: at a limit of a free parameter exactly, at one of a state with the last point inside.

    Returns
    -------
    count, end, ys (rows, N), tangents, tests (rows, m), jacobians (rows, n, n), aux, h; ``count`` of the rows are filled
    """
    task = problems.PROBLEMS[problem]
    size, n = y.shape[0], flow.n
    rows = capacity(n)
    free = jnp.asarray(task.free(n, size))
    f = task.system(flow, at)

    def look(y: Array, aux: Array) -> tuple[Array, Array]:
        def both(y: Array) -> tuple[Array, Array]:
            value = f(y, aux)
            return value, value

        matrix, value = jax.jacfwd(both, has_aux=True)(y)
        return value, matrix

    last_row = jnp.zeros(size).at[-1].set(1.0)

    def step(w: Walk) -> Walk:
        value, matrix = look(w.y, w.aux)
        jacobian = matrix[:n, :n]
        whole = jnp.concatenate([matrix, w.row[None]])
        sides = jnp.stack([jnp.append(value, w.row @ (w.y - w.anchor)), last_row], axis=1)
        lu, pivots = jax.scipy.linalg.lu_factor(whole)
        solved = jax.scipy.linalg.lu_solve((lu, pivots), sides)
        y = w.y - solved[:, 0]
        move = jnp.max(jnp.abs(solved[:, 0]))
        length = jnp.linalg.norm(solved[:, 1])
        tangent = solved[:, 1] / length
        tangent = jnp.where((w.mode == LAST) & (tangent @ w.tangent < 0), -tangent, tangent)
        tests = task.tests(jacobian, tangent, _determinant(lu, pivots, whole) * length, n)
        good = jnp.isfinite(move) & jnp.all(jnp.isfinite(tangent))
        done = good & (move < 1e-9)
        lost = ~good | (move > 1.0) | (w.newton + 1 >= NEWTON)

        # what a finished step must satisfy
        cosine = tangent @ w.tangent
        slopes = (tests - w.tests) / w.h
        bend = jnp.abs(slopes - w.slopes) * w.h / (jnp.abs(tests) + jnp.abs(w.tests) + 1e-4 * w.largest + 1e-300)
        bend = jnp.where(w.count > 2, jnp.max(bend, initial=0.0), 0.0)
        away = jnp.linalg.norm(y - w.anchor) / w.h
        along = w.mode == ALONG
        rough = along & ((cosine < TURN) | (away > 0.4)) & (w.h > steps.shortest)
        bent = along & (bend > 0.6) & (w.h > 2e-3 * steps.longest)
        fine = done & ~rough & ~bent
        out = (y < low) | (y > high)
        beyond = jnp.any(out & free) & along
        outside = jnp.any(out & ~free)
        stored = fine & ~beyond

        # from start back to start
        behind, ahead = (w.last - w.first) @ w.first_tangent, (y - w.first) @ w.first_tangent
        closed = (
            (w.count > 4)
            & (behind < 0)
            & (ahead >= 0)
            & (jnp.linalg.norm(y - w.first) < 2 * w.h)
            & (tangent @ w.first_tangent > 0.8)
        )

        # the next step: onward, onto the limit, or again and shorter
        grown = jnp.where((cosine > EASY) & (w.newton <= 3) & (bend < 0.3), 1.5, jnp.where(bend > 0.45, 0.7, 1.0))
        onward = jnp.minimum(w.h * jnp.where(along, grown, 1.0), steps.longest)
        again = w.h * jnp.where(done, 0.5, 0.3)
        h = jnp.where(fine, onward, jnp.where(done | lost, again, w.h))
        share = jnp.where(free & out, (jnp.where(y > high, high, low) - w.last) / (y - w.last), jnp.inf)
        which = jnp.argmin(share)
        ended = done | lost
        mode = jnp.where(fine & beyond, LAST, jnp.where(fine, ALONG, w.mode))
        base = jnp.where(stored, y, w.last)
        direction = jnp.where(stored, tangent, w.tangent)
        anchor = jnp.where(fine & beyond, w.last + share[which] * (y - w.last), base + h * direction)
        row = jnp.where(fine & beyond, jnp.zeros(size).at[which].set(1.0), direction)
        end = jnp.where(stored & (w.mode == LAST), RANGE, w.end)
        end = jnp.where(stored & along & closed, CLOSED, end)
        end = jnp.where(stored & outside, BOX, end)
        end = jnp.where(lost & ~done & ((w.mode != ALONG) | (h < steps.shortest)), FAILED, end)
        end = jnp.where(lost & ~done & (w.mode == LAST), RANGE, end)
        end = jnp.where(done & ~fine & (h < steps.shortest), SMALL, end)
        start = fine & (w.mode == START)
        aux = jnp.where(stored, task.renew(y, w.aux, jacobian, n), w.aux)
        return Walk(
            turns=w.turns + 1,
            count=w.count + stored,
            mode=mode,
            end=end,
            y=jnp.where(ended, anchor, y),
            anchor=jnp.where(ended, anchor, w.anchor),
            row=jnp.where(ended, row, w.row),
            newton=jnp.where(ended, 0, w.newton + 1),
            h=h,
            last=base,
            tangent=direction,
            first=jnp.where(start, y, w.first),
            first_tangent=jnp.where(start, tangent, w.first_tangent),
            tests=jnp.where(stored, tests, w.tests),
            slopes=jnp.where(stored, slopes, w.slopes),
            largest=jnp.where(stored, jnp.maximum(w.largest, jnp.abs(tests)), w.largest),
            aux=aux,
            ys=w.ys.at[w.count].set(y),
            tangents=w.tangents.at[w.count].set(tangent),
            kept=w.kept.at[w.count].set(tests),
            jacobians=w.jacobians.at[w.count].set(jacobian),
        )

    def more(w: Walk) -> Array:
        return (w.end == ON) & (w.count < rows) & (w.turns < 12 * rows)

    m = task.count(n)
    zero = jnp.zeros((), int)
    begin = Walk(
        turns=zero,
        count=zero,
        mode=zero + START,
        end=zero,
        y=y,
        anchor=y,
        row=row,
        newton=zero,
        h=jnp.asarray(steps.first, float),
        last=y,
        tangent=row,
        first=y,
        first_tangent=row,
        tests=jnp.zeros(m),
        slopes=jnp.zeros(m),
        largest=jnp.zeros(m),
        aux=aux,
        ys=jnp.zeros((rows + 1, size)),
        tangents=jnp.zeros((rows + 1, size)),
        kept=jnp.zeros((rows + 1, m)),
        jacobians=jnp.zeros((rows + 1, n, n)),
    )
    w = jax.lax.while_loop(more, step, begin)
    return w.count, w.end, w.ys, w.tangents, w.kept, w.jacobians, w.aux, w.h


def _determinant(lu: Array, pivots: Array, matrix: Array) -> Array:
    """The determinant beside the largest that rows of these lengths can have: between -1 and 1."""
    diagonal = jnp.diagonal(lu)
    odd = jnp.sum(pivots != jnp.arange(pivots.shape[0])) % 2
    sign = jnp.prod(jnp.sign(diagonal)) * (1 - 2 * odd)
    rows = jnp.linalg.norm(matrix, axis=1)
    return sign * jnp.exp(jnp.sum(jnp.log(jnp.abs(diagonal) + 1e-300) - jnp.log(rows + 1e-300)))
