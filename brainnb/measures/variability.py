"""How irregular spikes are: numbers from intervals and counts.

Spike times are rows filled up with NaN, as :mod:`.spikes` makes them; leading dimensions are kept.
"""

from typing import Any

import numpy as np

from .spikes import intervals

Array = np.ndarray


def mean_of(x: Array) -> Array:
    """Mean along the last axis without NaN; NaN where nothing is left."""
    there = np.isfinite(x)
    n = there.sum(axis=-1)
    total = np.where(there, x, 0.0).sum(axis=-1)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def cv(times: Array) -> Array:
    r"""Coefficient of variation of the intervals, $\sigma / \mu$: 0 for a clock, 1 for a Poisson process.

    NaN with fewer than three spikes.

    Examples
    --------
    >>> cv(np.array([[1.0, 2.0, 4.0, 5.0], [1.0, 2.0, np.nan, np.nan]])).round(3)
    array([0.354,   nan])
    """
    apart = intervals(times)
    mean = mean_of(apart)
    spread = np.sqrt(mean_of(np.square(apart - mean[..., None])))
    return np.where(np.isfinite(apart).sum(axis=-1) > 1, spread / mean, np.nan)


def cv2(times: Array) -> Array:
    r"""Local variation of neighbouring intervals, mean of $2\,|I_{i+1} - I_i| / (I_{i+1} + I_i)$.

    Unlike :func:`cv` it does not mistake a slowly changing rate for irregularity.  NaN with fewer than three spikes.

    References
    ----------
    Holt, Softky, Koch, Douglas (1996) Comparison of discharge variability in vitro and in vivo in cat visual
    cortex neurons. J. Neurophysiol. 75, 1806–1814. doi:10.1152/jn.1996.75.5.1806

    Examples
    --------
    >>> float(cv2(np.array([1.0, 2.0, 4.0, 5.0])).round(3))
    0.667
    """
    difference, total = _neighbours(times)
    return mean_of(2 * np.abs(difference) / total)


def lv(times: Array) -> Array:
    r"""Shinomoto's local variation, $3$ times the mean of $(I_i - I_{i+1})^2 / (I_i + I_{i+1})^2$.

    0 for a clock, 1 for a Poisson process.  NaN with fewer than three spikes.

    References
    ----------
    Shinomoto, Shima, Tanji (2003) Differences in spiking patterns among cortical neurons. Neural Comput. 15,
    2823–2842. doi:10.1162/089976603322518759

    Examples
    --------
    >>> float(lv(np.array([1.0, 2.0, 4.0, 5.0])).round(3))
    0.333
    """
    difference, total = _neighbours(times)
    return 3 * mean_of(np.square(difference / total))


def fano(counts: Any) -> Array:
    """Variance of counts divided by their mean, along the last axis: 1 for a Poisson process.

    NaN where nothing was counted.

    Examples
    --------
    >>> fano([[1, 3, 2, 2], [0, 0, 0, 0]])
    array([0.25,  nan])
    """
    counts = np.asarray(counts, float)
    mean = counts.mean(axis=-1)
    return np.where(mean > 0, counts.var(axis=-1) / np.where(mean > 0, mean, 1), np.nan)


def bin_counts(times: Array, edges: Array) -> Array:
    """Number of spikes in each bin; a spike at the right edge of a bin belongs to it, as in a record.

    Parameters
    ----------
    times : array, shape (..., spikes)
    edges : array, shape (bins + 1,)

    Returns
    -------
    int array, shape (..., bins)

    Examples
    --------
    >>> bin_counts(np.array([[1.0, 2.0, 2.5], [3.0, np.nan, np.nan]]), np.array([0.0, 2.0, 4.0]))
    array([[2, 1],
           [0, 1]])
    """
    rows = times.reshape(int(np.prod(times.shape[:-1])), times.shape[-1])
    bins = len(edges) - 1
    which = np.searchsorted(edges, rows, side="left") - 1
    inside = np.isfinite(rows) & (which >= 0) & (which < bins)
    row = np.broadcast_to(np.arange(len(rows))[:, None], rows.shape)
    counted = np.bincount((row * bins + which)[inside], minlength=len(rows) * bins)
    return counted.reshape(*times.shape[:-1], bins)


def _neighbours(times: Array) -> tuple[Array, Array]:
    """Difference and sum of each interval and the next; NaN for two intervals of 0, which coarse records give."""
    apart = intervals(times)
    total = apart[..., 1:] + apart[..., :-1]
    return np.diff(apart, axis=-1), np.where(total > 0, total, np.nan)
