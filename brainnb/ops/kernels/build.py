"""Compile with whatever C++ compiler is there, once for each machine and jaxlib, into the user's cache: the library of
event products, and steps of models that are written for themselves."""

import contextlib
import ctypes
import functools
import hashlib
import os
import platform
import re
import shutil
import stat
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path

import jax

SOURCE = Path(__file__).with_name("library.cc")
"""Includes all others."""
FLAGS = ("-std=c++17", "-O3", "-fPIC", "-pthread", "-shared", "-fno-trapping-math", "-fno-math-errno", "-fwrapv", "-w")  # fmt: skip
EXACT, JOINED = "-ffp-contract=off", "-ffp-contract=fast"
"""Whether every product is rounded before it is added: event products keep their bits, steps their speed."""

NATIVE = (("-march=native", "-mprefer-vector-width=512"), ("-march=native",), ())
"""What this processor can do; not every compiler knows it."""
LONGEST = 120.0
"""Seconds that a compiler may take."""

KEPT = 200
"""Steps that the cache keeps, some 50 kB each; the oldest go."""


class NoKernel(Exception):
    """Why there is no kernel; JAX computes instead."""


def library() -> ctypes.CDLL:
    """The compiled kernel, built now if it never was."""
    found = _there_or_built("events", SOURCE.read_text(encoding="utf8"), EXACT)
    check_interface((found.brainnb_ffi_major(), found.brainnb_ffi_minor()), interface())
    return found


def step(source: str) -> ctypes.CDLL:
    """The compiled source of a step, built now if it never was."""
    found = _there_or_built("step", source, JOINED)
    _forget()
    return found


def _forget() -> None:
    """Make room in the cache: a step that is gone is built again when it is wanted."""
    with contextlib.suppress(OSError):  # a neighbour is at it too
        found = sorted(folder().glob("step-*.so"), key=lambda path: path.stat().st_mtime)
        for path in found[:-KEPT]:
            path.unlink()


def _there_or_built(name: str, source: str, rounding: str) -> ctypes.CDLL:
    path = cached(name, source, rounding)
    if path.exists():
        try:
            return opened(path)
        except OSError:
            path.unlink(missing_ok=True)  # a broken file of an earlier day: built anew
    build(path, source, rounding)
    try:
        return opened(path)
    except OSError as error:
        raise NoKernel(f"the compiled kernel cannot be loaded: {error}") from None


def cached(name: str, *told: str) -> Path:
    """Where what is compiled from this source belongs, for this compiler, processor and jaxlib."""
    told = (*told, *_files(), metadata.version("jaxlib"), processor(), compiler(), *FLAGS, str(NATIVE))
    key = hashlib.sha256("\0".join(told).encode()).hexdigest()[:20]
    return folder() / f"{name}-{key}.so"


@functools.cache
def _files() -> tuple[str, ...]:
    """All that a source may include."""
    files = sorted(path for path in SOURCE.parent.iterdir() if path.suffix in (".cc", ".h"))
    return tuple(path.read_text(encoding="utf8") for path in files)


def folder() -> Path:
    """The cache folder of this user: BRAINNB_CACHE_DIR, or where the system keeps caches."""
    own = os.environ.get("BRAINNB_CACHE_DIR")
    if own:
        return Path(own) / "kernels"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "brainnb" / "kernels"


@functools.cache
def compiler() -> str:
    """The C++ compiler: CXX, or the first that is installed."""
    if os.name != "posix":
        raise NoKernel("kernels are built on Linux and macOS only")
    names = [os.environ["CXX"]] if os.environ.get("CXX") else ["c++", "g++", "clang++"]
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise NoKernel(f"no C++ compiler ({', '.join(names)})")
    return found


@functools.cache
def processor() -> str:
    """What the instructions depend on."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf8", errors="replace")
    except OSError:
        told = ""
    lines = re.findall(r"^(?:model name|flags|Features|CPU part)\s*:.*$", told, re.MULTILINE)
    return "\n".join([platform.machine(), platform.processor(), *sorted(set(lines))])


def build(path: Path, source: str, rounding: str) -> None:
    """Compile into a file of its own name, then rename: a neighbour sees the whole kernel or none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix="building-", suffix=".so", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise NoKernel(f"the cache folder cannot be written: {error}") from None
    try:
        said = ""
        includes = [f"-I{SOURCE.parent}", f"-I{jax.ffi.include_dir()}"]
        for native in NATIVE:
            command = [compiler(), *FLAGS, rounding, *native, *includes, "-x", "c++", "-", "-o", name]
            try:
                done = subprocess.run(
                    command, input=source, capture_output=True, text=True, timeout=LONGEST, check=False
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise NoKernel(f"the compiler did not finish: {error}") from None
            if done.returncode == 0:
                os.chmod(name, 0o700)
                os.replace(name, path)
                return
            lines = done.stderr.strip().splitlines() or ["no message"]
            said = next((line for line in lines if "error" in line), lines[0])
        raise NoKernel(f"{compiler()} refused the source: {said}")
    except OSError as error:
        raise NoKernel(f"the cache folder cannot be written: {error}") from None
    finally:
        Path(name).unlink(missing_ok=True)


def opened(path: Path) -> ctypes.CDLL:
    """Load what only this user can have written."""
    for place in (path, path.parent):
        known = place.stat()
        if known.st_uid != os.getuid() or known.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise NoKernel(f"{place} can be written by other users: chmod 700 it, or set BRAINNB_CACHE_DIR")
    return ctypes.CDLL(str(path))


def interface() -> tuple[int, int]:
    """The FFI interface of the installed jaxlib, from its own header."""
    header = Path(jax.ffi.include_dir()) / "xla" / "ffi" / "api" / "c_api.h"
    try:
        text = header.read_text(encoding="utf8")
    except OSError as error:
        raise NoKernel(f"the headers of jaxlib are missing: {error}") from None
    found = [re.search(rf"#define\s+XLA_FFI_API_{part}\s+(\d+)", text) for part in ("MAJOR", "MINOR")]
    if not all(found):
        raise NoKernel("the headers of jaxlib do not say their version")
    return int(found[0][1]), int(found[1][1])


def check_interface(built: tuple[int, int], installed: tuple[int, int]) -> None:
    """A kernel newer than jaxlib must not be registered: it would take the whole CPU away from JAX."""
    if built[0] != installed[0] or built > installed:
        raise NoKernel(
            f"the kernel speaks FFI {built[0]}.{built[1]}, the installed jaxlib {installed[0]}.{installed[1]}"
        )
