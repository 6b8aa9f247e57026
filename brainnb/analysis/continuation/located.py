r"""Special points exactly: Newton's method on the system of equations that defines each kind.

What is solved for besides $y = (x, p)$ comes in parts, each with its equations:

======= ========================================================= =================================
zero    $J q = 0,\; c \cdot q = 1$                                a null vector
chain   $J r = \kappa q,\; c \cdot r = 0$                        a second one behind the first
pair    $J (a + i b) = i \omega (a + i b),\; \bar c \cdot q = 1$  a complex pair on the imaginary axis
======= ========================================================= =================================

A fold is ``zero``, a Hopf point ``pair``; with two parameters Bogdanov-Takens is ``zero, chain``, zero-Hopf
``zero, pair``, double Hopf ``pair, pair``.  At a branch point $f + \beta p_0 = 0$ and $[J, f_p]$ has two null vectors.  All
points of a kind are solved together; the derivatives of $J q$ come from one compiled kernel for all kinds.

References
----------
Moore & Spence 1980, doi:10.1137/0717048 (fold); Roose & Hlavacek 1985, doi:10.1137/0145051 (Hopf); Kuznetsov 2004,
*Elements of Applied Bifurcation Theory*, doi:10.1007/978-1-4757-3978-7, chapter 10.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..flow import Flow
from .frame import Frame, linear_at, quadratic_at, solve, wide

TURNS = 12
System = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Located:
    """Solutions of a defining system: points (K, n + free), the vectors (K, m, n) and frequencies (K, pairs) solved for,
    and the largest defect of each."""

    y: np.ndarray
    vectors: np.ndarray
    rate: np.ndarray
    residual: np.ndarray


def folds(flow: Flow, at: Frame, y: np.ndarray) -> Located:
    """Solve for folds from guesses (K, n + 1); ``vectors`` (K, 1, n) are null vectors of the Jacobian."""
    jacobian = linear_at(flow, y, at)[1][:, :, : flow.n]
    return points(flow, at, ("zero",), y, np.linalg.svd(jacobian)[2][:, -1:], np.zeros((len(y), 0)))


def hopfs(flow: Flow, at: Frame, y: np.ndarray, q: np.ndarray, rate: np.ndarray) -> Located:
    """Solve for Hopf points from guesses, eigenvectors (K, n) and frequencies; ``vectors`` (K, 2, n) are ``a`` and ``b``."""
    return points(flow, at, ("pair",), y, np.stack([q.real, q.imag], axis=1), rate[:, None])


def points(
    flow: Flow, at: Frame, parts: Sequence[str], y: np.ndarray, vectors: np.ndarray, rate: np.ndarray
) -> Located:
    """Solve the system of ``parts`` from guesses ``y`` (K, n + free), vectors (K, m, n) and frequencies (K, pairs)."""
    system, begin = equations(flow, at, parts, y, vectors, rate)
    u, residual = newton(system, begin)
    return taken(u, residual, flow.n, y.shape[1], parts)


def taken(u: np.ndarray, residual: np.ndarray, n: int, size: int, parts: Sequence[str]) -> Located:
    """The parts of the unknowns by their names."""
    vectors, rates, where = [], [], size
    for part in parts:
        for _ in range(2 if part == "pair" else 1):
            vectors.append(u[:, where : where + n])
            where += n
        if part == "pair":
            rates.append(u[:, where])
            where += 1
    rate = np.stack(rates, axis=1) if rates else np.zeros((len(u), 0))
    return Located(u[:, :size], np.stack(vectors, axis=1), rate, residual)


def equations(
    flow: Flow, at: Frame, parts: Sequence[str], y: np.ndarray, vectors: np.ndarray, rate: np.ndarray
) -> tuple[System, np.ndarray]:
    """The defining system of ``parts`` with its derivative, and the guesses as its unknowns.

    Vectors are normalised by the guesses, so that a guess of a vector is also the plane in which it is sought.
    """
    n, size, k = flow.n, y.shape[1], len(y)
    eye, columns, which, where = np.eye(n), [y], [], size
    pieces, v, w = [], 0, 0
    for part in parts:
        if part == "pair":
            q = vectors[:, v] + 1j * vectors[:, v + 1]
            q = q / np.linalg.norm(q, axis=1, keepdims=True)
            pieces.append((part, where, q))
            columns += [q.real, q.imag, rate[:, w, None]]
            which += [slice(where, where + n), slice(where + n, where + 2 * n)]
            where, v, w = where + 2 * n + 1, v + 2, w + 1
        else:
            q = vectors[:, v]
            q = q / np.linalg.norm(q, axis=1, keepdims=True) if part == "zero" else q
            pieces.append((part, where, q))
            columns.append(q)
            which.append(slice(where, where + n))
            where, v = where + n, v + 1

    def system(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        f, a, h = _values(flow, at, u[:, :size], np.stack([u[:, s] for s in which], axis=1))
        j, value, rows, v = a[:, :, :n], [f], [_placed(k, n, where, {0: a})], 0
        for part, s, c in pieces:
            if part == "pair":
                re, im, rate = u[:, s : s + n], u[:, s + n : s + 2 * n], u[:, s + 2 * n, None]
                turn = rate[..., None] * eye
                value += [_by(j, re) + rate * im, _by(j, im) - rate * re]
                value += [_dot(c.real, re) + _dot(c.imag, im) - 1, _dot(c.real, im) - _dot(c.imag, re)]
                rows += [_placed(k, n, where, {0: h[:, v], s: j, s + n: turn, s + 2 * n: im[..., None]})]
                rows += [_placed(k, n, where, {0: h[:, v + 1], s + n: j, s: -turn, s + 2 * n: -re[..., None]})]
                rows += [_placed(k, 1, where, {s: c.real[:, None], s + n: c.imag[:, None]})]
                rows += [_placed(k, 1, where, {s: -c.imag[:, None], s + n: c.real[:, None]})]
                v += 2
            elif part == "zero":
                value += [_by(j, u[:, s : s + n]), _dot(c, u[:, s : s + n]) - 1]
                rows += [_placed(k, n, where, {0: h[:, v], s: j}), _placed(k, 1, where, {s: c[:, None]})]
                v += 1
            else:  # behind the zero before it; the scale keeps both of a length
                first = pieces[0][2]
                q, r = u[:, s - n : s], u[:, s : s + n]
                scale = chain[:, None]
                value += [_by(j, r) - scale * q, _dot(first, r)]
                rows += [_placed(k, n, where, {0: h[:, v], s: j, s - n: -scale[..., None] * eye})]
                rows += [_placed(k, 1, where, {s: first[:, None]})]
                v += 1
        return np.concatenate(value, axis=1), np.concatenate(rows, axis=1)

    chain = np.linalg.norm(linear_at(flow, y, at)[1][:, :, :n], axis=(1, 2)) if "chain" in parts else None
    return system, np.concatenate(columns, axis=1)


def _placed(k: int, height: int, width: int, blocks: dict[int, np.ndarray]) -> np.ndarray:
    found = np.zeros((k, height, width))
    for column, block in blocks.items():
        found[:, :, column : column + block.shape[2]] += block
    return found


def branch_points(flow: Flow, at: Frame, y: np.ndarray) -> Located:
    """Solve for points where two curves cross; ``vectors`` (K, 2, n + 1) span both tangents."""
    n = flow.n
    a = linear_at(flow, y, at)[1]
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
    return Located(u[:, Y], np.stack([u[:, V], u[:, W]], axis=1), np.zeros((len(u), 0)), residual)


def newton(system: System, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method for many systems together, until no step is worth taking; the solutions and their defects."""
    best, defect, settled = u.copy(), np.full(len(u), np.inf), False
    for _ in range(TURNS):
        value, matrix = system(u)
        size = np.abs(value).max(axis=1)
        size = np.where(np.isfinite(size), size, np.inf)
        better = size < defect
        best[better], defect[better] = u[better], size[better]
        if settled or not better.any() or (defect < 1e-15).all():
            break
        settled = bool((defect < 1e-12).all())  # once more, and rounding is all that is left
        step = solve(matrix, value)
        u = np.where(np.isfinite(step), u - step, u)
    return best, defect


def _values(flow: Flow, at: Frame, y: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slope, derivative and the derivative of ``A q``; directions of the states alone are filled up with zeros."""
    return quadratic_at(flow, y, wide(q, y.shape[1]), at)


def _by(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return np.einsum("kij,kj->ki", matrix, vector)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("ki,ki->k", a, b)[:, None]
