"""Where a slow variable goes while the fast ones rest or oscillate."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..cases import Case
from ..flow import in_double, kernel

BLOCK = 64
GRID = 101
STEPS = 2000
"""Steps over one period; the average of a smooth periodic function converges faster than the cycle itself."""


@kernel(static=("whole",))
def _on_points(whole, x, z, q, at, slow, held):
    """Slopes of the slow variables at resting points ``x`` (points, n) of the fast flow, for values ``z`` of the first."""

    def one(x, z):
        return whole(_joined(x, z, at, slow, held), q)[slow]

    return jax.vmap(one)(x, z)


@kernel(static=("flow", "whole"))
def _on_cycles(flow, whole, x, z, period, p, q, index, at, slow, held):
    """Slopes averaged over cycles that begin at ``x`` (cycles, n)."""

    def one(x, z, period):
        fixed, dt = p.put(index, z), period / STEPS

        def step(_, carry):
            x, total = carry
            total = total + whole(_joined(x, z, at, slow, held), q)[slow]
            k1 = flow(x, fixed)
            k2 = flow(x + dt / 2 * k1, fixed)
            k3 = flow(x + dt / 2 * k2, fixed)
            k4 = flow(x + dt * k3, fixed)
            return x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4), total

        return lax.fori_loop(0, STEPS, step, (x, jnp.zeros(slow.shape)))[1] / STEPS

    return jax.vmap(one)(x, z, period)


def _joined(x, z, at, slow, held):
    """The state of the whole model: what is ``held``, fast variables at ``at``, the first slow one at its place."""
    return held.at[at].set(x).at[slow[0]].set(z)


@in_double
def drifts(fast: Case, whole: Case, slow: Sequence[str], branches: dict[str, np.ndarray]) -> np.ndarray:
    """Slopes of the slow variables (branch, step, slow) on every step of every branch; on cycles averages over one turn.

    Parameters
    ----------
    fast, whole : Case
        The model with the slow variables held, and with all of it evolving.
    slow : paths
        The first one moves by hand, the others stand where ``fast`` has them.
    branches : mapping
        ``value`` (branch, step), ``rest`` and ``start`` (branch, step, n), ``period`` (branch, step); NaN-padded.
    """
    index, place = fast.constant(slow[0]), np.array([whole.state(path) for path in slow])
    held = np.zeros(whole.flow.n)
    held[place] = [fast.value(path) for path in slow]
    at = np.array([whole.state(path) for path in fast.names])
    value, period = branches["value"], branches["period"]
    found = np.full((*value.shape, len(slow)), np.nan)
    turns = np.isfinite(value) & np.isfinite(period)
    rests = np.isfinite(value) & np.isfinite(branches["rest"]).all(-1)
    for mask, x in ((rests, branches["rest"]), (turns, branches["start"])):
        if not mask.any():
            continue
        many = -(-int(mask.sum()) // BLOCK) * BLOCK  # a few sizes for all diagrams, so that a slider compiles nothing
        rows = np.resize(np.flatnonzero(mask), many)
        points, z = x.reshape(-1, x.shape[-1])[rows], value.ravel()[rows]
        if mask is rests:
            slopes = _on_points(whole.flow, points, z, whole.p, at, place, held)
        else:
            turn = period.ravel()[rows]
            given = turn, fast.p, whole.p, index, at, place, held
            slopes = _on_cycles(fast.flow, whole.flow, points, z, *given)
        found.reshape(-1, len(slow))[rows] = np.asarray(slopes)
    return found


@in_double
def slow_nullcline(
    whole: Case, slow: str, first: str, span: tuple[float, float], run: Any, fixed: Mapping[str, float]
) -> dict[str, tuple]:
    """The curve in the plane of the slow and the first fast variable on which the slow one stands still, others ``fixed``.

    There is none when the slope of the slow variable depends on other fast variables as well: it is then a surface.
    """
    import contourpy

    place, up = whole.state(slow), whole.state(first)
    lo, hi = float(run[first].min()), float(run[first].max())
    z, x = np.linspace(*span, GRID), np.linspace(lo - 0.2 * (hi - lo), hi + 0.2 * (hi - lo), GRID)
    states = np.stack(
        [run[path].values.reshape(run.sizes["time"], -1) for path in whole.flow.moving if path in run], -1
    )
    states = states.reshape(run.sizes["time"], -1)
    found = []
    for held in (states.mean(0), states[0], states[-1]):
        at = np.broadcast_to(held, (GRID * GRID, whole.flow.n)).copy()
        at[:, [whole.state(path) for path in fixed]] = list(fixed.values())
        at[:, place], at[:, up] = np.repeat(z, GRID), np.tile(x, GRID)
        found.append(np.asarray(_slopes(whole.flow, at, whole.p, place)).reshape(GRID, GRID))
    scale = np.abs(found[0]).max()
    lines = []
    if all(np.abs(g - found[0]).max() <= 1e-9 * scale for g in found[1:]):
        lines = contourpy.contour_generator(z, x, found[0].T).lines(0.0)
    gap = np.full((1, 2), np.nan)
    points = np.concatenate([part for line in lines for part in (line, gap)][:-1] or [np.zeros((0, 2))])

    def said(path: str) -> dict[str, str]:
        return {**whole.attributes(path), "long_name": f"{path} where {slow} stands still"}

    return {
        f"slow_nullcline_{slow}": ("vertex", points[:, 0], said(slow)),
        f"slow_nullcline_{first}": ("vertex", points[:, 1], said(first)),
    }


@kernel(static=("whole",))
def _slopes(whole, x, q, place):
    return jax.vmap(lambda x: whole(x, q)[place])(x)
