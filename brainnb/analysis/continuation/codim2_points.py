"""Points of codimension two: seen by test functions along a curve of folds or Hopf points, then solved for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import located, normal_forms
from .curves import Curve, Road
from .equilibrium_points import GOOD
from .frame import linear_at, quadratic_at


@dataclass(frozen=True, eq=False)
class Point:
    """A point of codimension two in scaled coordinates, with the vectors solved for."""

    kind: str
    y: np.ndarray
    row: int
    residual: float
    vectors: np.ndarray
    rate: np.ndarray


def on_fold(road: Road, curve: Curve) -> list[Point]:
    """Cusps, Bogdanov-Takens and zero-Hopf points on a fold curve."""
    flow, at = road.case.flow, road.at
    n, y = flow.n, curve.y
    base, q = y[:, : n + 2], y[:, n + 2 :]
    values = np.linalg.eigvals(curve.jacobian)
    tests = {"cusp": _bend(road, curve)}
    if n > 1:
        tests["bogdanov_takens"] = _minors(values)
    if n > 2:
        rest = np.array([np.delete(v, np.argmin(np.abs(v))) for v in values])
        tests["zero_hopf"] = _pair_sums(rest)
    found = []
    for kind, test in tests.items():
        for i in _changes(test):
            share = abs(test[i]) / (abs(test[i]) + abs(test[i + 1]))
            guess, v = (1 - share) * base[i] + share * base[i + 1], (1 - share) * q[i] + share * q[i + 1]
            near = i if share < 0.5 else i + 1
            if kind == "cusp":
                point = _cusp(road, guess, v)
            elif kind == "bogdanov_takens":
                one = located.points(flow, at, ("zero", "chain"), guess[None], _chain(road, guess, v), np.zeros((1, 0)))
                point = _point(kind, one)
            else:
                point = _with_pairs(road, kind, ("zero", "pair"), guess, values[near], [v])
            point = _accepted(point, i, base)
            if point is not None:
                found.append(point)
    return found


def on_hopf(road: Road, curve: Curve) -> list[Point]:
    """Bogdanov-Takens, Bautin, zero-Hopf and double Hopf points on a Hopf curve."""
    flow, at = road.case.flow, road.at
    n = flow.n
    base, k = curve.y[:, : n + 2], curve.y[:, -1]
    values = np.linalg.eigvals(curve.jacobian)
    found = []
    tests = {"bogdanov_takens": k.copy(), "bautin": _lyapunov_along(road, curve)}
    if n > 2:
        tests["zero_hopf"] = np.linalg.det(curve.jacobian / np.abs(values).max(axis=1)[:, None, None])
    if n > 3:
        tests["double_hopf"] = _pair_sums(np.array([_without_pair(v) for v in values]))
    for kind, test in tests.items():
        for i in _changes(test):
            if kind != "bogdanov_takens" and not (k[i] > 0 and k[i + 1] > 0):
                continue
            share = abs(test[i]) / (abs(test[i]) + abs(test[i + 1]))
            guess = (1 - share) * base[i] + share * base[i + 1]
            near = i if share < 0.5 else i + 1
            if kind == "bogdanov_takens":
                null = np.linalg.svd(jacobian_at(road, guess))[2][-1]
                one = located.points(
                    flow, at, ("zero", "chain"), guess[None], _chain(road, guess, null), np.zeros((1, 0))
                )
                point = _point(kind, one)
            elif kind == "bautin":
                point = _bautin(road, base[i], base[i + 1], test[i], test[i + 1])
            elif kind == "zero_hopf":
                null = np.linalg.svd(jacobian_at(road, guess))[2][-1]
                point = _with_pairs(road, kind, ("zero", "pair"), guess, values[near], [null])
            else:
                point = _with_pairs(road, kind, ("pair", "pair"), guess, values[near], [])
            point = _accepted(point, i, base)
            if point is not None:
                found.append(point)
    return found


def _changes(test: np.ndarray) -> np.ndarray:
    good = np.isfinite(test[:-1]) & np.isfinite(test[1:])
    return np.nonzero(good & ((test[:-1] < 0) != (test[1:] < 0)))[0]


def _minors(values: np.ndarray) -> np.ndarray:
    """Sum of the principal minors of one less than full size: the product of the other eigenvalues where one is zero."""
    n = values.shape[1]
    return sum(np.prod(np.delete(values, i, axis=1), axis=1) for i in range(n)).real


def _pair_sums(values: np.ndarray) -> np.ndarray:
    """The product of all sums of two eigenvalues, each beside its size."""
    i, j = np.triu_indices(values.shape[1], 1)
    sums = values[:, i] + values[:, j]
    return np.prod(sums / np.abs(values).max(axis=1, keepdims=True), axis=1).real


def _without_pair(values: np.ndarray) -> np.ndarray:
    """The eigenvalues but the two whose sum is nearest zero."""
    sums = np.abs(values[:, None] + values[None, :])
    sums[np.diag_indices(len(values))] = np.inf
    i, j = np.unravel_index(np.argmin(sums), sums.shape)
    return np.delete(values, [i, j])


def _bend(road: Road, curve: Curve) -> np.ndarray:
    """How the curve bends along the null vector, the left null vector followed without jumps."""
    flow, n = road.case.flow, road.case.flow.n
    q = curve.y[:, n + 2 :]
    wide = np.pad(q, ((0, 0), (0, 2)))[:, None]
    _, a, h = quadratic_at(flow, curve.y[:, : n + 2], wide, road.at)
    p = np.linalg.svd(a[:, :, :n])[0][:, :, -1]
    turns = np.sign((p[1:] * p[:-1]).sum(axis=1))
    p[1:] *= np.cumprod(np.where(turns == 0, 1.0, turns))[:, None]
    return np.einsum("ki,kij,kj->k", p, h[:, 0, :, :n], q)


def _chain(road: Road, y: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Guesses (1, 2, n) of a null vector and of the one behind it."""
    jacobian, n = jacobian_at(road, y), len(q)
    q = q / np.linalg.norm(q)
    p = np.linalg.svd(jacobian)[0][:, -1]
    whole = np.block([[jacobian, p[:, None]], [q[None], np.zeros((1, 1))]])
    r = np.linalg.solve(whole, np.append(np.linalg.norm(jacobian) * q, 0.0))[:n]
    return np.stack([q, r])[None]


def _point(kind: str, one: located.Located) -> Point:
    return Point(kind, one.y[0], -1, float(one.residual[0]), one.vectors[0], one.rate[0])


def _accepted(point: Point | None, i: int, base: np.ndarray) -> Point | None:
    """A point that was solved for, near where it was seen."""
    if point is None or not point.residual < GOOD:
        return None
    if (np.abs(point.y[-2:] - 0.5) > 0.5 - 1e-9).any():
        return None  # on the edge of the range, where a parameter may vanish and take an equation along
    width = np.linalg.norm(base[i + 1] - base[i])
    if np.linalg.norm(point.y - (base[i] + base[i + 1]) / 2) > 2 * width + 1e-6:
        return None
    return replace(point, row=int(i))


def _with_pairs(
    road: Road, kind: str, parts: Sequence[str], guess: np.ndarray, values: np.ndarray, first: list[np.ndarray]
) -> Point | None:
    """Solve for a point with one or two pairs on the imaginary axis; none where no eigenvalue turns (neutral saddles)."""
    found, right = np.linalg.eig(jacobian_at(road, guess))
    order = np.argsort(np.abs(found.real) / np.maximum(np.abs(found), 1e-300))
    pairs = [i for i in order if found[i].imag > 1e-9 * np.abs(found).max()][: parts.count("pair")]
    if len(pairs) < parts.count("pair") or abs(found[pairs[-1]].real) > 0.2 * abs(found[pairs[-1]]):
        return None
    vectors = [*first]
    for i in pairs:
        vectors += [right[:, i].real, right[:, i].imag]
    rate = np.array([[found[i].imag for i in pairs]])
    flow, at = road.case.flow, road.at
    return _point(kind, located.points(flow, at, parts, guess[None], np.array(vectors)[None], rate))


def _cusp(road: Road, guess: np.ndarray, q: np.ndarray) -> Point:
    r"""Solve $f = 0,\; J q = 0,\; J w + B(q, q) = 0$ with both vectors normalised; $w$ exists where $\langle p, B(q, q) \rangle = 0$."""
    flow, at, n = road.case.flow, road.at, road.case.flow.n
    q = q / np.linalg.norm(q)
    stride, size = 1e-4, n + 2

    def bent(y: np.ndarray, q: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, ...]:
        ways = np.pad(np.stack([q, w], axis=1), ((0, 0), (0, 0), (0, 2)))
        f, a, h = quadratic_at(flow, y, ways, at)
        return f, a, h, np.einsum("kij,kj->ki", h[:, 0, :, :n], q)

    def system(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y, q, w = u[:, :size], u[:, size : size + n], u[:, size + n :]
        moved = np.concatenate([y, y + stride * np.eye(size), y - stride * np.eye(size)])
        many = len(moved)
        f, a, h, square = bent(moved, np.repeat(q, many, axis=0), np.repeat(w, many, axis=0))
        slope = (square[1 : size + 1] - square[size + 1 :]).T / (2 * stride)
        j = a[0, :, :n]
        value = np.concatenate([f[0], j @ q[0], j @ w[0] + square[0], [q0 @ q[0] - 1, q0 @ w[0]]])
        m = np.zeros((len(value), len(value)))
        m[:n, :size] = a[0]
        m[n : 2 * n, :size], m[n : 2 * n, size : size + n] = h[0, 0], j
        m[2 * n : 3 * n, :size] = h[0, 1] + slope
        m[2 * n : 3 * n, size : size + n], m[2 * n : 3 * n, size + n :] = 2 * h[0, 0, :, :n], j
        m[-2, size : size + n], m[-1, size + n :] = q0, q0
        return value[None], m[None]

    q0 = q
    _, a, _, square = bent(guess[None], q[None], q[None])
    p = np.linalg.svd(a[0, :, :n])[0][:, -1]
    whole = np.block([[a[0, :, :n], p[:, None]], [q[None], np.zeros((1, 1))]])
    w = np.linalg.solve(whole, np.append(-square[0], 0.0))[:n]
    u, residual = located.newton(system, np.concatenate([guess, q, w])[None])
    return Point("cusp", u[0, :size], -1, float(residual[0]), u[0, size:].reshape(2, n), np.zeros(0))


def _bautin(road: Road, a: np.ndarray, b: np.ndarray, at_a: float, at_b: float, turns: int = 40) -> Point | None:
    """Where the first Lyapunov coefficient vanishes along a Hopf curve: regula falsi on exactly corrected points."""
    chord = (b - a) / np.linalg.norm(b - a)
    ends, values, best, scale = [0.0, float(np.linalg.norm(b - a))], [at_a, at_b], None, max(abs(at_a), abs(at_b))
    side = 0
    for _ in range(turns):
        s = (ends[0] * values[1] - ends[1] * values[0]) / (values[1] - values[0])
        one = _hopf_at(road, a + s * chord, chord)
        if one is None:
            return None
        value = _lyapunov_of(road, one.y, one.vectors, one.rate[:, 0])[0]
        if not np.isfinite(value):
            return None
        best = one
        if abs(value) < 1e-11 * scale or abs(ends[1] - ends[0]) < 1e-13:
            break
        half = 0 if (value < 0) == (values[0] < 0) else 1
        ends[half], values[half] = s, value
        if side == half + 1:  # the other end waits too long: pull it (Illinois)
            values[1 - half] /= 2
        side = half + 1
    if best is None or abs(value) > 1e-6 * scale:
        return None  # a jump and no zero
    return replace(_point("bautin", best), residual=float(max(best.residual[0], abs(value) / scale * 1e-3)))


def _hopf_at(road: Road, guess: np.ndarray, chord: np.ndarray) -> located.Located | None:
    """The Hopf point on the plane across ``chord`` through ``guess``."""
    flow, at, size = road.case.flow, road.at, len(guess)
    values, right = np.linalg.eig(jacobian_at(road, guess))
    i = np.argmin(np.where(values.imag > 0, np.abs(values.real), np.inf))
    if not values[i].imag > 0:
        return None
    vectors = np.stack([right[:, i].real, right[:, i].imag])[None]
    parts = ("pair",)
    curve, begin = located.equations(flow, at, parts, guess[None], vectors, np.array([[values[i].imag]]))

    def system(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, matrix = curve(u)
        row = np.zeros((1, 1, matrix.shape[2]))
        row[..., :size] = chord
        across = (u[:, :size] - guess) @ chord
        return np.concatenate([value, across[:, None]], axis=1), np.concatenate([matrix, row], axis=1)

    u, residual = located.newton(system, begin)
    return located.taken(u, residual, flow.n, size, parts) if residual[0] < GOOD else None


def _lyapunov_of(road: Road, y: np.ndarray, vectors: np.ndarray, rate: np.ndarray) -> np.ndarray:
    return normal_forms.lyapunov(road.case.flow, road.at, y, vectors[:, 0], vectors[:, 1], rate)


def _lyapunov_along(road: Road, curve: Curve) -> np.ndarray:
    """First Lyapunov coefficients along a Hopf curve (NaN where it is one of neutral saddles)."""
    n = road.case.flow.n
    found = np.full(len(curve), np.nan)
    q = curve.y[:, n + 2 : 2 * n + 2]
    turned = np.einsum("kij,kj->ki", curve.jacobian, q)
    squared = -np.einsum("kij,kj,ki->k", curve.jacobian, turned, q) / (q * q).sum(axis=1)
    good = (curve.y[:, -1] > 1e-6) & (squared > 0)
    if good.any():
        rate = np.sqrt(squared[good])
        vectors = np.stack([q[good], -turned[good] / rate[:, None]], axis=1)
        found[good] = _lyapunov_of(road, curve.y[good, : n + 2], vectors, rate)
    return found


def jacobian_at(road: Road, y: np.ndarray) -> np.ndarray:
    """The Jacobian of the states at a point."""
    flow = road.case.flow
    return linear_at(flow, y[None], road.at)[1][0, :, : flow.n]
