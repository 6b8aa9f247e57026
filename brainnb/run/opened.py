"""``open_run``: what a store holds, as a lazy Dataset that shows valid records and nothing else."""

import os
import reprlib
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from xarray.backends import BackendArray
from xarray.core import indexing

from brainnb.core.errors import ModelError, StoreError

from . import dataset, lock, sealed

HEADER, VALID, LAYOUT = "run.json", "valid.json", 1
"""What the run is (written once), how much of it is valid (replaced with every commit), and their version."""


def open_run(path: str | os.PathLike) -> Any:
    """Open a store that ``bn.simulate(..., store=path)`` wrote, at any moment: finished, stopped, running or killed.

    Only what was written completely is shown; arrays are read from the disk when they are used.  The time axis is
    the one thing in memory.

    Parameters
    ----------
    path : str or path
        The folder given as ``store=``.

    Returns
    -------
    xarray.Dataset
        As :func:`simulate` returns it.  ``attrs["status"]`` is ``finished``, ``stopped at ...``, ``NaN ...``,
        ``running, ... so far`` or ``interrupted at ...``; the last is taken up again by the same call of
        :func:`simulate`.

    Raises
    ------
    StoreError
        When there is no store, or a file of it is damaged or missing; the file is named.  A damaged piece of the
        recording is an error only where it is read.

    Examples
    --------
    >>> import tempfile, brainnb as bn
    >>> folder = tempfile.mkdtemp()
    >>> ds = bn.simulate(bn.neurons.LIF(), T=20, I=200, store=folder + "/lif.zarr")
    >>> again = bn.open_run(folder + "/lif.zarr")
    >>> again.attrs["status"], bool((again.V == ds.V).all())
    ('finished', True)
    """
    folder = as_folder(path)
    return contents(folder, running=lock.is_taken(folder))


def as_folder(path: Any) -> Path:
    """The folder of a store on this machine."""
    if not isinstance(path, str | os.PathLike) or not str(path) or any(x in str(path) for x in ("://", "\0")):
        raise ModelError(
            f"store={reprlib.repr(path)}: the path of a folder on this machine was expected, store='run.zarr'."
        )
    return Path(path)


def read_header(folder: Path) -> dict[str, Any]:
    """What the store is a run of."""
    if not folder.exists():
        raise StoreError(f"There is no store {folder}.")
    if not (folder / HEADER).exists():
        if not (folder / lock.NAME).exists() and not (folder / VALID).exists():
            raise StoreError(f"{folder} is no store that bn.simulate(..., store=...) wrote.")
        if is_young(folder):
            raise StoreError(f"{folder} holds nothing yet: its run ended before the first record. Run it again.")
        raise StoreError(f"{folder}: {HEADER} is missing, which says what the run is. Nothing was changed.")
    header = _unsealed(folder, HEADER)
    if header["layout"] > LAYOUT:
        raise StoreError(
            f"{folder} was written by brainnb {header['attrs']['brainnb_version']}, in a layout this version does not "
            f"know: upgrade with `pip install -U brainnb`."
        )
    return header


def is_young(folder: Path) -> bool:
    """Whether nothing was recorded yet: no header, and no count or a count of zero."""
    if (folder / HEADER).exists():
        return False
    if not (folder / VALID).exists():
        return True
    return _unsealed(folder, VALID)["records"] == 0


def read_valid(folder: Path, header: dict[str, Any]) -> dict[str, Any]:
    """How much of the store is valid, and the state there."""
    if not (folder / VALID).exists():
        raise StoreError(f"{folder}: {VALID} is missing, which says how much of the recording is whole.")
    valid = _unsealed(folder, VALID)
    if valid["run"] != header["run"]:
        raise StoreError(f"{folder}: {VALID} and {HEADER} are of two runs; a file was copied here.")
    return valid


def _unsealed(folder: Path, name: str) -> dict[str, Any]:
    try:
        return sealed.read(folder / name)
    except sealed.Broken:
        raise StoreError(f"{folder}: {name} is damaged. Nothing was changed.") from None
    except OSError as error:
        raise StoreError(f"{folder}: {name} cannot be read ({error.strerror}).") from error


def contents(folder: Path, running: bool) -> Any:
    """The valid part of a store as a Dataset."""
    import xarray as xr

    header = read_header(folder)
    valid = read_valid(folder, header)
    records, every, dt = valid["records"], header["every"], header["dt"]
    time = dataset.time_coordinates(header["first"], header["offset"], dt, every, records)
    end = header["offset"] + header["first"] * dt + records * every * dt
    status = valid["status"] or f"{'running' if running else 'interrupted'} at t={end:.10g} ms"
    attrs = header["attrs"] | {"wall_time": valid["wall_time"], "status": status}
    if valid["state"] is not None:
        attrs |= {"t_end": end, dataset.FINAL_STATE: valid["state"]}
    variables = {
        path: xr.Variable(
            ("time", *found["dims"]),
            indexing.LazilyIndexedArray(StoredArray(folder, path, header, records)),
            found["attrs"],
        )
        for path, found in header["variables"].items()
    }
    numbers = header.get("numbers")  # a store of an earlier version has none
    return xr.Dataset(variables, dataset.with_numbers(time, numbers) if numbers else time, attrs)


class StoredArray(BackendArray):
    """One recorded path on the disk, cut at the valid records; a piece that is missing or damaged is an error."""

    def __init__(self, folder: Path, path: str, header: dict[str, Any], records: int):
        import zarr

        found = header["variables"][path]
        self.folder, self.path, self.rows = folder, path, header["rows"]
        self.shape, self.dtype = (records, *found["shape"]), np.dtype(found["dtype"])
        try:
            if zlib.crc32((folder / path / "zarr.json").read_bytes()) != found["crc32"]:
                raise StoreError(f"{folder}: {path}/zarr.json is damaged. Nothing was changed.")
        except FileNotFoundError:
            raise StoreError(f"{folder}: {path}/zarr.json is missing. Nothing was changed.") from None
        self.array = zarr.open_array(folder / path, mode="r")

    def __getitem__(self, key: Any) -> np.ndarray:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: tuple) -> np.ndarray:
        time = slice(*key[0].indices(self.shape[0])) if isinstance(key[0], slice) else key[0]
        for i in self._pieces(time):
            if not piece_file(self.folder, self.path, i, len(self.shape)).exists():
                raise self._unreadable(i, "missing")
        try:
            return self.array.oindex[(time, *key[1:])]
        except (ValueError, RuntimeError, OSError) as error:
            for i in self._pieces(time):
                self._check(i)
            raise StoreError(f"{self.folder}: {self.path} cannot be read ({error}).") from error

    def _pieces(self, time: Any) -> Iterable[int]:
        """The pieces of the file that some records lie in."""
        if isinstance(time, slice):
            return range(time.start // self.rows, -(-time.stop // self.rows)) if time.stop > time.start else ()
        return np.unique(np.asarray(time) // self.rows).tolist()

    def _check(self, piece: int) -> None:
        try:
            self.array[piece * self.rows]
        except (ValueError, RuntimeError, OSError) as error:
            raise self._unreadable(piece, "damaged") from error

    def _unreadable(self, piece: int, word: str) -> StoreError:
        last = min((piece + 1) * self.rows, self.shape[0])
        file = piece_file(self.folder, self.path, piece, len(self.shape)).relative_to(self.folder)
        return StoreError(
            f"{self.folder}: {file.as_posix()} is {word}; records {piece * self.rows} to {last - 1} of `{self.path}` are lost. "
            f"The others can be read, ds.isel(time=slice(0, {piece * self.rows}))."
        )


def piece_file(folder: Path, path: str, piece: int, dims: int) -> Path:
    """The file of one piece of an array: it is cut along time only."""
    return folder.joinpath(path, "c", str(piece), *["0"] * (dims - 1))
