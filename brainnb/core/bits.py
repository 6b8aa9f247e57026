"""One bit for every unit: what a long line of spikes is kept in."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

WORD = 32

STRETCH = 16
"""Words that one mark stands for: a line of memory."""

MARKED = 4096
"""Units from which on a row has marks: so that a few spikes are found without a look at every word."""


def words(units: int) -> int:
    """Words that hold one bit for every unit."""
    return -(-units // WORD)


def columns(units: int) -> int:
    """Words of a row of a ring: whole stretches of them and, behind, whether each stretch holds any, where that pays."""
    if units < MARKED:
        return words(units)
    stretches = -(-words(units) // STRETCH)
    return STRETCH * (stretches - (-words(stretches) // STRETCH))


def blank(rows: int, units: tuple[int, ...]) -> Array:
    """``rows`` moments in which nobody spiked."""
    return jnp.zeros((rows, columns(math.prod(units))), jnp.uint32)


@jax.jit  # these two are programs of their own, by whose names they are known: taken apart they would be slow
def ring_row(flags: Array) -> Array:
    """One moment, as a row of a ring.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> row = ring_row(jnp.arange(5000) == 600)  # word 18, which is in the second stretch
    >>> row.shape == (columns(5000),), {k: int(x) for k, x in enumerate(row) if x}
    (True, {18: 16777216, 160: 2})
    """
    found, size = pack(flags), columns(flags.size)
    if size == found.size:
        return found
    found = jnp.pad(found, (0, -found.size % STRETCH))
    marks = pack(jnp.any(found.reshape(-1, STRETCH) != 0, axis=1))
    return jnp.concatenate([found, marks, jnp.zeros(size - found.size - marks.size, jnp.uint32)])


@jax.jit
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
