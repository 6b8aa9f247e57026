r"""Cycles at a fold or a period doubling, followed in two parameters by pseudo-arclength.

A cycle whose multiplier is critical is a periodic orbit of the flow together with its linearisation:

.. math:: x' = T f(x, p), \qquad v' = T \,(J(x, p)\, v + a f(x, p)), \qquad \langle v, v \rangle + a^2 = 1

At a period doubling $a = 0$ and $v(1) = -v(0)$.  At a fold $v(1) = v(0)$ and $\langle x', v \rangle = 0$: the direction in
which the cycle moves while both parameters stand still, and $a$ the change of $\ln T$ along it.  Both are regular along
the curve, through cusps and resonances too, and are solved by the collocation of :mod:`collocation` with twice the states.

References
----------
Doedel, Govaerts & Kuznetsov 2003, doi:10.1137/S0036142902400779 (fold, flip and torus curves of cycles by extended systems).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from ..flow import Constants, Flow, kernel
from .collocation import WEIGHTS, Link, equidistant, functional, intervals, nodes, phases, polynomial, whole
from .cycle_curve import BOX, GOING, MOST_ITERATIONS, PERIOD, RANGE, SHRUNK, SMALL, Rules, Scale

ROWS = 32
"""Points of one call; longer curves take further ones."""

SMALL_CYCLE = 0.015
"""A fold that shrinks below this size (mean, in scales of the states) is at a Bautin point, where the equations degenerate."""

ORBIT = 1e-4
"""The last step of Newton's method may move the orbit by so much more than the parameters: in a canard explosion the cycle is
known to few digits where both parameters are known to all."""


class Critical(NamedTuple):
    """A critical cycle, or a direction in the space of them: values (N, M, 2n) of x and v, and ``s``: the logarithm of the
    period, both parameters and, at a fold, ``a``."""

    u: Array
    s: Array

    def plus(self, step: Array | float, along: "Critical") -> "Critical":
        """A step along a direction."""
        return Critical(self.u + step * along.u, self.s + step * along.s)


class Stand(NamedTuple):
    """Where a curve stands: a cycle, its mesh, the direction of the curve, and the length of the next step."""

    at: Critical
    edges: Array
    along: Critical
    ds: Array


class Points(NamedTuple):
    """What was found, row by row."""

    at: Critical
    edges: Array
    along: Critical
    link: Link
    ds: Array


class _Newton(NamedTuple):
    at: Critical
    along: Critical
    link: Link
    size: Array
    iterations: Array


class _Going(NamedTuple):
    stand: Stand
    rows: Points
    count: Array
    tries: Array
    end: Array


@kernel(static=("flow", "fold"))
def follow(
    flow: Flow, fold: bool, p: Constants, index: Array, scale: Scale, start: Stand, rules: Rules
) -> tuple[Points, Array, Stand, Array]:
    """Follow a curve of folds (``fold``) or period doublings.

    Returns
    -------
    Points, Array
        Points found, and how many of the buffer's rows are points.
    Stand
        Where to go on.
    Array
        How it ended.
    """
    n = flow.n
    moves = jnp.concatenate([jnp.ones(n), jnp.zeros(n)])
    sign = jnp.concatenate([jnp.ones(n), jnp.full(n, 1.0 if fold else -1.0)])

    def field(w: Array, s: Array) -> Array:
        p2 = p.put(index, scale.lo + scale.length * s[1:3])
        f, turned = jax.jvp(lambda x: flow(x * scale.x, p2) / scale.x, (w[:n],), (w[n:],))
        return jnp.exp(s[0]) * jnp.concatenate([f, turned + s[3] * f if fold else turned])

    def newton(at: Critical, guess: Critical, along: Critical, h: Array) -> tuple[Critical, Critical, Link]:
        """The correction, the direction of the curve and the last link of the cycle itself."""
        k = at.s.size
        A, J = intervals(field, at.u, at.s, h, sign)
        S, C, D, E = nodes(A, sign)
        w = whole(guess.u, sign)
        turn = functional(w * moves, h)[1]
        size = functional(w * (1 - moves), h)[0]
        across = functional(whole(along.u, sign), h)[0]
        last = guess.s * (jnp.arange(k) >= 3)
        rows = [(turn, jnp.zeros(k)), (size, last), (across, along.s)]
        if fold:
            rows.append((jnp.roll(turn, n, -1), jnp.zeros(k)))
        onto, direct = (jnp.stack(x) for x in zip(*rows, strict=True))
        off = whole(at.u, sign) - w
        defect = jnp.einsum("rjkn,jkn->r", onto, off) + direct @ (at.s - guess.s)
        defect = defect.at[1].add(jnp.sum(size * w) + last @ guess.s - 1)
        if fold:
            defect = defect.at[3].add(jnp.sum(onto[3] * w))
        d = 2 * n
        on_nodes = onto[:, :, 0] + jnp.einsum("rjkn,jknl->rjl", onto[:, :, 1:], A[..., :d])
        by = jnp.einsum("rjn,jnl->rl", on_nodes, S)
        by = by.at[:, d:].add(jnp.einsum("rjkn,jknl->rl", onto[:, :, 1:], A[..., d:]))
        by = by.at[:, d : d + k].add(direct)
        matrix = jnp.concatenate([jnp.concatenate([C + D, E[:, :k]], 1), by[:, : d + k]])
        ahead = jnp.zeros(d + k).at[d + 2].set(1.0)
        y = jnp.linalg.solve(matrix, jnp.stack([jnp.concatenate([-E[:, k], -defect - by[:, d + k]]), ahead], 1))

        def spread(y: Array, constant: float) -> Critical:
            full = jnp.append(y, constant)
            first = S @ full
            inner = (A[:, :-1, :, :d] @ first[:, None, :, None])[..., 0] + A[:, :-1, :, d:] @ full[d:]
            return Critical(jnp.concatenate([first[:, None], inner], 1), y[d:])

        own = jnp.concatenate([A[:, :, :n, :n], jnp.zeros((*A.shape[:2], n, 1))], -1)
        _, C, D, _ = nodes(own)
        growth = jnp.einsum("i,jinn->", WEIGHTS, J[:, :, :n, :n])
        return spread(y[:, 0], 1.0), spread(y[:, 1], 0.0), Link(C, D, growth)

    def corrected(guess: Critical, along: Critical, h: Array) -> _Newton:
        def better(s: _Newton) -> _Newton:
            step, towards, link = newton(s.at, guess, along, h)
            rest = jnp.maximum(jnp.max(jnp.abs(step.u)), jnp.max(jnp.abs(step.s)))
            size = jnp.maximum(jnp.max(jnp.abs(step.s[1:3])), ORBIT * rest)
            return _Newton(s.at.plus(1.0, step), towards, link, size, s.iterations + 1)

        def go_on(s: _Newton) -> Array:
            fine = (s.size > rules.tolerance) & (s.size < 10.0) & (s.iterations < MOST_ITERATIONS)
            return (s.iterations == 0) | fine

        none = Link(jnp.zeros((n, n)), jnp.zeros((n, n)), jnp.array(0.0))
        return jax.lax.while_loop(go_on, better, _Newton(guess, along, none, jnp.array(jnp.inf), jnp.array(0)))

    def swing(u: Array, h: Array) -> Array:
        w = whole(u[..., :n])
        middle = jnp.einsum("j,jkn->n", h, w) / w.shape[1]
        return jnp.sqrt(jnp.einsum("j,jkn->", h, (w - middle) ** 2) / w[0].size)

    def of_length_one(at: Critical, h: Array) -> Critical:
        """The same point with its critical direction of length one: the equations ask it only to first order."""
        w = whole(at.u, sign) * (1 - moves)
        a = at.s * (jnp.arange(at.s.size) >= 3)
        length = jnp.sqrt(jnp.sum(functional(w, h)[0] * w) + a @ a)
        return Critical(
            at.u / jnp.where(moves > 0, 1.0, length), at.s / jnp.where(jnp.arange(a.size) >= 3, length, 1.0)
        )

    def step(s: _Going) -> _Going:
        now = s.stand
        h = jnp.diff(now.edges)
        found = corrected(now.at.plus(now.ds, now.along), now.along, h)
        each = functional(whole(found.along.u, sign), h)[0]
        length = jnp.sqrt(jnp.sum(each * whole(found.along.u, sign)) + found.along.s @ found.along.s)
        along = Critical(found.along.u / length, found.along.s / length)
        cosine = 1.0 / length
        solved = (found.size <= rules.tolerance) & jnp.isfinite(length)
        good = solved & (cosine >= rules.turn)
        x, q = found.at.u[..., :n], found.at.s[1:3]
        shrunk = (swing(found.at.u, h) < SMALL_CYCLE) & (swing(found.at.u, h) < swing(now.at.u, h))
        end = jnp.select(
            [
                ~good,
                jnp.any((q < 0) | (q > 1)),
                jnp.any((x < rules.box[:, 0]) | (x > rules.box[:, 1])),
                found.at.s[0] > rules.log_T,
                shrunk & fold,
            ],
            [GOING, RANGE, BOX, PERIOD, SHRUNK],
            GOING,
        )
        faster = jnp.where(found.iterations <= 3, 1.5, jnp.where(found.iterations <= 4, 1.15, 0.8))
        faster = jnp.where(cosine < 0.5 * (1 + rules.turn), jnp.minimum(faster, 1.0), faster)
        ds = jnp.where(good, jnp.clip(now.ds * faster, -rules.largest, rules.largest), now.ds / 2)
        end = jnp.where(~good & (jnp.abs(ds) < rules.smallest), SMALL, end)
        one = Points(found.at, now.edges, along, found.link, now.ds)
        rows = jax.tree.map(lambda all, one: all.at[s.count].set(one), s.rows, one)
        edges = jnp.where(good & rules.remesh, equidistant(found.at.u, now.edges, sign), now.edges)

        def moved(x: Critical) -> Critical:
            u = polynomial(x.u, now.edges, phases(edges).reshape(-1), sign).reshape(x.u.shape)
            return x._replace(u=jnp.where(good & rules.remesh, u, x.u))

        new = Stand(moved(of_length_one(found.at, h)), edges, moved(along), ds)
        stand = jax.tree.map(lambda a, b: jnp.where(good, a, b), new, now._replace(ds=ds))
        return _Going(stand, rows, s.count + good, s.tries + 1, end)

    def going(s: _Going) -> Array:
        return (s.end == GOING) & (s.count < rules.rows) & (s.tries < 4 * ROWS)

    link = Link(jnp.zeros((n, n)), jnp.zeros((n, n)), jnp.array(0.0))
    none = Points(start.at, start.edges, start.along, link, jnp.array(0.0))
    rows = jax.tree.map(lambda x: jnp.zeros((ROWS, *jnp.shape(x)), jnp.asarray(x).dtype), none)
    zero = jnp.array(0)
    last = jax.lax.while_loop(going, step, _Going(start, rows, zero, zero, jnp.array(GOING)))
    return last.rows, last.count, last.stand, last.end
