r"""Special points exactly: Newton's method on the system of equations that defines each kind.

============ ================================================================ ===============================
fold         $f = 0,\; J q = 0,\; c \cdot q = 1$                              $y, q$
hopf         $f = 0,\; J (a + i b) = i \omega (a + i b),\; \bar c \cdot q = 1$  $y, a, b, \omega$
branch point $f + \beta p_0 = 0,\; A v_1 = A v_2 = 0$, lengths and angle      $y, \beta, v_1, v_2$
============ ================================================================ ===============================

with $y = (x, p)$ and $A = [J, f_p]$.  All points of a kind are solved together; the derivatives of $J q$ come from one
compiled kernel for all kinds.

References
----------
Moore & Spence 1980, doi:10.1137/0717048 (fold); Roose & Hlavacek 1985, doi:10.1137/0145051 (Hopf); Kuznetsov 2004,
*Elements of Applied Bifurcation Theory*, doi:10.1007/978-1-4757-3978-7, chapter 10.
"""

from dataclasses import dataclass

import numpy as np

from .flow import Flow
from .frame import Frame, quadratic_at, solve

TURNS = 12


@dataclass(frozen=True)
class Located:
    """Solutions of a defining system: points (K, n + free), what else was solved for, and the defect of each."""

    y: np.ndarray
    vectors: np.ndarray
    rate: np.ndarray
    residual: np.ndarray


def folds(flow: Flow, at: Frame, y: np.ndarray) -> Located:
    """Solve for folds from guesses (K, n + 1); ``vectors`` (K, 1, n) are null vectors of the Jacobian."""
    n, free = flow.n, y.shape[1] - flow.n
    _, a, _ = _values(flow, at, y, np.zeros((len(y), 1, n)))
    q = np.linalg.svd(a[:, :, :n])[2][:, -1]
    c, u = q.copy(), np.concatenate([y, q], axis=1)
    if free > 1:
        raise ValueError("a fold with two free parameters is a curve")

    def system(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        q = u[:, n + 1 :]
        f, a, h = _values(flow, at, u[:, : n + 1], q[:, None])
        value = np.concatenate([f, _by(a[:, :, :n], q), _dot(c, q) - 1.0], axis=1)
        m = np.zeros((len(u), 2 * n + 1, 2 * n + 1))
        m[:, :n, : n + 1] = a
        m[:, n : 2 * n, : n + 1], m[:, n : 2 * n, n + 1 :] = h[:, 0], a[:, :, :n]
        m[:, -1, n + 1 :] = c
        return value, m

    u, residual = newton(system, u)
    return Located(u[:, : n + 1], u[:, None, n + 1 :], np.full(len(u), np.nan), residual)


def hopfs(flow: Flow, at: Frame, y: np.ndarray, q: np.ndarray, rate: np.ndarray) -> Located:
    """Solve for Hopf points from guesses, eigenvectors (K, n) and frequencies; ``vectors`` (K, 2, n) are ``a`` and ``b``."""
    n = flow.n
    q = q / np.linalg.norm(q, axis=1, keepdims=True)
    c, d = q.real.copy(), q.imag.copy()
    u = np.concatenate([y, c, d, rate[:, None]], axis=1)
    A, B, W = slice(n + 1, 2 * n + 1), slice(2 * n + 1, 3 * n + 1), 3 * n + 1

    def system(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        re, im, w = u[:, A], u[:, B], u[:, W, None]
        f, a, h = _values(flow, at, u[:, : n + 1], np.stack([re, im], axis=1))
        j, eye = a[:, :, :n], np.eye(n)
        value = np.concatenate(
            [f, _by(j, re) + w * im, _by(j, im) - w * re, _dot(c, re) + _dot(d, im) - 1, _dot(c, im) - _dot(d, re)],
            axis=1,
        )
        m = np.zeros((len(u), 3 * n + 2, 3 * n + 2))
        m[:, :n, : n + 1] = a
        m[:, n : 2 * n, : n + 1], m[:, n : 2 * n, A] = h[:, 0], j
        m[:, n : 2 * n, B], m[:, n : 2 * n, W] = w[..., None] * eye, im
        m[:, 2 * n : 3 * n, : n + 1], m[:, 2 * n : 3 * n, B] = h[:, 1], j
        m[:, 2 * n : 3 * n, A], m[:, 2 * n : 3 * n, W] = -w[..., None] * eye, -re
        m[:, -2, A], m[:, -2, B], m[:, -1, B], m[:, -1, A] = c, d, c, -d
        return value, m

    u, residual = newton(system, u)
    return Located(u[:, : n + 1], np.stack([u[:, A], u[:, B]], axis=1), u[:, W], residual)


def branch_points(flow: Flow, at: Frame, y: np.ndarray) -> Located:
    """Solve for points where two curves cross; ``vectors`` (K, 2, n + 1) span both tangents."""
    n = flow.n
    _, a, _ = _values(flow, at, y, np.zeros((len(y), 1, n)))
    left, _, right = np.linalg.svd(a)
    p, c, d = left[:, :, -1], right[:, -1].copy(), right[:, -2].copy()
    u = np.concatenate([y, np.zeros((len(y), 1)), c, d], axis=1)
    Y, V, W = slice(0, n + 1), slice(n + 2, 2 * n + 3), slice(2 * n + 3, 3 * n + 4)

    def system(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        beta, v, w = u[:, n + 1, None], u[:, V], u[:, W]
        f, a, h = _values(flow, at, u[:, Y], np.stack([v, w], axis=1))
        value = np.concatenate(
            [f + beta * p, _by(a, v), _by(a, w), _dot(c, v) - 1, _dot(d, v), _dot(c, w), _dot(d, w) - 1], axis=1
        )
        m = np.zeros((len(u), 3 * n + 4, 3 * n + 4))
        m[:, :n, Y], m[:, :n, n + 1] = a, p
        m[:, n : 2 * n, Y], m[:, n : 2 * n, V] = h[:, 0], a
        m[:, 2 * n : 3 * n, Y], m[:, 2 * n : 3 * n, W] = h[:, 1], a
        m[:, -4, V], m[:, -3, V], m[:, -2, W], m[:, -1, W] = c, d, c, d
        return value, m

    u, residual = newton(system, u)
    residual = np.maximum(residual, np.abs(u[:, n + 1]))
    return Located(u[:, Y], np.stack([u[:, V], u[:, W]], axis=1), np.full(len(u), np.nan), residual)


def newton(system: object, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method for many systems together, until no step is worth taking; the solutions and their defects."""
    best, defect = u.copy(), np.full(len(u), np.inf)
    for _ in range(TURNS):
        value, matrix = system(u)
        size = np.abs(value).max(axis=1)
        size = np.where(np.isfinite(size), size, np.inf)
        better = size < defect
        best[better], defect[better] = u[better], size[better]
        if not better.any() or (defect < 1e-15).all():
            break
        step = solve(matrix, value)
        u = np.where(np.isfinite(step), u - step, u)
    return best, defect


def _values(flow: Flow, at: Frame, y: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slope, derivative and the derivative of ``A q``; directions of the states alone are filled up with zeros."""
    short = y.shape[1] - q.shape[2]
    return quadratic_at(flow, y, np.pad(q, ((0, 0), (0, 0), (0, short))), at)


def _by(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return np.einsum("kij,kj->ki", matrix, vector)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("ki,ki->k", a, b)[:, None]
