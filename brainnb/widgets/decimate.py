"""Fewer points, the same picture: the lowest and the highest sample of each bucket survive."""

import numpy as np


def min_max(y: np.ndarray, points: int) -> np.ndarray:
    """Indices of at most ``points`` samples that keep every extreme of every bucket.

    A spike one sample wide keeps its exact height and time, whatever the reduction.

    Parameters
    ----------
    y : array, shape (samples,)
        One trace.
    points : int
        Largest number of indices to return, at least 4.

    Returns
    -------
    array of int
        Increasing indices into ``y``; the first and the last sample are always among them.

    Examples
    --------
    >>> y = np.zeros(1000); y[637] = 1.0
    >>> bool(637 in min_max(y, 20))
    True
    """
    if points < 4:
        raise ValueError(f"points={points}: a decimated trace needs at least 4 points.")
    n = y.shape[0]
    if n <= points:
        return np.arange(n)
    # argmin and argmax stop at the first NaN; a gap in the data must not hide the extremes beside it
    low, high = (np.nan_to_num(y, nan=np.inf), np.nan_to_num(y, nan=-np.inf)) if np.isnan(y).any() else (y, y)
    buckets = (points - 2) // 2
    width = -(-n // buckets)
    whole = n // width
    start = np.arange(whole) * width
    body = slice(0, whole * width)
    first = start + low[body].reshape(whole, width).argmin(axis=1)
    last = start + high[body].reshape(whole, width).argmax(axis=1)
    kept = [first, last, [0, n - 1]]
    if whole * width < n:
        rest = whole * width
        kept.append([rest + low[rest:].argmin(), rest + high[rest:].argmax()])
    return np.unique(np.concatenate(kept))
