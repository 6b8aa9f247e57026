"""Random circuits of blocks: exact counts, the distributions that were asked for, one network for each seed."""

import jax
import numpy as np
import pytest
from scipy.stats import chisquare, norm

import brainnb as bn
from brainnb import ops
from brainnb.ops import draws, kernels, ordering

SIZES, COUNTS = [300, 0, 70, 1], [[4000, 0, 900, 5], [0, 0, 0, 0], [1234, 0, 0, 7], [30, 0, 2, 3]]
WEIGHTS = dict(weight_mean=[1.0, 1.0, -4.0, 0.0], weight_sd=0.5)
DELAYS = dict(delay_mean=[1.5, 1.0, 0.75, 0.05], delay_sd=[0.75, 0.0, 0.375, 0.0])


def circuit(seed=3, **changed):
    return ops.draw_blocks(**{"sizes": SIZES, "counts": COUNTS, **WEIGHTS, **DELAYS, "seed": seed, **changed})


def blocks_of(wiring, sizes=SIZES):
    """``(target block, source block)`` of every synapse."""
    own = np.repeat(np.arange(len(sizes)), sizes)
    pre, post, _ = wiring.to_edges()
    return own[post], own[pre]


def test_every_pair_has_the_synapses_that_were_asked_for():
    wiring = circuit()
    found = np.zeros((4, 4), int)
    np.add.at(found, blocks_of(wiring), 1)
    np.testing.assert_array_equal(found, COUNTS)
    again = ops.DelayedCSR(wiring.weight, wiring.indices, wiring.indptr, wiring.delay, wiring.shape)
    assert again.width == wiring.width
    segments, post = np.asarray(wiring.segments()), np.asarray(wiring.indices)
    assert (np.diff(segments * 371 + post) >= 0).all()
    assert set(np.unique(segments % wiring.slots)) == set(range(wiring.slots))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_and_plain_networks_of_a_seed_are_the_same(dtype, monkeypatch):
    monkeypatch.setattr(draws, "AT_ONCE", 500)
    monkeypatch.setattr(ordering, "MANY", 0)
    with jax.enable_x64(dtype is np.float64):
        for seed in (0, 2**32 - 1):
            found = []
            for switch in ("on", "off"):
                monkeypatch.setenv("BRAINNB_KERNELS", switch)
                assert (kernels.library() is None) == (switch == "off"), kernels.state()
                found.append(circuit(seed))
            assert found[0].weight.dtype == dtype
            jax.tree.map(lambda a, b: np.testing.assert_array_equal(a, b), *found)
        assert not np.array_equal(found[0].weight, circuit(7).weight)


def test_ends_weights_and_delays_follow_their_distributions():
    """Four sigma, or a chance of one in ten thousand."""
    n, count = 50, 200_000
    wiring = ops.draw_blocks([n, n], [[count, 0], [0, 10]], 2.0, 0.5, 1.5, 0.75, seed=5)
    pre, post, weight = (a[:count] for a in wiring.to_edges())
    for end in (pre, post, pre * n + post):
        numbers = np.bincount(end, minlength=n * (n if end.max() >= n else 1))
        assert chisquare(numbers).pvalue > 1e-4
    assert abs(weight.mean() - 2.0) < 4 * 0.5 / np.sqrt(count)
    assert abs(weight.std() / 0.5 - 1) < 4 / np.sqrt(2 * count)
    assert chisquare(np.histogram(norm.cdf((weight - 2.0) / 0.5), 200, (0, 1))[0]).pvalue > 1e-4
    steps = np.rint(np.asarray(wiring.delays())[:count] / 0.1).astype(int)
    edges = norm.cdf((np.arange(1, 48) * 0.1 - 0.05 - 1.5) / 0.75)
    wanted = np.diff(edges) / (1 - edges[0])
    seen = np.bincount(steps, minlength=47)[1:47]
    assert abs(seen - wanted * count).max() < 5 * np.sqrt(wanted.max() * count)
    assert chisquare(seen[:40], wanted[:40] / wanted[:40].sum() * seen[:40].sum()).pvalue > 1e-4
    for a, b in ((pre, post), (pre, weight), (post, weight), (weight, steps), (post, steps)):
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(count)


def test_weights_keep_their_sign_and_delays_are_at_least_a_step():
    wiring = circuit(weight_sd=5.0)
    _, source = blocks_of(wiring)
    weight, delay = np.asarray(wiring.weight), np.asarray(wiring.delays())
    assert weight[source == 0].min() == 0.0 == weight[source == 2].max()
    assert weight[source == 3].min() < 0 < weight[source == 3].max()
    assert delay.min() == pytest.approx(0.1)
    np.testing.assert_allclose(delay[source == 3], 0.1)
    steps = delay / 0.1
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-6)


def test_the_normal_is_one():
    bits = np.concatenate([np.arange(0, 2**32, 99_991), [0, 1, 2**31 - 1, 2**31, 2**32 - 1]]).astype(np.uint64)
    place = ((bits & np.uint64(2**31 - 1)).astype(float) + 0.5) / 2**32
    wanted = norm.ppf(place) * np.where(bits >> np.uint64(31), -1, 1)
    np.testing.assert_allclose(draws.normal(bits), wanted, atol=1e-4)


@pytest.mark.parametrize("chance", [[1.0], [0.0, 1.0], [0.25] * 4, [0.5, 0.1, 0.0, 0.4], np.arange(1, 60) / 1770])
def test_the_table_of_delays_holds_their_chances(chance):
    cut, alias = draws.walker(np.array(chance))
    found = cut / 2**32
    np.add.at(found, alias, 1 - cut / 2**32)
    np.testing.assert_allclose(found / len(chance), chance, atol=1e-9)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (dict(sizes=[1, 2]), r"counts: shape \(4, 4\) was given; 2 sizes need \(2, 2\)"),
        (dict(sizes=[[300, 0], [70, 1]]), "sizes: shape"),
        (dict(sizes=[300, 0, 70, -1]), "sizes: whole numbers from 0 on"),
        (dict(sizes=[300, 0, 70, 0]), r"counts\[0\]\[3\]=5: a block of no neurons"),
        (dict(counts=np.full((4, 4), 0.5)), "counts: whole numbers"),
        (dict(counts=np.full((4, 4), 2**30)), "synapses: 17179869184 were asked for"),
        (dict(weight_mean=np.nan), "weight_mean: finite numbers were expected"),
        (dict(weight_sd=-1.0), "weight_sd: finite numbers from 0 on"),
        (dict(weight_mean=[1.0, 2.0]), r"weight_mean: shape \(2,\) was given"),
        (dict(delay_mean=0.01), "delay_mean: 0.01 ms was given; half a step of 0.1 ms"),
        (dict(delay_mean="late"), "delay_mean: finite numbers"),
        (dict(delay_sd=1e9), "steps of the longest delay"),
        (dict(resolution=-0.1), "resolution=-0.1"),
        (dict(seed=1.5), "seed=1.5"),
    ],
)
def test_mistakes_are_answered_in_words(changed, words):
    with pytest.raises(bn.ModelError, match=words):
        circuit(**changed)


def test_circuits_of_nothing():
    assert ops.draw_blocks([5, 3], [[0, 0], [0, 0]], 1.0).size == 0
    assert ops.draw_blocks([], np.zeros((0, 0), int), 1.0).shape == (0, 0)
