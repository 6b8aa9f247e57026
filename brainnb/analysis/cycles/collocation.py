r"""Orthogonal collocation: a periodic orbit as piecewise polynomials, and its equations.

The phase of a cycle runs over $[0, 1)$ in ``N`` intervals.  On each the orbit is a polynomial of degree ``m = 4``, held
by its values at ``m + 1`` equidistant phases (the last is the first of the next interval), and satisfies

.. math:: x'(\theta) = T\, f(x(\theta), p)

at the ``m`` Gauss points (de Boor & Swartz 1973, doi:10.1137/0710052).  The unknowns are the values and a few scalars,
$\ln T$ and the parameter among them; as many scalar equations, such as the phase and the arclength, complete the system.

Newton's linear system of it is solved in :mod:`chain`.  States are divided by their scale and the parameter by its range
before they come here.
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

Field = Callable[[Array, Array], Array]
"""``field(x, s)``: x' over the phase of one state x (n,), with scalars s (k,); it is traced."""

Sign = np.ndarray | float
"""How the values at the end of a turn are those of its beginning: 1, or -1 for what returns reversed."""


class Orbit(NamedTuple):
    """A cycle, or a direction in the space of cycles: values (N, M, n) and scalars, first the logarithm of the period."""

    u: np.ndarray
    s: np.ndarray

    @property
    def log_T(self) -> np.ndarray:
        """Logarithm of the period."""
        return self.s[..., 0]

    @property
    def q(self) -> np.ndarray:
        """The parameter (of two the first) in its range."""
        return self.s[..., 1]

    def plus(self, step: float, along: "Orbit") -> "Orbit":
        """A step along a direction."""
        return Orbit(self.u + step * along.u, self.s + step * along.s)

    def times(self, factor: float) -> "Orbit":
        """A multiple of a direction."""
        return Orbit(factor * self.u, factor * self.s)


def whole(u: np.ndarray, sign: Sign = 1.0) -> np.ndarray:
    """(N, M + 1, n): each interval with the first value of the next; the orbit closes with ``sign``."""
    found = np.empty((u.shape[0], M + 1, u.shape[2]))
    found[:, :M] = u
    found[:-1, M] = u[1:, 0]
    found[-1, M] = sign * u[0, 0]
    return found


def product(a: Orbit, b: Orbit, h: np.ndarray) -> float:
    """Scalar product of two directions: mean over the nodes of the mesh and the states, and scalars; it may be traced."""
    return (mean_with(a.u, h) * b.u[:, 0]).sum() + a.s @ b.s


def mean_with(w: np.ndarray, h: np.ndarray) -> np.ndarray:
    """(N, n): weights of ``u -> mean <w, u>`` on the nodes of u, by the trapezoidal rule."""
    return ((h + _before(h)) / (2 * w.shape[-1]))[:, None] * w[:, 0]


def mean_with_slope(w: np.ndarray, sign: Sign = 1.0) -> np.ndarray:
    """(N, n): weights of ``u -> mean <w', u>`` on the nodes of u, by the same rule."""
    before, after = _before(w[:, 0]), _after(w[:, 0])
    before[0] *= sign
    after[-1] *= sign
    return (after - before) / (2 * w.shape[-1])


class System(NamedTuple):
    """The linear equations of every interval: matrices (N, M n, M n) of its values but the first one, right sides (N, M n, n +
    k + 1) for the first one, the scalars and the correction, and the integral of the field's divergence over a period."""

    matrix: Array
    right: Array
    growth: Array


def linearised(field: Field, orbit: Orbit, h: Array, sign: Array | float = 1.0, own: int | None = None) -> System:
    """The collocation equations at an orbit; to be compiled.  The divergence is that of the first ``own`` states."""
    u, s = orbit
    N, _, n = u.shape
    k = s.size
    w = jnp.concatenate([u, jnp.roll(u[:, :1], -1, 0).at[-1].multiply(sign)], 1)
    basis = jnp.eye(n + k)

    def local(x: Array) -> tuple[Array, Array]:
        return jax.vmap(lambda e: jax.jvp(field, (x, s), (e[:n], e[n:])), out_axes=(None, 1))(basis)

    f, J = jax.vmap(jax.vmap(local))(jnp.einsum("ik,jkn->jin", VALUES, w))
    J = h[:, None, None, None] * J
    defect = jnp.einsum("ik,jkn->jin", SLOPES, w) - h[:, None, None] * f
    matrix = SLOPES[:, None, :, None] * jnp.eye(n)[:, None] - VALUES[:, None, :, None] * J[..., None, :n]
    right = jnp.concatenate([-matrix[:, :, :, 0], J[..., n:], -defect[..., None]], -1)
    own = n if own is None else own
    growth = jnp.einsum("i,jinn->", WEIGHTS, J[:, :, :own, :own])
    return System(matrix[:, :, :, 1:].reshape(N, M * n, M * n), right.reshape(N, M * n, n + k + 1), growth)


def phases(edges: np.ndarray) -> np.ndarray:
    """(N, M): where the values of an orbit stand."""
    return edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(M) / M)


def sampled(u: np.ndarray, edges: np.ndarray, at: np.ndarray, sign: Sign = 1.0) -> np.ndarray:
    """(points, n): values of piecewise polynomials at any phases."""
    at = np.asarray(at) % 1.0
    j = np.searchsorted(edges[1:-1], at, side="right")
    local = (at - edges[j]) / (edges[j + 1] - edges[j])
    weights = np.vander(local, M + 1, increasing=True) @ POWERS
    return (weights[:, None] @ whole(u, sign)[j])[:, 0]


def equidistant(u: np.ndarray, edges: np.ndarray, sign: Sign = 1.0) -> np.ndarray:
    """A mesh on which every interval has the same share of the error (de Boor 1973, as in AUTO).

    The error of an interval is $h^{m+1} |x^{(m+1)}|$; the derivative is read off the jumps of the highest one that the
    polynomials have.  A part of the mesh stays evenly spread along the path and in time, so that no stretch is left bare.
    """
    h = np.diff(edges)
    w = whole(u, sign)
    top = (POWERS[M] @ w) / h[:, None] ** M
    before = _before(top)
    before[0] *= sign
    jump = np.abs(top - before) / ((h + _before(h)) / 2)[:, None]
    rough = np.max(jump + _after(jump), 1) / 2
    monitor = rough ** (1 / (M + 1))
    path = np.sqrt(((w[:, -1] - w[:, 0]) ** 2).sum(1)) / h

    def share(x: np.ndarray) -> np.ndarray:
        return x / max(x @ h, 1e-300)

    density = share(monitor) + 0.2 * share(path) + 0.2
    density = (_before(density) + 2 * density + _after(density)) / 4
    total = np.concatenate([[0.0], np.cumsum(density * h)])
    return np.interp(np.arange(h.size + 1) / h.size, total / total[-1], edges)


def _before(x: np.ndarray) -> np.ndarray:
    """What the interval before each one has; ``np.roll`` takes longer than all the rest."""
    return x[np.arange(-1, len(x) - 1)]


def _after(x: np.ndarray) -> np.ndarray:
    return x[np.arange(1 - len(x), 1)]
