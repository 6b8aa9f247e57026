"""Whether Markov chains agree, and what they are worth: x is (chain, draw)."""

from typing import Any

import numpy as np

from brainnb.core.errors import OutOfBounds

Array = np.ndarray


def r_hat(x: Any) -> float:
    r"""Rank-normalised split $\hat R$: the spread between chains against that within; 1 when they agree, below 1.01 is asked for.

    The greater one of the draws and of their distances to the median, so that chains of different width are found too.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter, Bürkner 2021, doi:10.1214/20-BA1221, eqs. 3.1-4.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> r_hat(rng.normal(size=(4, 500))) < 1.01 < r_hat(rng.normal(size=(4, 500)) + np.arange(4)[:, None])
    True
    """
    x = _halves(x)
    return float(max(_r_hat(_normal_scores(x)), _r_hat(_normal_scores(np.abs(x - np.median(x))))))


def effective_sample_size(x: Any) -> float:
    r"""How many independent draws the mean of rank-normalised chains is worth, by Geyer's initial monotone sequence.

    References
    ----------
    Vehtari et al. 2021, doi:10.1214/20-BA1221, section 4; Geyer 1992, doi:10.1214/ss/1177011137.

    Examples
    --------
    >>> bool(1600 < effective_sample_size(np.random.default_rng(0).normal(size=(4, 500))) < 2400)
    True
    """
    z = _normal_scores(_halves(x))
    m, n = z.shape
    covariance = np.mean([_autocovariance(row) for row in z], axis=0)
    within = covariance[0] * n / (n - 1)
    total = within * (n - 1) / n + z.mean(1).var(ddof=1)
    if not total > 0:
        return float("nan")
    correlation = 1 - (within - covariance) / total
    pairs = correlation[: n // 2 * 2].reshape(-1, 2).sum(1)
    ends = np.flatnonzero(pairs < 0)
    pairs = np.minimum.accumulate(pairs[: ends[0] if len(ends) else len(pairs)])
    tau = max(-1 + 2 * pairs.sum(), 1 / np.log10(m * n))
    return float(m * n / tau)


def _halves(x: Any) -> Array:
    x = np.asarray(x, float)
    if x.ndim != 2 or x.shape[1] < 4:
        raise OutOfBounds(f"Draws of shape {x.shape}; (chain, draw) with at least 4 draws was expected.")
    half = x.shape[1] // 2
    return np.concatenate([x[:, :half], x[:, -half:]])


def _normal_scores(x: Array) -> Array:
    from scipy.stats import norm, rankdata

    return norm.ppf((rankdata(x) - 0.375) / (x.size + 0.25)).reshape(x.shape)


def _r_hat(z: Array) -> float:
    n = z.shape[1]
    within = z.var(axis=1, ddof=1).mean()
    between = z.mean(axis=1).var(ddof=1)
    return float(np.sqrt((n - 1) / n + between / within)) if within > 0 else float("nan")


def _autocovariance(x: Array) -> Array:
    n = len(x)
    z = np.fft.rfft(x - x.mean(), 2 * n)
    return np.fft.irfft(z * z.conj(), 2 * n)[:n] / n
