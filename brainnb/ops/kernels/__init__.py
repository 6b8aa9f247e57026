"""A compiled event product for the CPU: beside the portable one, never needed, the same numbers.

Built at the first event product of a machine (a few seconds) if a C++ compiler is there, and kept in the user's cache;
never at import.  ``BRAINNB_KERNELS=off`` leaves it out.  Where anything is missing JAX computes alone, silently;
:func:`state` and ``brainnb doctor`` say why.
"""

import functools
import os
import threading

import jax
import jax.numpy as jnp
from jax import Array

from ..base import Wiring
from ..compressed import CSR
from ..fixed import FixedPostNumber

TARGET = "brainnb_events"

_lock = threading.Lock()


def ready() -> bool:
    """Whether the kernel may be used; builds and registers it when first asked."""
    return _why_not() is None


def state() -> str:
    """In words, whether event products are compiled, and if not why."""
    why_not = _why_not()
    return "compiled event products" if why_not is None else f"event products by JAX: {why_not}"


def serves(events: Array, wiring: Wiring, onto: Array) -> bool:
    """Whether the kernel knows this storage and these types."""
    if not isinstance(wiring, CSR | FixedPostNumber):
        return False
    alike = wiring.weight.dtype == onto.dtype and events.dtype in (jnp.bool_, onto.dtype)
    return alike and onto.dtype in (jnp.float32, jnp.float64) and ready()


def deliver(events: Array, wiring: Wiring, onto: Array) -> Array:
    """The event product by the kernel, in place where XLA allows."""
    begins = wiring.indptr if isinstance(wiring, CSR) else jnp.zeros(0, jnp.int32)
    call = jax.ffi.ffi_call(TARGET, jax.ShapeDtypeStruct(onto.shape, onto.dtype), input_output_aliases={4: 0})
    return call(events, begins, wiring.indices, wiring.weight, onto)


def _why_not() -> str | None:
    if os.environ.get("BRAINNB_KERNELS", "").lower() in ("off", "0", "no"):
        return "switched off by BRAINNB_KERNELS"
    with _lock:
        return _registered()


@functools.cache
def _registered() -> str | None:
    from . import build

    try:
        found = build.library()
    except build.NoKernel as reason:
        return str(reason)
    jax.ffi.register_ffi_target(TARGET, jax.ffi.pycapsule(found.brainnb_events), platform="cpu")
    return None
