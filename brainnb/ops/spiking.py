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

    Spikes are one bit each, and the words that hold any are one bit each again: the next spiking neuron is found in
    two looks whatever the size of the population, and taken out of both.

    Parameters
    ----------
    spikes : (units,) bool
    body : callable
        One turn.
    carry : pytree
    turns : callable or None
        How many turns neuron ``i`` takes, 0 allowed; None where each takes one.
    """
    if spikes.shape[0] == 0:
        return carry
    words = pack(spikes)
    full = pack(words != 0)
    zero = jnp.int32(0)

    def going_on(at: tuple) -> Array:
        return at[2] > 0

    def turn(at: tuple) -> tuple:
        words, full, left, k, carry = at
        a = lax.argmax(full != 0, 0, jnp.int32)
        b = a * WORD + _lowest(full[a])
        word = words[b]
        i = b * WORD + _lowest(word)
        if turns is None:
            carry, done = body(i, zero, carry), jnp.bool_(True)
        else:
            carry, done = body(i, k, carry), k + 1 >= turns(i)
        rest = jnp.where(done, word & (word - jnp.uint32(1)), word)
        words = words.at[b].set(rest)
        full = full.at[a].set(jnp.where(rest == 0, full[a] & (full[a] - jnp.uint32(1)), full[a]))
        return words, full, left - done.astype(jnp.int32), jnp.where(done, 0, k + 1), carry

    count = jnp.sum(lax.population_count(words), dtype=jnp.int32)
    return lax.while_loop(going_on, turn, (words, full, count, zero, carry))[-1]


def _lowest(word: Array) -> Array:
    """Position of the lowest bit that is set."""
    return lax.population_count((word & -word) - jnp.uint32(1)).astype(jnp.int32)
