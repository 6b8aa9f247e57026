"""Which points a sweep visits when it is no grid: listed side by side, drawn at random, or spread evenly.

Each gives a :class:`Points`, which ``bn.sweep`` takes in place of the mapping of a grid; the result then has the one
dimension ``point``, with the value of every path as a coordinate on it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, UnknownName, unknown_message


class Points(dict):
    """Values by path, all of one length: the first of each is the first point."""


def zipped(values: Mapping[str, Any]) -> Points:
    """Points listed side by side: the first values together, then the second, and so on.

    Parameters
    ----------
    values : mapping of path to values
        All of the same length.

    Examples
    --------
    >>> import brainnb as bn
    >>> points = bn.run.designs.zipped({"I": [0, 5, 10], "C": [1.0, 1.5, 2.0]})
    >>> bn.sweep(bn.neurons.HodgkinHuxley(), points, T=5).V.sizes
    Frozen({'point': 3, 'time': 50})
    """
    if not isinstance(values, Mapping) or not values:
        raise ModelError("designs.zipped takes a mapping of path to values, {'I': [0, 5], 'C': [1.0, 2.0]}.")
    for path, x in values.items():
        if isinstance(x, str | Mapping) or not (hasattr(x, "__len__") and np.ndim(x) == 1):
            raise ModelError(f"designs.zipped: `{path}` takes a list of values, {{'{path}': [1, 2, 3]}}; got {x!r}.")
        if not len(x):
            raise ModelError(f"designs.zipped: `{path}` has no values; at least one point was expected.")
    lengths = {path: len(x) for path, x in values.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"`{path}` has {n}" for path, n in lengths.items())
        raise ModelError(
            f"designs.zipped: all paths take the same number of values; {listed}. A grid is the mapping alone."
        )
    return Points(values)


def random(ranges: Mapping[str, tuple[float, float]], points: int, *, seed: int = 0, log: Iterable[str] = ()) -> Points:
    """Points drawn independently and evenly from a box.

    Parameters
    ----------
    ranges : mapping of path to (low, high)
    points : int
    seed : int
        Same seed, same points.
    log : paths
        Drawn evenly on a logarithmic scale.

    Examples
    --------
    >>> import brainnb as bn
    >>> sorted(bn.run.designs.random({"I": (0, 10), "C": (0.5, 2)}, 100))
    ['C', 'I']
    """
    low, high, count = _box("random", ranges, points, log := _paths(log))
    unit = _generator(seed).random((count, len(ranges)))
    return _placed(ranges, unit, low, high, log)


def latin_hypercube(
    ranges: Mapping[str, tuple[float, float]], points: int, *, seed: int = 0, log: Iterable[str] = ()
) -> Points:
    """Points that cover every range evenly: of ``points`` equal slices of a range, each holds exactly one.

    For the same number of runs the mean over the box is known better than from random points [1]_, and no range has
    gaps.  Parameters are those of :func:`random`.

    References
    ----------
    .. [1] McKay, Beckman and Conover (1979), Technometrics 21:239, doi:10.1080/00401706.1979.10489755.

    Examples
    --------
    >>> import brainnb as bn
    >>> points = bn.run.designs.latin_hypercube({"I": (0, 10), "C": (0.5, 2)}, 10)
    >>> sorted(points["I"].astype(int).tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    from scipy.stats import qmc

    low, high, count = _box("latin_hypercube", ranges, points, log := _paths(log))
    unit = qmc.LatinHypercube(len(ranges), rng=_generator(seed)).random(count)
    return _placed(ranges, unit, low, high, log)


def _generator(seed: Any) -> np.random.Generator:
    from .options import seed as whole

    return np.random.default_rng(whole(seed))


def _paths(log: Any) -> tuple[str, ...]:
    if isinstance(log, str):
        raise ModelError(f"log={log!r}: a list of paths was expected, log=[{log!r}].")
    return tuple(log)


def _box(name: str, ranges: Any, points: Any, log: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, int]:
    """The corners of the box, checked."""
    from .options import count

    if not isinstance(ranges, Mapping) or not ranges:
        raise ModelError(f"designs.{name} takes a mapping of path to range, {{'I': (0, 10), 'C': (0.5, 2)}}.")
    for path in log:
        if path not in ranges:
            raise UnknownName(unknown_message("range", path, ranges, where="log="))
    for path, pair in ranges.items():
        try:
            if any(isinstance(end, str) for end in pair):
                raise TypeError
            low, high = map(float, pair)
        except (TypeError, ValueError):
            raise ModelError(
                f"designs.{name}: `{path}` takes a range, {{'{path}': (low, high)}}; got {pair!r}."
            ) from None
        if not (np.isfinite([low, high]).all() and low < high):
            raise ValueError(f"designs.{name}: the range of `{path}` is {low:g} to {high:g}; low < high was expected.")
        if path in log and low <= 0:
            raise ValueError(f"designs.{name}: the range of `{path}` begins at {low:g}; on a log scale it is positive.")
    corners = np.array([tuple(map(float, pair)) for pair in ranges.values()])
    return corners[:, 0], corners[:, 1], count(points, "points")


def _placed(
    ranges: Mapping[str, Any], unit: np.ndarray, low: np.ndarray, high: np.ndarray, log: tuple[str, ...]
) -> Points:
    """Points of the unit cube in the box."""
    found = Points()
    for i, path in enumerate(ranges):
        a, b = (np.log(low[i]), np.log(high[i])) if path in log else (low[i], high[i])
        x = a + unit[:, i] * (b - a)
        found[path] = np.exp(x).clip(low[i], high[i]) if path in log else x
    return found
