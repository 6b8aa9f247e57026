"""Recordings from Axon Binary Format files, as pCLAMP writes them."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from .recordings import Series, dataset, needed, opened, renamed, working

COMMAND = "command"
"""The name of the waveform that was sent to the cell."""


def read_abf(
    path: str | os.PathLike, *, rename: Mapping[str, str] | None = None, sweeps: Iterable[int] | None = None
) -> Any:
    """Sweeps of an ABF file as a Dataset over ``trial`` and ``time`` (ms): what :func:`brainnb.fit` takes.

    Parameters
    ----------
    path : path
    rename : mapping, optional
        ``{"IN 0": "V", "command": "I"}``: channels, and the waveform that was sent to the cell, as the model has them.
        Channels that are not named keep their names.
    sweeps : list of int, optional
        Which sweeps, from 0; all by default.

    Returns
    -------
    xarray.Dataset
        Every channel, and ``command`` where the file tells it; voltages in mV, currents in pA.

    Raises
    ------
    ModelError
        Without pyabf (``pip install 'brainnb[abf]'``), for a file that is none, or a sweep that is not there.

    References
    ----------
    Harden 2022, pyABF, https://swharden.com/pyabf.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pyabf.abfWriter
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "cell.abf"
    >>> pyabf.abfWriter.writeABF1(np.full((2, 5000), -65.0), str(file), 20_000, units="mV")
    >>> ds = read_abf(file, rename={"channel 0": "V"})
    >>> ds.V.dims, ds.V.shape, ds.attrs["dt"]
    (('trial', 'time'), (2, 5000), 0.05)
    """
    source = opened(path, "read_abf")
    pyabf = needed("pyabf", "abf")
    try:
        abf = pyabf.ABF(str(source))
    except Exception as error:  # whatever a reader of bytes stumbles over
        raise ModelError(f"{source.name} cannot be read as ABF: {error}") from error
    wanted = list(range(abf.sweepCount)) if sweeps is None else list(sweeps)
    if missing := [k for k in wanted if not 0 <= k < abf.sweepCount]:
        raise ModelError(f"{source.name}: sweep {missing[0]} of {abf.sweepCount} (0 to {abf.sweepCount - 1}).")
    step = 1000.0 / float(abf.sampleRate)
    found: dict[str, list[Series]] = {}
    for channel, name in enumerate(distinct(abf.adcNames)):
        for k in wanted:
            abf.setSweep(k, channel=channel)
            found.setdefault(name, []).append(series(abf.sweepY, abf.sweepUnitsY, step, f"{source.name}: {name}"))
    sent: list[Series] = []
    for k in wanted:
        abf.setSweep(k, channel=0)
        if abf.sweepC is not None and np.all(np.isfinite(abf.sweepC)):
            sent.append(series(abf.sweepC, abf.sweepUnitsC, step, f"{source.name}: {COMMAND}"))
    if len(sent) == len(wanted):
        found[COMMAND] = sent
    called = renamed(found, rename, source.name)
    return dataset({called[name]: many for name, many in found.items()}, source, protocol=str(abf.protocol or ""))


def series(values: Any, unit: str | None, step: float, where: str) -> Series:
    """One sweep of one channel in the units of work."""
    x, unit = working(np.asarray(values, float), usual(unit), None, where)
    return Series(x, unit, 0.0, float(f"{step:.9g}"))


def usual(unit: str | None) -> str | None:
    """A unit as it is written here; what a file does not know is none."""
    unit = (unit or "").strip("\x00 ").replace("µ", "u")
    return None if unit in ("", "?") else unit


def distinct(names: Iterable[str]) -> list[str]:
    """Channel names, none of them twice."""
    found: list[str] = []
    for i, name in enumerate(names):
        name = str(name).strip("\x00 ") or f"channel {i}"
        found.append(f"{name} {i}" if name in found else name)
    return found
