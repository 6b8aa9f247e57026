r"""The curves that continuation follows, as systems of equations in scaled coordinates.

=========== ============================================ =====================================================
equilibrium $f(x, p) = 0$                                unknowns ``x, p``
fold        $f = 0,\; J q = 0,\; c \cdot q = 1$          unknowns ``x, p_1, p_2, q``
hopf        $f = 0,\; J^2 q + k q = 0,\; c \cdot q = 1,\; unknowns ``x, p_1, p_2, q, k``; $k = \omega^2$; below zero it
            d \cdot q = 0$                               goes on as the curve of neutral saddles
=========== ============================================ =====================================================
"""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..flow import Flow
from .frame import Frame, scaled

LARGEST_BIALTERNATE = 8
"""Up to so many states the Hopf test is a determinant; beyond, eigenvalues are counted afterwards."""


@dataclass(frozen=True)
class Problem:
    """A system of equations, its test functions, and how its borders are renewed on the way."""

    system: Callable[[Flow, Frame], Callable[[Array, Array], Array]]
    tests: Callable[[Array, Array, Array, int], Array]
    count: Callable[[int], int]
    free: Callable[[int, int], np.ndarray]
    renew: Callable[[Array, Array, Array, int], Array]


def _equilibrium(flow: Flow, at: Frame) -> Callable[[Array, Array], Array]:
    f = scaled(flow, at)
    return lambda y, aux: f(y)


def equilibrium_tests(jacobian: Array, tangent: Array, bordered: Array, n: int) -> Array:
    """Fold: the tangent's share of the parameter; branch point: the bordered determinant; Hopf: the bialternate one."""
    found = [tangent[n], bordered]
    if 2 <= n <= LARGEST_BIALTERNATE:
        found.append(bialternate_test(jacobian, n))
    return jnp.stack(found)


def bialternate_test(jacobian: Array, n: int) -> Array:
    r"""The determinant of $2J \odot I$, beside what a matrix of this size could have."""
    matrix = jnp.einsum("ab,abij->ij", jacobian, bialternate(n))
    size = jnp.linalg.norm(jacobian) + 1e-300
    return jnp.linalg.det(matrix / size)


def _fold(flow: Flow, at: Frame) -> Callable[[Array, Array], Array]:
    f, n = scaled(flow, at), flow.n

    def system(y: Array, c: Array) -> Array:
        x, q = y[: n + 2], y[n + 2 :]
        slope, turned = jax.jvp(f, (x,), (_padded(q),))
        return jnp.concatenate([slope, turned, (c @ q)[None] - 1.0])

    return system


def _hopf(flow: Flow, at: Frame) -> Callable[[Array, Array], Array]:
    f, n = scaled(flow, at), flow.n

    def system(y: Array, aux: Array) -> Array:
        x, q, k = y[: n + 2], y[n + 2 : 2 * n + 2], y[2 * n + 2]
        slope, once = jax.jvp(f, (x,), (_padded(q),))
        twice = jax.jvp(f, (x,), (_padded(once),))[1]
        rate = aux[2 * n]  # a time scale, beside which k is of order one at most
        ends = jnp.stack([aux[:n] @ q - 1.0, aux[n : 2 * n] @ q])
        return jnp.concatenate([slope, twice / rate + k * q, ends])

    return system


def _padded(q: Array) -> Array:
    return jnp.concatenate([q, jnp.zeros(2)])


def _none(jacobian: Array, tangent: Array, bordered: Array, n: int) -> Array:
    return bordered[None]


def _renew_fold(y: Array, aux: Array, jacobian: Array, n: int) -> Array:
    q = y[n + 2 : 2 * n + 2]
    return q / (q @ q)


def _renew_hopf(y: Array, aux: Array, jacobian: Array, n: int) -> Array:
    q = y[n + 2 : 2 * n + 2]
    turned = jacobian @ q
    across = turned - q * (turned @ q) / (q @ q)
    length = jnp.linalg.norm(across)
    across = jnp.where(length > 1e-12, across / jnp.where(length > 1e-12, length, 1.0), aux[n : 2 * n])
    return jnp.concatenate([q / (q @ q), across, aux[2 * n :]])


def _same(y: Array, aux: Array, jacobian: Array, n: int) -> Array:
    return aux


def _both(n: int, size: int) -> np.ndarray:
    return (np.arange(size) >= n) & (np.arange(size) < n + 2)


def bialternate(n: int) -> np.ndarray:
    r"""(n, n, m, m) numbers that make $2A \odot I$ of ``A``; its determinant is the product of all $\lambda_i + \lambda_j$.

    It is the matrix of $X \mapsto A X + X A^T$ on antisymmetric ``X``; a pair $\pm i \omega$ makes it singular.
    """
    pairs = [(i, j) for i in range(n) for j in range(i)]
    basis = np.zeros((len(pairs), n, n))
    for k, (i, j) in enumerate(pairs):
        basis[k, i, j], basis[k, j, i] = 1.0, -1.0
    unit = np.eye(n * n).reshape(n, n, n, n)
    image = np.einsum("abij,kjl->abkil", unit, basis) + np.einsum("kij,ablj->abkil", basis, unit)
    return np.einsum("abkil,mil->abmk", image, basis) / 2


PROBLEMS = {
    "equilibrium": Problem(
        _equilibrium,
        equilibrium_tests,
        lambda n: 3 if 2 <= n <= LARGEST_BIALTERNATE else 2,
        lambda n, size: np.arange(size) == n,
        _same,
    ),
    "fold": Problem(_fold, _none, lambda n: 1, _both, _renew_fold),
    "hopf": Problem(_hopf, _none, lambda n: 1, _both, _renew_hopf),
}
