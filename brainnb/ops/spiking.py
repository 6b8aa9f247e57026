"""A loop over the neurons that spike: its cost follows the spikes, and no number of them is too many."""

from collections.abc import Callable
from typing import TypeVar

import jax.numpy as jnp
from jax import Array, lax

from brainnb.core.bits import WORD, pack

Carry = TypeVar("Carry")


def over_spikes(
    spikes: Array, body: Callable[[Array, Array, Carry], Carry], carry: Carry, turns: Callable[[Array], Array] | None
) -> Carry:
    """``carry = body(i, k, carry)`` for every neuron ``i`` that spikes, in order, and every ``k < turns(i)``.

    Spikes are one bit each, the words that hold any are one bit each again, and so once more: the next spiking neuron
    is found in three looks, whatever the size of the population.

    Parameters
    ----------
    spikes : (units,) bool
    body : callable
        One turn.
    carry : pytree
    turns : callable or None
        How many turns neuron ``i`` takes; None where each takes one.  A neuron with 0 takes one all the same, and the
        body finds nothing to do in it.
    """
    return over_words(pack(spikes), body, carry, turns)


def over_words(
    words: Array, body: Callable[[Array, Array, Carry], Carry], carry: Carry, turns: Callable[[Array], Array] | None
) -> Carry:
    """The same over spikes that are packed already, (words,) of 32 bits."""
    if words.shape[0] == 0:
        return carry
    groups = pack(words != 0)
    top = pack(groups != 0)
    left = jnp.sum(lax.population_count(words), dtype=jnp.uint32)
    zero = jnp.uint32(0)

    def turn(at: tuple) -> tuple:
        top, place, carry = at
        group_at, group, word_at, word, left, k = (place[n] for n in range(6))
        # at the end of a word the next of its group, at the end of a group the next group
        t = lax.argmax(top != 0, 0, jnp.uint32) if top.shape[0] > 1 else zero
        first = _entry(top, t)
        new_word, new_group = word == 0, (word == 0) & (group == 0)
        next_group = t * WORD + _lowest(first)
        group_at = jnp.where(new_group, next_group, group_at)
        group = jnp.where(new_group, _entry(groups, next_group), group)
        top = lax.dynamic_update_index_in_dim(top, jnp.where(new_group, _without_lowest(first), first), t, 0)
        next_word = group_at * WORD + _lowest(group)
        word_at = jnp.where(new_word, next_word, word_at)
        word = jnp.where(new_word, _entry(words, next_word), word)
        group = jnp.where(new_word, _without_lowest(group), group)

        i = (word_at * WORD + _lowest(word)).astype(jnp.int32)
        carry = body(i, k.astype(jnp.int32), carry)
        done = jnp.bool_(True) if turns is None else k.astype(jnp.int32) + 1 >= turns(i)
        word = jnp.where(done, _without_lowest(word), word)
        left, k = left - done.astype(jnp.uint32), jnp.where(done, zero, k + 1)
        # one small array: XLA computes it in one kernel, and each scalar apart in a kernel of its own
        return top, jnp.stack([group_at, group, word_at, word, left, k]), carry

    place = jnp.stack([zero, zero, zero, zero, left, zero])
    return lax.while_loop(lambda at: at[1][4] > 0, turn, (top, place, carry))[-1]


def _entry(array: Array, at: Array) -> Array:
    return lax.dynamic_index_in_dim(array, at, 0, keepdims=False)


def _lowest(word: Array) -> Array:
    """Position of the lowest bit that is set."""
    return lax.population_count((word & -word) - jnp.uint32(1))


def _without_lowest(word: Array) -> Array:
    return word & (word - jnp.uint32(1))
