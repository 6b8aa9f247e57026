"""Draws pairs whose probability falls with distance, without looking at those that are far apart.

Neurons are put into cells.  Between two cells the probability is at most what it is at their smallest distance; as
many candidates are drawn as that bound allows, and each is kept with its own probability divided by the bound.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray
Chance = Callable[[Array], Array]

NEURONS_IN_A_CELL = 24
CROWDED = 0.5
"""From this probability on, all pairs of two cells are candidates."""


def near_pairs(
    x: Array, y: Array, space: Any, chance: Chance, bound: Chance, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Pairs of neurons at ``x`` and ``y``, each drawn independently with probability ``chance(distance)``.

    Parameters
    ----------
    x, y : array, shape (neurons, axes)
    space
        Has ``distance(x, y)`` and ``period(axes)``.
    chance, bound : functions of distance
        ``bound`` never rises with distance and is never below ``chance``.

    Notes
    -----
    A block of pairs with bound $q$ receives a Poisson number of candidates with mean $-\\ln(1 - q)$ a pair, drawn with
    repetition.  A pair is then hit at least once with probability exactly $q$, independently of all others.
    """
    low, side, shape = _raster(x, y, space)
    of_x, of_y = _cells(x, low, side, shape), _cells(y, low, side, shape)
    order_x, order_y = np.argsort(of_x, kind="stable"), np.argsort(of_y, kind="stable")
    total = int(np.prod(shape))
    n_x, n_y = np.bincount(of_x, minlength=total), np.bincount(of_y, minlength=total)
    first_x, first_y = np.cumsum(n_x) - n_x, np.cumsum(n_y) - n_y
    corners = np.stack(np.unravel_index(np.arange(total), shape), axis=-1)
    wrap = None if space.period(x.shape[1]) is None else np.array(shape)
    pre, post = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    filled = np.flatnonzero(n_y)
    for a in np.flatnonzero(n_x):
        gap = _gap(corners[a], corners[filled], side, wrap)
        most = np.minimum(bound(gap), 1.0)
        i, j, q = _candidates(n_x[a], n_y[filled], first_y[filled], most, rng)
        i, j = order_x[first_x[a] + i], order_y[j]
        kept = rng.random(len(i)) * q < chance(space.distance(x[i], y[j]))
        pre.append(i[kept])
        post.append(j[kept])
    return np.concatenate(pre), np.concatenate(post)


def _candidates(rows: int, columns: Array, first: Array, most: Array, rng: np.random.Generator) -> tuple:
    """Pairs of one cell with all others: a row in the cell, the place of a column, and the bound they were drawn with."""
    crowded = most >= CROWDED
    width = columns[crowded]
    place, which = _counted(rows * width)
    every = place // width[which], first[crowded][which] + place % width[which], np.ones(len(place))
    sparse = ~crowded & (most > 0)
    pairs = rows * columns[sparse]
    hits = rng.poisson(-np.log1p(-most[sparse]) * pairs)
    which = np.repeat(np.arange(len(hits)), hits)
    start = np.cumsum(pairs) - pairs
    hit = start[which] + (rng.random(len(which)) * pairs[which]).astype(np.int64)
    hit.sort()
    hit = hit[np.diff(hit, prepend=-1) > 0]
    which = np.searchsorted(start, hit, side="right") - 1
    place = hit - start[which]
    width = columns[sparse][which]
    some = place // width, first[sparse][which] + place % width, most[sparse][which]
    return tuple(np.concatenate(parts) for parts in zip(every, some, strict=True))


def _counted(counts: Array) -> tuple[Array, Array]:
    """0, 1, 2, ... for each entry as often as its count says, and which entry it was."""
    which = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(which)) - (np.cumsum(counts) - counts)[which], which


def _raster(x: Array, y: Array, space: Any) -> tuple[Array, Array, tuple[int, ...]]:
    """Corner, side lengths and numbers of cells that cover both populations."""
    axes = x.shape[1]
    period = space.period(axes)
    low = np.zeros(axes) if period is not None else np.minimum(x.min(axis=0), y.min(axis=0))
    extent = period if period is not None else np.maximum(x.max(axis=0), y.max(axis=0)) - low
    cells = max(1.0, min(len(x), len(y)) / NEURONS_IN_A_CELL)
    flat = extent <= 0
    volume = np.prod(extent[~flat]) if (~flat).any() else 1.0
    edge = (volume / cells) ** (1 / max(1, (~flat).sum()))
    numbers = np.where(flat, 1, np.maximum(1, np.round(extent / edge))).astype(int)
    return low, np.where(flat, 1.0, extent / numbers), tuple(int(n) for n in numbers)


def _cells(x: Array, low: Array, side: Array, shape: tuple[int, ...]) -> Array:
    """The cell of each neuron."""
    at = np.clip(((x - low) / side).astype(int), 0, np.array(shape) - 1)
    return np.ravel_multi_index(tuple(at.T), shape)


def _gap(here: Array, others: Array, side: Array, wrap: Array | None) -> Array:
    """Smallest possible distance between two cells; a little less, so that rounding cannot exceed the bound."""
    steps = np.abs(here - others)
    if wrap is not None:
        steps = np.minimum(steps, wrap - steps)
    return np.sqrt(np.square(np.maximum(steps - 1, 0) * side).sum(axis=-1)) * (1 - 1e-9)
