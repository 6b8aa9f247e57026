"""Which dimension of a result is what: time, units, swept values; and the arrays that lie along them."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds, UnknownName, unknown_message

TIME = "time"


def signal(ds: Any, var: Any, start: float = 0.0) -> Any:
    """A recorded variable, or a DataArray as it is, with time as the last dimension and from ``start`` on."""
    x = var if hasattr(var, "dims") else _named(ds, var)
    if TIME not in x.dims:
        raise ModelError(f"`{x.name}` has no time axis; it was reduced when it was run.")
    x = x.transpose(..., TIME)
    x = x.isel(time=np.asarray(x.time) > start) if start > 0 else x
    if x.sizes[TIME] < 2:
        raise ModelError(f"start = {start:g} ms leaves {x.sizes[TIME]} samples of `{x.name}`; at least two are needed.")
    return x


def both(ds: Any, x: Any, y: Any, start: float) -> tuple[Any, Any]:
    """Two signals with the same dimensions and times."""
    import xarray as xr

    x, y = signal(ds, x, start), signal(ds, y, start)
    if not np.array_equal(x.time, y.time):
        raise ModelError(f"`{x.name}` and `{y.name}` have different times; interpolate one: y.interp(time=x.time).")
    x, y = xr.broadcast(x, y)
    return x.transpose(..., TIME), y.transpose(*[d for d in x.dims if d != TIME], TIME)


def _named(ds: Any, var: str | None) -> Any:
    if hasattr(ds, "dims") and not hasattr(ds, "data_vars"):
        return ds  # already one array
    names = [str(v) for v in ds.data_vars]
    if var is None:
        if "V" not in names and len(names) != 1:
            raise ModelError(f"Name the variable to look at: {', '.join(names)}.")
        var = "V" if "V" in names else names[0]
    if var not in names:
        raise UnknownName(unknown_message("variable", var, names, where="this result"))
    return ds[var]


def step(x: Any) -> float:
    """Time from sample to sample in ms; a time axis with gaps is refused."""
    time = np.asarray(x[TIME], float)
    dt = (time[-1] - time[0]) / (len(time) - 1)
    if not np.allclose(np.diff(time), dt, rtol=1e-6, atol=1e-6 * abs(dt)):
        raise ModelError(
            "The samples are not evenly spaced in time; take all of a run, or interpolate: ds.interp(time=...)."
        )
    return float(dt)


def samples(ms: float, dt: float, name: str, least: int, most: int) -> int:
    """A duration in samples, within limits."""
    n = round(ms / dt) if np.isfinite(ms) else -1
    if not least <= n <= most:
        raise OutOfBounds(f"{name} = {ms:g} ms; between {least * dt:g} and {most * dt:g} ms was expected here.")
    return n


def unit_dims(x: Any) -> list[str]:
    """Dimensions that count units: neither time nor swept values, which have coordinates."""
    return [str(d) for d in x.dims if d not in (TIME, "spikes") and d not in x.coords]


def unit_dim(x: Any, dim: str | None, measure: str) -> str:
    """The dimension over which units are compared."""
    if dim is not None:
        if dim not in x.dims:
            raise UnknownName(unknown_message("dimension", dim, map(str, x.dims), where=f"`{x.name}`"))
        return dim
    found = unit_dims(x)
    if len(found) != 1:
        told = f"has {len(found)} dimensions of units, {', '.join(found)}" if found else "has one unit only"
        hint = "name one with dim=" if found else "run a population (size=100), or name a swept dimension with dim="
        raise ModelError(f"{measure} compares units, and `{x.name}` {told}; {hint}.")
    return found[0]


def kept(x: Any, *gone: str) -> tuple[tuple[str, ...], dict]:
    """Dimensions without some, and the coordinates that only need the others."""
    dims = tuple(d for d in x.dims if d not in gone)
    return dims, {n: c for n, c in x.coords.items() if set(c.dims) <= set(dims)}


def axis(values: np.ndarray, dim: str, unit: str, meaning: str) -> Any:
    """A coordinate with its unit."""
    import xarray as xr

    return xr.Variable((dim,), values, {"units": unit, "long_name": meaning})


def squared(unit: str, per: str) -> str:
    """The square of a unit per another one.

    Examples
    --------
    >>> squared("mV", "Hz"), squared("uA/cm2", "Hz"), squared("1", "Hz")
    ('mV**2/Hz', '(uA/cm2)**2/Hz', '1/Hz')
    """
    if unit == "1":
        return f"1/{per}"
    return f"{unit}**2/{per}" if unit.isalpha() else f"({unit})**2/{per}"
