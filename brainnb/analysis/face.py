"""A face of state space: some states move, some follow at once, the rest stands still.

A phase plane is a face with two moving states, a phase line one with a single one, and the whole system is the face in
which all move.  Which states do what are numbers, so that another plane of the same model compiles nothing.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from .flow import Constants, Flow

SETTLED = 1e-13
"""A state that follows at once has settled when Newton's step is this small beside its range."""

STEPS = 40


class Face(NamedTuple):
    """What moves in a state: ``axes`` (k,) are free, ``steady`` (m,) solve their own equations, others stay at ``base``.

    ``scale`` (n,) is how far each state usually goes.
    """

    base: Array
    axes: Array
    steady: Array
    scale: Array

    @property
    def k(self) -> int:
        """How many states are free."""
        return len(self.axes)


def whole(flow: Flow, face: Face, p: Constants, q: Array) -> Array:
    r"""The state ``x`` (n,) at the point ``q`` (k,) of a face.

    States that follow solve :math:`g(q, z) = 0`.  The last Newton step is written so that derivatives see
    :math:`dz/dq = -g_z^{-1} g_q`.
    """
    if face.k == flow.n:
        return q
    x = _laid(face.base, face.axes, q)
    if not len(face.steady):
        return x

    def wrong(q: Array, z: Array) -> Array:
        return taken(flow(_laid(_laid(face.base, face.axes, q), face.steady, z), p), face.steady)

    scale = taken(face.scale, face.steady)
    at = lax.stop_gradient(q)
    z, slope = _settled(lambda z: wrong(at, z), taken(face.base, face.steady), scale)
    z, slope = lax.stop_gradient(z), lax.stop_gradient(slope)
    return _laid(x, face.steady, z - solved(slope, wrong(q, z)))


def field(flow: Flow, face: Face, p: Constants, q: Array) -> Array:
    """Derivatives (k,) of the free states."""
    slope = flow(whole(flow, face, p, q), p)
    return slope if face.k == flow.n else taken(slope, face.axes)


def with_slope(flow: Flow, face: Face, p: Constants, q: Array) -> tuple[Array, Array]:
    """The field (k,) and its Jacobian (k, k)."""
    value, push = jax.linearize(lambda q: field(flow, face, p, q), q)
    return value, jax.vmap(push, out_axes=1)(jnp.eye(face.k, dtype=q.dtype))


def solved(A: Array, b: Array) -> Array:
    """``A x = b``; plain arithmetic for small systems, which thousands of lanes do side by side."""
    if len(b) == 1:
        return b / A[0]
    if len(b) == 2:
        det = A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]
        return jnp.stack([A[1, 1] * b[0] - A[0, 1] * b[1], A[0, 0] * b[1] - A[1, 0] * b[0]]) / det
    return jnp.linalg.solve(A, b)


def taken(x: Array, at: Array) -> Array:
    """``x[at]`` as sums over masks: quicker than a gather for thousands of short vectors."""
    here = at[:, None] == jnp.arange(len(x))
    return jnp.sum(jnp.where(here, x, 0.0), 1)


def _laid(x: Array, at: Array, values: Array) -> Array:
    """``x`` with ``values`` at the places ``at``."""
    here = at[:, None] == jnp.arange(len(x))
    return jnp.where(here.any(0), jnp.sum(jnp.where(here, values[:, None], 0.0), 0), x)


def _settled(wrong: object, z: Array, scale: Array) -> tuple[Array, Array]:
    """Where ``wrong(z)`` is zero, by Newton from ``z``, and the slope there; NaN where it does not settle."""

    def slope(z: Array) -> tuple[Array, Array]:
        value, push = jax.linearize(wrong, z)
        return value, jax.vmap(push, out_axes=1)(jnp.eye(len(z), dtype=z.dtype))

    def going(carry: tuple) -> Array:
        i, _, size = carry
        return (i < STEPS) & (size > SETTLED)

    def step(carry: tuple) -> tuple:
        i, z, _ = carry
        value, J = slope(z)
        dz = -solved(J, value)
        size = jnp.max(jnp.abs(dz) / scale)
        return i + 1, z + dz * jnp.minimum(1.0, 0.5 / jnp.maximum(size, 1e-300)), size

    _, z, size = lax.while_loop(going, step, (0, z, jnp.asarray(jnp.inf)))
    return jnp.where(size <= 1e-9, z, jnp.nan), slope(z)[1]
