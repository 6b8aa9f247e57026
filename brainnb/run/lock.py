"""One writer a store: a lock that the system frees when a process dies, however it dies."""

import json
import os
import socket
from pathlib import Path
from typing import Any

from brainnb.core.errors import StoreError

NAME = "writer.lock"


class Lock:
    """The right to write to a store, from :meth:`take` to :meth:`release`.

    The system holds the lock; the file only says who has it, for the message.
    """

    def __init__(self, folder: Path):
        self.folder, self.path, self._file = folder, folder / NAME, None

    def take(self) -> None:
        """Take the lock, or say who has it."""
        file = open(self.path, "a+", encoding="utf8")  # noqa: SIM115 - it stays open as long as the lock is held
        if not _lock(file):
            owner = _read(file)
            file.close()
            raise StoreError(
                f"{self.folder}: process {owner.get('pid', '?')} on {owner.get('host', '?')} is writing to this store. "
                f"Wait for it, stop it, or use another store=; bn.open_run shows what is there so far."
            )
        owner = _read(file)
        if owner and owner.get("host") != socket.gethostname():  # not every shared disk carries locks between hosts
            file.close()
            raise StoreError(
                f"{self.folder}: process {owner.get('pid', '?')} on {owner.get('host', '?')} began to write to this store "
                f"and did not finish. If it is gone, delete {NAME} in the store and run again."
            )
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "host": socket.gethostname()}, file)
        file.flush()
        self._file = file

    def is_lost(self) -> bool:
        """Whether the lock was taken and its file is no longer there: somebody removed or replaced the store."""
        if self._file is None:
            return False
        try:
            return not os.path.samestat(os.stat(self.path), os.fstat(self._file.fileno()))
        except OSError:
            return True

    def release(self) -> None:
        """Give the lock back; does nothing when it was never taken."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()  # closing frees the lock
            self._file = None


def is_taken(folder: Path) -> bool:
    """Whether a living process writes to the store."""
    try:
        with open(folder / NAME, "r+", encoding="utf8") as file:
            return not _lock(file)
    except OSError:  # no lock file, or one that may not be touched: nobody who could be told apart
        return False


def _read(file: Any) -> dict[str, Any]:
    file.seek(0)
    try:
        owner = json.loads(file.read(1000))
    except ValueError:  # empty, or cut by a kill
        return {}
    return owner if isinstance(owner, dict) else {}


def _lock(file: Any) -> bool:
    """Lock an open file if nobody has; closing it frees the lock."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(2**30)  # beyond the text, which others read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except PermissionError:  # what Windows answers
        return False
    return True
