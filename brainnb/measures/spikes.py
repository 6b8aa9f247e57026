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
    rows = x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])
    which, when = np.nonzero((rows[:, :-1] < threshold) & (rows[:, 1:] >= threshold))
    before, after = rows[which, when], rows[which, when + 1]
    with np.errstate(invalid="ignore"):  # from minus infinity
        times = time[when] + (threshold - before) / (after - before) * (time[when + 1] - time[when])
    return _filled(times, which, x.shape[:-1])


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
    events = np.asarray(events)
    rows = events.reshape(int(np.prod(events.shape[:-1])), events.shape[-1])
    which, when = np.nonzero(rows)  # most records hold no spike: nothing of the size of all is made
    spikes = np.nan_to_num(rows[which, when].astype(float)).round().astype(np.int64)
    return _filled(np.repeat(np.asarray(time, float)[when], spikes), np.repeat(which, spikes), events.shape[:-1])


def _filled(times: Array, which: Array, leading: tuple[int, ...]) -> Array:
    """Times, sorted by the row that each belongs to, moved to the left of their rows; NaN behind."""
    per_row = np.bincount(which, minlength=int(np.prod(leading)))
    found = np.full((len(per_row), int(per_row.max(initial=0))), np.nan)
    found[which, np.arange(len(which)) - (np.cumsum(per_row) - per_row)[which]] = times
    return found.reshape(*leading, found.shape[1])


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
