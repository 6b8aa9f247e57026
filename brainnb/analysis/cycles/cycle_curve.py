"""Following a cycle in one parameter by pseudo-arclength: one compiled loop for every parameter, range and start."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from ..flow import Constants, Flow, kernel
from .collocation import Link, Orbit, equidistant, newton, phases, polynomial, product, whole

ROWS = 64
"""Points of one call; longer branches take further ones."""

MOST_ITERATIONS = 7

STANDING = 1e-8
"""A branch along which the parameter moves less than this part of its range for every e-fold of the period stands still."""

SMALL_CYCLE = 2e-3
"""A cycle that shrinks to a point is followed down to this size."""

GOING, RANGE, BOX, PERIOD, SHRUNK, SMALL = range(6)
"""How a call ended: not yet, left the range, left the box, period too long, shrank to a point, step too small."""


class Place(NamedTuple):
    """Where a curve stands: a cycle, its mesh, the direction of the curve, and the length of the next step."""

    orbit: Orbit
    edges: Array
    along: Orbit
    ds: Array


class Rules(NamedTuple):
    """Numbers of a call, all of them traced: none of them compiles anything."""

    rows: Array
    tolerance: Array
    smallest: Array
    largest: Array
    turn: Array
    """Least cosine between successive directions."""
    log_T: Array
    """Longest period, as its logarithm."""
    long: Array
    """Beyond this period (logarithm) a parameter that stands still ends the branch."""
    box: Array
    """(n, 2): where the cycle may be, in scaled states."""
    remesh: Array
    """Whether the mesh follows the orbit."""


class Rows(NamedTuple):
    """What was found, row by row: cycle, mesh, direction, last link, iterations."""

    orbit: Orbit
    edges: Array
    along: Orbit
    link: Link
    ds: Array
    """Length of the step that led here."""
    iterations: Array


class Scale(NamedTuple):
    """Units of the continuation: one for each state, and origin and length of the parameter's range."""

    x: Array
    lo: Array
    length: Array


class _Newton(NamedTuple):
    orbit: Orbit
    along: Orbit
    link: Link
    size: Array
    iterations: Array


class _Going(NamedTuple):
    place: Place
    rows: Rows
    count: Array
    tries: Array
    end: Array


@kernel(static=("flow",))
def follow(
    flow: Flow, p: Constants, index: Array, scale: Scale, start: Place, rules: Rules
) -> tuple[Rows, Array, Place, Array]:
    """Follow a branch of cycles.

    Returns
    -------
    Rows, Array
        Points found, and how many of the buffer's rows are points.
    Place
        Where to go on.
    Array
        How it ended.
    """

    def g(u: Array, q: Array) -> Array:
        return flow(u * scale.x, p.put(index, scale.lo + scale.length * q)) / scale.x

    def corrected(guess: Orbit, along: Orbit, h: Array) -> _Newton:
        def better(s: _Newton) -> _Newton:
            step, towards, link = newton(g, s.orbit, guess, along, h)
            size = jnp.maximum(jnp.max(jnp.abs(step.u)), jnp.maximum(jnp.abs(step.log_T), jnp.abs(step.q)))
            return _Newton(s.orbit.plus(1.0, step), towards, link, size, s.iterations + 1)

        def go_on(s: _Newton) -> Array:
            fine = (s.size > rules.tolerance) & (s.size < 2.0) & (s.iterations < MOST_ITERATIONS)
            return (s.iterations == 0) | fine

        n = guess.u.shape[-1]
        none = Link(jnp.zeros((n, n)), jnp.zeros((n, n)), jnp.array(0.0))
        return jax.lax.while_loop(go_on, better, _Newton(guess, along, none, jnp.array(jnp.inf), jnp.array(0)))

    def step(s: _Going) -> _Going:
        at = s.place
        h = jnp.diff(at.edges)
        found = corrected(at.orbit.plus(at.ds, at.along), at.along, h)
        length = jnp.sqrt(product(found.along, found.along, h))
        along = Orbit(*(x / length for x in found.along))
        cosine = 1.0 / length
        solved = (found.size <= rules.tolerance) & jnp.isfinite(length)
        good = solved & (cosine >= rules.turn)
        # Through a point where the cycle has no size its phase turns by half a period.
        flipped = solved & (jnp.sum(_swing(found.orbit.u, h) * _swing(at.orbit.u, h)) < -1e-9)
        flipped &= jnp.abs(at.ds) > 0
        good &= ~flipped
        outside = jnp.any((found.orbit.u < rules.box[:, 0]) | (found.orbit.u > rules.box[:, 1]))
        q = found.orbit.q
        standing = (found.orbit.log_T > rules.long) & (jnp.abs(along.q) < STANDING)
        end = jnp.select(
            [~good, (q < 0) | (q > 1), outside, (found.orbit.log_T > rules.log_T) | standing],
            [GOING, RANGE, BOX, PERIOD],
            GOING,
        )
        faster = jnp.where(found.iterations <= 3, 1.5, jnp.where(found.iterations <= 4, 1.15, 0.8))
        faster = jnp.where(cosine < 0.5 * (1 + rules.turn), jnp.minimum(faster, 1.0), faster)
        ds = jnp.where(good, jnp.clip(at.ds * faster, -rules.largest, rules.largest), at.ds / 2)
        least = jnp.where(flipped, SMALL_CYCLE, rules.smallest)
        end = jnp.where(~good & (jnp.abs(ds) < least), jnp.where(flipped, SHRUNK, SMALL), end)
        rows = jax.tree.map(
            lambda all, one: all.at[s.count].set(one),  # a row that is no good is written over
            s.rows,
            Rows(found.orbit, at.edges, along, found.link, at.ds, found.iterations),
        )
        edges = jnp.where(good & rules.remesh, equidistant(found.orbit.u, at.edges), at.edges)

        def moved(x: Orbit) -> Orbit:
            u = polynomial(x.u, at.edges, phases(edges).reshape(-1)).reshape(x.u.shape)
            return x._replace(u=jnp.where(good, jnp.where(rules.remesh, u, x.u), x.u))

        new = Place(moved(found.orbit), edges, moved(along), ds)
        place = jax.tree.map(lambda a, b: jnp.where(good, a, b), new, at._replace(ds=ds))
        return _Going(place, rows, s.count + good, s.tries + 1, end)

    def going(s: _Going) -> Array:
        return (s.end == GOING) & (s.count < rules.rows) & (s.tries < 4 * ROWS)

    n = start.orbit.u.shape[-1]
    none = Rows(
        start.orbit,
        start.edges,
        start.along,
        Link(jnp.zeros((n, n)), jnp.zeros((n, n)), jnp.array(0.0)),
        jnp.array(0.0),
        jnp.array(0),
    )
    rows = jax.tree.map(lambda x: jnp.zeros((ROWS, *jnp.shape(x)), jnp.asarray(x).dtype), none)
    zero = jnp.array(0)
    last = jax.lax.while_loop(going, step, _Going(start, rows, zero, zero, jnp.array(GOING)))
    return last.rows, last.count, last.place, last.end


def _swing(u: Array, h: Array) -> Array:
    """How a cycle departs from its mean, weighted so that products are means over phase."""
    w = whole(u)
    middle = jnp.einsum("j,jkn->n", h, w) / w.shape[1]
    return (u - middle) * jnp.sqrt(h)[:, None, None]
