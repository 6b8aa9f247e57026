"""Compiled event products and Poisson numbers: beside the portable ones, never needed.

For the CPU, with the same numbers to the last bit; for graphics cards see :mod:`.cards`.

Built at the first large event product of a machine (a few seconds) if a C++ compiler is there, and kept in the user's cache;
never at import.  Steps of few synapses are quicker without it (:func:`pays`); ``BRAINNB_KERNELS=on`` takes it for them
too, ``off`` leaves it out.  Where anything is missing JAX computes alone, silently; :func:`state` and ``brainnb doctor``
say why.
"""

import ctypes
import functools
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core import processors

from ..base import Wiring
from ..compressed import CSR
from ..delayed import DelayedCSR
from ..fixed import FixedPostNumber
from . import cards

TARGET, DELAYED, COUNTS, STEP, STEPS = "brainnb_events", "brainnb_delayed_events", "brainnb_counts", "brainnb_step", "brainnb_steps"  # fmt: skip

ENOUGH = 600_000
"""Synapses of a step from which on the kernel pays, measured on the CPU: each call costs a microsecond, and without one
XLA makes a single kernel of the whole step."""

MANY_DRAWS = 4096
"""Poisson numbers of a step from which on the kernel pays."""

_lock = threading.Lock()
_synapses: ContextVar[int | None] = ContextVar("synapses", default=None)


def ready() -> bool:
    """Whether the kernel may be used; builds and registers it when first asked."""
    return _why_not() is None


def state() -> str:
    """In words, whether event products are compiled, and if not why."""
    why_not = _why_not()
    told = "compiled event products" if why_not is None else f"event products by JAX: {why_not}"
    return "; ".join(filter(None, (told, None if _off() else cards.state())))


def library() -> ctypes.CDLL | None:
    """What is compiled; None where it may not or cannot be."""
    return _registered()[0] if ready() else None


@contextmanager
def in_step_of(synapses: int) -> Iterator[None]:
    """Products that are traced inside are parts of a step that delivers through so many synapses, or more around it."""
    before = _synapses.set(max(synapses, _synapses.get() or 0))
    try:
        yield
    finally:
        _synapses.reset(before)


def pays(wiring: Wiring) -> bool:
    """Whether the kernel is quicker than the loop that XLA compiles."""
    whole = _synapses.get()
    return _switch() == "on" or (wiring.size if whole is None else whole) >= ENOUGH


def serves(events: Array, wiring: Wiring, onto: Array) -> bool:
    """Whether the kernel knows this storage and these types."""
    return _knows(events, wiring) and serves_delayed(wiring, onto)


def serves_delayed(wiring: DelayedCSR, onto: Array) -> bool:
    """Whether the kernel knows these types."""
    return _adds(wiring, onto) and ready()


def on_cards(wiring: Wiring, onto: Array, events: Array | None = None) -> tuple[str, ...]:
    """The platforms on which a kernel for graphics cards serves, with events or with spikes that were on their way."""
    known = (events is None or _knows(events, wiring)) and _adds(wiring, onto) and not _off()
    return cards.PLATFORMS if known and cards.why_not(onto.dtype.name) is None else ()


def deliver(events: Array, wiring: Wiring, onto: Array) -> Array:
    """The event product by the kernel, in place where XLA allows."""
    if isinstance(wiring, FixedPostNumber):
        begins = jnp.zeros(0, jnp.int32)
    else:
        begins = wiring.row_pointers() if isinstance(wiring, DelayedCSR) else wiring.indptr
    call = jax.ffi.ffi_call(TARGET, jax.ShapeDtypeStruct(onto.shape, onto.dtype), input_output_aliases={4: 0})
    return call(events, begins, wiring.indices, wiring.weight, onto)


def deliver_delayed(line: Array, row: Array, wiring: DelayedCSR, onto: Array) -> Array:
    """The event product with delays by the kernel; ``row`` is the row of the line that each delay reads, or -1."""
    call = jax.ffi.ffi_call(DELAYED, jax.ShapeDtypeStruct(onto.shape, onto.dtype), input_output_aliases={5: 0})
    return call(line, row, wiring.indptr, wiring.indices, wiring.weight, onto)


def draws_pay(number: int) -> bool:
    """Whether so many Poisson numbers come quicker from the kernel."""
    return _switch() == "on" or number >= MANY_DRAWS


def draws(dtype: Any) -> bool:
    """Whether the kernel knows this type."""
    return dtype in (jnp.float32, jnp.float64) and ready()


def count(words: Array, expected: Array) -> Array:
    """Poisson numbers by the kernel, from the words of a key."""
    return jax.ffi.ffi_call(COUNTS, jax.ShapeDtypeStruct(expected.shape, expected.dtype))(words, expected)


def announced(source: str, stages: tuple[tuple[int, bool], ...]) -> list[int] | None:
    """The numbers under which the functions ``step0``, ``step1``, ... of a source are called; None if it is not compiled.

    ``stages`` says of each how many it has, and whether all threads end it before one begins the next.
    """
    found = library()
    if found is None:
        return None
    with _lock:
        return _announced(source, stages)


@functools.cache
def _announced(source: str, stages: tuple[tuple[int, bool], ...]) -> list[int] | None:
    from . import build

    try:
        made = build.step(source)
    except build.NoKernel:
        return None
    announce = _registered()[0].brainnb_announce_step
    announce.argtypes = [ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64]
    key = hashlib.sha256(source.encode()).digest()
    numbers = [int.from_bytes(key[:6]) * 256 + k for k in range(len(stages))]
    for k, number in enumerate(numbers):
        announce(number, ctypes.cast(getattr(made, f"step{k}"), ctypes.c_void_p), *map(int, stages[k]))
    return numbers


def send_home(rows: Array, home: Any) -> Callable[[], bool] | None:
    """Let the loop that takes ``rows`` over write them to ``home``, a NumPy array, which must live as long as the loop runs.

    Returns what tells, once the loop is done, whether it did: others than the compiled ones write where XLA has room.
    """
    if _off() or not _registered.cache_info().currsize or (found := _registered()[0]) is None:
        return None
    address = ctypes.c_void_p(rows.unsafe_buffer_pointer())
    found.brainnb_send_home(address, ctypes.c_void_p(home.ctypes.data))
    return lambda: bool(found.brainnb_came_home(address))


def _knows(events: Array, wiring: Wiring) -> bool:
    stored = isinstance(wiring, CSR | DelayedCSR | FixedPostNumber)
    return stored and events.dtype in (jnp.bool_, wiring.weight.dtype)


def _adds(wiring: Wiring, onto: Array) -> bool:
    return wiring.weight.dtype == onto.dtype and onto.dtype in (jnp.float32, jnp.float64)


def _switch() -> str:
    return os.environ.get("BRAINNB_KERNELS", "").lower()


def _off() -> bool:
    return _switch() in ("off", "0", "no")


def _why_not() -> str | None:
    if _off():
        return "switched off by BRAINNB_KERNELS"
    with _lock:
        return _registered()[1]


@functools.cache
def _registered() -> tuple[ctypes.CDLL | None, str | None]:
    """The library, or why there is none."""
    from . import build

    try:
        found = build.library()
    except build.NoKernel as reason:
        return None, str(reason)
    for target in (TARGET, DELAYED, COUNTS, STEP, STEPS):
        jax.ffi.register_ffi_target(target, jax.ffi.pycapsule(getattr(found, target)), platform="cpu")
    found.brainnb_form_team(ctypes.c_int64(_threads()), ctypes.c_int64(0))
    return found, None


def _threads() -> int:
    """Threads that may share the steps of a loop: BRAINNB_THREADS, or one for each processor."""
    said = os.environ.get("BRAINNB_THREADS", "")
    return int(said) if said.isdecimal() else processors.count()
