"""Rates that change in time: spikes smoothed with a kernel."""

import math

import numpy as np
from numpy.typing import ArrayLike

from brainnb.core.errors import ModelError, OutOfBounds, unknown_message

Array = np.ndarray
KERNELS = ("rectangular", "gaussian", "exponential", "alpha")
REACH = {"gaussian": 5.0, "exponential": 18.0, "alpha": 23.0}
"""Widths after which less than 1e-6 of a kernel is left."""


def kernel_weights(kernel: str, width: float, dt: float) -> tuple[Array, int]:
    r"""Weights of a kernel in bins of ``dt``, and the position of the present bin.

    Each weight is the integral of the kernel over the bin, so that the sum is 1 whatever the bins.

    Parameters
    ----------
    kernel : {"rectangular", "gaussian", "exponential", "alpha"}
        The first two look as far ahead as back, the others only back:
        $e^{-t/\tau}/\tau$ and $t\,e^{-t/\tau}/\tau^2$.
    width : float
        Whole width of the rectangle, standard deviation of the Gaussian, $\tau$ of the others (ms).
    dt : float
        Width of a bin (ms).

    Examples
    --------
    >>> kernel_weights("rectangular", 3.0, 1.0)
    (array([0.33333333, 0.33333333, 0.33333333]), 1)
    """
    if kernel not in KERNELS:
        raise ModelError(unknown_message("kernel", kernel, KERNELS))
    if not (width > 0 and math.isfinite(width)):
        raise OutOfBounds(f"width = {width}; a number of ms above 0 was expected.")
    reach = math.ceil(0.5 * width / dt + 0.5) if kernel == "rectangular" else math.ceil(REACH[kernel] * width / dt)
    if kernel in ("rectangular", "gaussian"):
        edges, now = (np.arange(-reach, reach + 2) - 0.5) * dt, reach
    else:
        edges, now = np.arange(reach + 2) * dt, 0
    weights = np.diff(_integral(kernel, edges / width))
    used = np.flatnonzero(weights)
    weights, now = weights[used[0] : used[-1] + 1], now - used[0]
    return weights / weights.sum(), int(now)


def _integral(kernel: str, z: Array) -> Array:
    """Integral of the kernel up to ``z`` widths."""
    from scipy.special import ndtr

    if kernel == "rectangular":
        return np.clip(z + 0.5, 0.0, 1.0)
    if kernel == "gaussian":
        return ndtr(z)
    return -np.expm1(-z) if kernel == "exponential" else 1 - (1 + z) * np.exp(-z)


def smoothed_rate(counts: ArrayLike, dt: float, kernel: str = "gaussian", width: float = 10.0) -> Array:
    """Firing rate in Hz at every bin.

    Parameters
    ----------
    counts : array, shape (..., bins)
        Spikes in each bin.
    dt : float
        Width of a bin (ms).
    kernel, width
        See :func:`kernel_weights`.

    Notes
    -----
    What lies before the first and behind the last bin counts as silence: within one width of the ends the rate is too
    low.

    Examples
    --------
    >>> smoothed_rate([0, 0, 1, 0, 0], 1.0, "rectangular", 2.0).round(6)
    array([  0., 250., 500., 250.,   0.])
    """
    from scipy.signal import oaconvolve

    counts = np.asarray(counts, float)
    weights, now = kernel_weights(kernel, width, dt)
    full = oaconvolve(counts, weights.reshape((1,) * (counts.ndim - 1) + (-1,)), axes=-1)
    rate = 1000.0 / dt * full[..., now : now + counts.shape[-1]]
    return np.where(np.abs(rate) < 1e-9 / dt, 0.0, rate)  # rounding of the transform


def as_counts(x: Array) -> Array:
    """Recorded spikes without NaN, which stands behind a failure; not copied where there is none."""
    return np.nan_to_num(x) if np.isnan(x.sum()) else x
