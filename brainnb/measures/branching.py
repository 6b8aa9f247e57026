"""How close to criticality: how many spikes one spike causes."""

from typing import Any

import numpy as np

Array = np.ndarray


def regression_slopes(activity: Any, lags: Array) -> Array:
    r"""Slopes $r_k$ of the linear regression of activity at $t + k$ on that at $t$, shape (lags,)."""
    activity = np.asarray(activity, float)
    slopes = []
    for k in lags:
        now, later = activity[:-k], activity[k:]
        away = now - now.mean()
        spread = (away * away).sum()
        slopes.append((away * (later - later.mean())).sum() / spread if spread > 0 else np.nan)
    return np.array(slopes)


def branching_factor(activity: Any, lags: int) -> tuple[float, float, Array]:
    r"""Wilting and Priesemann's estimate of the branching factor, unbiased when few of the neurons are recorded.

    $m$ is how many spikes one spike causes in the next bin: below 1 activity dies out, at 1 it is critical.
    Subsampling shrinks all regression slopes $r_k = b\,m^k$ by the same factor $b$, so that the decay over lags $k$,
    and not the first slope, tells $m$.

    Parameters
    ----------
    activity : array, shape (bins,)
        Spikes of all recorded neurons in each bin.
    lags : int
        Slopes are taken for 1 to ``lags`` bins.

    Returns
    -------
    m : float
        NaN where activity never changes or the slopes do not decay from a positive value.
    b : float
    slopes : array, shape (lags,)

    References
    ----------
    Wilting, Priesemann (2018) Inferring collective dynamical states from widely unobserved systems.
    Nat. Commun. 9, 2325. doi:10.1038/s41467-018-04725-4
    """
    from scipy.optimize import least_squares

    k = np.arange(1, lags + 1)
    slopes = regression_slopes(activity, k)
    if not np.isfinite(slopes).all() or slopes[0] <= 0:
        return np.nan, np.nan, slopes
    start = float(np.clip(slopes[1] / slopes[0], 0.05, 0.999)), float(slopes[0])
    fit = least_squares(lambda p: p[1] * p[0] ** k - slopes, start, bounds=([1e-6, 0.0], [1.5, np.inf]))
    return float(fit.x[0]), float(fit.x[1]), slopes
