"""Paths through a face: an adaptive Runge–Kutta method for many starts at once, forward or backward in time.

Steps follow Dormand and Prince's pair of orders 5 and 4 (1980, doi:10.1016/0771-050X(80)90013-3) and are short enough
to draw.  Where the model's own step jumps (a spike and its reset), the moment is found between two steps.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from brainnb.core.record import Record, flat

from ..flow import Constants, Flow, kernel
from .face import Face, field, taken, whole

LANES = 16
"""Paths that are followed side by side."""

A = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0],
        [1 / 5, 0, 0, 0, 0, 0, 0],
        [3 / 40, 9 / 40, 0, 0, 0, 0, 0],
        [44 / 45, -56 / 15, 32 / 9, 0, 0, 0, 0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0, 0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0, 0],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
    ]
)
ERROR = A[6] - np.array([5179 / 57600, 0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40])

GOING, LEFT, ARRIVED, TIME, FULL, STUCK = range(6)
WHY = ("steps", "left the box", "arrived at a resting point", "time", "steps", "step too small")
"""Why a path ended."""


class Paths(NamedTuple):
    """Points (lanes, steps, k) and times (lanes, steps), NaN behind the ``count`` of each; and why each ended."""

    q: Array
    t: Array
    count: Array
    why: Array


class Limits(NamedTuple):
    """Where a path ends, and how long its steps may be.

    ``box`` (k, 2) is left; ``traps`` (c, k) catch within ``reach``, a fraction of ``width`` (k,); ``T`` is a time;
    ``stride`` the longest step in units of ``width``; ``tolerance`` the error of one step in the same units.
    """

    box: Array
    width: Array
    traps: Array
    reach: Array
    T: Array
    stride: Array
    tolerance: Array


def fires(flow: Flow, face: Face, p: Constants, q: Array) -> tuple[Array, Array]:
    """Whether the model's own step moves a state at ``q`` (a reset), and where it puts the free states."""
    x = whole(flow, face, p, q)
    system, state = flow.parts(x, p)
    after, _ = system.on_step(jnp.zeros(()), state, jax.random.key(0))
    new = flow.vector(after)
    return jnp.any(new != x), new if face.base is None else taken(new, face.axes)


def resets(flow: Flow, p: Constants) -> bool:
    """Whether the model's own step may move a state that has an equation: whether it is one that spikes and resets."""
    if flow not in _resets:

        def changed(x: Array, p: Constants) -> Record:
            system, state = flow.parts(x, p)
            return Record(system.jumps(jnp.zeros(()), state, jax.random.key(0)))

        _resets[flow] = not set(flat(jax.eval_shape(changed, np.zeros(flow.n), p))).isdisjoint(flow.moving)
    return _resets[flow]


_resets: dict[Flow, bool] = {}


@kernel(static=("flow", "steps", "attempts", "jumps"))
def paths(
    flow: Flow,
    face: Face,
    p: Constants,
    starts: Array,
    direction: Array,
    limits: Limits,
    begun: Array,
    *,
    steps: int,
    attempts: int = 0,
    jumps: bool = False,
) -> Paths:
    """Follow the field from ``starts`` (lanes, k); ``direction`` (lanes,) is +1 or -1 in time.  A start of NaN stays;
    ``begun`` (lanes,) are the times already behind.

    With ``steps=1`` only the end of each path is kept, after at most ``attempts`` steps.
    """
    lanes, k = starts.shape
    sign = direction[:, None]
    slope = jax.vmap(lambda q: field(flow, face, p, q))
    jump = jax.vmap(lambda q: fires(flow, face, p, q))

    def going(s: _Going) -> Array:
        return (s.tries < (attempts or 2 * steps)) & (s.why == GOING).any()

    def step(s: _Going) -> _Going:
        go = s.why == GOING
        h = jnp.minimum(jnp.minimum(s.h, limits.stride / _speed(s.f, limits)), limits.T - s.t)
        new, wrong, K = _stages(lambda q: sign * slope(q), s.q, h, limits)
        good = go & (wrong <= 1.0)
        later = s.t + h
        if jumps:
            fired = jump(new)[0] & good & (direction > 0)
            edge, part = _crossed(lambda q: jump(q)[0], s.q, new, h, K)
            after = jump(edge)[1]
            new, later = jnp.where(fired[:, None], edge, new), jnp.where(fired, s.t + part * h, later)
        points = _written(s.Q, s.times, s.count, good, new, later)
        if jumps:
            new = jnp.where(fired[:, None], after, new)
            points = _written(*points, fired, new, later)
        f = slope(new) if jumps else sign * K[6]
        f = jnp.where(good[:, None], f, s.f)
        q, t = jnp.where(good[:, None], new, s.q), jnp.where(good, later, s.t)
        h = h * jnp.clip(0.9 * jnp.maximum(wrong, 1e-10) ** -0.2, 0.2, 4.0)
        full = points[2] >= steps if steps > 1 else jnp.zeros(lanes, bool)
        return _Going(s.tries + 1, q, f, t, h, *points, _why(s.why, q, t, h, full, limits))

    q = jnp.asarray(starts)
    Q = jnp.full((lanes, steps, k), jnp.nan).at[:, 0].set(q)
    times = jnp.full((lanes, steps), jnp.nan).at[:, 0].set(begun)
    f = slope(q)
    first = jnp.minimum(1e-3 / _speed(f, limits), 1e-2 * limits.T)
    why = jnp.where(jnp.isfinite(q).all(1), GOING, STUCK)
    s = _Going(0, q, f, jnp.asarray(begun), first, Q, times, jnp.ones(lanes, int), why)
    s = lax.while_loop(going, step, s)
    if steps == 1:
        return Paths(s.q[:, None], s.t[:, None], s.count, s.why)
    return Paths(s.Q, s.times, s.count, s.why)


class _Going(NamedTuple):
    """Paths under way: steps tried, points, slopes, times, next steps, what was kept, and why each has ended."""

    tries: Array
    q: Array
    f: Array
    t: Array
    h: Array
    Q: Array
    times: Array
    count: Array
    why: Array


def _speed(f: Array, limits: Limits) -> Array:
    """(lanes,): how fast points move, in widths."""
    return jnp.maximum(jnp.max(jnp.abs(f) / limits.width, 1), 1e-300)


def _stages(slope: Callable[[Array], Array], q: Array, h: Array, limits: Limits) -> tuple[Array, Array, Array]:
    """The next points, the error in units of the tolerance, the slopes of all stages."""

    def stage(i: int, K: Array) -> Array:
        return K.at[i].set(slope(q + h[:, None] * jnp.tensordot(jnp.asarray(A)[i], K, 1)))

    K = lax.fori_loop(0, 7, stage, jnp.zeros((7, *q.shape)))
    new = q + h[:, None] * jnp.tensordot(A[6], K, 1)
    wrong = jnp.max(jnp.abs(h[:, None] * jnp.tensordot(ERROR, K, 1)) / limits.width, 1) / limits.tolerance
    return new, jnp.where(jnp.isfinite(wrong) & jnp.isfinite(new).all(1), wrong, jnp.inf), K


def _crossed(fired: Callable[[Array], Array], q: Array, new: Array, h: Array, K: Array) -> tuple[Array, Array]:
    """The point and the fraction of the step at which the model jumps, by halving along the cubic through both ends."""

    def at(s: Array) -> Array:
        s = s[:, None]
        d0, d1 = h[:, None] * K[0], h[:, None] * K[6]
        return q + s * d0 + s**2 * (3 * (new - q) - 2 * d0 - d1) + s**3 * (d0 + d1 - 2 * (new - q))

    def halve(_: int, ends: tuple) -> tuple:
        low, high = ends
        middle = (low + high) / 2
        over = fired(at(middle))
        return jnp.where(over, low, middle), jnp.where(over, middle, high)

    _, high = lax.fori_loop(0, 45, halve, (jnp.zeros(len(q)), jnp.ones(len(q))))
    return at(high), high


def _why(why: Array, q: Array, t: Array, h: Array, full: Array, limits: Limits) -> Array:
    """Why paths that were going have ended, if they have; the last reason counts."""
    near = jnp.max(jnp.abs(q[:, None] - limits.traps) / limits.width, -1) < limits.reach
    out = ((q < limits.box[:, 0]) | (q > limits.box[:, 1])).any(1)
    reasons = ((full, FULL), (t >= limits.T, TIME), (near.any(1), ARRIVED), (out, LEFT), (~(h > 1e-250), STUCK))
    go = why == GOING
    for ended, reason in reasons:
        why = jnp.where(go & ended, reason, why)
    return why


def _written(Q: Array, t: Array, count: Array, good: Array, q: Array, now: Array) -> tuple[Array, Array, Array]:
    """One more point for the lanes that are good; one too many falls off the end."""
    every, at = jnp.arange(len(q)), jnp.where(good, count, Q.shape[1])
    return Q.at[every, at].set(q, mode="drop"), t.at[every, at].set(now, mode="drop"), count + good
