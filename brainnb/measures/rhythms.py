"""Measures of rhythms on Datasets: spectra, coherence, phases.

``var``, ``x`` and ``y`` name a recorded variable; a DataArray with a time axis does as well, a population rate for example.
"""

from typing import Any

from brainnb.core.errors import ModelError, OutOfBounds, unknown_message

from . import axes, phases, spectra
from .labelled import label

Band = tuple[float, float]
METHODS = ("welch", "multitaper")


def spectrum(
    ds: Any,
    var: Any = None,
    method: str = "welch",
    window: float | None = None,
    bandwidth: float | None = None,
    start: float = 0.0,
) -> Any:
    """Power spectral density of a signal.

    Parameters
    ----------
    ds : Dataset or DataArray
    var : str or DataArray, optional
        By default ``V``, or the only variable.
    method : {"welch", "multitaper"}
        Mean over windows, or over tapers of the whole signal.
    window : float, optional
        Of Welch's method (ms); frequencies are 1000 / window Hz apart.  By default a quarter of the signal.
    bandwidth : float, optional
        Of the multitaper method: half width $W$ of the smoothing (Hz); $2 T W - 1$ tapers are used, with $T$ the
        duration.  By default $4 / T$: seven tapers.
    start : float
        Leave out what happens before this time (ms).

    Returns
    -------
    DataArray
        Dimension ``frequency`` in Hz behind the others.  One-sided: its integral is the variance of the signal.
    """
    x = axes.signal(ds, var, start)
    dt, n = axes.step(x), x.sizes[axes.TIME]
    if method == "welch":
        frequency, power = spectra.welch(x.values, dt, _window(window, n / 4, dt, n))
    elif method == "multitaper":
        bandwidth = 4000.0 / (n * dt) if bandwidth is None else bandwidth
        if not 1000.0 / (n * dt) <= bandwidth < 500.0 / dt:
            raise OutOfBounds(
                f"bandwidth = {bandwidth:g} Hz; from {1000.0 / (n * dt):g} Hz, one period of the signal, up to "
                f"{500.0 / dt:g} Hz was expected."
            )
        frequency, power = spectra.multitaper(x.values, dt, bandwidth)
    else:
        raise ModelError(unknown_message("method", method, METHODS))
    dims, coords = axes.kept(x, axes.TIME)
    coords = coords | {"frequency": axes.axis(frequency, "frequency", "Hz", "frequency")}
    return label(power, (*dims, "frequency"), coords, "spectrum", axes.squared(_unit(x), "Hz"), "power")


def spectrogram(ds: Any, var: Any = None, window: float = 200.0, step: float | None = None, start: float = 0.0) -> Any:
    """Power spectral density in sliding windows: how a rhythm comes and goes.

    Parameters
    ----------
    window : float
        Length of the windows (ms): long ones tell frequencies apart, short ones moments.
    step : float, optional
        From window to window (ms); by default a quarter of one.
    ds, var, start
        As in :func:`spectrum`.

    Returns
    -------
    DataArray
        Dimensions (others..., frequency, time); a time is the middle of its window.
    """
    x = axes.signal(ds, var, start)
    dt, n = axes.step(x), x.sizes[axes.TIME]
    length = _window(window, n, dt, n)
    hop = axes.samples(step, dt, "step", 1, length) if step is not None else max(1, length // 4)
    frequency, time, power = spectra.spectrogram(x.values, dt, length, hop)
    dims, coords = axes.kept(x, axes.TIME)
    coords = coords | {
        "frequency": axes.axis(frequency, "frequency", "Hz", "frequency"),
        axes.TIME: axes.axis(float(x.time[0]) + time, axes.TIME, "ms", "time"),
    }
    dims = (*dims, "frequency", axes.TIME)
    return label(power, dims, coords, "spectrogram", axes.squared(_unit(x), "Hz"), "power")


def coherence(ds: Any, x: Any, y: Any, window: float | None = None, start: float = 0.0) -> Any:
    """Magnitude-squared coherence of two signals at each frequency: 0 unrelated, 1 linearly related.

    Parameters
    ----------
    x, y : str or DataArray
    window : float, optional
        Of the segments (ms); by default an eighth of the signal.  One segment alone would always give 1.
    ds, start
        As in :func:`spectrum`.
    """
    x, y = axes.both(ds, x, y, start)
    dt, n = axes.step(x), x.sizes[axes.TIME]
    length = _window(window, n / 8, dt, n // 2)
    frequency, found = spectra.coherence(x.values, y.values, dt, length)
    dims, coords = axes.kept(x, axes.TIME)
    coords = coords | {"frequency": axes.axis(frequency, "frequency", "Hz", "frequency")}
    return label(found, (*dims, "frequency"), coords, "coherence", "1", "coherence")


def phase_locking(ds: Any, x: Any, y: Any, band: Band, start: float = 0.0) -> Any:
    """Phase locking value of two signals in a band of frequencies (Hz): 0 none, 1 a constant difference of phase.

    Equation and source in :func:`brainnb.measures.phases.phase_locking`.
    """
    x, y = axes.both(ds, x, y, start)
    dims, coords = axes.kept(x, axes.TIME)
    found = phases.phase_locking(x.values, y.values, axes.step(x), band)
    return label(found, dims, coords, "phase_locking", "1", "phase locking value")


def phase_amplitude_coupling(
    ds: Any,
    var: Any = None,
    phase: Band = (4.0, 8.0),
    amplitude: Band = (30.0, 80.0),
    bins: int = 18,
    start: float = 0.0,
) -> Any:
    """Tort's modulation index: how much a fast rhythm's amplitude depends on a slow one's phase, 0 to 1.

    Parameters
    ----------
    phase, amplitude : pair of float
        Slow and fast band (Hz).
    bins : int
        Bins of phase.
    ds, var, start
        As in :func:`spectrum`.

    Notes
    -----
    Chance is not 0: compare with shifted signals.  Equation in :func:`brainnb.measures.phases.modulation_index`.
    """
    x = axes.signal(ds, var, start)
    dims, coords = axes.kept(x, axes.TIME)
    found = phases.modulation_index(x.values, axes.step(x), phase, amplitude, bins)
    return label(found, dims, coords, "phase_amplitude_coupling", "1", "modulation index")


def _window(window: float | None, default: float, dt: float, most: int) -> int:
    """A window in samples."""
    return min(max(8, round(default)), most) if window is None else axes.samples(window, dt, "window", 8, most)


def _unit(x: Any) -> str:
    return x.attrs.get("units", "1")
