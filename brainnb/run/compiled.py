"""Compiled programs outlive the process: JAX's persistent cache, made safe to leave on.

JAX writes an entry in place and never replaces it, so that a process which dies while it writes leaves a broken entry
for ever, and a neighbour may read half of one.  Here every process therefore has a folder of its own.  Entries go from
it to the shared folder whole, under a name with their checksum, and come from there only when the checksum is right.
The shared folder belongs to one version of JAX and one type of processor, and to nobody but its owner.
"""

import atexit
import hashlib
import logging
import os
import platform
import shutil
import stat
import tempfile
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import jax

from brainnb.core.errors import StoreError
from brainnb.core.folders import cache_folder, switched_off

from .lock import Lock, is_taken

SWITCH = "BRAINNB_CACHE"
MOST = 500
"""Entries that are kept, the newest; a program of a small model takes 10 to 30 kB."""

WORTH_SECONDS = 0.05
"""Programs that compile faster than this are not kept."""

THEIR_SECONDS = 1.0
"""What JAX has for it while the user has said nothing."""

COMPILED = "/jax/core/compile/backend_compile_duration"
OWN = "process-"
log = logging.getLogger(__name__)


def keep() -> "Kept | None":
    """Switch the cache on, unless the user has one, has switched it off, or there is no folder for it."""
    if switched_off(SWITCH) or jax.config.jax_compilation_cache_dir or not jax.config.jax_enable_compilation_cache:
        return None
    try:
        kept = Kept(cache_folder() / "programs" / here())
    except (OSError, StoreError) as error:  # no home, no room, no rights: everything works, and compiles
        log.info("compiled programs are not kept: %s", error)
        return None
    jax.config.update("jax_compilation_cache_dir", str(kept.own))
    jax.config.update("jax_persistent_cache_enable_xla_caches", "none")  # its path would be part of every key
    if jax.config.jax_persistent_cache_min_compile_time_secs == THEIR_SECONDS:
        jax.config.update("jax_persistent_cache_min_compile_time_secs", WORTH_SECONDS)
    jax.monitoring.register_event_duration_secs_listener(kept.heard)
    atexit.register(kept.close)
    return kept


def here() -> str:
    """A name for what a program is compiled for: version of JAX, system and processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf8").splitlines()
        processor = sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
    except OSError:
        processor = [platform.processor(), platform.node()]
    told = [jax.__version__, platform.system(), platform.machine(), *processor]
    return f"jax-{jax.__version__}-{hashlib.sha256(repr(told).encode()).hexdigest()[:16]}"


class Kept:
    """The folder of this process beside the shared one."""

    def __init__(self, shared: Path):
        self.shared, self.process = shared, os.getpid()
        shared.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_private(shared)
        self.own = Path(tempfile.mkdtemp(prefix=OWN, dir=shared))
        self.lock = Lock(self.own)
        self.lock.take()
        self.there = set()
        self.publishing = threading.Lock()
        self.clean()
        self.adopt()

    def clean(self) -> None:
        """Remove folders of processes that died, and the oldest entries when there are too many."""
        for folder in self.shared.glob(f"{OWN}*"):
            if folder != self.own and not is_taken(folder) and age(folder) > 60:
                shutil.rmtree(folder, ignore_errors=True)
        entries = sorted(self.shared.glob("*-cache.*"), key=age)
        for entry in entries[MOST:]:
            entry.unlink(missing_ok=True)

    def adopt(self) -> None:
        """Take over every whole entry; a broken one is removed."""
        for entry in self.shared.glob("*-cache.*"):
            name, _, checksum = entry.name.rpartition(".")
            try:
                whole = f"{zlib.crc32(entry.read_bytes()):08x}" == checksum
                if whole:
                    bring(entry, self.own / name)
                    self.there.add(name)
                else:
                    entry.unlink(missing_ok=True)
            except OSError as error:  # a neighbour removed it, or it cannot be read: the program compiles
                log.info("%s is left out: %s", entry, error)

    def heard(self, event: str, seconds: float, **_: Any) -> None:
        """After a program was compiled: hand on what is finished."""
        if event == COMPILED and os.getpid() == self.process:
            self.publish()

    def publish(self) -> None:
        """Put finished entries into the shared folder, each in one step."""
        alone = threading.active_count() == 1
        with self.publishing:
            for entry in self.own.glob("*-cache"):
                if entry.name in self.there or not (alone or age(entry) > 1):
                    continue
                try:
                    content = entry.read_bytes()
                    whole = self.own / f"{entry.name}.{zlib.crc32(content):08x}"
                    whole.write_bytes(content)
                    os.replace(whole, self.shared / whole.name)
                    self.there.add(entry.name)
                except OSError as error:  # the disk is full, the folder is gone: the next process compiles
                    log.info("%s is not kept: %s", entry, error)

    def close(self) -> None:
        """Hand on what is new, and remove the folder of this process."""
        if os.getpid() == self.process:  # a fork inherits this object, not the folder
            self.publish()
            self.lock.release()
            shutil.rmtree(self.own, ignore_errors=True)


def bring(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the disk knows no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def age(path: Path) -> float:
    """Seconds since a file was written; one that vanished is old."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")


def check_private(folder: Path) -> None:
    """Programs in the cache are run: nobody else may write there."""
    if os.name == "nt":
        return
    found = folder.stat()
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{folder} can be written to by others")
