"""Measures of single spike trains on Datasets: irregularity, counts, rates in time."""

from collections.abc import Callable
from typing import Any

import numpy as np

from brainnb.core.errors import OutOfBounds

from . import axes, smoothing, variability
from .labelled import begin, end, is_events, label, spike_source, times_of

Array = np.ndarray


def cv(ds: Any, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> Any:
    """Coefficient of variation of the intervals: 0 for a clock, 1 for a Poisson process.

    NaN with fewer than three spikes; equation in :func:`brainnb.measures.variability.cv`.

    Parameters
    ----------
    ds : Dataset
        A run or a sweep with a time axis.
    var, threshold, start
        As in :func:`brainnb.measures.spike_times`.

    Returns
    -------
    DataArray
        One number for every unit and every swept value.
    """
    return _of_times(variability.cv, ds, (var, threshold, start), "cv", "CV of intervals")


def cv2(ds: Any, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> Any:
    """Irregularity of neighbouring intervals, which a slowly changing rate does not mislead; 1 for a Poisson process.

    Equation and source in :func:`brainnb.measures.variability.cv2`; parameters as in :func:`cv`.
    """
    return _of_times(variability.cv2, ds, (var, threshold, start), "cv2", "CV2 of intervals")


def lv(ds: Any, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> Any:
    """Shinomoto's local variation of the intervals; 1 for a Poisson process.

    Equation and source in :func:`brainnb.measures.variability.lv`; parameters as in :func:`cv`.
    """
    return _of_times(variability.lv, ds, (var, threshold, start), "lv", "local variation of intervals")


def spike_counts(
    ds: Any, bin: float = 5.0, var: str | None = None, threshold: float | None = None, start: float = 0.0
) -> Any:
    """Number of spikes in bins of ``bin`` ms; the time of a bin is its right edge, as in a record.

    A part at the end that fills no whole bin is left out.

    Raises
    ------
    OutOfBounds
        Where a bin is shorter than the time between records, or longer than the run.
    """
    times, dims, coords = times_of(ds, var, threshold, start)
    edges = _edges(ds, bin, start, spike_source(ds, var))
    coords = coords | {axes.TIME: axes.axis(edges[1:], axes.TIME, "ms", "time")}
    return label(
        variability.bin_counts(times, edges), (*dims, axes.TIME), coords, "spike_counts", "1", "spikes in a bin"
    )


def fano(
    ds: Any, window: float = 100.0, var: str | None = None, threshold: float | None = None, start: float = 0.0
) -> Any:
    """Fano factor: variance over mean of the spike counts in windows of ``window`` ms; 1 for a Poisson process.

    NaN where there is no spike.  Other parameters as in :func:`cv`.
    """
    counts = spike_counts(ds, window, var, threshold, start)
    dims, coords = axes.kept(counts, axes.TIME)
    return label(variability.fano(counts.values), dims, coords, "fano", "1", "Fano factor")


def rate_over_time(
    ds: Any, kernel: str = "gaussian", width: float = 10.0, var: str | None = None, threshold: float | None = None
) -> Any:
    """Firing rate of every unit at every moment in Hz: its spikes, smoothed.

    Parameters
    ----------
    kernel : {"gaussian", "rectangular", "exponential", "alpha"}
        The last two look only back.
    width : float
        Standard deviation of the Gaussian, whole width of the rectangle, time constant of the others (ms).
    var, threshold
        As in :func:`brainnb.measures.spike_times`.

    Notes
    -----
    Within one width of the ends of the run the rate is too low: nothing is known of what lies outside.
    """
    return _smoothed(_on_records(ds, var, threshold), kernel, width, "rate_over_time", "firing rate")


def population_rate(
    ds: Any,
    kernel: str = "gaussian",
    width: float = 10.0,
    var: str | None = None,
    threshold: float | None = None,
    dim: str | None = None,
) -> Any:
    """Mean firing rate of a population at every moment in Hz.

    Parameters
    ----------
    dim : str, optional
        The dimension to average over; by default all that count units.
    kernel, width, var, threshold
        As in :func:`rate_over_time`.
    """
    counts = _on_records(ds, var, threshold)
    over = [axes.unit_dim(counts, dim, "population_rate")] if dim is not None else axes.unit_dims(counts)
    return _smoothed(counts.mean(over, skipna=False), kernel, width, "population_rate", "mean firing rate")


def _of_times(function: Callable[[Array], Array], ds: Any, which: tuple, name: str, meaning: str) -> Any:
    times, dims, coords = times_of(ds, *which)
    return label(function(times), dims, coords, name, "1", meaning)


def _edges(ds: Any, bin: float, start: float, source: str) -> Array:
    """Borders of the bins, rounded as the times of records are."""
    first, last, dt = max(start, begin(ds)), end(ds), axes.step(ds)
    if not bin > 0 or bin > last - first + 1e-9:
        raise OutOfBounds(
            f"bin = {bin} ms; above 0 and at most {last - first:g} ms, the length of the run, was expected."
        )
    if is_events(source) and bin < dt * (1 - 1e-6):
        raise OutOfBounds(f"bin = {bin:g} ms is shorter than the time between records, {dt:g} ms.")
    return np.round(first + bin * np.arange(int((last - first) / bin + 1e-6) + 1), 9)


def _on_records(ds: Any, var: str | None, threshold: float | None) -> Any:
    """Spikes at each record, time last."""
    source = spike_source(ds, var)
    if is_events(source):
        x = ds[source].transpose(..., axes.TIME)
        return x.copy(data=smoothing.as_counts(x.values))
    return spike_counts(ds, axes.step(ds), var, threshold)


def _smoothed(counts: Any, kernel: str, width: float, name: str, meaning: str) -> Any:
    rate = smoothing.smoothed_rate(counts.values, axes.step(counts), kernel, width)
    return label(rate, counts.dims, dict(counts.coords), name, "Hz", meaning)
