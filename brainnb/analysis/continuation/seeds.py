"""Resting points at several values of the parameter, from which branches are followed: so that none is missed."""

import functools

import numpy as np

from ..cases import Case
from .frame import Frame, batch, linear_at, solve

TURNS = 16
STEP = 0.25
"""A Newton step goes no farther than this, in scaled coordinates."""
SAME = 1e-6


def starts(case: Case, at: Frame, values: np.ndarray) -> np.ndarray:
    """(K, n + 1): where the search begins, at each of ``values`` (scaled): the model's own start and the box evenly."""
    n = case.flow.n
    each = max(2, batch(n, 64) // len(values))
    own = at.into(np.append(case.x, at.shift[n]))[:n]
    inside = 0.02 + 0.96 * halton(each * len(values), n)
    points = np.concatenate([inside, np.repeat(values, each)[:, None]], axis=1)
    points[::each, :n] = own
    return points


def polish(case: Case, at: Frame, points: np.ndarray, turns: int = TURNS) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method at fixed parameters: the points, and the size of their last step (NaN where it failed)."""
    n = case.flow.n
    found, left = np.array(points, float), np.full(len(points), np.nan)
    open_ = np.arange(len(points))
    for _ in range(turns):
        here = found[open_]
        value, matrix = linear_at(case.flow, here, at)
        step = solve(matrix[:, :, :n], value)
        size = np.abs(step).max(axis=1)
        here[:, :n] -= step * np.minimum(1.0, STEP / np.maximum(size, 1e-300))[:, None]
        found[open_] = here
        done = size < 1e-9  # what is left is its square
        left[open_[done]] = size[done]
        open_ = open_[~done & (np.abs(here).max(axis=1) <= 20)]  # neither far away nor NaN
        if not len(open_):
            break
    return found, left


def search(case: Case, at: Frame, values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Resting points found at the scaled ``values`` of the parameter, each once.

    Those within the declared bounds of the states are taken (a tenth wider), and what the model's own start leads to;
    branches may go farther, to ``low`` and ``high``, and there points are taken only where nothing nearer was found.
    """
    points = starts(case, at, values)
    own = (points[:, :-1] == points[0, :-1]).all(axis=1)
    found, left = polish(case, at, points)
    good = np.isfinite(left) & ((found >= low - 1e-12) & (found <= high + 1e-12)).all(axis=1)
    near = good & (own | ((found >= -0.1) & (found <= 1.1)).all(axis=1))
    return distinct(found[near if near.any() else good])


def distinct(points: np.ndarray) -> np.ndarray:
    """Each point once: the first of those that are near each other."""
    near = np.abs(points[:, None] - points).max(axis=2) <= SAME
    kept: list[int] = []
    for i, beside in enumerate(near):
        if not beside[kept].any():
            kept.append(i)
    return points[kept]


@functools.lru_cache(maxsize=16)
def halton(count: int, n: int) -> np.ndarray:
    """(count, n) points that fill the unit cube evenly, the same every time."""
    if n > 40:
        found = np.random.default_rng(0).random((count, n))
        found.flags.writeable = False
        return found
    found = np.empty((count, n))
    for j, base in enumerate(_primes(n)):
        index, share, column = np.arange(1, count + 1), 1.0, np.zeros(count)
        while index.any():
            share /= base
            column += share * (index % base)
            index //= base
        found[:, j] = column
    found.flags.writeable = False
    return found


def _primes(count: int) -> list[int]:
    found: list[int] = []
    k = 2
    while len(found) < count:
        if all(k % p for p in found):
            found.append(k)
        k += 1
    return found
