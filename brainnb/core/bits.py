"""One bit for every unit: what a long line of spikes is kept in."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

WORD = 32


def blank(rows: int, units: tuple[int, ...]) -> Array:
    """``rows`` moments in which nobody spiked."""
    return jnp.zeros((rows, -(-math.prod(units) // WORD)), jnp.uint32)


@jax.jit  # a program of its own, by whose name it is known: taken apart it would be slow
def pack(flags: Array) -> Array:
    """Flags of any shape as words of 32 bits.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> pack(jnp.asarray([True, False, True])).tolist()
    [5]
    """
    flat = jnp.ravel(flags)
    whole = flat.size // WORD * WORD
    last = jnp.pad(flat[whole:], (0, -flat.size % WORD))
    return jnp.concatenate([_joined(flat[:whole]), _joined(last)])  # padded as a whole it would be copied


def _joined(flags: Array) -> Array:
    """Whole words: neighbours are joined again and again."""
    words = flags.astype(jnp.uint32)
    for bits in (1, 2, 4, 8, 16):
        words = words[0::2] | (words[1::2] << bits)
    return words


def unpack(words: Array, units: tuple[int, ...]) -> Array:
    """The flags of one moment."""
    flat = (words[:, None] >> jnp.arange(WORD, dtype=jnp.uint32)) & 1
    return flat.reshape(-1)[: math.prod(units)].reshape(units).astype(bool)


def read(lines: Array, row: Array, units: tuple[int, ...], at: Any = None) -> Array:
    """The flags of one moment for all units, of a moment for each unit, or of the unit ``at`` of each edge."""
    if at is None and row.ndim == 0:
        return unpack(lines[row], units)
    if at is None:
        at = jnp.arange(math.prod(units)).reshape(units)
    row, at = jnp.broadcast_arrays(row, at)
    return ((lines[row, at // WORD] >> (at % WORD).astype(jnp.uint32)) & 1).astype(bool)
