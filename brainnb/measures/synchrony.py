"""How much neurons do the same at the same time: indices of synchrony and correlations.

Arrays have the shape (..., units, time) unless said otherwise.
"""

from typing import Any

import numpy as np

Array = np.ndarray


def chi(V: Any) -> Array:
    r"""Golomb's $\chi$: fluctuations of the mean voltage against those of single cells.

    $\chi^2 = \operatorname{Var}_t\big(\tfrac1N\sum_i V_i\big) \Big/ \tfrac1N \sum_i \operatorname{Var}_t(V_i)$.  1 when all
    cells do the same; about $1/\sqrt N$ when they are independent, so compare networks of different size.

    References
    ----------
    Golomb, Rinzel (1994) Clustering in globally coupled inhibitory neurons. Physica D 72, 259–282.
    doi:10.1016/0167-2789(94)90214-3; Golomb (2007) Neuronal synchrony measures. Scholarpedia 2(1), 1347.
    doi:10.4249/scholarpedia.1347

    Examples
    --------
    >>> t = np.linspace(0, 20 * np.pi, 1000, endpoint=False)
    >>> float(chi(np.stack([np.sin(t), np.sin(t + np.pi / 2)])).round(3))
    0.707
    """
    V = np.asarray(V, float)
    single = V.var(axis=-1).mean(axis=-1)
    together = V.mean(axis=-2).var(axis=-1)
    return np.sqrt(np.where(single > 0, together / np.where(single > 0, single, 1), np.nan))


def kappa(counts: Any) -> Array:
    r"""Wang and Buzsáki's coherence: how often two cells fire in the same bin, mean over all pairs.

    $\kappa_{ij} = \sum_l X_l Y_l \big/ \sqrt{\sum_l X_l \sum_l Y_l}$, with $X_l = 1$ where the first cell fired in bin $l$.
    1 in full synchrony; about rate times bin for independent cells.  Cells that never fire are left out; NaN with
    fewer than two others.

    References
    ----------
    Wang, Buzsáki (1996) Gamma oscillation by synaptic inhibition in a hippocampal interneuronal network model.
    J. Neurosci. 16, 6402–6413. doi:10.1523/JNEUROSCI.16-20-06402.1996

    Examples
    --------
    >>> float(kappa([[1, 0, 1, 0], [1, 0, 0, 1]]).round(6))
    0.5
    """
    fired = (np.asarray(counts) > 0).astype(float)
    spikes = fired.sum(axis=-1)
    active = spikes > 0
    scaled = fired / np.sqrt(np.where(active, spikes, 1))[..., None]
    n = active.sum(axis=-1)
    # the sum over all pairs is the square of the sum; each cell with itself has 1
    total = np.square(scaled.sum(axis=-2)).sum(axis=-1) - n
    return np.where(n > 1, total / np.maximum(n * (n - 1), 1), np.nan)


def correlations(x: Any) -> Array:
    """Pearson correlation of every two units over time, shape (..., units, units); NaN for one that never changes.

    Examples
    --------
    >>> correlations([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]).round(6)
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    x = np.asarray(x, float)
    away = x - x.mean(axis=-1, keepdims=True)
    size = np.sqrt(np.square(away).sum(axis=-1, keepdims=True))
    still = size <= 1e-12 * np.abs(x).max(axis=-1, keepdims=True)
    unit = np.where(still, np.nan, away / np.where(still, 1, size))
    return np.clip(unit @ np.swapaxes(unit, -1, -2), -1.0, 1.0)


def mean_of_pairs(matrix: Array) -> Array:
    """Mean of a (..., units, units) matrix over pairs of different units, without NaN."""
    n = matrix.shape[-1]
    pairs = matrix[..., *np.triu_indices(n, 1)]
    there = np.isfinite(pairs)
    total = np.where(there, pairs, 0.0).sum(axis=-1)
    return np.where(there.any(axis=-1), total / np.maximum(there.sum(axis=-1), 1), np.nan)


def cross_correlation(x: Any, y: Any, lags: int) -> Array:
    r"""Pearson correlation of ``x`` with ``y`` some bins later, along the last axis.

    $r(k) = \frac{1}{n\,\sigma_x \sigma_y}\sum_t (x_t - \bar x)(y_{t+k} - \bar y)$ for $k = -L, \dots, L$.  A peak at
    positive lags: ``y`` follows ``x``.

    Parameters
    ----------
    x, y : array, shape (..., n)
    lags : int
        $L$, less than n.

    Returns
    -------
    array, shape (..., 2 lags + 1)

    Examples
    --------
    >>> x = np.array([0, 0, 1, 0, 0, 0, 0, 0.0])
    >>> int(cross_correlation(x, np.roll(x, 2), 3).argmax()) - 3
    2
    """
    x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
    n = x.shape[-1]
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    size = np.sqrt(np.square(x).sum(axis=-1) * np.square(y).sum(axis=-1))[..., None]
    padded = 2 * n  # so that nothing comes round
    product = np.conj(np.fft.rfft(x, padded)) * np.fft.rfft(y, padded)
    around = np.fft.irfft(product, padded)
    found = np.concatenate([around[..., padded - lags :], around[..., : lags + 1]], axis=-1)
    return np.where(size > 0, found / np.where(size > 0, size, 1), np.nan)


def windowed_correlations(x: Any, window: int, step: int) -> tuple[Array, Array]:
    """Correlations of all pairs of units in sliding windows, and the first sample of each window.

    Returns
    -------
    array, shape (..., windows, pairs)
    int array, shape (windows,)
    """
    x = np.asarray(x, float)
    first = np.arange(0, x.shape[-1] - window + 1, step)
    pairs = np.triu_indices(x.shape[-2], 1)
    found = [correlations(x[..., i : i + window])[..., *pairs] for i in first]
    return np.stack(found, axis=-2), first
