"""Synapses sorted by source, delay and target, in linear time: compiled where that pays, in the same order."""

import ctypes

import numpy as np

from . import rows

MANY = 2**20
"""Synapses from which on compiled code is looked for."""

LINE = 64
"""Bytes from one place to the next at which JAX takes an array over without copying it."""

Sorted = tuple[np.ndarray, np.ndarray, np.ndarray]
"""``(indptr, indices, weight)``."""


class _Edges(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int64) for name in ("synapses", "pre", "post", "slots")]


def ordered(
    pre: np.ndarray, post: np.ndarray, slot: np.ndarray, weight: np.ndarray, shape: tuple[int, int], slots: int
) -> Sorted:
    """The arrays of a wiring with delays; ``weight`` is one number or one for each synapse."""
    library = None
    if len(pre) >= MANY:
        from . import kernels

        library = kernels.library()
    return (
        by_numpy(pre, post, slot, weight, shape, slots)
        if library is None
        else compiled(library, pre, post, slot, weight, shape, slots)
    )


def by_numpy(
    pre: np.ndarray, post: np.ndarray, slot: np.ndarray, weight: np.ndarray, shape: tuple[int, int], slots: int
) -> Sorted:
    """The definition: sorted by target, then by source and delay, and both sorts keep the order of equals."""
    by_target, _ = rows.grouped(post, shape[1])
    within, indptr = rows.grouped((pre.astype(np.int64) * slots + slot)[by_target], shape[0] * slots)
    order = by_target[within]
    return indptr, post[order], weight[order] if weight.ndim else weight


def compiled(
    library: ctypes.CDLL,
    pre: np.ndarray,
    post: np.ndarray,
    slot: np.ndarray,
    weight: np.ndarray,
    shape: tuple[int, int],
    slots: int,
) -> Sorted:
    """The same by counting, each row in the cache."""
    pre, post, slot = (np.ascontiguousarray(a, np.int32) for a in (pre, post, slot))
    weight = np.ascontiguousarray(weight) if weight.ndim else weight
    indptr, indices = empty(shape[0] * slots + 1, np.int32), empty(len(pre), np.int32)
    found = empty(len(pre), weight.dtype) if weight.ndim else None
    edges = _Edges(len(pre), *shape, slots)
    sort = getattr(library, f"brainnb_order_{weight.dtype}")
    own = None if found is None else weight
    sort(ctypes.byref(edges), *(address(a) for a in (pre, post, slot, own, indptr, indices, found)))
    return indptr, indices, weight if found is None else found


def empty(count: int, dtype: np.typing.DTypeLike) -> np.ndarray:
    """An array that JAX takes over without a copy."""
    size = count * np.dtype(dtype).itemsize
    raw = np.empty(size + LINE, np.uint8)
    begin = -raw.ctypes.data % LINE
    return raw[begin : begin + size].view(dtype)


def address(array: np.ndarray | None) -> ctypes.c_void_p:
    """Where an array begins."""
    return ctypes.c_void_p(None if array is None else array.ctypes.data)
