"""What all loaders of recordings share: series with times and units, joined into one Dataset."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from brainnb.core.errors import ModelError, UnitError, UnknownName, unknown_message
from brainnb.core.quantities import parse, registry, to_magnitude

WORKING = ("mV", "pA", "ms")
"""Units that voltages, currents and times are given in."""


class Series(NamedTuple):
    """Samples over time, (time,) or (time, channel), from ``start`` on, every ``step`` (ms)."""

    values: np.ndarray
    unit: str | None
    start: float
    step: float


def opened(path: str | os.PathLike, what: str) -> Path:
    """The path of a file that is there."""
    found = Path(path).expanduser()
    if not found.is_file():
        near = sorted(p.name for p in found.parent.glob(f"*{found.suffix}"))[:5] if found.parent.is_dir() else []
        there = f"; in {found.parent} there are {', '.join(near)}" if near else ""
        raise ModelError(f"{what}: there is no file {str(path)!r}{there}.")
    return found


def working(values: np.ndarray, unit: str | None, wanted: str | None, where: str) -> tuple[np.ndarray, str | None]:
    """Values in ``wanted``, or in mV, pA and ms where they are voltages, currents and times."""
    if not unit:
        return values, wanted
    try:
        parsed = parse(unit)
    except (UnitError, ModelError):
        if wanted is None:
            return values, unit
        raise
    target = wanted or next((w for w in WORKING if parsed.is_compatible_with(parse(w))), None)
    if target is None:
        return values, unit
    return np.asarray(to_magnitude(registry().Quantity(values, parsed), target, where)), target


def dataset(series: Mapping[str, list[Series]], source: Path, **attrs: Any) -> Any:
    """Series of equal length and step as a Dataset over ``time``, and over ``trial`` where there are several of each."""
    import xarray as xr

    steps = {name: (len(s.values), s.step) for name, many in series.items() for s in many}
    if len({(n, float(f"{dt:.9g}")) for n, dt in steps.values()}) > 1:
        told = "; ".join(f"{name}: {n} samples every {dt:g} ms" for name, (n, dt) in steps.items())
        raise ModelError(f"{source.name}: these do not share their times ({told}). Read them one at a time.")
    counts = {name: len(many) for name, many in series.items()}
    trials = max(counts.values())
    if set(counts.values()) - {trials}:
        raise ModelError(f"{source.name}: every variable needs as many trials; got {counts}.")
    n, dt = next(iter(steps.values()))
    first = next(iter(series.values()))[0]
    lead = ("trial",) if trials > 1 else ()
    variables = {}
    for name, many in series.items():
        x = np.stack([s.values for s in many]) if trials > 1 else many[0].values
        inner = tuple(f"{name}_channel" for _ in range(x.ndim - len(lead) - 1))
        units = {} if many[0].unit is None else {"units": many[0].unit}
        variables[name] = ((*lead, "time", *inner), x, {**units, "long_name": name})
    time = np.round(first.start + np.arange(n) * dt, 9)
    coords = {"time": ("time", time, {"units": "ms", "long_name": "time"})}
    return xr.Dataset(variables, coords, {"source": source.name, "dt": dt, **attrs})


def renamed(names: Iterable[str], rename: Mapping[str, str] | None, where: str) -> dict[str, str]:
    """What every column or channel is called: itself, unless ``rename`` says otherwise."""
    names, rename = list(names), dict(rename or {})
    for old in rename:
        if old not in names:
            raise UnknownName(unknown_message("column", old, names, where=where))
    found = {name: rename.get(name, name) for name in names}
    if len(set(found.values())) < len(found):
        raise ModelError(f"{where}: rename= gives one name to two of {', '.join(names)}.")
    return found


def needed(package: str, extra: str) -> Any:
    """A package that a format needs."""
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError:
        raise ModelError(f"Reading these files needs {package}: pip install 'brainnb[{extra}]'.") from None
