"""Hopfield's memory: overlaps of Amit, Gutfreund & Sompolinsky 1985, the cliff at 0.138 N, energy, cycles."""

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.networks import Hopfield
from brainnb.run.cache import trace_count


def settled(memory, pattern, flipped=0.0, T=30, **options):
    cue = memory.cue(pattern, flipped)
    return bn.simulate(memory, T=T, dt=1.0, record=["overlap", "energy"], init={"x": cue}, seed=pattern, **options)


@pytest.mark.parametrize(
    ("load", "overlap", "tolerance"), [(0.05, 0.99999, 0.001), (0.10, 0.99800, 0.003), (0.13, 0.98721, 0.015)]
)
def test_overlap_below_capacity_is_that_of_the_theory(load, overlap, tolerance):
    memory = Hopfield.random(1000, round(1000 * load))
    found = [float(settled(memory, k).overlap[-1, k]) for k in range(10)]
    assert np.mean(found) == pytest.approx(overlap, abs=tolerance)


def test_recall_breaks_down_above_the_capacity():
    memory = Hopfield.random(1000, 200)
    found = [float(settled(memory, k).overlap[-1, k]) for k in range(10)]
    assert 0.25 < np.mean(found) < 0.5


def test_a_damaged_pattern_is_completed_and_the_energy_never_rises():
    memory = Hopfield.random(500, 20)
    for k in range(5):
        ds = settled(memory, k, flipped=0.25, T=10)
        assert float(ds.overlap[-1, k]) > 0.99
        assert (np.diff(ds.energy) <= 1e-7).all()
        assert float(ds.energy[0]) < float(memory.energy(memory.overlaps(memory.cue(k, 0.25))))


def test_neurons_in_turn_equal_the_plain_matrix():
    """The overlaps carry the field of W without W: one sweep against NumPy with the same order."""
    memory = Hopfield.random(60, 12, seed=4)
    xi = np.asarray(memory.patterns, float)
    W = xi.T @ xi / 60
    np.fill_diagonal(W, 0.0)
    key, start = jax.random.key(7), np.asarray(memory.cue(0, 0.4))
    x = start.astype(float).copy()
    for i in np.asarray(jax.random.permutation(key, 60)):
        field = W[i] @ x
        x[i] = x[i] if abs(field) < 1e-9 else np.sign(field)
    changed, seen = memory.on_step(0.0, bn.Record(x=memory.cue(0, 0.4)), bn.Record(), key)
    np.testing.assert_array_equal(changed["x"], x)
    assert float(seen["energy"]) == pytest.approx(-0.5 * x @ W @ x / 60, abs=1e-6)
    np.testing.assert_allclose(seen["overlap"], xi @ x / 60, atol=1e-6)


def test_all_at_once_may_end_in_a_cycle_of_two():
    memory = Hopfield.random(200, 40, synchronous=True)
    x = bn.simulate(memory, T=60, dt=1.0, record=["x"], init={"x": memory.cue(0, 0.3)})["x"].values
    assert (x[-1] == x[-3]).all()
    assert (x[-1] != x[-2]).any()


def test_patterns_that_are_not_held_are_not_there():
    """Held 6 of 12 is the memory of the first 6: the same weights, whatever else is in the table."""
    whole = Hopfield.random(60, 12, seed=4, held=6)
    half = Hopfield(np.asarray(whole.patterns)[:6])
    x, key = whole.cue(0, 0.4), jax.random.key(7)
    (a, seen), (b, expected) = (m.on_step(0.0, bn.Record(x=x), bn.Record(), key) for m in (whole, half))
    np.testing.assert_array_equal(a["x"], b["x"])
    assert float(seen["energy"]) == pytest.approx(float(expected["energy"]), abs=1e-6)
    assert seen["overlap"].shape == (12,)


def test_a_part_of_the_begin_is_turned_over():
    memory = Hopfield.random(60, 3, flipped=0.25)
    x = memory.init_state((), jax.random.key(1))["x"]
    assert float(memory.overlaps(x)[0]) == pytest.approx(0.5, abs=1e-6)
    assert (x != memory.init_state((), jax.random.key(2))["x"]).any()


def test_other_patterns_compile_nothing():
    settled(Hopfield.random(100, 5), 0)
    before = trace_count()
    settled(Hopfield.random(100, 5, seed=3), 2)
    assert trace_count() == before


@pytest.mark.parametrize("patterns", [[1, -1, 1], [[1, 0]], [[]], [[1, np.nan]]])
def test_patterns_that_are_none_are_refused(patterns):
    with pytest.raises(bn.core.errors.ModelError, match="a table of 1 and -1"):
        Hopfield(patterns)


def test_cues_that_are_none_are_refused():
    memory = Hopfield.random(20, 2)
    with pytest.raises(bn.core.errors.OutOfBounds, match="0 to 1 was expected"):
        memory.cue(2)
    with pytest.raises(bn.core.errors.OutOfBounds, match="a fraction"):
        memory.cue(0, flipped=1.5)
