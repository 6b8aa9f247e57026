"""Spikes as bits are the spikes."""

import jax.numpy as jnp
import numpy as np
import pytest

from brainnb.core import bits

SHAPES = [(), (1,), (31,), (32,), (33,), (100,), (3, 5), (4, 32)]


@pytest.mark.parametrize("shape", SHAPES)
def test_packing_and_unpacking_gives_the_flags_back(shape):
    flags = np.random.default_rng(0).random(shape) < 0.4
    words = bits.pack(jnp.asarray(flags))
    assert words.dtype == jnp.uint32
    assert words.shape == (-(-flags.size // 32),)
    np.testing.assert_array_equal(bits.unpack(words, shape), flags)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_ring_of_bits_is_a_ring_of_flags(shape):
    rng = np.random.default_rng(1)
    ring = rng.random((8, *shape)) < 0.3
    lines = bits.blank(8, shape)
    assert lines.shape == (8, -(-ring[0].size // 32))
    for row in range(8):
        lines = lines.at[row].set(bits.pack(jnp.asarray(ring[row])))
    for row in range(8):
        np.testing.assert_array_equal(bits.read(lines, jnp.asarray(row), shape), ring[row])
    each = rng.integers(0, 8, shape)
    np.testing.assert_array_equal(
        bits.read(lines, jnp.asarray(each), shape), np.take_along_axis(ring, each[None], 0)[0]
    )
    units = rng.integers(0, ring[0].size, 20)
    rows = rng.integers(0, 8, 20)
    flat = ring.reshape(8, -1)
    np.testing.assert_array_equal(bits.read(lines, jnp.asarray(rows), shape, at=units), flat[rows, units])
    np.testing.assert_array_equal(bits.read(lines, jnp.asarray(3), shape, at=units), flat[3, units])


def test_a_row_for_every_post_reads_every_pre():
    ring = np.random.default_rng(2).random((8, 40)) < 0.3
    lines = jnp.stack([bits.pack(jnp.asarray(row)) for row in ring])
    rows = np.random.default_rng(3).integers(0, 8, (5, 40))
    found = bits.read(lines, jnp.asarray(rows), (40,))
    np.testing.assert_array_equal(found, ring[rows, np.arange(40)])


def test_a_bit_is_an_eighth_of_a_flag():
    assert bits.blank(1024, (1000,)).nbytes == 1024 * 32 * 4


@pytest.mark.parametrize("units", [4095, 4096, 16 * 32 * 32, 70_001])
def test_marks_say_which_stretches_of_a_row_hold_spikes(units):
    flags = np.random.default_rng(units).random(units) < 1e-3
    row = np.asarray(bits.ring_row(jnp.asarray(flags)))
    assert row.shape == bits.blank(2, (units,)).shape[1:]
    words, marks = row[: bits.words(units)], row[-(-bits.words(units) // 16) * 16 :]
    np.testing.assert_array_equal(bits.unpack(words, (units,)), flags)
    if units < 4096:
        assert marks.size == 0
        return
    wanted = [words[k : k + 16].any() for k in range(0, len(words), 16)]
    found = np.asarray(bits.unpack(marks, (marks.size * 32,)))
    np.testing.assert_array_equal(found, np.pad(wanted, (0, len(found) - len(wanted))))
