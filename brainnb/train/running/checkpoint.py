"""Where a training run stands, on the disk: whole or not at all, and the same to the last bit when it is read."""

import io
import json
import os
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import equinox as eqx
import numpy as np

from brainnb.core.errors import StoreError

from .history import History
from .loop import Progress

MAGIC = b"brainnb training 1\n"
KEPT = 2
"""Files that stay: the newest, and one before it should the disk lose the newest."""
NAME = re.compile(r"step-(\d{10})\.checkpoint$")


def write(folder: Path, now: Progress, history: History, about: Mapping[str, Any]) -> Path:
    """One file for the moment ``now``; readers see the whole of it or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    head, arrays = history.packed()
    body = io.BytesIO()
    body.write(json.dumps({**about, "history": head}).encode() + b"\n")
    eqx.tree_serialise_leaves(body, (now, [np.asarray(x) for x in arrays]))
    data = body.getvalue()
    path = folder / f"step-{int(now.step):010d}.checkpoint"
    draft = path.with_suffix(".part")
    with open(draft, "wb") as file:
        file.write(MAGIC + b"%08x\n" % zlib.crc32(data) + data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    for old in found(folder)[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def found(folder: Path) -> list[Path]:
    """The checkpoints in a folder, newest first."""
    if not folder.is_dir():
        return []
    return sorted((p for p in folder.iterdir() if NAME.search(p.name)), key=lambda p: p.name, reverse=True)


def newest(folder: Path) -> tuple[Path, dict[str, Any], bytes] | None:
    """The newest checkpoint that is whole: its path, its head, and its numbers; None for a folder without one."""
    for path in found(folder):
        data = path.read_bytes()
        seal, data = data[len(MAGIC) : len(MAGIC) + 9], data[len(MAGIC) + 9 :]
        if path.read_bytes().startswith(MAGIC) and seal == b"%08x\n" % zlib.crc32(data):
            head, _, numbers = data.partition(b"\n")
            return path, json.loads(head), numbers
    return None


def load(numbers: bytes, like: Progress, head: Mapping[str, Any], where: Path) -> tuple[Progress, History]:
    """What :func:`write` wrote, given a run of the same structure.

    Raises
    ------
    StoreError
        When the file holds a run of another structure.
    """
    history = head["history"]
    used = -(-history["steps"] // history["stride"])
    arrays = [np.zeros((4, used)) for _ in history["names"]]
    try:
        now, arrays = eqx.tree_deserialise_leaves(io.BytesIO(numbers), (like, arrays))
    except (RuntimeError, ValueError, EOFError) as error:
        raise StoreError(
            f"{where} holds a run of another structure ({error}); give another folder, checkpoint=..."
        ) from None
    return now, History.unpacked(history, arrays)


def refuse_foreign(head: Mapping[str, Any], about: Mapping[str, Any], where: Path) -> None:
    """A checkpoint of another run is neither continued nor overwritten."""
    stored, now = head["run"], about["run"]
    differ = [f"{name} is {stored.get(name)} there, {now[name]} now" for name in now if stored.get(name) != now[name]]
    if differ:
        raise StoreError(
            f"{where} holds another training run: {'; '.join(differ)}. Give another folder, checkpoint='...', or delete this one."
        )
