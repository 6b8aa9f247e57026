"""What a run cannot hold, told before it starts: steps, moments, memory; and hooks that are no functions."""

import functools
import os
import random
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np

from brainnb.core.errors import ModelError

MAX_STEPS = 2**31 - 2


def check_steps(first: int, steps: int, dt: float) -> None:
    """Steps are counted in 32 bits, those of the runs before this one included."""
    if first + steps > MAX_STEPS:
        raise ValueError(
            f"This run would end at step {first + steps:,} of dt = {dt:g} ms; a chain of continued runs holds {MAX_STEPS:,}. "
            f"Use a larger dt, or start the clock anew from values, init={{'V': ...}}."
        )


def check_clock(end: float, dt: float, dtype: Any, name: str) -> None:
    """Warn where the clock of the run is coarser than half a step."""
    blur = end * float(np.finfo(dtype).eps)
    if blur > dt / 2:
        warnings.warn(
            f"{name}: at t = {end:g} ms {np.dtype(dtype).name} tells moments only {blur:.2g} ms apart, and dt is {dt:g} ms; "
            f"stimuli and spike times blur. Use precision='float64', or several runs.",
            stacklevel=5,
        )


def check_memory(records: int, row_bytes: int, name: str) -> None:
    """Refuse a recording that this machine could not hold while it is put together."""
    needed, there = 2 * records * row_bytes, memory()
    if there is not None and needed > there:
        raise ValueError(
            f"{name}: {records:,} records of {row_bytes:,} bytes need {needed / 1e9:.3g} GB; this machine has {there / 1e9:.3g}. "
            f"Record fewer paths, or every={2 ** (needed // there).bit_length()}, or a shorter T."
        )


@functools.cache
def memory() -> int | None:
    """Bytes of memory that this process may use, None where the system does not tell."""
    try:
        physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    limit = Path("/sys/fs/cgroup/memory.max")
    allowed = limit.read_text().strip() if limit.exists() else "max"
    return min(physical, int(allowed)) if allowed.isdigit() else physical


_elsewhere = threading.local()


@contextmanager
def watched_elsewhere() -> Iterator[None]:
    """The hooks were watched in another process; here other threads draw from the same global generators."""
    _elsewhere.watched = True
    try:
        yield
    finally:
        _elsewhere.watched = False


@contextmanager
def watched_hooks(name: str) -> Iterator[None]:
    """Hooks are functions of their arguments: tell when one keeps a value, or draws from a global generator."""
    before = _dice()
    with told_leaks(name):
        yield
    if _dice() != before and not getattr(_elsewhere, "watched", False):
        warnings.warn(
            f"{name}: a hook draws from np.random or random. That happens once, while it is compiled, and the number "
            f"then stays: write noise in diffusion, or jax.random with the key of on_step.",
            stacklevel=7,
        )


@contextmanager
def told_leaks(name: str) -> Iterator[None]:
    """A value kept from an earlier call shows only when the trace ends, outside the hook."""
    try:
        yield
    except jax.errors.UnexpectedTracerError as error:
        raise ModelError(
            f"{name}: a hook keeps a value from an earlier call (in a global, a list, an attribute); return it instead."
        ) from error


def _dice() -> tuple:
    """Where the global generators of NumPy and Python stand."""
    _, keys, *place = np.random.get_state()  # noqa: NPY002
    return keys.tobytes(), tuple(place), random.getstate()
