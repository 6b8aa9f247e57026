r"""Orthogonal collocation: a periodic orbit as piecewise polynomials, and one Newton step for it.

The phase of a cycle runs over $[0, 1)$ in ``N`` intervals.  On each the orbit is a polynomial of degree ``m = 4``, held
by its values at ``m + 1`` equidistant phases (the last is the first of the next interval), and satisfies

.. math:: x'(\theta) = T\, f(x(\theta), p)

at the ``m`` Gauss points (de Boor & Swartz 1973, doi:10.1137/0710052).  The unknowns are the values and a few scalars,
$\ln T$ and the parameter among them; as many scalar equations, such as the phase and the arclength, complete the system.

Newton's linear system is reduced in two stages.  Each interval alone gives its values as a linear function of its first
one.  The chain of intervals that is left, $C_j X_j + D_j X_{j+1} + E_j y = 0$, is shortened again and again by orthogonal
elimination of all but every fourth node (Wright 1992, doi:10.1137/0913044), which stays stable where orbits run apart as
fast as they run together.  Its last link, $C X_0 + D X_N$, holds the Floquet multipliers: $-C v = \mu D v$
(Fairgrieve & Jepson 1991, doi:10.1137/0728076).

States are divided by their scale and the parameter by its range before they come here.  The model alone is compiled; the
matrices are small and many, and LAPACK solves them sooner than a program of their own could be compiled.
"""

from collections.abc import Callable
from functools import cache
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


class Link(NamedTuple):
    """The last link of the chain, ``C X_0 + D X_N = 0`` for variations of the orbit.

    ``growth`` is the integral of the divergence over a period: the logarithm of the product of all multipliers.
    """

    C: np.ndarray
    D: np.ndarray
    growth: np.ndarray


def whole(u: np.ndarray, sign: Sign = 1.0) -> np.ndarray:
    """(N, M + 1, n): each interval with the first value of the next; the orbit closes with ``sign``."""
    found = np.empty((u.shape[0], M + 1, u.shape[2]))
    found[:, :M] = u
    found[:-1, M] = u[1:, 0]
    found[-1, M] = sign * u[0, 0]
    return found


def product(a: Orbit, b: Orbit, h: np.ndarray, sign: Sign = 1.0) -> float:
    """Scalar product of two directions: mean over phase and states, and scalars."""
    return float(np.sum(mean_with(whole(a.u, sign), h) * whole(b.u, sign)) + a.s @ b.s)


def mean_with(w: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Weights of ``u -> mean <w, u>`` on the values (N, M + 1, n) of u, from those of w."""
    return (h / w.shape[-1])[:, None, None] * (_MEAN @ w)


def mean_with_slope(w: np.ndarray) -> np.ndarray:
    """Weights of ``u -> mean <w', u>`` on the values (N, M + 1, n) of u, from those of w."""
    return (_MEAN_SLOPE / w.shape[-1]) @ w


_MEAN, _MEAN_SLOPE = (VALUES.T @ (WEIGHTS[:, None] * table) for table in (VALUES, SLOPES))


class System(NamedTuple):
    """The linear equations of every interval: matrices (N, M n, M n) of its values but the first one, right sides (N, M n, n +
    k + 1) for the first one, the scalars and the correction, and the integral of the field's divergence over a period."""

    matrix: Array
    right: Array
    growth: Array


def linearised(field: Field, u: Array, s: Array, h: Array, sign: Array | float = 1.0, own: int | None = None) -> System:
    """The collocation equations at an orbit; to be compiled.  The divergence is that of the first ``own`` states."""
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


def intervals(system: System) -> np.ndarray:
    """(N, M, n, n + k + 1): each interval alone, its values by the first one, by the scalars, and their correction."""
    found = np.linalg.solve(system.matrix, system.right)
    return found.reshape(len(found), M, found.shape[1] // M, -1)


def links(A: np.ndarray, sign: Sign = 1.0) -> np.ndarray:
    """(N, n, 2n + ...): the chain of the intervals in ``A``, its columns for X_j, X_{j+1} and the rest."""
    n = A.shape[2]
    ahead = np.zeros((len(A), n, n))
    ahead[:] = -np.eye(n)
    ahead[-1] *= sign
    return np.concatenate([A[:, -1, :, :n], ahead, A[:, -1, :, n:]], -1)


def fewer(chain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A chain of every fourth node (every other one where four do not fit), and the nodes between by those around them.

    Returns
    -------
    ndarray (N / k, n, 2n + ...)
    ndarray (N / k, (k - 1) n, 2n + ...)
        By the first, the last and the rest.
    """
    n, width = chain.shape[1:]
    k = 4 if len(chain) % 4 == 0 else 2
    inner = (k - 1) * n
    places, upper = _joined(k, n, width)
    joined = np.zeros((len(chain) // k, *upper.shape))
    joined.reshape(len(joined), -1)[:, places] = chain.reshape(len(joined), -1)
    turned, _ = np.linalg.qr(joined, mode="raw")
    turned = np.swapaxes(turned, 1, 2) * upper
    between = -np.linalg.solve(turned[:, :inner, :inner], turned[:, :inner, inner:])
    return turned[:, inner:, inner:], between


def last_link(chain: np.ndarray) -> np.ndarray:
    """(n, 2n + ...): C, D and the rest of the one link that a chain comes to."""
    while len(chain) > 1:
        chain, _ = fewer(chain)
    return chain[0]


@cache
def _joined(k: int, n: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the numbers of k links stand in one matrix for the nodes between, the first, the last and the rest; and a mask
    of its upper triangle."""
    inner, rest = (k - 1) * n, width - 2 * n
    block = np.arange(n)
    found = np.empty((k, n, width), int)
    for i in range(k):
        before = inner + block if i == 0 else (i - 1) * n + block
        after = inner + n + block if i == k - 1 else i * n + block
        columns = np.concatenate([before, after, inner + 2 * n + np.arange(rest)])
        found[i] = (i * n + block)[:, None] * (inner + width) + columns
    return found.reshape(-1), np.triu(np.ones((k * n, inner + width)))


class Conditions(NamedTuple):
    """Linear scalar equations for an orbit, as many as it has scalars; the last one is across the curve.

    ``onto`` (N, k, M + 1, n) and ``direct`` (k, k) are their derivatives to its values and its scalars, ``defect`` (k,) is
    what a guess misses.
    """

    onto: np.ndarray
    direct: np.ndarray
    defect: np.ndarray


def newton(A: np.ndarray, given: Conditions, defect: np.ndarray, sign: Sign = 1.0) -> tuple[Orbit, Orbit, np.ndarray]:
    """One step of Newton's method for a cycle, from its linearised intervals and scalar equations, which miss ``defect``.

    Returns
    -------
    Orbit
        The correction.
    Orbit
        The direction of the curve: the last condition grows by 1 along it.
    ndarray (N / 4, n, 2n + k + 1)
        The chain of every fourth node.
    """
    N, _, n, width = A.shape
    k = len(defect)
    chain, between = fewer(links(A, sign))
    G = len(chain)
    onto = given.onto[:, :, 1:].reshape(N, k, M * n) @ A.reshape(N, M * n, width)  # by the first value of each interval
    onto[..., :n] += given.onto[:, :, 0]
    direct = onto[..., n:].sum(0)
    direct[:, :k] += given.direct
    onto = np.swapaxes(onto[..., :n].reshape(G, N // G, k, n), 1, 2)
    by = onto[:, :, 1:].reshape(G, k, -1) @ between
    direct += by[..., 2 * n :].sum(0)
    onto = onto[:, :, 0] + by[..., :n]
    onto[1:] += by[:-1, :, n : 2 * n]
    onto[0] += by[-1, :, n : 2 * n]
    matrix = np.zeros((G * n + k, G * n + k))
    matrix.reshape(-1)[_cyclic(G, n, k)] = chain[..., : 2 * n + k].reshape(-1)
    matrix[G * n :, : G * n], matrix[G * n :, G * n :] = np.swapaxes(onto, 0, 1).reshape(k, -1), direct[:, :k]
    right = np.zeros((G * n + k, 2))
    right[: G * n, 0], right[G * n :, 0], right[-1, 1] = -chain[..., -1].reshape(-1), -defect - direct[:, k], 1.0
    found = np.linalg.solve(matrix, right)
    y = np.concatenate([found[G * n :], [[1.0, 0.0]]])
    first = found[: G * n].reshape(G, n, 2)
    around = np.empty((G, n + width, 2))
    around[:, :n], around[:-1, n : 2 * n], around[-1, n : 2 * n], around[:, 2 * n :] = first, first[1:], first[0], y
    begins = np.empty((G, N // G, width, 2))
    begins[:, 0, :n], begins[:, 1:, :n], begins[:, :, n:] = first, (between @ around).reshape(G, -1, n, 2), y
    begins = begins.reshape(N, width, 2)
    u = np.empty((N, M, n, 2))
    u[:, 0], u[:, 1:] = begins[:, :n], (A[:, :-1].reshape(N, -1, width) @ begins).reshape(N, M - 1, n, 2)
    return Orbit(u[..., 0], y[:-1, 0]), Orbit(u[..., 1], y[:-1, 1]), chain


@cache
def _cyclic(G: int, n: int, k: int) -> np.ndarray:
    """Where the numbers of a closed chain of G links stand in its bordered matrix."""
    g, rows, block = np.ogrid[:G, :n, :n]
    width = G * n + k
    row = (g * n + rows) * width
    columns = [g * n + block, (g + 1) % G * n + block, G * n + np.arange(k)[None, None]]
    return np.concatenate([np.broadcast_to(row + c, (G, n, c.shape[2])) for c in columns], 2).reshape(-1)


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
    return np.concatenate([x[-1:], x[:-1]])


def _after(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x[1:], x[:1]])
