"""A run that goes to the disk piece by piece, and goes on there after it was stopped, killed, or out of space.

The arrays of the store have their full size from the start and are written in whole pieces along time.  After each
piece ``valid.json`` is replaced in one step: it says how many records are valid and holds the state there, so that
count and state can never disagree.  What lies behind the count is never shown and is written again.
"""

import errno
import os
import shutil
import time
import uuid
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np

from brainnb.core.errors import StoreError
from brainnb.core.record import Record

from . import dataset, lock, sealed
from .fingerprint import LOOSE, differences, fingerprint
from .opened import HEADER, LAYOUT, VALID, as_folder, contents, is_young, piece_file, read_header, read_valid

PIECE_BYTES = 2**22
"""Size of one piece of a recording on the disk and in memory."""

COMMIT_SECONDS = 10.0
"""A slow run is made safe at least this often."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)


def reached(moment: str) -> None:
    """A named moment of writing; the tests end the process at each of them."""


class Stored:
    """Takes the pieces of a run to a store; ``with`` holds the right to write to it."""

    def __init__(self, path: Any, prepared: Any):
        self.folder, self.prepared, self.run = as_folder(path), prepared, prepared.run
        self.lock = lock.Lock(self.folder)
        self.arrays: dict[str, Any] = {}
        self.ended: str | None = None  # the status of a run that needs no more steps

    def __enter__(self) -> "Stored":
        with self._told():
            self.folder.mkdir(parents=True, exist_ok=True)
            _refuse_foreign(self.folder)
            self.lock.take()
            try:
                if is_young(self.folder):
                    self._create()
                self._take_up()
            except BaseException:
                self.lock.release()
                raise
        self.committed = time.monotonic()
        self.begun = time.monotonic()
        return self

    def __exit__(self, *_: Any) -> None:
        self.lock.release()

    def add(self, piece: dict[str, np.ndarray]) -> None:
        """Keep the newest piece of the recording."""
        self.buffer[1].append(piece)

    def reach(self, done: int, state: Record) -> None:
        """``done`` records are good and ``state`` belongs to them: make them safe when it is time."""
        if done % self.rows == 0 or time.monotonic() - self.committed > COMMIT_SECONDS:
            self._commit(done, state, None)

    def finish(self, done: int, state: Record, status: str, wall: float) -> Any:
        """Write the rest and give the whole result, read from the store when it is used."""
        if self.ended is None:
            self._commit(done, state, status)
        return contents(self.folder, running=False)

    # --- what lies on the disk ---------------------------------------------------------------------------------

    def _create(self) -> None:
        """A new store: arrays of full size without any content, then what they are, last the count of zero."""
        import zarr
        from zarr.codecs import Crc32cCodec, ZstdCodec

        run = self.run
        _warn_if_too_big(self.folder, run.records * run.plan.row_bytes)
        rows = piece_rows(run.plan.row_bytes, run.records)
        empty, picks = run.plan.recording(0), self.prepared.system.picks
        zarr.open_group(self.folder, mode="a")
        reached("group")
        variables = {}
        for path, x in {**empty, "time": np.zeros(0)}.items():
            inner = x.shape[1:]
            dims = dataset.inner_dims(self.prepared.model, path, inner, self.prepared.size, path in picks)
            attrs = {"units": "ms"} if path == "time" else dataset.attributes(self.prepared.model, path)
            zarr.create_array(
                self.folder / path,
                shape=(run.records, *inner),
                chunks=(rows, *(max(1, n) for n in inner)),
                dtype=x.dtype,
                compressors=[ZstdCodec(level=1), Crc32cCodec()],  # a checksum, so that damage is noticed
                fill_value=np.nan if x.dtype.kind == "f" else 0,
                dimension_names=("time", *dims),
                attributes=attrs,
                overwrite=True,
            )
            crc32 = zlib.crc32((self.folder / path / "zarr.json").read_bytes())
            variables[path] = dict(dims=dims, shape=inner, dtype=x.dtype.name, attrs=attrs, crc32=crc32)
            reached(f"array {path}")
        del variables["time"]  # for other readers; ours computes it
        header = dict(
            layout=LAYOUT,
            run=uuid.uuid4().hex,
            fingerprint=fingerprint(self.prepared),
            attrs=self.prepared.provenance(),
            records=run.records,
            rows=rows,
            first=run.first,
            offset=run.offset,
            dt=run.dt,
            every=run.every,
            variables=variables,
            numbers={dataset.part_dim(self.prepared.model, path): x.tolist() for path, x in picks.items()},
        )
        state = dataset.pack_state(run.state)
        # the count first: a store with a header and without a count is a damaged one, never a young one
        sealed.write(self.folder / VALID, dict(run=header["run"], records=0, status=None, wall_time=0.0, state=state))
        reached("count")
        sealed.write(self.folder / HEADER, header)
        reached("header")

    def _take_up(self) -> None:
        """Go to where the store stands; refuse one of another run."""
        run = self.run
        header = read_header(self.folder)
        now = fingerprint(self.prepared)
        if different := differences(header["fingerprint"], now):
            raise StoreError(
                f"{self.folder} holds another run: {'; '.join(different[:4])}{'; ...' if len(different) > 4 else ''}. "
                f"Use another store=, or give the same call to go on."
            )
        valid = read_valid(self.folder, header)
        self.header, self.rows, self.wall = header, header["rows"], valid["wall_time"]
        run.align, run.done = self.rows, valid["records"]
        if valid["status"] and not valid["status"].startswith("stopped"):
            self.ended = valid["status"]
            return
        if run.done and any(header["fingerprint"][k] != now[k] for k in LOOSE):
            began = " on ".join(header["fingerprint"][k] for k in LOOSE)
            warnings.warn(
                f"{self.folder} was begun with jax {began}; this is jax {' on '.join(now[k] for k in LOOSE)}. "
                f"The run goes on, equal to rounding and not to the last bit.",
                stacklevel=5,
            )
        packed = dataset.unpack_state(valid["state"], run.state, type(self.prepared.model).__name__)
        run.state = jax.tree.map(lambda new, old: np.asarray(new, old.dtype), packed, run.state)
        begin = run.done - run.done % self.rows
        there = contents(self.folder, running=False).isel(time=slice(begin, run.done))
        self.buffer = (begin, [{p: there[p].values for p in run.plan.paths}] if run.done > begin else [])

    def _commit(self, done: int, state: Record, status: str | None) -> None:
        """Write the piece that is not full yet, then say in one step that it is valid."""
        with self._told():
            begin, pieces = self.buffer
            if self.lock.is_lost():
                raise FileNotFoundError(errno.ENOENT, "the store was removed or replaced while the run was writing")
            if done > begin:
                for path in self.run.plan.paths:
                    whole = np.concatenate([piece[path] for piece in pieces])[: done - begin]
                    self._write(path, begin, whole)
                run = self.run
                first = run.first + begin * run.every
                self._write("time", begin, dataset.times(first, run.offset, run.dt, run.every, done - begin))
            reached("before the count")
            sealed.write(
                self.folder / VALID,
                dict(
                    run=self.header["run"],
                    records=done,
                    status=status,
                    wall_time=round(self.wall + time.monotonic() - self.begun, 6),
                    state=None if (status or "").startswith("NaN") else dataset.pack_state(state),
                ),
            )
            reached("after the count")
            if done % self.rows == 0:
                self.buffer = (done, [])
            self.committed = time.monotonic()

    def _write(self, path: str, begin: int, rows: np.ndarray) -> None:
        import zarr

        if path not in self.arrays:
            self.arrays[path] = zarr.open_array(self.folder / path, mode="r+")
        self.arrays[path][begin : begin + len(rows)] = rows
        file = piece_file(self.folder, path, begin // self.rows, rows.ndim)
        with open(file, "rb") as written:
            os.fsync(written.fileno())  # on the disk before the count says so, also when the power fails
        reached(f"wrote {path}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the disk refuses, in a sentence, with what is safe."""
        try:
            yield
        except StoreError:
            raise
        except OSError as error:
            raise StoreError(*self._explained(error)) from error

    def _explained(self, error: OSError) -> tuple[str, Any]:
        if error.errno in FULL:
            what, advice = "the disk is full", "Make room and give the same call to go on."
        elif error.errno in FORBIDDEN:
            what, advice = "this folder may not be written to", "Use a folder of your own as store=."
        elif self.lock.is_lost():
            what, advice = "the store was removed while the run was writing", "Run it again with another store=."
        elif isinstance(error, FileExistsError | NotADirectoryError | FileNotFoundError) and not self.folder.is_dir():
            what, advice = "no folder can be made here", "Give store= the path of a new folder."
        else:
            what, advice = error.strerror or str(error), "Give the same call to go on."
        try:
            partial = contents(self.folder, running=False)
        except (StoreError, OSError):
            return f"{self.folder}: {what}; nothing was kept there. {advice}", None
        run = self.run
        safe, planned = partial.sizes["time"] * run.every * run.dt, run.records * run.every * run.dt
        return f"{self.folder}: {what}. {safe:.10g} of {planned:.10g} ms are safe there. {advice}", partial


def piece_rows(row_bytes: int, records: int) -> int:
    """Records of one piece: a power of two that fits ``PIECE_BYTES``."""
    fitting = max(1, PIECE_BYTES // max(1, row_bytes))
    return min(2 ** (fitting.bit_length() - 1), 2 ** (records - 1).bit_length(), 2**18)


def _refuse_foreign(folder: Path) -> None:
    if not any((folder / name).exists() for name in (lock.NAME, HEADER, VALID)) and any(folder.iterdir()):
        raise StoreError(
            f"{folder} is not empty and no store of bn.simulate; nothing was changed. Give store= a new folder."
        )


def _warn_if_too_big(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        warnings.warn(
            f"{folder}: this run may need up to {needed / 1e9:.3g} GB; {free / 1e9:.3g} GB are free. If the disk fills, "
            f"what was written stays, and the run can go on. every= and record= make it smaller.",
            stacklevel=6,
        )
