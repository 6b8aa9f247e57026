r"""Orthogonal collocation: a periodic orbit as piecewise polynomials, and one Newton step for it.

The phase of a cycle runs over $[0, 1)$ in ``N`` intervals.  On each the orbit is a polynomial of degree ``m = 4``, held
by its values at ``m + 1`` equidistant phases (the last is the first of the next interval), and satisfies

.. math:: x'(\theta) = T\, f(x(\theta), p)

at the ``m`` Gauss points (de Boor & Swartz 1973, doi:10.1137/0710052).  The unknowns are the values, $\ln T$ and the
parameter; two scalar equations, the phase and the arclength, complete the system.

Newton's linear system is reduced in two stages.  Each interval alone gives its values as a linear function of its first
one.  The chain of intervals that is left, $C_j X_j + D_j X_{j+1} + E_j y = 0$, is halved again and again by orthogonal
elimination of every other node (Wright 1992, doi:10.1137/0913044), which stays stable where orbits run apart as
fast as they run together.  Its last link, $C X_0 + D X_N$, holds the Floquet multipliers: $-C v = \mu D v$
(Fairgrieve & Jepson 1991, doi:10.1137/0728076).

States are divided by their scale and the parameter by its range before they come here.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

M = 4
"""Degree of the polynomials, and Gauss points in an interval."""


def _tables() -> tuple[np.ndarray, ...]:
    """Values and slopes of the Lagrange polynomials at the Gauss points, the weights there, and their powers."""
    points, weights = np.polynomial.legendre.leggauss(M)
    at = (points + 1) / 2
    powers = np.linalg.inv(np.vander(np.arange(M + 1) / M, increasing=True))  # value -> coefficients of 1, t, t^2 ...
    values = np.vander(at, M + 1, increasing=True) @ powers
    slopes = np.stack([k * at ** max(k - 1, 0) for k in range(M + 1)], 1) @ powers
    return values, slopes, weights / 2, powers


VALUES, SLOPES, WEIGHTS, POWERS = _tables()


class Orbit(NamedTuple):
    """A cycle, or a direction in the space of cycles: values (N, M, n), logarithm of the period, parameter."""

    u: Array
    log_T: Array
    q: Array

    def plus(self, step: Array | float, along: "Orbit") -> "Orbit":
        """A step along a direction."""
        return Orbit(*(a + step * b for a, b in zip(self, along, strict=True)))


class Link(NamedTuple):
    """The last link of the chain, ``C X_0 + D X_N = 0`` for variations of the orbit.

    ``growth`` is the integral of the divergence over a period: the logarithm of the product of all multipliers.
    """

    C: Array
    D: Array
    growth: Array


def whole(u: Array, sign: Array | float = 1.0) -> Array:
    """(N, M + 1, n): each interval with the first value of the next; the orbit closes with ``sign`` (-1: it returns reversed)."""
    return jnp.concatenate([u, jnp.roll(u[:, :1], -1, 0).at[-1].multiply(sign)], 1)


def product(a: Orbit, b: Orbit, h: Array) -> Array:
    """Scalar product of two directions: mean over phase and states, period and parameter."""
    return jnp.sum(functional(whole(a.u), h)[0] * whole(b.u)) + a.log_T * b.log_T + a.q * b.q


def functional(w: Array, h: Array) -> tuple[Array, Array]:
    """Weights of ``u -> mean <w, u>`` and of ``u -> mean <w', u>`` on the values (N, M + 1, n) of u, from those of w."""
    each = h[:, None, None] * WEIGHTS[:, None] / w.shape[-1]
    value = jnp.einsum("ik,jin->jkn", VALUES, each * jnp.einsum("ik,jkn->jin", VALUES, w))
    slope = jnp.einsum("ik,jin->jkn", VALUES, each * jnp.einsum("ik,jkn->jin", SLOPES, w) / h[:, None, None])
    return value, slope


def linearised(g: Callable[[Array, Array], Array], orbit: Orbit, h: Array) -> tuple[Array, Array]:
    """Every value of an interval by its first one: (N, M, n, n + 3), columns X_j, d log T, dq and the correction.

    ``g(u, q)`` is the vector field.  The second result is the integral of its divergence over a period.
    """

    def field(x: Array, s: Array) -> Array:
        return jnp.exp(s[0]) * g(x, s[1])

    A, J = intervals(field, orbit.u, jnp.stack([orbit.log_T, orbit.q]), h)
    return A, jnp.einsum("i,jinn->", WEIGHTS, J)


def intervals(
    field: Callable[[Array, Array], Array], u: Array, s: Array, h: Array, sign: Array | float = 1.0
) -> tuple[Array, Array]:
    r"""Each interval of $x'(\theta) = F(x, s)$ alone: its values by the first one, by ``s`` (k,), and their correction.

    Returns
    -------
    Array (N, M, n, n + k + 1)
    Array (N, M, n, n)
        The derivative of F to x at the Gauss points, times the length of the interval.
    """
    n, k = u.shape[-1], s.size
    w = whole(u, sign)
    at = jnp.einsum("ik,jkn->jin", VALUES, w)
    basis = jnp.eye(n + k)

    def local(x: Array) -> tuple[Array, Array]:
        slope = jax.vmap(lambda e: jax.jvp(field, (x, s), (e[:n], e[n:])), out_axes=(None, 0))(basis)
        return slope[0], slope[1].T

    f, J = jax.vmap(jax.vmap(local))(at)
    f, J = h[:, None, None] * f, h[:, None, None, None] * J
    defect = jnp.einsum("ik,jkn->jin", SLOPES, w) - f
    matrix = SLOPES[:, None, :, None] * jnp.eye(n)[:, None] - VALUES[:, None, :, None] * J[..., :n][:, :, :, None, :]
    right = jnp.concatenate([-matrix[:, :, :, 0], J[..., n:], -defect[..., None]], -1)
    size = M * n
    found = jnp.linalg.solve(matrix[:, :, :, 1:].reshape(-1, size, size), right.reshape(-1, size, n + k + 1))
    return found.reshape(-1, M, n, n + k + 1), J[..., :n]


def nodes(A: Array, sign: Array | float = 1.0) -> tuple[Array, Array, Array, Array]:
    """Reduce the chain of the intervals in ``A`` (of :func:`linearised`), closed with ``sign``.

    Returns
    -------
    Array (N, n, n + 3)
        Each node by X_0, d log T, dq and the correction, for a closed orbit.
    Array, Array (n, n)
        C and D of the last link.
    Array (n, 3)
        What the last link adds for d log T, dq and the correction.
    """
    N, n = A.shape[0], A.shape[2]
    number = jnp.arange(N)[:, None, None]

    def doubled(chain: Array, reach: Array) -> tuple[Array, Array]:
        """Links from every node over ``reach`` intervals become links over twice as many."""
        C, D, E = chain[..., :n], chain[..., n : 2 * n], chain[..., 2 * n :]
        C2, D2, E2 = (jnp.roll(x, -reach, 0) for x in (C, D, E))
        none = jnp.zeros_like(C)
        q, r = jnp.linalg.qr(jnp.concatenate([D, C2], 1), mode="complete")
        others = [jnp.concatenate([C, none, E], 2), jnp.concatenate([none, D2, E2], 2)]
        turned = jnp.swapaxes(q, 1, 2) @ jnp.concatenate(others, 1)
        middle = -jax.lax.linalg.triangular_solve(r[:, :n], turned[:, :n], left_side=True)
        return turned[:, n:], middle

    def between(found: Array, level: tuple[Array, Array]) -> tuple[Array, None]:
        """Nodes half-way between those that are known."""
        middle, reach = level
        after = jnp.roll(found, -2 * reach, 0)
        both = middle[..., :n] @ found + middle[..., n : 2 * n] @ after
        both = jnp.roll(both.at[..., n:].add(middle[..., 2 * n :]), reach, 0)
        return jnp.where(number % (2 * reach) == reach, both, found), None

    unit = jnp.broadcast_to(jnp.eye(n), (N, n, n))
    closed = unit.at[-1].multiply(sign)
    chain = jnp.concatenate([A[:, -1, :, :n], -closed, A[:, -1, :, n:]], -1)
    reaches = 2 ** jnp.arange(N.bit_length() - 1)
    chain, middles = jax.lax.scan(doubled, chain, reaches)
    found = jnp.concatenate([unit, jnp.zeros((N, n, A.shape[3] - n))], -1)
    found, _ = jax.lax.scan(between, found, (middles, reaches), reverse=True)
    last = chain[0]
    return found, last[:, :n], last[:, n : 2 * n], last[:, 2 * n :]


def newton(
    g: Callable[[Array, Array], Array], orbit: Orbit, guess: Orbit, along: Orbit, h: Array
) -> tuple[Orbit, Orbit, Link]:
    """One step of Newton's method for a cycle in the plane through ``guess`` across the direction ``along``.

    Returns
    -------
    Orbit
        The correction.
    Orbit
        The direction of the branch, with product 1 with ``along``.
    Link
    """
    n = orbit.u.shape[-1]
    A, growth = linearised(g, orbit, h)
    S, C, D, E = nodes(A)
    phase = functional(whole(guess.u), h)[1]
    across = functional(whole(along.u), h)[0]
    off = whole(orbit.u - guess.u)
    defect = jnp.stack(
        [
            jnp.sum(phase * off),
            jnp.sum(across * off) + along.log_T * (orbit.log_T - guess.log_T) + along.q * (orbit.q - guess.q),
        ]
    )
    both = jnp.stack([phase, across])
    on_nodes = both[:, :, 0] + jnp.einsum("rjkn,jknl->rjl", both[:, :, 1:], A[..., :n])
    rows = jnp.einsum("rjn,jnl->rl", on_nodes, S)
    rows = rows.at[:, n:].add(jnp.einsum("rjkn,jknl->rl", both[:, :, 1:], A[..., n:]))
    rows = rows.at[1, n].add(along.log_T).at[1, n + 1].add(along.q)
    matrix = jnp.concatenate([jnp.concatenate([C + D, E[:, :2]], 1), rows[:, : n + 2]])
    right = jnp.stack([jnp.concatenate([-E[:, 2], -defect - rows[:, n + 2]]), jnp.eye(n + 2)[-1]], 1)
    y = jnp.linalg.solve(matrix, right)

    def spread(y: Array, constant: float) -> Orbit:
        full = jnp.append(y, constant)
        first = S @ full
        inner = A[:, :-1, :, :n] @ first[:, None, :, None]
        inner = inner[..., 0] + A[:, :-1, :, n:] @ full[n:]
        return Orbit(jnp.concatenate([first[:, None], inner], 1), y[n], y[n + 1])

    return spread(y[:, 0], 1.0), spread(y[:, 1], 0.0), Link(C, D, growth)


def polynomial(u: Array, edges: Array, at: Array, sign: Array | float = 1.0) -> Array:
    """Values of piecewise polynomials at the phases ``at``, any of them."""
    at = at - jnp.floor(at)
    j = jnp.clip(jnp.searchsorted(edges, at, side="right", method="compare_all") - 1, 0, u.shape[0] - 1)
    local = (at - edges[j]) / (edges[j + 1] - edges[j])
    weights = local[:, None] ** jnp.arange(M + 1) @ POWERS
    return jnp.einsum("ak,akn->an", weights, whole(u, sign)[j])


def phases(edges: Array) -> Array:
    """(N, M): where the values of an orbit stand."""
    return edges[:-1, None] + jnp.diff(edges)[:, None] * (np.arange(M) / M)


def equidistant(u: Array, edges: Array, sign: Array | float = 1.0) -> Array:
    """A mesh on which every interval has the same share of the error (de Boor 1973, as in AUTO).

    The error of an interval is $h^{m+1} |x^{(m+1)}|$; the derivative is read off the jumps of the highest one that the
    polynomials have.  A part of the mesh stays evenly spread along the path and in time, so that no stretch is left bare.
    """
    h = jnp.diff(edges)
    w = whole(u, sign)
    top = jnp.einsum("k,jkn->jn", POWERS[M], w) / h[:, None] ** M
    jump = jnp.abs(top - jnp.roll(top, 1, 0).at[0].multiply(sign)) / ((h + jnp.roll(h, 1)) / 2)[:, None]
    rough = jnp.max(jump + jnp.roll(jump, -1, 0), 1) / 2
    monitor = rough ** (1 / (M + 1))
    path = jnp.sqrt(jnp.sum((w[:, -1] - w[:, 0]) ** 2, 1)) / h

    def share(x: Array) -> Array:
        return x / jnp.maximum(jnp.sum(x * h), 1e-300)

    density = share(monitor) + 0.2 * share(path) + 0.2
    density = (jnp.roll(density, 1) + 2 * density + jnp.roll(density, -1)) / 4
    total = jnp.concatenate([jnp.zeros(1), jnp.cumsum(density * h)])
    total = total / total[-1]
    return jnp.interp(jnp.linspace(0, 1, h.size + 1), total, edges)
