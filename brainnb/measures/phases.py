"""Phases of rhythms: phase locking and phase–amplitude coupling.  Time is the last axis, ``dt`` in ms."""

from typing import Any

import numpy as np

from brainnb.core.errors import OutOfBounds

Array = np.ndarray
ORDER = 3
"""Of the Butterworth filter; run forward and backward, so that it does not shift phases."""


def band_passed(x: Any, dt: float, band: tuple[float, float]) -> Array:
    """The part of a signal between two frequencies in Hz.

    Raises
    ------
    OutOfBounds
        Where the band is not between 0 and half the rate of samples, or the signal is too short for it.
    """
    from scipy.signal import butter, sosfiltfilt

    x = np.asarray(x, float)
    low, high = band
    nyquist = 500.0 / dt
    if not 0 < low < high < nyquist:
        raise OutOfBounds(
            f"band = ({low}, {high}) Hz; two rising frequencies between 0 and {nyquist:g} Hz were expected."
        )
    if x.shape[-1] * dt * low < 3000:
        raise OutOfBounds(
            f"band = ({low}, {high}) Hz: {x.shape[-1] * dt:g} ms are less than three periods of {low} Hz; run longer."
        )
    sos = butter(ORDER, (low, high), "bandpass", fs=1000.0 / dt, output="sos")
    return sosfiltfilt(sos, x, axis=-1, padlen=min(x.shape[-1] - 1, int(3000 / low / dt)))


def analytic(x: Any, dt: float, band: tuple[float, float]) -> Array:
    """The analytic signal in a band: its angle is the phase, its modulus the amplitude."""
    from scipy.signal import hilbert

    return hilbert(band_passed(x, dt, band), axis=-1)


def phase_locking(x: Any, y: Any, dt: float, band: tuple[float, float]) -> Array:
    r"""Phase locking value $\big|\tfrac1n \sum_t e^{i(\varphi_x - \varphi_y)}\big|$ in a band: 0 none, 1 constant difference.

    References
    ----------
    Lachaux, Rodriguez, Martinerie, Varela (1999) Measuring phase synchrony in brain signals. Hum. Brain Mapp. 8,
    194–208. doi:10.1002/(SICI)1097-0193(1999)8:4<194::AID-HBM4>3.0.CO;2-C
    """
    difference = np.angle(analytic(x, dt, band)) - np.angle(analytic(y, dt, band))
    return np.abs(np.exp(1j * difference).mean(axis=-1))


def modulation_index(
    x: Any, dt: float, phase: tuple[float, float], amplitude: tuple[float, float], bins: int = 18
) -> Array:
    r"""Tort's modulation index: how much the amplitude of a fast rhythm depends on the phase of a slow one.

    The mean amplitude in each bin of phase, divided by the sum, is a distribution $P$; the index is its distance from
    uniform, $(\ln N - H(P)) / \ln N$: 0 none, 1 all amplitude at one phase.

    Parameters
    ----------
    phase, amplitude : pair of float
        The slow and the fast band (Hz).  The fast one must be wide enough to hold the slow one twice.
    bins : int
        $N$.

    References
    ----------
    Tort, Komorowski, Eichenbaum, Kopell (2010) Measuring phase-amplitude coupling between neuronal oscillations
    of different frequencies. J. Neurophysiol. 104, 1195–1210. doi:10.1152/jn.00106.2010
    """
    P = amplitude_by_phase(x, dt, phase, amplitude, bins)
    P = P / P.sum(axis=-1, keepdims=True)
    entropy = -np.where(P > 0, P * np.log(np.where(P > 0, P, 1)), 0.0).sum(axis=-1)
    return (np.log(bins) - entropy) / np.log(bins)


def amplitude_by_phase(
    x: Any, dt: float, phase: tuple[float, float], amplitude: tuple[float, float], bins: int = 18
) -> Array:
    """Mean amplitude of a fast band in bins of the phase of a slow one, from -π to π; shape (..., bins)."""
    x = np.asarray(x, float)
    angle = np.angle(analytic(x, dt, phase)).reshape(-1, x.shape[-1])
    size = np.abs(analytic(x, dt, amplitude)).reshape(-1, x.shape[-1])
    which = np.minimum(((angle + np.pi) / (2 * np.pi) * bins).astype(int), bins - 1)
    found = [
        np.bincount(w, s, bins) / np.maximum(np.bincount(w, minlength=bins), 1)
        for w, s in zip(which, size, strict=True)
    ]
    return np.reshape(found, (*x.shape[:-1], bins))
