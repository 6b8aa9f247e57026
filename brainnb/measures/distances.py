"""How different two spike trains are.

Each function takes two one-dimensional arrays of rising spike times in ms; NaN is left out.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from brainnb.core.errors import OutOfBounds

Array = np.ndarray


def victor_purpura(a: Any, b: Any, cost: float = 0.1) -> float:
    """Victor and Purpura's distance: the cheapest way to turn one train into the other.

    A spike is added or removed for 1 and moved by 1 ms for ``cost``.

    Parameters
    ----------
    cost : float
        Per ms.  0 compares only the numbers of spikes; spikes further apart than 2 / cost are never moved.

    References
    ----------
    Victor, Purpura (1996) Nature and precision of temporal coding in visual cortex: a metric-space analysis.
    J. Neurophysiol. 76, 1310–1326. doi:10.1152/jn.1996.76.2.1310

    Examples
    --------
    >>> victor_purpura([10.0, 20.0], [12.0], cost=0.1)
    1.2
    """
    a, b = _train(a), _train(b)
    _not_negative("cost", cost)
    step = np.arange(len(b) + 1.0)
    row = step.copy()
    for spike in a:
        best = row + 1.0
        best[1:] = np.minimum(best[1:], row[:-1] + cost * np.abs(spike - b))
        row = step + np.minimum.accumulate(best - step)  # and then add spikes of b
    return float(row[-1])


def van_rossum(a: Any, b: Any, tau: float = 10.0) -> float:
    r"""Van Rossum's distance: between the trains after each spike became a decaying exponential.

    $D^2 = \frac{1}{\tau}\int (f - g)^2\,dt$ with $f(t) = \sum_i e^{-(t - t_i)/\tau}$; one spike more gives
    $D^2 = 1/2$.  Computed in closed form.

    Parameters
    ----------
    tau : float
        Time constant (ms).

    References
    ----------
    van Rossum (2001) A novel spike distance. Neural Comput. 13, 751–763. doi:10.1162/089976601300014321

    Examples
    --------
    >>> round(van_rossum([10.0], []) ** 2, 12)
    0.5
    """
    a, b = _train(a), _train(b)
    if not tau > 0:
        raise OutOfBounds(f"tau = {tau}; a number of ms above 0 was expected.")

    def product(x: Array, y: Array) -> float:
        return float(np.exp(-np.abs(x[:, None] - y) / tau).sum())

    return math.sqrt(max(0.0, 0.5 * (product(a, a) + product(b, b) - 2 * product(a, b))))


def isi_distance(a: Any, b: Any, start: float, end: float) -> float:
    r"""The ISI-distance: mean over time of $|\nu_a - \nu_b| / \max(\nu_a, \nu_b)$, with $\nu$ the present interval.

    Between 0 and 1, without a parameter of time.

    Parameters
    ----------
    start, end : float
        The time that is looked at (ms).

    References
    ----------
    Kreuz, Haas, Morelli, Abarbanel, Politi (2007) Measuring spike train synchrony. J. Neurosci. Methods 165,
    151–161. doi:10.1016/j.jneumeth.2007.05.031

    Examples
    --------
    >>> isi_distance([10.0, 20.0, 30.0], [5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0], 0.0, 40.0)
    0.5
    """
    first, second, times = _framed(a, b, start, end)
    nu_a, nu_b = _present(first, times)[2], _present(second, times)[2]
    profile = np.abs(nu_a - nu_b) / np.maximum(nu_a, nu_b)
    return float((profile * np.diff(times)).sum() / (end - start))


def spike_distance(a: Any, b: Any, start: float, end: float) -> float:
    """The SPIKE-distance: mean over time of how far the spikes around each moment are from those of the other train.

    Between 0 and 1, without a parameter of time, sensitive to exact timing.

    Parameters
    ----------
    start, end : float
        The time that is looked at (ms).

    Notes
    -----
    .  Before the first spike and behind the last one the interval is at least as long as the
    neighbouring one, as in the authors' PySpike.

    References
    ----------
    Kreuz, Chicharro, Houghton, Andrzejak, Mormann (2013) Monitoring spike train synchrony.
    J. Neurophysiol. 109, 1457–1472. doi:10.1152/jn.00873.2012;
    Mulansky, Kreuz (2016) PySpike. SoftwareX 5, 183–189. doi:10.1016/j.softx.2016.07.006

    Examples
    --------
    >>> round(spike_distance([10.0, 20.0, 30.0], [11.0, 21.0, 31.0], 0.0, 40.0), 4)
    0.0987
    """
    first, second, times = _framed(a, b, start, end)
    left, right = times[:-1], times[1:]
    at_left, at_right = [], []
    for one, other in ((first, second), (second, first)):
        before, after, nu, gap_before, gap_after = _present(one, times, other)
        at_left.append(((gap_before * (after - left) + gap_after * (left - before)) / nu, nu))
        at_right.append(((gap_before * (after - right) + gap_after * (right - before)) / nu, nu))
    total = np.zeros(())
    for (s_a, nu_a), (s_b, nu_b) in (at_left, at_right):
        total = total + ((s_a * nu_b + s_b * nu_a) / (0.5 * (nu_a + nu_b) ** 2) * (right - left)).sum()
    return float(total / 2 / (end - start))


def sttc(a: Any, b: Any, start: float, end: float, window: float = 10.0) -> float:
    r"""Spike time tiling coefficient: do spikes of two trains come together, whatever their rates?  From -1 to 1.

    $\tfrac12\big(\tfrac{P_A - T_B}{1 - P_A T_B} + \tfrac{P_B - T_A}{1 - P_B T_A}\big)$, with $T$ the share of time within
    ``window`` of a spike and $P$ the share of spikes within ``window`` of one of the other train.

    Returns
    -------
    float
        NaN where one train is empty.

    References
    ----------
    Cutts, Eglen (2014) Detecting pairwise correlations in spike trains. J. Neurosci. 34, 14288–14303.
    doi:10.1523/JNEUROSCI.2767-14.2014

    Examples
    --------
    >>> sttc([10.0, 50.0, 90.0], [11.0, 51.0, 91.0], 0.0, 100.0, window=5.0)
    1.0
    """
    a, b = _train(a), _train(b)
    _not_negative("window", window)
    if not (len(a) and len(b)):
        return math.nan
    time_a, time_b = (_tiled(x, start, end, window) for x in (a, b))
    near_a, near_b = float((_nearest(a, b) <= window).mean()), float((_nearest(b, a) <= window).mean())
    return 0.5 * (_tiling(near_a, time_b) + _tiling(near_b, time_a))


def pairwise(function: Callable[[Array, Array], float], rows: Array) -> Array:
    """A symmetric function of every two rows of spike times, shape (rows, rows)."""
    trains = [_train(row) for row in rows]
    found = np.zeros((len(trains), len(trains)))
    for i, a in enumerate(trains):
        for j in range(i, len(trains)):
            found[i, j] = found[j, i] = function(a, trains[j])
    return found


def _tiling(near: float, time: float) -> float:
    """One half of the coefficient; 1 where both shares are 1."""
    return 1.0 if near * time == 1 else (near - time) / (1 - near * time)


def _tiled(x: Array, start: float, end: float, window: float) -> float:
    """Share of the time within ``window`` of a spike."""
    low, high = np.maximum(x - window, start), np.minimum(x + window, end)
    low[1:] = np.maximum(low[1:], np.maximum.accumulate(high)[:-1])
    return float(np.maximum(high - low, 0.0).sum() / (end - start))


def _nearest(x: Array, others: Array) -> Array:
    """Distance of each of ``x`` to the nearest of the rising ``others``."""
    after = np.searchsorted(others, x)
    before = others[np.maximum(after - 1, 0)]
    return np.minimum(np.abs(x - before), np.abs(others[np.minimum(after, len(others) - 1)] - x))


def _framed(a: Any, b: Any, start: float, end: float) -> tuple[Array, Array, Array]:
    """Both trains with a spike before the start and one behind the end, and all times at which something changes."""
    if not end > start:
        raise OutOfBounds(f"start = {start}, end = {end}: there is no time between them.")
    a, b = (_between(x, start, end) for x in (a, b))
    times = np.unique(np.concatenate([[start, end], a, b]))
    return _with_edges(a, start, end), _with_edges(b, start, end), times


def _between(x: Any, start: float, end: float) -> Array:
    x = _train(x)
    return x[(x >= start) & (x <= end)]


def _with_edges(x: Array, start: float, end: float) -> Array:
    if not len(x):
        return np.array([start, end])
    first, last = (x[1] - x[0], x[-1] - x[-2]) if len(x) > 1 else (0.0, 0.0)
    return np.concatenate([[min(start, x[0] - first)], x, [max(end, x[-1] + last)]])


def _present(x: Array, times: Array, other: Array | None = None) -> tuple:
    """Spike before, spike after and interval at each piece of time; with ``other``, the gaps of both spikes to it."""
    after = np.clip(np.searchsorted(x, 0.5 * (times[1:] + times[:-1])), 1, len(x) - 1)
    present = x[after - 1], x[after], x[after] - x[after - 1]
    if other is None:
        return present
    gaps = _nearest(x, other)
    if len(x) > 2:  # the spikes at the edges are not real: theirs are the gaps of their neighbours
        gaps[0], gaps[-1] = gaps[1], gaps[-2]
    return *present, gaps[after - 1], gaps[after]


def _train(x: Any) -> Array:
    x = np.asarray(x, float).ravel()
    return np.sort(x[np.isfinite(x)])


def _not_negative(name: str, value: float) -> None:
    if not value >= 0:
        raise OutOfBounds(f"{name} = {value}; a number of at least 0 was expected.")
