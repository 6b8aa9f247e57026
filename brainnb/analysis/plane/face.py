"""A face of state space: some states move, some follow at once, the rest stands still.

A phase plane is a face with two moving states, a phase line one with a single one, and the whole system is the face in
which all move.  Which states do what are numbers, so that another plane of the same model compiles nothing.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from ..flow import Constants, Flow

SETTLED = 1e-13
"""A state that follows at once has settled when Newton's step is this small beside its range."""

STEPS = 40


class Face(NamedTuple):
    """What moves in a state: ``axes`` (k,) are free, ``steady`` (m,) solve their own equations, others stay at ``base``.

    ``scale`` (n,) is how far each state usually goes.  Without a ``base`` all states are free, in their own order.
    """

    base: Array | None
    axes: Array
    steady: Array
    scale: Array

    @property
    def k(self) -> int:
        """How many states are free."""
        return len(self.axes)


def whole(flow: Flow, face: Face, p: Constants, q: Array) -> Array:
    """The state ``x`` (n,) at the point ``q`` (k,) of a face; states that follow at once have settled there."""
    if face.base is None:
        return q
    x = _laid(face.base, face.axes, q)
    return _settled(flow, face, p, x) if len(face.steady) else x


def field(flow: Flow, face: Face, p: Constants, q: Array) -> Array:
    """Derivatives (k,) of the free states."""
    slope = flow(whole(flow, face, p, q), p)
    return slope if face.base is None else taken(slope, face.axes)


def with_slope(flow: Flow, face: Face, p: Constants, q: Array) -> tuple[Array, Array]:
    r"""The field (k,) and its Jacobian (k, k).

    States ``z`` that follow ``q`` solve :math:`g(q, z) = 0`, so that :math:`dz/dq = -g_z^{-1} g_q`.
    """
    x = whole(flow, face, p, q)
    if face.base is None:
        return sloped(flow, p, x, jnp.eye(face.k, dtype=x.dtype))
    f, J = sloped(flow, p, x, _directions(jnp.concatenate([face.axes, face.steady]), x))
    k, rows = face.k, jax.vmap(taken, (1, None), 1)
    J_q, J_z = rows(J[:, :k], face.axes), rows(J[:, k:], face.axes)
    if len(face.steady):
        g_q, g_z = rows(J[:, :k], face.steady), rows(J[:, k:], face.steady)
        J_q -= J_z @ jax.vmap(solved, (None, 1), 1)(g_z, g_q)
    return taken(f, face.axes), J_q


def sloped(flow: Flow, p: Constants, x: Array, directions: Array) -> tuple[Array, Array]:
    """The flow (n,) and its derivatives (n, d) along directions (d, n); one forward pass for each."""

    def push(direction: Array) -> tuple[Array, Array]:
        return jax.jvp(lambda x: flow(x, p), (x,), (direction,))

    return jax.vmap(push, out_axes=(None, 1))(directions)


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
    return jnp.sum(jnp.where(at[:, None] == jnp.arange(len(x)), x, 0.0), 1)


def _directions(at: Array, x: Array) -> Array:
    return (at[:, None] == jnp.arange(len(x))).astype(x.dtype)


def _laid(x: Array, at: Array, values: Array) -> Array:
    """``x`` with ``values`` at the places ``at``."""
    here = at[:, None] == jnp.arange(len(x))
    return jnp.where(here.any(0), jnp.sum(jnp.where(here, values[:, None], 0.0), 0), x)


def _settled(flow: Flow, face: Face, p: Constants, x: Array) -> Array:
    """``x`` with the steady states where their own equations are zero, by Newton; NaN where they do not settle."""
    along, scale = _directions(face.steady, x), taken(face.scale, face.steady)

    def going(carry: tuple) -> Array:
        i, _, size = carry
        return (i < STEPS) & (size > SETTLED)

    def step(carry: tuple) -> tuple:
        i, x, _ = carry
        f, J = sloped(flow, p, x, along)
        dz = -solved(jax.vmap(taken, (1, None), 1)(J, face.steady), taken(f, face.steady))
        size = jnp.max(jnp.abs(dz) / scale)
        return i + 1, x + (dz * jnp.minimum(1.0, 0.5 / jnp.maximum(size, 1e-300))) @ along, size

    _, x, size = lax.while_loop(going, step, (0, x, jnp.asarray(jnp.inf)))
    return jnp.where(size <= 1e-9, x, jnp.nan)
