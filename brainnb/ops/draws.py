"""Random synapses by a counter: the same numbers in compiled code and in NumPy."""

import ctypes
import functools
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from . import ordering

if TYPE_CHECKING:
    from .blocks import Blocks

OCTAVES, PARTS = 32, 64
"""The table of the normal: octaves of the tail, and parts of each."""

AT_ONCE = 2**21
"""Synapses that NumPy draws at a time."""


def bits(key: np.uint64, number: np.ndarray) -> np.ndarray:
    """The numbers of a stream: SplitMix64, asked for by their place."""
    with np.errstate(over="ignore"):
        x = key + (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def below(random: np.ndarray, count: np.ndarray | np.uint64) -> np.ndarray:
    """Whole numbers from 0 to ``count - 1`` of the upper 32 bits."""
    return ((random >> np.uint64(32)) * count) >> np.uint64(32)


@functools.cache
def table() -> np.ndarray:
    """How far out the normal is, at tail probabilities from 2^-33 to 1/2 that are evenly spaced within an octave."""
    place = np.ldexp(1.0 + np.arange(OCTAVES * PARTS + 1) % PARTS / PARTS, np.arange(OCTAVES * PARTS + 1) // PARTS - 1)
    return -ndtri(np.ldexp(place, -32))


def normal(random: np.ndarray) -> np.ndarray:
    """Normal numbers of 32 bits: the first says the sign, the others the place in the table."""
    place = (random & np.uint64(0x7FFFFFFF)).astype(np.float64) + 0.5
    word = place.view(np.uint64)
    at = ((word >> np.uint64(46)) - np.uint64(1022 << 6)).astype(np.int64)
    part = (word & np.uint64((1 << 46) - 1)).astype(np.float64) * 2.0**-46
    known = table()
    z = known[at] + part * (known[at + 1] - known[at])
    return np.where(random >> np.uint64(31), z, -z)


def walker(chance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``(cut, alias)``: a column is drawn evenly; below its cut it is meant itself, above its alias [1]_.

    .. [1] Vose (1991), IEEE Trans. Softw. Eng. 17:972, doi:10.1109/32.92917.
    """
    count = len(chance)
    left = chance * count
    cut, alias = np.full(count, 2**32 - 1, np.uint32), np.arange(count, dtype=np.int32)
    small, large = ([int(n) for n in np.flatnonzero(which)] for which in (left < 1, left >= 1))
    while small and large:
        few, many = small.pop(), large[-1]
        cut[few], alias[few] = np.uint32(min(left[few] * 2**32, 2**32 - 1)), many
        left[many] -= 1 - left[few]
        if left[many] < 1:
            small.append(large.pop())
    return cut, alias


def drawn(blocks: "Blocks", dtype: np.dtype) -> ordering.Sorted:
    """The synapses of all blocks, sorted: ``(indptr, indices, weight)``."""
    library = None
    if blocks.counts.sum() >= ordering.MANY:
        from . import kernels

        library = kernels.library()
    return by_numpy(blocks, dtype) if library is None else compiled(library, blocks, dtype)


def by_numpy(blocks: "Blocks", dtype: np.dtype) -> ordering.Sorted:
    """The definition: out-degrees first, then the synapses of some neurons after those of others."""
    degrees = _degrees(blocks)
    count, neurons, slots = len(blocks.counts), int(blocks.begins[-1]), blocks.cut.shape[-1]
    indptr, indices, weights = _arrays(blocks, dtype)
    ends = np.cumsum(degrees.sum(axis=1))
    source = np.repeat(np.arange(count), np.diff(blocks.begins))
    first, at = 0, 0
    while first < neurons:
        last = max(first + 1, int(np.searchsorted(ends, at + AT_ONCE, side="right")))
        own = degrees[first:last]
        pre = np.repeat(np.arange(last - first), own.sum(axis=1))
        pair = (np.arange(count) * count + source[first:last, None]).reshape(-1)
        post, slot, weight = _synapses(blocks, np.repeat(pair, own.reshape(-1)), at, dtype)
        found = ordering.by_numpy(pre, post, slot, weight, (last - first, neurons), slots)
        indptr[first * slots : last * slots] = found[0][:-1] + at
        indices[at : at + len(post)], weights[at : at + len(post)] = found[1:]
        first, at = last, at + len(post)
    indptr[-1] = at
    return indptr, indices, weights


def _degrees(blocks: "Blocks") -> np.ndarray:
    """Synapses of each neuron to each block: every synapse chooses its source."""
    count, sizes = len(blocks.counts), np.diff(blocks.begins)
    degrees, number = np.zeros((int(blocks.begins[-1]), count), np.int64), 0
    for q in range(count):
        rows = slice(blocks.begins[q], blocks.begins[q + 1])
        for p in range(count):
            for begin in range(0, int(blocks.counts[p, q]), AT_ONCE):
                some = np.arange(begin, min(begin + AT_ONCE, int(blocks.counts[p, q])), dtype=np.uint64)
                chosen = below(bits(blocks.keys[0], some + np.uint64(number)), np.uint64(sizes[q]))
                degrees[rows, p] += np.bincount(chosen.astype(np.int64), minlength=sizes[q])
            number += int(blocks.counts[p, q])
    return degrees


def _synapses(
    blocks: "Blocks", pair: np.ndarray, begin: int, dtype: np.dtype
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``(post, slot, weight)`` of the synapses ``begin``, ``begin + 1``, ... of the given pairs of blocks."""
    number = np.arange(begin, begin + len(pair), dtype=np.uint64)
    target = pair // len(blocks.counts)
    where, what = (bits(key, number) for key in blocks.keys[1:])
    post = blocks.begins[target] + below(where, np.diff(blocks.begins).astype(np.uint64)[target]).astype(np.int64)
    mean, sd = blocks.mean.reshape(-1)[pair], blocks.sd.reshape(-1)[pair]
    weight = mean + sd * normal(what >> np.uint64(32))
    weight = np.where(mean < 0, np.minimum(weight, 0.0), np.where(mean > 0, np.maximum(weight, 0.0), weight))
    slots = blocks.cut.shape[-1]
    scaled = (what & np.uint64(2**32 - 1)) * np.uint64(slots)
    column = (scaled >> np.uint64(32)).astype(np.int64)
    itself = (scaled & np.uint64(2**32 - 1)) < blocks.cut.reshape(-1, slots)[pair, column]
    slot = np.where(itself, column, blocks.alias.reshape(-1, slots)[pair, column])
    return post.astype(np.int32), slot.astype(np.int32), weight.astype(dtype)


class _Blocks(ctypes.Structure):
    _fields_ = [
        ("blocks", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("begins", "counts", "mean", "sd", "normal")),
        ("slots", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("cut", "alias", "keys")),
    ]


def compiled(library: ctypes.CDLL, blocks: "Blocks", dtype: np.dtype) -> ordering.Sorted:
    """The same numbers, every row drawn and sorted in the cache."""
    known = {**blocks._asdict(), "normal": table()}
    places = {name: ordering.address(array) for name, array in known.items()}
    own = _Blocks(blocks=len(blocks.counts), slots=blocks.cut.shape[-1], **places)
    arrays = _arrays(blocks, dtype)
    getattr(library, f"brainnb_draw_{dtype}")(ctypes.byref(own), *(ordering.address(a) for a in arrays))
    return arrays


def _arrays(blocks: "Blocks", dtype: np.dtype) -> ordering.Sorted:
    """Room for all synapses."""
    synapses, rows = int(blocks.counts.sum()), int(blocks.begins[-1]) * blocks.cut.shape[-1]
    return ordering.empty(rows + 1, np.int32), ordering.empty(synapses, np.int32), ordering.empty(synapses, dtype)
