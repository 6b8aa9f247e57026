r"""Cycles whose period grows without bound: homoclinic orbits and saddle-nodes on an invariant circle.

Close to a saddle with the unstable rate $\lambda$ the parameter nears its limit as $p - p_h \sim e^{-\lambda T}$, close to a
saddle-node as $p - p_c \sim T^{-2}$ (Kuznetsov 2004, chapters 6 and 7): along the branch $\ln |dp / d\ln T|$ falls with a slope
of -2 over $\ln T$ in the second case, and ever more steeply in the first.
"""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from ..branch import Special
from .cycle_track import Follower, Track
from .following import Scale

NOISE = 3e-9
"""Slower than this (range of the parameter for an e-fold of the period) rounding decides how it moves."""


class Slopes(Protocol):
    """What gives slopes of scaled states, and their derivatives, where parameters have some values."""

    scale: Scale

    def slopes(self, x: np.ndarray, q: Any) -> tuple[np.ndarray, np.ndarray]: ...


def limit(follower: Follower, track: Track, folds: Iterable[Special]) -> Special | None:
    """What a branch with a growing period ends in, and where; None when its orbit does not linger at a resting point."""
    rows = track.rows
    last = track.row(len(track) - 1)
    rate = rows.along.q / np.where(rows.along.log_T == 0, np.nan, rows.along.log_T)
    slope = _slope(rows.orbit.log_T, rate)
    q = float(rows.orbit.q[-1])
    x = slowest(last.orbit.u, np.diff(last.edges))
    if slope > -3.2:
        clean = np.flatnonzero(np.abs(rate) > NOISE)
        k = clean[-1] if clean.size else len(rate) - 1
        fold = saddle_node(follower, x, rows.orbit.q[k] + rate[k] / 2, folds)
        if fold is not None:
            point, value, residual = fold
            return Special("snic", value, point, period=np.inf, residual=residual, row=len(track) - 1)
    saddle = resting(follower, x, q)
    if saddle is None:
        return None
    point, residual = saddle
    eigenvalues = np.linalg.eigvals(follower.slopes(point, q)[1])
    if not (eigenvalues.real > 0).any():
        return None
    note = "saddle-focus" if abs(_leading(eigenvalues).imag) > 0 else "saddle"
    value, point = float(follower.value(q)), point * follower.scale.x
    return Special(
        "homoclinic", value, point, period=np.inf, residual=residual, row=len(track) - 1, note=f"to a {note}"
    )


def _slope(log_T: np.ndarray, rate: np.ndarray) -> float:
    """Slope of ln|dp/dlnT| over ln T at the end of the branch, where it stands out of the noise."""
    good = np.flatnonzero((np.abs(rate) > NOISE) & np.isfinite(rate))
    good = good[log_T[good] > log_T.min() + 1.0]
    if good.size < 3:
        return -np.inf
    tail = good[log_T[good] > log_T[good[-1]] - 1.2][-12:]
    if tail.size < 3:
        tail = good[-3:]
    return float(np.polyfit(log_T[tail], np.log(np.abs(rate[tail])), 1)[0])


def slowest(u: np.ndarray, h: np.ndarray) -> np.ndarray:
    """The (scaled) point of an orbit where it lingers longest: the middle of its longest stretch without much change."""
    speed = np.abs(np.roll(u[:, 0], -1, 0) - u[:, 0]).sum(-1) / h
    k = int(np.argmin(speed))
    return (u[k, 0] + u[k, 2]) / 2


def resting(follower: Slopes, x: np.ndarray, q: float | np.ndarray) -> tuple[np.ndarray, float] | None:
    """The resting point next to ``x``, by Newton's method, and what it misses."""
    start = x
    for _ in range(20):
        f, J = follower.slopes(x, q)
        try:
            step = np.linalg.solve(J, f)
        except np.linalg.LinAlgError:
            return None
        x = x - step
        if not np.isfinite(x).all() or np.max(np.abs(x - start)) > 0.1:
            return None
        if np.max(np.abs(step)) < 1e-13:
            break
    return x, float(np.max(np.abs(follower.slopes(x, q)[0] * follower.scale.x)))


def saddle_node(
    follower: Follower, x: np.ndarray, q: float, folds: Iterable[Special]
) -> tuple[np.ndarray, float, float] | None:
    """The saddle-node next to ``x``: one that is known, or the solution of its defining equations."""
    scale, length, value = follower.scale.x, abs(follower.hi - follower.lo), follower.value(q)
    for fold in folds:
        if abs(fold.value - value) < 1e-4 * length and np.max(np.abs(fold.x / scale - x)) < 0.1:
            return fold.x, fold.value, fold.residual
    import scipy.optimize

    n = x.size

    def equations(z: np.ndarray) -> np.ndarray:
        f, J = follower.slopes(z[:n], z[-1])
        v = z[n : 2 * n]
        size = max(np.abs(J).max(), 1e-12)
        return np.concatenate([f / size, J @ v / size, [v @ v - 1]])

    v = np.linalg.svd(follower.slopes(x, q)[1])[2][-1]
    found = scipy.optimize.root(equations, np.concatenate([x, v, [q]]), tol=1e-14)
    residual = float(np.max(np.abs(found.fun)))
    if residual > 1e-8 or abs(found.x[-1] - q) > 1e-3 or np.max(np.abs(found.x[:n] - x)) > 0.1:
        return None
    return found.x[:n] * scale, float(follower.value(found.x[-1])), residual


def _leading(eigenvalues: np.ndarray) -> complex:
    """The eigenvalue that decides how an orbit comes and goes: the one nearest to zero."""
    return eigenvalues[np.argmin(np.abs(eigenvalues.real))]
