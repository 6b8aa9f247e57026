"""Special points on a branch of cycles: folds, period doublings, tori and branch points, located between two of its points."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import jax
import numpy as np

from ..branch import Special
from .cycle_track import Follower, Track
from .floquet import TRUSTED, branching_test, doubling_test, multipliers, torus_test
from .following import Rows
from .stretch import Lost, Stretch

NEAR_ONE = 0.3
"""At a fold a second multiplier is 1; by so much may the computed one miss it.  Near a homoclinic orbit the
parameter stands still to rounding and folds seem to come in strings: there the others are far from 1."""

FLAT = 1e-6
"""In the plane, a multiplier that stays so near 1 (logarithm) on both sides belongs to no fold."""

HUGE = 1e10
"""Rounding decides the sign of a multiplier from here on: on which side of the unit circle it lies, not where it crosses."""


class Found(NamedTuple):
    """A special point and the cycle there."""

    special: Special
    row: Rows
    part: float
    """Where between its rows it lies, 0 to 1."""


Test = Callable[[Rows, np.ndarray], np.ndarray]

TESTS: dict[str, Test] = {
    "cycle_fold": lambda rows, mu: rows.along.q,
    "period_doubling": lambda rows, mu: doubling_test(mu),
    "torus": lambda rows, mu: torus_test(mu),
    "branch_point": lambda rows, mu: branching_test(mu),
}


def growth_test(rows: Rows, mu: np.ndarray) -> np.ndarray:
    """The logarithm of the other multiplier, in the plane.

    It tells a fold from its neighbours where the parameter does not: in a canard explosion that stands still to rounding.
    """
    return rows.link.growth


def specials(follower: Follower, track: Track, mu: np.ndarray) -> list[Found]:
    """All special points of a branch, in its order; ``mu`` are its multipliers."""
    found: list[Found] = []

    @cache
    def stretch(k: int) -> Stretch:  # kept: what one search found helps another
        return Stretch(follower.problem, track.row(k), track.row(k + 1))

    folds = _changes(TESTS["cycle_fold"](track.rows, mu))
    growth = track.rows.link.growth
    for kind, test in TESTS.items():
        values = test(track.rows, mu)
        for k in _changes(values):
            if kind == "cycle_fold" and mu.shape[1] == 2 and max(abs(growth[k]), abs(growth[k + 1])) < FLAT:
                continue  # a family of cycles at one value of the parameter, as around a centre
            if kind == "branch_point" and np.any(np.abs(folds - k) <= 3):
                continue  # that multiplier is the fold's
            if kind != "cycle_fold" and not _plausible(kind, mu[k], mu[k + 1]):
                continue
            solved = test
            if kind == "cycle_fold" and mu.shape[1] == 2 and growth[k] * growth[k + 1] < 0:
                solved = growth_test
            point = _located(follower, stretch(k), k, kind, solved)
            if point is not None:
                found.append(point)
    return sorted(found, key=lambda point: point.special.row + point.part)


def _changes(values: np.ndarray) -> np.ndarray:
    """Rows behind which a test changes its sign."""
    return np.flatnonzero(values[:-1] * values[1:] < 0)


def _plausible(kind: str, before: np.ndarray, after: np.ndarray) -> bool:
    """Whether multipliers that can be trusted cross the unit circle where ``kind`` says, and no product of large and
    small ones changes its sign by rounding, nor a huge one alone."""
    if max(abs(before[0] - 1), abs(after[0] - 1)) > TRUSTED:
        return False

    def outside(mu: np.ndarray, most: float = np.inf) -> int:
        rest = mu[1:][np.abs(mu[1:]) < most]
        turning = np.abs(rest.imag) > 1e-6 * np.abs(rest)
        if kind == "torus":
            return int(np.sum(turning & (np.abs(rest) > 1)))
        side = -1 if kind == "period_doubling" else 1
        return int(np.sum(~turning & (side * rest.real > 1)))

    def sides(mu: np.ndarray) -> tuple[int, int]:
        return outside(mu, HUGE), int(np.sum(np.abs(mu[1:]) >= HUGE))

    return outside(before) != outside(after) and sides(before) != sides(after)


def _located(follower: Follower, stretch: Stretch, k: int, kind: str, test: Test) -> Found | None:
    """The zero of a test on the stretch behind row k; None where it is none."""

    def value(row: Rows) -> float:
        one = jax.tree.map(lambda x: np.asarray(x)[None], row)
        return float(test(one, multipliers(one.link))[0])

    try:
        row, at = stretch.zero(value)
    except Lost:
        return None
    mu = multipliers(jax.tree.map(lambda x: np.asarray(x)[None], row.link))[0]
    off = _defect(kind, mu)
    if not off < (NEAR_ONE if kind == "cycle_fold" else 1e-3):
        return None
    if kind != "cycle_fold" and abs(mu[0] - 1) > TRUSTED:
        return None
    return Found(
        Special(
            kind=kind,
            value=float(follower.value(row.orbit.q)),
            x=row.orbit.u[0, 0] * follower.scale.x,
            period=float(np.exp(row.orbit.log_T)),
            frequency=float(2 * np.pi / np.exp(row.orbit.log_T)),
            residual=float(off if kind != "cycle_fold" else abs(row.along.q)),
            row=k,
        ),
        row,
        at / stretch.length,
    )


def _defect(kind: str, mu: np.ndarray) -> float:
    """How far the multipliers of a point are from what defines it."""
    rest = mu[1:]
    if not rest.size:
        return np.inf
    if kind == "period_doubling":
        return float(np.min(np.abs(rest + 1)))
    if kind == "torus":
        turning = rest[np.abs(rest.imag) > 1e-6 * np.abs(rest)]
        return float(np.min(np.abs(np.abs(turning) - 1))) if turning.size else np.inf
    # One of a pair near 1 is the trivial one, and which of them is not to be told.
    return float(min(np.min(np.abs(rest - 1)), np.min(np.abs(np.log(np.abs(np.prod(mu)))) if len(mu) == 2 else np.inf)))
