"""What all encoders share: values in, checked and with their labels; spikes out, time first."""

from typing import Any, NamedTuple

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.quantities import to_magnitude
from brainnb.inputs.data import milliseconds


class Values(NamedTuple):
    """Values with the names of their dimensions and their coordinates."""

    array: np.ndarray
    dims: tuple[str, ...]
    coords: dict[str, Any]


def values_of(x: Any, where: str) -> Values:
    """Numbers with labels; those of a plain array are ``unit``, or ``unit_0``, ``unit_1``, ..."""
    labelled = hasattr(x, "dims") and hasattr(x, "coords")
    try:
        array = np.asarray(x, dtype=float)
    except (TypeError, ValueError):
        raise ModelError(f"{where}: numbers were expected, got {type(x).__name__}.") from None
    if not np.isfinite(array).all():
        bad = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ModelError(f"{where}: the value at {bad} is NaN or infinite; drop or fill it first.")
    if labelled:
        dims = tuple(map(str, x.dims))
        return Values(array, dims, {str(n): c.variable for n, c in x.coords.items() if c.dims})
    dims = ("unit",) if array.ndim == 1 else tuple(f"unit_{i}" for i in range(array.ndim))
    return Values(array, dims, {})


def shares(x: Any, where: str) -> Values:
    """Values between 0 and 1."""
    found = values_of(x, where)
    low, high = found.array.min(initial=0.0), found.array.max(initial=0.0)
    if low < 0.0 or high > 1.0:
        raise ModelError(
            f"{where}: values from {low:g} to {high:g}; values between 0 and 1 were expected: "
            f"scale them, (x - x.min()) / (x.max() - x.min())."
        )
    return found


def timed(x: Any, where: str) -> tuple[np.ndarray, Values]:
    """Times in ms and a signal with time first; without a time coordinate the samples are 1 ms apart."""
    found = values_of(x, where)
    if "time" not in found.dims:
        raise ModelError(
            f"{where}: a signal over time was expected: a DataArray with a dimension `time`, such as ds.V, got the "
            f"dimensions {found.dims}. For a plain array: xr.DataArray(x, dims=('time', 'unit'))."
        )
    axis = found.dims.index("time")
    array = np.moveaxis(found.array, axis, 0)
    dims = ("time", *(d for d in found.dims if d != "time"))
    coordinate = found.coords.get("time")
    times = np.arange(len(array), dtype=float) if coordinate is None else milliseconds(coordinate, f"{where}: time")
    if len(times) > 1 and (np.diff(times) <= 0).any():
        raise ModelError(f"{where}: the times must increase; sort them and drop repeats.")
    return times, Values(array, dims, {n: c for n, c in found.coords.items() if n != "time"})


def positive(x: Any, name: str, where: str, unit: str = "ms") -> float:
    """A positive number, or text such as ``"0.5 s"``."""
    if isinstance(x, str) or hasattr(x, "magnitude"):
        x = to_magnitude(x, unit, f"{where}: {name}")
    if isinstance(x, bool) or not np.isscalar(x) or not np.isfinite(x) or x <= 0:
        raise ModelError(
            f"{where}: {name}={x!r}; a positive number{'' if unit == '1' else f' in {unit}'} was expected."
        )
    return float(x)


def bins(T: Any, dt: Any, where: str) -> tuple[np.ndarray, float]:
    """The beginnings of the bins, and their width, in ms."""
    T, dt = positive(T, "T", where), positive(dt, "dt", where)
    count = round(T / dt)
    if count < 1 or abs(count * dt - T) > 1e-6 * T:
        raise ModelError(f"{where}: T = {T:g} ms is no whole number of bins of dt = {dt:g} ms.")
    return np.round(np.arange(count) * dt, 9), dt


def spikes(array: np.ndarray, times: np.ndarray, like: Values, more: dict[str, Any] | None = None) -> Any:
    """The labelled result: time first, then the dimensions of the values."""
    import xarray as xr

    dims = ("time", *(d for d in like.dims if d != "time"))
    coords = {n: c for n, c in like.coords.items() if set(c.dims) <= set(dims)}
    coords |= {"time": ("time", times, {"units": "ms", "long_name": "time"})} | (more or {})
    return xr.DataArray(
        array.astype(np.int32), coords, dims, "spike", {"units": "1", "long_name": "spikes in each bin"}
    )


def at_bins(found: np.ndarray, times: np.ndarray, dt: float) -> np.ndarray:
    """One spike for each value, in the bin that its time falls into; infinite times give none."""
    index = np.where(np.isfinite(found), np.floor(found / dt + 1e-9), -1)
    return index == np.arange(len(times)).reshape(-1, *(1,) * found.ndim)
