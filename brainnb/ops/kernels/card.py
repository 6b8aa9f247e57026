"""Event products for graphics cards, in Pallas: a program for every 32 neurons adds the rows of those that fired.

Programs add at the same time, so every addition is atomic.  Where all synapses have one weight and events are spikes,
the spikes are counted, and whole numbers have the same sum in any order; other sums are rounded in the order in which
the additions happen to come, which no two runs share.  No spike is collected in a buffer, so none is too many.

Imported where a card is (:mod:`.cards`) and by tests, which run the same programs one after the other on the CPU.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.experimental import pallas as pl

from brainnb.core import bits

from ..base import Wiring
from ..delayed import DelayedCSR
from ..fixed import FixedPostNumber

LANES = 32
"""Synapses that are added at once: one warp does a program."""

SHARE = 128
"""Synapses of an average row for each of the programs that share it."""

MOST = 32
"""Programs that share a row at most."""


def deliver(events: Array, wiring: Wiring, onto: Array, *, interpret: bool = False) -> Array:
    """The event product of a wiring by source; ``interpret`` runs the kernel on the CPU, for tests."""
    graded = events.dtype != jnp.bool_
    words = bits.pack(events != 0 if graded else events)
    return _added(words, 1, _begins(wiring), wiring, events if graded else None, onto, interpret)


def deliver_delayed(words: Array, wiring: DelayedCSR, onto: Array, *, interpret: bool = False) -> Array:
    """The event product with delays, from the words ``(slots, words)`` of spikes that arrive."""
    return _added(words.reshape(-1), wiring.slots, wiring.indptr, wiring, None, onto, interpret)


def _begins(wiring: Wiring) -> Array:
    """Where the row of each neuron begins, and the end of the last."""
    if isinstance(wiring, FixedPostNumber):
        return jnp.arange(wiring.shape[0] + 1, dtype=jnp.int32) * wiring.number
    return wiring.row_pointers() if isinstance(wiring, DelayedCSR) else wiring.indptr


def _added(
    words: Array, slots: int, begins: Array, wiring: Wiring, graded: Array | None, onto: Array, interpret: bool
) -> Array:
    add = partial(_call, slots, interpret, words, begins, wiring.indices.reshape(-1))
    if graded is None and wiring.weight.ndim == 0:
        one = jnp.ones(1, jnp.int32)
        count = add(one, one, jnp.zeros(onto.shape, jnp.int32))
        return jnp.where(count == 0, onto, onto + wiring.weight * count.astype(onto.dtype))
    return add(wiring.weight.reshape(-1), jnp.ones(1, onto.dtype) if graded is None else graded, onto)


def _call(
    slots: int,
    interpret: bool,
    words: Array,
    begins: Array,
    targets: Array,
    weight: Array,
    sent: Array,
    onto: Array,
) -> Array:
    """``weight`` and ``sent`` have one number for each synapse and neuron, or a single one."""
    parts = min(MOST, max(1, targets.size // max(1, begins.size * SHARE)))
    return pl.pallas_call(
        partial(_rows, slots, parts),
        jax.ShapeDtypeStruct(onto.shape, onto.dtype),
        grid=(words.size, parts),
        input_output_aliases={5: 0},
        interpret=interpret,
        name="brainnb_events",
        compiler_params=None if interpret else _one_warp(),
    )(words, begins, targets, weight, sent, onto)


def _one_warp() -> pl.CompilerParams:
    """Asks for Triton, which later versions of JAX are going to leave out: an ImportError there, told by the trial."""
    from jax.experimental.pallas import triton

    return triton.CompilerParams(num_warps=1)


def _rows(
    slots: int,
    parts: int,
    words: Array,
    begins: Array,
    targets: Array,
    weight: Array,
    sent: Array,
    _: Array,
    out: Array,
) -> None:
    """One program: a share of the rows of those among 32 neurons that fired, and whose spikes arrive by one slot."""
    place, part = pl.program_id(0), pl.program_id(1)
    several, synapses, post = words.shape[0] // slots, targets.shape[0], out.shape[0]
    slot, first = lax.div(place, np.int32(several)), lax.rem(place, np.int32(several)) * bits.WORD
    word = words[place]

    def window(i: Array, begin: Array, end: Array, k: Array) -> None:
        """Add a warp's width of the row; lanes beyond its end, or with a wrong target, add nothing, each to another neuron."""
        lanes = jnp.arange(LANES, dtype=jnp.int32)
        at = begin + (k * parts + part) * LANES + lanes
        there = at < end
        at = jnp.where(there, at, 0)
        j = targets[at]
        there = there & (j >= 0) & (j < post)
        value = weight[at if weight.shape[0] > 1 else 0] * sent[i if sent.shape[0] > 1 else 0]
        value = jnp.where(there, value, jnp.zeros((LANES,), out.dtype))
        jax.ref.addupdate(out, (jnp.where(there, j, jnp.minimum(lanes, post - 1)),), value)

    def neuron(bit: Array, _: None) -> None:
        @pl.when((lax.shift_right_logical(word, bit.astype(jnp.uint32)) & np.uint32(1)) != 0)
        def _add() -> None:
            i = first + bit
            segment = i * slots + slot
            begin, end = jnp.maximum(begins[segment], 0), jnp.minimum(begins[segment + 1], synapses)
            left = jnp.maximum(end - begin - part * LANES, 0)
            turns = lax.div(left + (parts * LANES - 1), np.int32(parts * LANES))
            lax.fori_loop(np.int32(0), turns, lambda k, _: window(i, begin, end, k), None)

    @pl.when(word != 0)
    def _fired() -> None:
        lax.fori_loop(np.int32(0), np.int32(bits.WORD), neuron, None)
