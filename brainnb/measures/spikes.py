"""Spike times from arrays, and what follows from them.

Everything takes any number of leading dimensions.  Lists of spikes have different lengths, so they are kept as
rows of one array, filled up with NaN.
"""

from typing import Any

import numpy as np

Array = np.ndarray


def crossing_times(time: Any, x: Any, threshold: float) -> Array:
    """Times at which ``x`` crosses ``threshold`` upward, interpolated between samples.

    Parameters
    ----------
    time : array, shape (n,)
    x : array, shape (..., n)
        NaN never crosses.

    Returns
    -------
    array, shape (..., spikes)
        Sorted, NaN-padded.

    Examples
    --------
    >>> crossing_times([0.0, 1.0, 2.0, 3.0], [0.0, 4.0, 0.0, 2.0], 1.0)
    array([0.25, 2.5 ])
    """
    time, x = np.asarray(time, float), np.asarray(x, float)
    before, after = x[..., :-1], x[..., 1:]
    up = (before < threshold) & (after >= threshold)
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = (threshold - before) / (after - before)
        times = time[:-1] + fraction * np.diff(time)
    return _gathered(times, up.astype(np.int64))


def event_times(time: Any, events: Any) -> Array:
    """Times of recorded spikes; a record that counts two spikes gives its time twice.

    Parameters
    ----------
    time : array, shape (n,)
    events : array, shape (..., n)
        Spikes since the record before.

    Returns
    -------
    array, shape (..., spikes)
        Sorted, NaN-padded.

    Examples
    --------
    >>> event_times([0.1, 0.2, 0.3], [[0, 1, 0], [1, 0, 2]])
    array([[0.2, nan, nan],
           [0.1, 0.3, 0.3]])
    """
    counts = np.nan_to_num(np.asarray(events, float)).round().astype(np.int64)
    return _gathered(np.broadcast_to(np.asarray(time, float), counts.shape), counts)


def _gathered(times: Array, counts: Array) -> Array:
    """Each row's ``times``, repeated ``counts`` times, moved to the left; NaN behind."""
    rows = counts.reshape(-1, counts.shape[-1])
    per_row = rows.sum(axis=1)
    found = np.full((len(rows), int(per_row.max(initial=0))), np.nan)
    filled = np.arange(found.shape[1]) < per_row[:, None]
    found[filled] = np.repeat(times.reshape(rows.shape).ravel(), rows.ravel())
    return found.reshape(*counts.shape[:-1], found.shape[1])


def since(times: Array, start: float) -> Array:
    """Spikes from ``start`` on; the earlier ones leave NaN at the end."""
    return np.sort(np.where(times >= start, times, np.nan), axis=-1)


def count(times: Array) -> Array:
    """Number of spikes in each row."""
    return np.isfinite(times).sum(axis=-1)


def mean_rate(times: Array, duration: float) -> Array:
    """Spikes per second (Hz) over ``duration`` ms."""
    return 1000.0 * count(times) / duration


def intervals(times: Array) -> Array:
    """Times from one spike to the next, one fewer than spikes; NaN-padded."""
    return np.diff(times, axis=-1)


def mean_period(times: Array) -> Array:
    """Mean interval of each row; NaN with fewer than two spikes.

    Examples
    --------
    >>> mean_period(np.array([[1.0, 3.0, 7.0], [1.0, np.nan, np.nan]]))
    array([ 3., nan])
    """
    n = count(times)
    if not times.shape[-1]:
        return np.full(times.shape[:-1], np.nan)
    last = np.take_along_axis(times, np.maximum(n - 1, 0)[..., None], axis=-1)[..., 0]
    with np.errstate(invalid="ignore"):
        return np.where(n > 1, (last - times[..., 0]) / np.maximum(n - 1, 1), np.nan)
