r"""Floquet multipliers: how fast neighbours of a cycle come nearer or run away, per turn.

The multipliers solve $-C v = \mu D v$ with the last link of the collocation's chain, a generalised problem that gives
very large and very small ones side by side (Fairgrieve & Jepson 1991, doi:10.1137/0728076).  One is always 1, the shift along
the cycle; how far the computed one is from 1 tells how far the others can be trusted.  Their product is
$\exp \int_0^T \operatorname{div} f$, which gives the last one: in the plane to all digits, elsewhere one that is lost in rounding.
"""

import numpy as np

from .chain import Link

TRUSTED = 1e-3
"""With the trivial multiplier farther than this from 1, no special point is read from the others."""

ROUNDING = 1e-14
"""A computed multiplier below this may be nothing but rounding: of a neuron's, one can be 1e-50."""

LARGE = 1e100
"""Stands for a multiplier too large for its last link."""


def multipliers(link: Link) -> np.ndarray:
    """(rows, n) complex: the trivial one first, the others by falling modulus."""
    import scipy.linalg.lapack

    C, D, growth = (np.asarray(x) for x in link)
    found = np.empty(C.shape[:2], complex)
    for k in range(len(C)):
        real, imag, below, *_, info = scipy.linalg.lapack.dggev(-C[k], D[k], compute_vl=0, compute_vr=0)
        if info:
            raise np.linalg.LinAlgError("the multipliers of a cycle did not converge")
        with np.errstate(divide="ignore", invalid="ignore"):
            mu = (real + 1j * imag) / below
        trivial = np.argmin(np.abs(mu - 1))
        rest = np.delete(mu, trivial)
        rest = np.where(np.isfinite(rest), rest, LARGE)
        rest = rest[np.argsort(-np.abs(rest))]
        if rest.size == 1 or (np.abs(rest[-1:]) < ROUNDING).any():
            last = np.exp(growth[k]) / np.prod(rest[:-1])
            rest[-1] = last if np.isfinite(last) else LARGE
        found[k, 0], found[k, 1:] = mu[trivial], rest
    return found


def stable(mu: np.ndarray) -> np.ndarray:
    """Whether all multipliers but the trivial one lie within the unit circle."""
    return (np.abs(mu[:, 1:]) < 1).all(1)


def doubling_test(mu: np.ndarray) -> np.ndarray:
    """Changes its sign where a multiplier goes through -1."""
    return np.prod((1 + mu[:, 1:]) / (1 + np.abs(mu[:, 1:])), 1).real


def torus_test(mu: np.ndarray) -> np.ndarray:
    """Changes its sign where a pair of multipliers has the product 1, on the unit circle or not."""
    i, j = np.triu_indices(mu.shape[1] - 1, 1)
    pairs = mu[:, 1:][:, i] * mu[:, 1:][:, j]
    return np.prod((1 - pairs) / (1 + np.abs(pairs)), 1).real


def branching_test(mu: np.ndarray) -> np.ndarray:
    """Changes its sign where a second multiplier goes through 1."""
    return np.prod((1 - mu[:, 1:]) / (1 + np.abs(mu[:, 1:])), 1).real


def cyclic(A: np.ndarray, sign: complex = 1.0) -> np.ndarray:
    """The chain of all nodes as one matrix, closed with ``sign``: 1 for what repeats, -1 for what returns reversed, a complex
    number for what returns turned."""
    N, n = A.shape[0], A.shape[2]
    K = np.zeros((N * n, N * n), np.result_type(sign, float))
    for j in range(N):
        rows, after = slice(j * n, j * n + n), (j + 1) % N
        K[rows, rows] += A[j, -1, :, :n]
        K[rows, after * n : after * n + n] -= np.eye(n) * (sign if after == 0 else 1.0)
    return K


def null_vector(K: np.ndarray, left: bool = False) -> np.ndarray:
    """The vector that a nearly singular matrix sends to zero, by inverse iteration; ``left`` for that of its transpose."""
    import scipy.linalg

    factors = scipy.linalg.lu_factor(K + 1e-300)
    x = np.random.default_rng(0).standard_normal(len(K))
    for _ in range(3):
        x = scipy.linalg.lu_solve(factors, x, trans=0 if left is False else 1)
        x /= np.linalg.norm(x)
    return x
