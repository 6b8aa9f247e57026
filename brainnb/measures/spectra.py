"""Spectra of signals, along the last axis; ``dt`` is in ms, frequencies are in Hz."""

from typing import Any

import numpy as np

Array = np.ndarray


def welch(x: Any, dt: float, window: int) -> tuple[Array, Array]:
    """Power spectral density by Welch's method: mean over half-overlapping Hann windows of ``window`` samples.

    Returns
    -------
    frequency : array, shape (frequencies,)
    power : array, shape (..., frequencies)
        In the square of the signal's unit per Hz.  One-sided: its integral is the variance.
    """
    from scipy.signal import welch

    return welch(np.asarray(x, float), 1000.0 / dt, "hann", window)


def multitaper(x: Any, dt: float, bandwidth: float) -> tuple[Array, Array]:
    r"""Power spectral density by Thomson's multitaper method: mean over orthogonal tapers of the whole signal.

    Parameters
    ----------
    bandwidth : float
        Half width of the smoothing in Hz; with the duration $T$ of the signal $2 T W - 1$ tapers are used.

    References
    ----------
    Thomson (1982) Spectrum estimation and harmonic analysis. Proc. IEEE 70, 1055–1096.
    doi:10.1109/PROC.1982.12433
    """
    from scipy.signal.windows import dpss

    x = np.asarray(x, float)
    n, rate = x.shape[-1], 1000.0 / dt
    product = bandwidth * n / rate
    tapers = dpss(n, product, max(1, int(2 * product - 1)))
    away = x - x.mean(axis=-1, keepdims=True)
    power = np.zeros((*x.shape[:-1], n // 2 + 1))
    for taper in tapers:  # one after another, so that memory does not grow with their number
        power += np.square(np.abs(np.fft.rfft(away * taper)))
    power *= 2 / rate / len(tapers)
    power[..., 0] /= 2
    if n % 2 == 0:
        power[..., -1] /= 2
    return np.fft.rfftfreq(n, 1 / rate), power


def spectrogram(x: Any, dt: float, window: int, step: int) -> tuple[Array, Array, Array]:
    """Power spectral density in sliding Hann windows of ``window`` samples, every ``step`` samples.

    Returns
    -------
    frequency : array, shape (frequencies,)
    time : array, shape (windows,)
        Middle of each window, ms from the first sample.
    power : array, shape (..., frequencies, windows)
    """
    from scipy.signal import spectrogram

    frequency, time, power = spectrogram(
        np.asarray(x, float), 1000.0 / dt, "hann", window, window - step, detrend="constant"
    )
    return frequency, 1000.0 * time - dt / 2, power


def coherence(x: Any, y: Any, dt: float, window: int) -> tuple[Array, Array]:
    r"""Magnitude-squared coherence $|S_{xy}|^2 / S_{xx} S_{yy}$ over Welch windows: 0 unrelated, 1 linearly related.

    With $n$ windows that do not overlap unrelated signals have a coherence of about $1/n$.
    """
    from scipy.signal import coherence

    return coherence(np.asarray(x, float), np.asarray(y, float), 1000.0 / dt, "hann", window)
