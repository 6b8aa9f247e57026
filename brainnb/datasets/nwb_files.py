"""Recordings from Neurodata Without Borders files."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from .recordings import Series, dataset, needed, opened, working

ROOMS = ("acquisition", "stimulus/presentation", "processing")
UNITS = "units"


def read_nwb(path: str | os.PathLike, series: Mapping[str, str | Sequence[str]] | None = None) -> Any:
    """Series of an NWB file as a Dataset over ``time`` (ms): what :func:`brainnb.fit` takes.

    Parameters
    ----------
    path : path
    series : mapping of name to place, optional
        ``{"V": "acquisition/cell_1", "I": "stimulus/presentation/step_1"}``: what each is called in the model, and where it
        stands in the file; a list of places is one trial each, and ``{"spike_times": "units"}`` are sorted spikes.  May be
        left out where a file holds one recording, which becomes ``V`` or ``I`` by its unit, and its stimulus.

    Returns
    -------
    xarray.Dataset
        Voltages in mV, currents in pA, all others in the unit that they have; spike times in ms over ``unit``.

    Raises
    ------
    ModelError
        Without h5py (``pip install 'brainnb[nwb]'``), for a file that is none, and where it is not clear what is meant:
        with a list of what the file holds.

    References
    ----------
    Rübel et al. 2022, doi:10.7554/eLife.78362.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import h5py
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "cell.nwb"
    >>> with h5py.File(path, "w") as file:
    ...     cell = file.create_group("acquisition/cell")
    ...     cell.create_dataset("data", data=[-0.065, -0.064]).attrs["unit"] = "volts"
    ...     cell.create_dataset("starting_time", data=0.0).attrs["rate"] = 1000.0
    >>> read_nwb(path).V.values.round(6).tolist()
    [-65.0, -64.0]
    """
    source = opened(path, "read_nwb")
    h5py = needed("h5py", "nwb")
    try:
        file = h5py.File(source, "r")
    except OSError as error:
        raise ModelError(f"{source.name} cannot be read as NWB (an HDF5 file): {error}") from error
    with file:
        held = places(file, h5py)
        wanted = chosen(held, source) if series is None else dict(series)
        spikes = {name: place for name, place in wanted.items() if place == UNITS}
        found = {
            name: [one(file, held, p, source) for p in ([place] if isinstance(place, str) else place)]
            for name, place in wanted.items()
            if name not in spikes
        }
        about = {"session": text(file.attrs.get("session_description", file.get("session_description", "")))}
        ds = dataset(found, source, **about) if found else None
        for name in spikes:
            trains = sorted_spikes(file, source)
            ds = trains.to_dataset(name=name) if ds is None else ds.assign({name: trains})
    return ds


def places(file: Any, h5py: Any) -> dict[str, Any]:
    """Every series with samples, by its place."""
    found: dict[str, Any] = {}

    def keep(place: str, what: Any) -> None:
        timed = isinstance(what, h5py.Group) and "data" in what and ("starting_time" in what or "timestamps" in what)
        if timed and what["data"].ndim and place.startswith(ROOMS):
            found[place] = what

    file.visititems(keep)
    return found


def contents(held: dict[str, Any], spikes: bool) -> str:
    """What a file holds, a line each."""
    told = []
    for place, group in held.items():
        data = group["data"]
        told.append(f"  {place}: {data.shape[0]} samples, {text(data.attrs.get('unit', '?'))}")
    return "\n".join([*told, *(["  units: sorted spikes"] if spikes else [])]) or "  no series at all"


def chosen(held: dict[str, Any], source: Path) -> dict[str, str]:
    """The one recording and its stimulus, where there is no choice."""
    recorded = [p for p in held if p.startswith(ROOMS[0])]
    stimuli = [p for p in held if p.startswith(ROOMS[1])]
    if len(recorded) != 1 or len(stimuli) > 1:
        some = recorded[0] if recorded else next(iter(held), "acquisition/NAME")
        raise ModelError(
            f"{source.name} holds\n{contents(held, False)}\nSay which: read_nwb({source.name!r}, {{'V': {some!r}}}); a list of "
            "places is one trial each."
        )
    found = {}
    for place in (*recorded, *stimuli):
        _, unit = working(np.zeros(1), unit_of(held[place]), None, place)
        found[{"mV": "V", "pA": "I"}.get(unit or "", place.rpartition("/")[2])] = place
    return found


def one(file: Any, held: dict[str, Any], place: str, source: Path) -> Series:
    """The series at a place, in the units of work."""
    if place not in held:
        raise ModelError(f"{source.name}: there is no series at {place!r}. It holds\n{contents(held, UNITS in file)}")
    group = held[place]
    data = group["data"]
    told = data.attrs
    raw = np.asarray(data[()], float) * float(told.get("conversion", 1.0)) + float(told.get("offset", 0.0))
    values, unit = working(raw, unit_of(group), None, f"{source.name}: {place}")
    if "starting_time" in group:
        clock = group["starting_time"]
        return Series(values, unit, 1000.0 * float(clock[()]), float(f"{1000.0 / float(clock.attrs['rate']):.9g}"))
    times = 1000.0 * np.asarray(group["timestamps"][()], float)
    gaps = np.diff(times)
    if len(gaps) < 1 or not np.allclose(gaps, gaps.mean(), rtol=1e-2):
        raise ModelError(
            f"{source.name}: the times of {place} are not even, from {gaps.min(initial=np.inf):g} to {gaps.max(initial=0):g} ms; "
            "interpolate them first."
        )
    return Series(values, unit, float(times[0]), float(f"{gaps.mean():.9g}"))


def sorted_spikes(file: Any, source: Path) -> Any:
    """Spike times (unit, spikes) in ms, filled up with NaN."""
    import xarray as xr

    if UNITS not in file or "spike_times" not in file[UNITS]:
        raise ModelError(f"{source.name} has no sorted spikes (a table `units` with spike_times).")
    table = file[UNITS]
    ends = np.asarray(table["spike_times_index"][()], int)
    trains = np.split(1000.0 * np.asarray(table["spike_times"][()], float), ends[:-1])
    rows = np.full((len(trains), max(map(len, trains), default=0)), np.nan)
    for row, train in zip(rows, trains, strict=True):
        row[: len(train)] = train
    ids = np.asarray(table["id"][()]) if "id" in table else np.arange(len(trains))
    return xr.DataArray(rows, {"unit": ids}, ("unit", "spikes"), attrs={"units": "ms", "long_name": "spike times"})


def unit_of(group: Any) -> str | None:
    """The unit of a series as it is written here."""
    unit = text(group["data"].attrs.get("unit", ""))
    short = {"volts": "V", "volt": "V", "amperes": "A", "ampere": "A", "siemens": "S", "seconds": "s"}
    return short.get(unit.lower(), unit) or None


def text(x: Any) -> str:
    """Text of an HDF5 file."""
    if hasattr(x, "shape") and hasattr(x, "__getitem__") and not isinstance(x, str | bytes):
        x = x[()]
    return x.decode() if isinstance(x, bytes) else str(x)
