"""Steps of a flow or a map for whoever watches: long orbits, sections, exponents, clouds of states."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..cases import Case
from ..flow import Constants, Flow, kernel

REACH = 0.1
"""Step times the fastest rate of the flow: Runge–Kutta of order 4 then errs by some 1e-7 a time constant."""

MANY = 100_000
"""Entries of the Jacobians whose eigenvalues are looked at: a few of the large ones serve."""


def rk4(flow: Flow, x: Array, p: Constants, h: Array) -> Array:
    """One classical step of Runge and Kutta."""
    k1 = flow(x, p)
    k2 = flow(x + 0.5 * h * k1, p)
    k3 = flow(x + 0.5 * h * k2, p)
    k4 = flow(x + h * k3, p)
    return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def advance(flow: Flow, x: Array, p: Constants, h: Array, map: bool) -> Array:
    """The next state: F(x) of a map, one step of ``h`` ms of a flow."""
    return flow(x, p) if map else rolled(flow, x, p, h)


def rolled(flow: Flow, x: Array, p: Constants, h: Array) -> Array:
    """:func:`rk4` with the field written once, so that it compiles in a quarter of the time."""
    ahead = jnp.array([0.0, 0.5, 0.5, 1.0])
    weight = jnp.array([1.0, 2.0, 2.0, 1.0]) / 6

    def stage(carry: tuple, row: tuple) -> tuple:
        k, total = carry
        k = flow(x + row[0] * h * k, p)
        return (k, total + row[1] * k), None

    (_, total), _ = jax.lax.scan(stage, (jnp.zeros_like(x), jnp.zeros_like(x)), (ahead, weight))
    return x + h * total


@kernel(static=("flow", "map", "rows"))
def wander(flow: Flow, x: Array, p: Constants, h: Array, every: Array, map: bool, rows: int) -> Array:
    """(rows, starts, n): states met on the way from every row of ``x``, one in ``every`` steps."""

    def row(x: Array, _: None) -> tuple[Array, Array]:
        x = jax.lax.fori_loop(0, every, lambda _, x: jax.vmap(lambda x: advance(flow, x, p, h, map))(x), x)
        return x, x

    return jax.lax.scan(row, jnp.asarray(x), length=rows)[1]


@kernel
def _jacobians(flow: Flow, x: Array, p: Constants) -> Array:
    return jax.vmap(lambda x: jax.jacfwd(flow)(x, p))(x)


def fastest(found: Case, x: np.ndarray) -> float:
    """The fastest rate of the flow near states, per ms: nine tenths of them are slower."""
    J = np.asarray(_jacobians(found.flow, x, found.p))
    sound = np.isfinite(J).all(axis=(1, 2))
    if not sound.any():
        return 1.0
    some = J[sound][:: max(1, int(sound.sum() * J.shape[1] ** 2 / MANY))]
    rates = np.abs(np.linalg.eigvals(some)).max(axis=1)
    return max(float(np.quantile(rates, 0.9)), 1e-9)


def step_for(found: Case, x: np.ndarray, rows: int = 64, every: int = 8) -> tuple[float, np.ndarray]:
    """A step that serves the orbit from ``x``, from the rates met on its first stretch, and the last state seen."""
    h = REACH / fastest(found, x[None])
    for _ in range(3):
        seen = np.asarray(wander(found.flow, x[None], found.p, h, every, False, rows))[:, 0]
        sound = np.isfinite(seen).all(axis=1)
        if sound.all():
            return REACH / fastest(found, seen), seen[-1]
        h = min(h / 8, REACH / fastest(found, seen[sound]) if sound.any() else h)
    return h, x
