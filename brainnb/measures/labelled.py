"""The measures on Datasets: arrays go in, names and units come out."""

import json
from typing import Any

import numpy as np

from brainnb.core.conventions import VOLTAGE_THRESHOLD
from brainnb.core.errors import ModelError, UnknownName, unknown_message

from . import spikes

SPIKE = "spike"


def spike_times(ds: Any, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> Any:
    """Spike times in ms, along a dimension ``spikes`` filled up with NaN.

    Parameters
    ----------
    ds : Dataset
        A run or a sweep with a time axis.
    var : str, optional
        Recorded spikes (``"spike"``) or a voltage.  By default the recorded spikes, else ``V``.
    threshold : float, optional
        Upward crossing that counts, interpolated between samples; by default -20 in mV, 0 without unit.
    start : float
        Leave out what happens before this time (ms).
    """
    times, dims, coords = times_of(ds, var, threshold, start)
    return label(times, (*dims, "spikes"), coords, "spike_times", "ms", "spike time")


def spike_count(ds: Any, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> Any:
    """Number of spikes of every run and unit."""
    times, dims, coords = times_of(ds, var, threshold, start)
    return label(spikes.count(times), dims, coords, "spike_count", "1", "spike count")


def rate(ds: Any, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> Any:
    """Mean firing rate in Hz: spikes divided by time; NaN where the run became NaN or infinite."""
    times, dims, coords = times_of(ds, var, threshold, start)
    rates = spikes.mean_rate(times, end(ds) - max(start, begin(ds)))
    diverged = ~np.isfinite(ds[spike_source(ds, var)].transpose(..., "time").values).all(axis=-1)
    return label(np.where(diverged, np.nan, rates), dims, coords, "rate", "Hz", "firing rate")


def intervals(ds: Any, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> Any:
    """Times from each spike to the next (ms), along a dimension ``intervals``."""
    times, dims, coords = times_of(ds, var, threshold, start)
    return label(spikes.intervals(times), (*dims, "intervals"), coords, "intervals", "ms", "interval between spikes")


def period(ds: Any, var: str | None = None, threshold: float | None = None, start: float = 0.0) -> Any:
    """Mean interval between spikes in ms; NaN with fewer than two spikes.

    Give ``start`` to leave the first, not yet regular spikes out.
    """
    times, dims, coords = times_of(ds, var, threshold, start)
    return label(spikes.mean_period(times), dims, coords, "period", "ms", "mean interval between spikes")


def spike_source(ds: Any, var: str | None = None) -> str:
    """The variable that tells the spikes: the one asked for, recorded spikes, or a voltage."""
    if var is not None:
        if var not in ds.data_vars:
            raise UnknownName(unknown_message("variable", var, map(str, ds.data_vars), where="this result"))
        found = var
    else:
        recorded = [str(v) for v in ds.data_vars if str(v).rpartition(".")[2] == SPIKE]
        if len(recorded) > 1:
            raise ModelError(f"Several variables hold spikes; name one: {', '.join(recorded)}.")
        found = recorded[0] if recorded else "V"
        if found not in ds.data_vars:
            raise ModelError(
                f"This result holds neither `spike` nor `V`; name the variable that tells the spikes, for example "
                f"ds.bn.spike_count({str(next(iter(ds.data_vars), 'x'))!r}, threshold=0)."
            )
    if "time" not in ds[found].dims:
        raise ModelError(f"`{found}` has no time axis, so it has no spikes; it was reduced when it was run.")
    if not is_events(found) and _resets(ds):
        raise ModelError(
            f"{ds.attrs.get('model', 'This model')} resets its voltage at a spike, so `{found}` never shows one: "
            f"record the spikes, record=['V', 'spike']."
        )
    return found


def is_events(var: str) -> bool:
    """Whether a variable records spikes, and not a voltage that shows them."""
    return var.rpartition(".")[2] == SPIKE


def _resets(ds: Any) -> bool:
    parameters = json.loads(ds.attrs.get("parameters", "{}"))
    return any(path.rpartition(".")[2] in ("V_reset", "V_peak", "V_th") for path in parameters)


def times_of(ds: Any, var: str | None, threshold: float | None, start: float) -> tuple[np.ndarray, tuple, dict]:
    """Spike times, the dimensions of their rows, and the coordinates of those."""
    name = spike_source(ds, var)
    x = ds[name].transpose(..., "time")
    time = ds.time.values
    if is_events(name):
        times = spikes.event_times(time, x.values)
    else:
        if threshold is None:
            threshold = VOLTAGE_THRESHOLD if x.attrs.get("units") == "mV" else 0.0
        times = spikes.crossing_times(time, x.values, threshold)
    if start >= end(ds):
        raise ModelError(f"start = {start:g} ms leaves nothing: the run ends at {end(ds):g} ms.")
    if start > begin(ds):
        times = spikes.since(times, start)
    dims = x.dims[:-1]
    return times, dims, {n: c for n, c in x.coords.items() if set(c.dims) <= set(dims)}


def begin(ds: Any) -> float:
    """Start of the run: one record before the first sample."""
    time = ds.time.values
    return float(2 * time[0] - time[1]) if len(time) > 1 else 0.0


def end(ds: Any) -> float:
    """Time of the last record."""
    return float(ds.time.values[-1])


def label(values: np.ndarray, dims: tuple, coords: dict, name: str, unit: str, meaning: str) -> Any:
    """An array with its names and unit."""
    import xarray as xr

    return xr.DataArray(values, coords, dims, name, {"units": unit, "long_name": meaning})
