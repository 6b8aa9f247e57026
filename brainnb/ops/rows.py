"""Rows of synapses of different lengths, read in windows of one width."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from brainnb.core.compat import is_traced

TURN = 40
"""What one turn of the loop costs, in synapses: measured on the CPU."""


SEVERAL = 4
"""Entries in one turn of :func:`add_entries`: more gain nothing."""


class Segment(NamedTuple):
    """A window of one row: where it begins in the storage, which entries count (None: all), and whom they reach."""

    start: Array
    counts: Array | None
    others: Array


def best_width(lengths: np.ndarray) -> int:
    """The window with which the rows cost least: longer ones waste entries at the end, shorter ones take turns."""
    lengths = lengths[lengths > 0]
    if not lengths.size:
        return 0
    asked = np.unique(np.ceil(np.quantile(lengths, [0.25, 0.5, 0.75, 0.9, 0.99, 1.0])).astype(np.int64))
    asked = np.unique(np.concatenate([asked, np.ceil(asked / 2).astype(np.int64)]))
    cost = [np.sum(-(-lengths // w)) * float(TURN + w) for w in asked]
    return int(asked[np.argmin(cost)])


def segment(indptr: Array, indices: Array, width: int, count: int, i: Array, k: Array) -> Segment:
    """Window ``k`` of row ``i``; entries that do not count reach the neuron ``count``, which does not exist."""
    begin, end = indptr[i] + k * width, indptr[i + 1]
    start = jnp.minimum(begin, indices.shape[0] - width)  # the last window begins earlier, not beyond the storage
    at = start + jnp.arange(width, dtype=jnp.int32)
    counts = (at >= begin) & (at < end)
    return Segment(start, counts, jnp.where(counts, lax.dynamic_slice_in_dim(indices, start, width), count))


def turns(indptr: Array, width: int, i: Array) -> Array:
    """How many windows row ``i`` has."""
    return (indptr[i + 1] - indptr[i] + (width - 1)) // width


def add_entries(onto: Array, begin: Array, end: Array, indices: Array, weight: Array, x: Array | None) -> Array:
    """Add the entries ``begin`` to ``end`` of the storage one after the other, four in a turn of the loop.

    XLA compiles this into the very loop that one would write in C; a scatter of a whole row costs five times as much.
    """
    shared = weight.ndim == 0
    if shared and x is not None:
        weight = x * weight

    def entry(onto: Array, n: Array) -> Array:
        sent = weight if shared else _at(weight, n)
        if not shared and x is not None:
            sent = x * sent
        j = _at(indices, n)
        there = j.astype(jnp.uint32) < onto.shape[0]
        new = _at(onto, j) + jnp.where(there, sent.astype(onto.dtype), 0)
        return lax.dynamic_update_slice(onto, new[None], (j,), allow_negative_indices=False)

    def several(m: Array, onto: Array) -> Array:
        for k in range(SEVERAL):
            onto = entry(onto, begin + m * SEVERAL + k)
        return onto

    whole = (end - begin) // SEVERAL
    onto = lax.fori_loop(0, whole, several, onto)
    return lax.fori_loop(begin + whole * SEVERAL, end, lambda n, onto: entry(onto, n), onto)


def _at(x: Array, n: Array) -> Array:
    return lax.dynamic_slice(x, (n,), (1,), allow_negative_indices=False)[0]


def row_of_each(indptr: Array, synapses: int) -> Array:
    """The row of every synapse."""
    begun = jnp.zeros(synapses, jnp.int32).at[indptr[1:-1]].add(1, mode="drop")  # empty rows begin where the next does
    return jnp.cumsum(begun)


class Columns(eqx.Module):
    """Where the synapses of each postsynaptic neuron are, in a storage that lies by presynaptic neuron."""

    indptr: Array
    pre: Array
    position: Array
    width: int = eqx.field(static=True)

    def segment(self, j: Array, k: Array) -> tuple[Array, Array]:
        """``(positions, presynaptic neurons)`` of window ``k`` of neuron ``j``; positions that do not count do not exist."""
        start, counts, others = segment(self.indptr, self.pre, self.width, 0, j, k)
        at = lax.dynamic_slice_in_dim(self.position, start, self.width)
        return jnp.where(counts, at, self.position.shape[0]), others

    def turns(self, j: Array) -> Array:
        return turns(self.indptr, self.width, j)


def rising(entries: Any, pointers: Any) -> bool:
    """Whether every row has its entries in their order; no, where that is not to be seen."""
    if is_traced(entries) or is_traced(pointers):
        return False
    entries = np.asarray(entries)
    begins = np.zeros(len(entries) + 1, bool)
    begins[np.asarray(pointers)] = True
    return bool(np.all((entries[1:] >= entries[:-1]) | begins[1:-1]))


def grouped(keys: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """``(order, pointers)`` that sort keys into groups, in linear time; equal keys keep their order."""
    from scipy.sparse import csr_array

    n = len(keys)
    one_each = csr_array((np.ones(n, np.int8), keys.astype(np.int32), np.arange(n + 1, dtype=np.int32)), (n, groups))
    by_key = one_each.tocsc()
    return by_key.indices, by_key.indptr.astype(np.int32)
