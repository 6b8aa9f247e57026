"""Memory for recordings, used again.

A system clears every page of new memory before it hands it over.  For the raster of a large network that takes longer
than the run which fills it, and a slider asks for the same memory again and again.  So what a result occupied waits,
once nobody holds the result or a part of it any more, for the next one of about its size.
"""

import weakref
from typing import Any

import numpy as np

from .limits import memory

LEAST = 2**20
"""Bytes of an array below which the allocator keeps memory by itself."""

MOST = 2**31
"""Bytes that may wait, and at most a twelfth of the memory."""

_waiting: dict[int, np.ndarray] = {}


def array(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """An unwritten array, in memory that served before where some waits."""
    dtype = np.dtype(dtype)
    needed = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if needed < LEAST:
        return np.empty(shape, dtype)
    block = _taken(needed)
    if block is None:
        block = np.empty(needed, np.uint8)
    # every view of the array keeps `owner`, and not the block behind it: a memoryview ends the chain of bases
    owner = np.frombuffer(memoryview(block), np.uint8, needed)
    weakref.finalize(owner, _give, block).atexit = False
    return owner.view(dtype).reshape(shape)


def _taken(needed: int) -> np.ndarray | None:
    """The smallest block that waits and holds so many bytes, unless it holds twice as many."""
    fitting = [(block.nbytes, key) for key, block in tuple(_waiting.items()) if needed <= block.nbytes < 2 * needed]
    for _, key in sorted(fitting):
        if (block := _waiting.pop(key, None)) is not None:  # None: another thread was faster
            return block
    return None


def _give(block: np.ndarray) -> None:
    """Called when a result is gone, by whichever thread let go of it; the oldest blocks make room."""
    most = min(MOST, (memory() or MOST) // 12)
    if block.nbytes > most:
        return
    _waiting[id(block)] = block
    while sum(x.nbytes for x in tuple(_waiting.values())) > most:
        _waiting.pop(next(iter(tuple(_waiting)), None), None)
