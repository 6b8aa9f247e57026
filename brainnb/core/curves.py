r"""The curves between the rows of a delay line: polynomials through values and slopes.

The cubic leads through the two rows beside a moment.  Longer ones lead through one or two rows more: what the cubic,
drawn on, misses there is mended by

.. math::

    p^2 (1 - p)^2\, r(p),

which changes neither values nor slopes of the two rows, so every curve is as smooth as the cubic.

Which rows are taken is seen from the values, as in essentially non-oscillatory schemes (Harten, Engquist, Osher &
Chakravarthy 1987, doi:10.1016/0021-9991(87)90031-3): of all neighbours those through which the curve bends least.  A kink
of the past (at the begin of the run, after every delay, where an input jumps) makes every curve across it bend sharply,
so none is drawn across where there is a choice, wherever the kink comes from.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

POINTS = {"cubic": 2, "quintic": 3, "septic": 4}
"""Through how many rows a curve leads, with their slopes: it has twice that order."""


LESSER = 1 / 16
"""Weight of the last but one coefficient where curves are compared: a jump of the third derivative at the middle one of
three rows leaves no trace in the last.  Small enough that a jump of the highest derivative still counts by the last."""


def curve_for(order: int) -> str:
    """The shortest curve that costs a method of this order nothing; the longest, of order 8, for all beyond.

    Examples
    --------
    >>> curve_for(4), curve_for(5), curve_for(8)
    ('cubic', 'quintic', 'septic')
    """
    return next((kind for kind, points in POINTS.items() if 2 * points >= order), "septic")


class Curve(NamedTuple):
    """What is read of a curve at the part ``p`` of a step of ``h`` ms: its value or its derivative."""

    cubic: Callable
    """Of ``(p, x0, x1, f0, f1, h)``: of the cubic through the rows at 0 and 1."""
    mending: Callable
    """Of ``(p, r, h)``: of what is added, with the coefficients ``r`` of its polynomial."""


def _value(p: Array, x0: Array, x1: Array, f0: Array, f1: Array, h: Array) -> Array:
    """Hermite's cubic at the part ``p`` of a step."""
    q = 1 - p
    return q * q * ((1 + 2 * p) * x0 + p * h * f0) + p * p * ((1 + 2 * q) * x1 - q * h * f1)


def _slope(p: Array, x0: Array, x1: Array, f0: Array, f1: Array, h: Array) -> Array:
    """Derivative of Hermite's cubic."""
    return 6 * p * (1 - p) * (x1 - x0) / h + (1 - p) * (1 - 3 * p) * f0 + p * (3 * p - 2) * f1


def _mending(p: Array, r: list[Array], h: Array) -> Array:
    return (p * (1 - p)) ** 2 * _horner(p, r)


def _mending_slope(p: Array, r: list[Array], h: Array) -> Array:
    bump = p * (1 - p)
    return bump * (2 * (1 - 2 * p) * _horner(p, r) + bump * _horner(p, [j * c for j, c in enumerate(r)][1:])) / h


VALUE, SLOPE = Curve(_value, _mending), Curve(_slope, _mending_slope)


def neighbours(points: int) -> tuple[tuple[int, ...], ...]:
    """The rows beside 0 and 1 through which a curve of so many points may lead, one tuple for each choice.

    Examples
    --------
    >>> neighbours(4)
    ((-2, -1), (-1, 2), (2, 3))
    """
    return tuple(tuple(m for m in range(first, first + points) if m not in (0, 1)) for first in range(2 - points, 1))


def mended(missed: dict[int, tuple[Array, Array]], inside: Callable, points: int) -> list[Array]:
    """Coefficients of the polynomial that mends the cubic, with the neighbours through which it bends least.

    Parameters
    ----------
    missed : dict
        By neighbour, what the cubic misses there: in value, and in slope times the step.
    inside : callable
        Of the first and the last row of a choice: where it may be taken.  Where none may, nothing is added.
    points : int
        Rows through which the curve leads.
    """
    least, found = jnp.inf, [jnp.zeros(())] * (2 * points - 4)
    for others in neighbours(points):
        known = [missed[m][0] for m in others] + [missed[m][1] for m in others]
        r = [sum(float(w) * x for w, x in zip(row, known, strict=True)) for row in _weights(others)]
        bend = jnp.where(inside(min(0, *others), max(1, *others)), jnp.abs(r[-1]) + LESSER * jnp.abs(r[-2]), jnp.inf)
        found = [jnp.where(bend < least, new, old) for new, old in zip(r, found, strict=True)]
        least = jnp.minimum(least, bend)
    return found


@cache
def _weights(others: tuple[int, ...]) -> np.ndarray:
    """Coefficients of r, from what is missed in value and in slope at the other rows."""
    m, j = np.array(others, float)[:, None], np.arange(2 * len(others))
    bump, rise = (m * (1 - m)) ** 2, 2 * m * (1 - m) * (1 - 2 * m)
    return np.linalg.inv(np.concatenate([bump * m**j, rise * m**j + bump * j * m ** (j - 1)]))


def _horner(p: Array, coefficients: list[Array]) -> Array:
    y = coefficients[-1]
    for c in coefficients[-2::-1]:
        y = y * p + c
    return y
