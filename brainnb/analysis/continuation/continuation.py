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

from collections.abc import Callable
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


@kernel(static=("flow", "problem"), brief=True)
def follow(
    flow: Flow,
    problem: str,
    y: Array,
    row: Array,
    aux: Array,
    low: Array,
    high: Array,
    steps: Steps,
    at: Frame,
    home: Array,
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
    home : (2, N)
        First point and tangent of the curve of which this is a further part; NaN where it begins here.

    Returns
    -------
    count, end, ys (rows, N), tangents, tests (rows, m), jacobians (rows, n, n), aux, h; ``count`` of the rows are filled
    """
    task = problems.PROBLEMS[problem]
    n, rows = flow.n, capacity(flow.n)
    road = _Road(jnp.asarray(task.free(n, y.shape[0])), low, high, steps, home)
    f = task.system(flow, at)

    def step(w: Walk) -> Walk:
        turn = _newton(task, f, w, n)
        seen = _judged(w, turn, road)
        aux = jnp.where(seen.stored, task.renew(turn.y, w.aux, turn.jacobian, n), w.aux)
        mode, h, anchor, row = _onward(w, turn, seen, road)
        return _kept(w, turn, seen, aux, mode, h, anchor, row, _ended(w, turn, seen, road, h < steps.shortest), road)

    def more(w: Walk) -> Array:
        return (w.end == ON) & (w.count < rows) & (w.turns < 12 * rows)

    w = jax.lax.while_loop(more, step, _begin(y, row, aux, steps, home, rows, n, task.count(n)))
    return w.count, w.end, w.ys, w.tangents, w.kept, w.jacobians, w.aux, w.h


class _Road(NamedTuple):
    """Which unknowns are parameters, where the curve ends, how long its steps are, and where it began."""

    free: Array
    low: Array
    high: Array
    steps: Steps
    home: Array

    @property
    def further(self) -> Array:
        """Whether the curve began earlier."""
        return jnp.all(jnp.isfinite(self.home))

    def own(self, y: Array) -> Array:
        """States and parameters of a point or a direction; zero for the vectors that go with them."""
        last = jnp.max(jnp.where(self.free, jnp.arange(y.shape[0]), 0))
        return jnp.where(jnp.arange(y.shape[0]) <= last, y, 0.0)


class _Turn(NamedTuple):
    """One turn of Newton's method: where it leads, how far that is, and what its matrix tells."""

    y: Array
    move: Array
    jacobian: Array
    tangent: Array
    tests: Array


class _Seen(NamedTuple):
    """What a turn means for the step: the corrector has arrived (``done``) or fails (``lost``); the step can stand
    (``fine``), and is a point of the curve (``stored``) unless it goes ``beyond`` the range; ``outside`` is the box."""

    done: Array
    lost: Array
    fine: Array
    stored: Array
    beyond: Array
    outside: Array
    cosine: Array
    slopes: Array
    bend: Array


def _newton(task: problems.Problem, f: Callable[[Array, Array], Array], w: Walk, n: int) -> _Turn:
    """Solve for the correction and the tangent with one factorisation."""

    def both(y: Array) -> tuple[Array, Array]:
        value = f(y, w.aux)
        return value, value

    matrix, value = jax.jacfwd(both, has_aux=True)(w.y)
    whole = jnp.concatenate([matrix, w.row[None]])
    last_row = jnp.zeros(w.y.shape[0]).at[-1].set(1.0)
    sides = jnp.stack([jnp.append(value, w.row @ (w.y - w.anchor)), last_row], axis=1)
    lu, pivots = jax.scipy.linalg.lu_factor(whole)
    solved = jax.scipy.linalg.lu_solve((lu, pivots), sides)
    length = jnp.linalg.norm(solved[:, 1])
    tangent = solved[:, 1] / length
    tangent = jnp.where((w.mode == LAST) & (tangent @ w.tangent < 0), -tangent, tangent)
    tests = task.tests(matrix[:n, :n], tangent, _determinant(lu, pivots, whole) * length, n)
    return _Turn(w.y - solved[:, 0], jnp.max(jnp.abs(solved[:, 0])), matrix[:n, :n], tangent, tests)


def _judged(w: Walk, turn: _Turn, road: _Road) -> _Seen:
    """Whether the corrector is done, and what a finished step must satisfy besides."""
    good = jnp.isfinite(turn.move) & jnp.all(jnp.isfinite(turn.tangent))
    done = good & (turn.move < 1e-9)
    lost = ~good | (turn.move > 1.0) | (w.newton + 1 >= NEWTON)
    cosine = turn.tangent @ w.tangent
    slopes = (turn.tests - w.tests) / w.h
    size = jnp.abs(turn.tests) + jnp.abs(w.tests) + 1e-4 * w.largest + 1e-300
    bend = jnp.where(w.count > 2, jnp.max(jnp.abs(slopes - w.slopes) * w.h / size, initial=0.0), 0.0)
    away = jnp.linalg.norm(turn.y - w.anchor) / w.h
    along = w.mode == ALONG
    rough = along & ((cosine < TURN) | (away > 0.4)) & (w.h > road.steps.shortest)
    bent = along & (bend > 0.6) & (w.h > 2e-3 * road.steps.longest)
    fine = done & ~rough & ~bent
    out = (turn.y < road.low) | (turn.y > road.high)
    beyond = jnp.any(out & road.free) & along
    return _Seen(done, lost, fine, fine & ~beyond, beyond, jnp.any(out & ~road.free), cosine, slopes, bend)


def _onward(w: Walk, turn: _Turn, seen: _Seen, road: _Road) -> tuple[Array, Array, Array, Array]:
    """The next step: onward, onto the limit, or again and shorter; its mode, length, anchor and row."""
    easy = (seen.cosine > EASY) & (w.newton <= 3) & (seen.bend < 0.3)
    grown = jnp.where(easy, 1.5, jnp.where(seen.bend > 0.45, 0.7, 1.0))
    onward = jnp.minimum(w.h * jnp.where(w.mode == ALONG, grown, 1.0), road.steps.longest)
    again = w.h * jnp.where(seen.done, 0.5, 0.3)
    h = jnp.where(seen.fine, onward, jnp.where(seen.done | seen.lost, again, w.h))
    last = seen.fine & seen.beyond
    y, out = turn.y, (turn.y < road.low) | (turn.y > road.high)
    share = jnp.where(road.free & out, (jnp.where(y > road.high, road.high, road.low) - w.last) / (y - w.last), jnp.inf)
    which = jnp.argmin(share)
    mode = jnp.where(last, LAST, jnp.where(seen.fine, ALONG, w.mode))
    base, direction = jnp.where(seen.stored, y, w.last), jnp.where(seen.stored, turn.tangent, w.tangent)
    anchor = jnp.where(last, w.last + share[which] * (y - w.last), base + h * direction)
    return mode, h, anchor, jnp.where(last, jnp.zeros(y.shape[0]).at[which].set(1.0), direction)


def _ended(w: Walk, turn: _Turn, seen: _Seen, road: _Road, short: Array) -> Array:
    """How the curve ends with this turn, if it does; ``short`` says that the next step would be too short."""
    along, last, failed = w.mode == ALONG, w.mode == LAST, seen.lost & ~seen.done
    end = jnp.where(seen.stored & last, RANGE, w.end)
    end = jnp.where(seen.stored & along & _closed(w, turn, road), CLOSED, end)
    end = jnp.where(seen.stored & seen.outside, BOX, end)
    end = jnp.where(failed & (~along | short), FAILED, end)
    end = jnp.where(failed & last, RANGE, end)
    return jnp.where(seen.done & ~seen.fine & short, SMALL, end)


def _closed(w: Walk, turn: _Turn, road: _Road) -> Array:
    """Whether a curve has come from its start back to its start.

    States and parameters tell: a vector that is carried round a loop may come back longer, turned or reversed.
    """
    first, way = road.own(w.first), road.own(w.first_tangent)
    last, here, tangent = road.own(w.last), road.own(turn.y), road.own(turn.tangent)
    behind, ahead = (last - first) @ way, (here - first) @ way
    back = (behind < 0) & (ahead >= 0) & ((w.count > 4) | road.further)
    crossed = last + jnp.where(back, behind / jnp.where(back, behind - ahead, 1.0), 0.0) * (here - last)
    near = jnp.linalg.norm(crossed - first) < 0.1 * jnp.linalg.norm(here - last)
    return back & near & (tangent @ way > 0.8 * jnp.linalg.norm(tangent) * jnp.linalg.norm(way))


def _kept(
    w: Walk,
    turn: _Turn,
    seen: _Seen,
    aux: Array,
    mode: Array,
    h: Array,
    anchor: Array,
    row: Array,
    end: Array,
    road: _Road,
) -> Walk:
    """The loop's state after a turn."""
    ended, stored, start = seen.done | seen.lost, seen.stored, seen.fine & (w.mode == START) & ~road.further
    return Walk(
        turns=w.turns + 1,
        count=w.count + stored,
        mode=mode,
        end=end,
        y=jnp.where(ended, anchor, turn.y),
        anchor=jnp.where(ended, anchor, w.anchor),
        row=jnp.where(ended, row, w.row),
        newton=jnp.where(ended, 0, w.newton + 1),
        h=h,
        last=jnp.where(stored, turn.y, w.last),
        tangent=jnp.where(stored, turn.tangent, w.tangent),
        first=jnp.where(start, turn.y, w.first),
        first_tangent=jnp.where(start, turn.tangent, w.first_tangent),
        tests=jnp.where(stored, turn.tests, w.tests),
        slopes=jnp.where(stored, seen.slopes, w.slopes),
        largest=jnp.where(stored, jnp.maximum(w.largest, jnp.abs(turn.tests)), w.largest),
        aux=aux,
        ys=w.ys.at[w.count].set(turn.y),
        tangents=w.tangents.at[w.count].set(turn.tangent),
        kept=w.kept.at[w.count].set(turn.tests),
        jacobians=w.jacobians.at[w.count].set(turn.jacobian),
    )


def _begin(y: Array, row: Array, aux: Array, steps: Steps, home: Array, rows: int, n: int, m: int) -> Walk:
    """The loop's state before the first point."""
    size, zero = y.shape[0], jnp.zeros((), int)
    return Walk(
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
        first=home[0],
        first_tangent=home[1],
        tests=jnp.zeros(m),
        slopes=jnp.zeros(m),
        largest=jnp.zeros(m),
        aux=aux,
        ys=jnp.zeros((rows + 1, size)),
        tangents=jnp.zeros((rows + 1, size)),
        kept=jnp.zeros((rows + 1, m)),
        jacobians=jnp.zeros((rows + 1, n, n)),
    )


def _determinant(lu: Array, pivots: Array, matrix: Array) -> Array:
    """The determinant beside the largest that rows of these lengths can have: between -1 and 1."""
    diagonal = jnp.diagonal(lu)
    odd = jnp.sum(pivots != jnp.arange(pivots.shape[0])) % 2
    sign = jnp.prod(jnp.sign(diagonal)) * (1 - 2 * odd)
    rows = jnp.linalg.norm(matrix, axis=1)
    return sign * jnp.exp(jnp.sum(jnp.log(jnp.abs(diagonal) + 1e-300) - jnp.log(rows + 1e-300)))
