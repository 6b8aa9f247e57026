"""Wirings: one set of synapses in every storage, and mistakes answered in words."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import ops

SHAPE = (6, 4)
PRE, POST = [0, 0, 1, 3, 3, 3, 5], [1, 2, 0, 3, 0, 0, 2]
WEIGHT = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]

STORED = (ops.CSR, ops.CSC, ops.FixedPostNumber, ops.FixedPreNumber, ops.Dense)
JUST_IN_TIME = (
    lambda: ops.JITHomogeneous(0.5, 3, 1, (8, 9)),
    lambda: ops.JITUniform(0.1, 0.5, 3, 1, (8, 9)),
    lambda: ops.JITNormal(0.5, 0.1, 3, 1, (8, 9)),
)


def regular(weight=None):
    """Two synapses in and two out for every neuron, so that every storage can hold them."""
    pre, post = np.repeat(np.arange(5), 2), (np.repeat(np.arange(5), 2) + np.tile([1, 3], 5)) % 5
    return pre, post, np.arange(1.0, 11.0) if weight is None else weight, (5, 5)


def matrix(wiring):
    found = np.zeros(wiring.shape)
    pre, post, weight = wiring.to_edges()
    np.add.at(found, (pre, post), weight)
    return found


@pytest.mark.parametrize("start", STORED)
@pytest.mark.parametrize("end", ["to_csr", "to_csc", "to_fixed_post", "to_fixed_pre", "to_dense"])
def test_every_storage_becomes_every_other(start, end):
    wiring = start.from_edges(*regular())
    found = getattr(wiring, end)()
    np.testing.assert_array_equal(matrix(found), matrix(start.from_edges(*regular())))
    np.testing.assert_array_equal(found.to_dense().weight, matrix(wiring))


@pytest.mark.parametrize("build", JUST_IN_TIME)
@pytest.mark.parametrize("end", ["to_csr", "to_csc", "to_fixed_post", "to_dense"])
def test_just_in_time_synapses_can_be_written_down(build, end):
    wiring = build()
    np.testing.assert_allclose(matrix(getattr(wiring, end)()), matrix(wiring), rtol=1e-15)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ops.OneToOne(2.0, 3), 2.0 * np.eye(3)),
        (ops.AllToAll(2.0, (3, 4)), np.full((3, 4), 2.0)),
        (ops.AllToAll(2.0, (3, 3), loops=False), 2.0 * (1 - np.eye(3))),
    ],
)
@pytest.mark.parametrize("end", ["to_csr", "to_csc", "to_fixed_post", "to_dense"])
def test_a_rule_can_be_written_down(rule, expected, end):
    np.testing.assert_array_equal(matrix(rule), expected)
    np.testing.assert_array_equal(matrix(getattr(rule, end)()), expected)
    pre, post, weight = rule.to_edges()
    assert np.shape(pre) == np.shape(post) == (np.count_nonzero(expected),)
    assert np.shape(weight) in ((), np.shape(pre))


@pytest.mark.parametrize("storage", [s for s in STORED if s is not ops.Dense])
def test_one_weight_stays_one(storage):
    wiring = storage.from_edges(*regular(0.25))
    for found in (wiring, wiring.to_csr(), wiring.to_csc(), wiring.to_fixed_post(), wiring.to_fixed_pre()):
        assert found.weight.shape == ()
        assert float(found.weight) == 0.25
        assert found.size == 10


@pytest.mark.parametrize("storage", STORED)
def test_from_a_matrix(storage):
    full = matrix(ops.CSR.from_edges(*regular()))
    np.testing.assert_array_equal(matrix(storage.from_dense(full)), full)


@pytest.mark.parametrize("storage", [ops.CSR, ops.CSC, ops.Dense])
def test_unsorted_and_parallel_synapses_are_kept(storage):
    order = np.random.default_rng(0).permutation(len(PRE))
    wiring = storage.from_edges(np.array(PRE)[order], np.array(POST)[order], np.array(WEIGHT)[order], SHAPE)
    wanted = np.zeros(SHAPE)
    np.add.at(wanted, (PRE, POST), WEIGHT)
    np.testing.assert_allclose(matrix(wiring), wanted, rtol=1e-15)
    assert wanted[3, 0] == pytest.approx(1.1)


@pytest.mark.parametrize("storage", STORED)
def test_read_backwards(storage):
    wiring = storage.from_edges(*regular())
    np.testing.assert_array_equal(matrix(wiring.T), matrix(wiring).T)
    np.testing.assert_array_equal(matrix(wiring.T.T), matrix(wiring))


def test_memory_of_a_million_synapses():
    rng = np.random.default_rng(0)
    pre, post = rng.integers(0, 10_000, (2, 1_000_000))
    for storage in (ops.CSR, ops.CSC):
        with jax.enable_x64(False):
            wiring = storage.from_edges(pre, post, rng.random(1_000_000), (10_000, 10_000))
            assert wiring.nbytes < 8.1e6
            assert storage.from_edges(pre, post, 0.5, (10_000, 10_000)).nbytes < 4.1e6
    with jax.enable_x64(False):
        table = ops.FixedPostNumber(rng.random((10_000, 100)), rng.integers(0, 10_000, (10_000, 100)), (10_000, 10_000))
        assert table.nbytes == 8_000_000
    assert "1000000 synapses, 8.04 MB" in repr(wiring)
    assert ops.JITNormal(1.0, 0.1, 100, 1, (10**7, 10**7)).nbytes < 30


def test_weights_and_seeds_are_traced():
    """A slider on a weight, another seed: nothing compiles anew."""
    traced = []

    @jax.jit
    def run(wiring):
        traced.append(wiring)
        return jnp.ones(wiring.shape[0], bool) @ wiring

    wiring = ops.CSR.from_edges(*regular(0.5))
    for weight in (0.5, 1, np.float32(2.0)):
        np.testing.assert_allclose(run(wiring.with_weight(weight)), 2 * weight)
    found = [run(ops.JITHomogeneous(1.0, 4, seed, (50, 60))) for seed in (0, 1, 2)]
    assert len({tuple(np.asarray(f)) for f in found}) == 3
    assert len(traced) == 2


def test_just_in_time_targets_are_spread_as_chance_spreads_them():
    """Fan-out fixed, fan-in binomial, every target equally likely, no correlation between neighbours; four sigma."""
    n, k = 4000, 50
    wiring = ops.JITNormal(2.0, 0.5, k, 7, (n, n))
    targets = np.asarray(wiring.edges()[1])
    fan_in = np.bincount(targets.reshape(-1), minlength=n)
    assert abs(fan_in.var() / k - (1 - k / n)) < 4 * np.sqrt(2 / n)
    offsets = (targets - np.arange(k) * (n // k)) / (n // k)
    assert abs(offsets.mean() - 0.5 + 0.5 / (n // k)) < 4 * np.sqrt(1 / 12 / n / k)
    assert abs(np.corrcoef(offsets[:-1].reshape(-1), offsets[1:].reshape(-1))[0, 1]) < 4 / np.sqrt(n * k)
    assert abs(np.corrcoef(offsets[:, :-1].reshape(-1), offsets[:, 1:].reshape(-1))[0, 1]) < 4 / np.sqrt(n * k)
    weights = np.asarray(wiring.weights()).reshape(-1)
    assert abs(weights.mean() - 2.0) < 4 * 0.5 / np.sqrt(n * k)
    assert abs(weights.std() / 0.5 - 1.0) < 4 / np.sqrt(2 * n * k)
    assert abs(np.corrcoef(weights, offsets.reshape(-1))[0, 1]) < 4 / np.sqrt(n * k)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: ops.CSR.from_edges([0, 6], [0, 0], 1.0, SHAPE), "pre: synapse 1 names neuron 6; the presynaptic population has neurons 0 to 5"),
        (lambda: ops.CSR.from_edges([0], [4], 1.0, SHAPE), "post: synapse 0 names neuron 4; the postsynaptic population has neurons 0 to 3"),
        (lambda: ops.CSR.from_edges([0], [-1], 1.0, SHAPE), "-1"),
        (lambda: ops.CSR.from_edges([0], [0], 1.0, (0, 4)), "the presynaptic population has no neurons at all"),
        (lambda: ops.FixedPostNumber(1.0, [[0], [4]], (2, 4)), "indices: synapse 1 names neuron 4"),
        (lambda: ops.CSR([1.0, np.nan], [0, 1], [0, 2], (1, 2)), "weight: 1 of 2 is NaN or infinite, the first at position 1"),
        (lambda: ops.Dense([[np.inf]]), "NaN or infinite"),
        (lambda: ops.JITNormal(np.nan, 1.0, 1, 0, (2, 2)), "NaN"),
    ],
)  # fmt: skip
def test_numbers_out_of_range(build, words):
    with pytest.raises(bn.OutOfBounds, match=words):
        build()


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: ops.CSR([1.0], [0, 1], [0, 2], (1, 2)), r"weight: shape \(1,\) was given; \(\) or \(2,\)"),
        (lambda: ops.CSR(1.0, [0, 1], [0, 1, 2], (1, 2)), r"indptr: shape \(3,\) was given; 1 rows need \(2,\)"),
        (lambda: ops.CSR(1.0, [0, 1], [0, 3], (1, 2)), "end at 2"),
        (lambda: ops.CSR(1.0, [0, 1], [0, 2, 1, 2], (3, 2)), "never step back"),
        (lambda: ops.CSR(1.0, [0.5], [0, 1], (1, 2)), "whole numbers"),
        (lambda: ops.CSR("strong", [0], [0, 1], (1, 2)), "weight: one number or one for each synapse"),
        (lambda: ops.CSR(1.0, [[0]], [0, 1], (1, 2)), "indices: shape"),
        (lambda: ops.CSR(1.0, [0], [0, 1], 3), r"shape=3: the pair \(pre, post\)"),
        (lambda: ops.CSR.from_edges([0, 1], [0], 1.0, SHAPE), "one of each for every synapse"),
        (lambda: ops.FixedPostNumber(1.0, [[0], [1]], (3, 4)), r"a row for each of 3 presynaptic neurons"),
        (lambda: ops.FixedPreNumber(1.0, [0, 1], (3, 4)), r"a row for each of 4 postsynaptic neurons"),
        (lambda: ops.FixedPostNumber.from_edges(PRE, POST, WEIGHT, SHAPE), "neuron 0 has 2 synapses and neuron 1 has 1.*Use CSR"),
        (lambda: ops.FixedPreNumber.from_edges(PRE, POST, WEIGHT, SHAPE), "Use CSC"),
        (lambda: ops.Dense(0.1), r"Dense\(0.1, shape="),
        (lambda: ops.Dense.from_dense([1.0]), r"matrix: shape \(1,\)"),
        (lambda: ops.JITHomogeneous(1.0, 5, 0, (3, 4)), "number=5: how many different targets"),
        (lambda: ops.JITHomogeneous(1.0, 1, -1, (3, 4)), "seed=-1"),
        (lambda: ops.JITUniform([1.0, 2.0], 3.0, 1, 0, (3, 4)), "low: shape"),
        (lambda: jax.jit(lambda w: ops.CSR.from_edges([0], [0], w, SHAPE))(1.0), "cannot be built inside a compiled function"),
        (lambda: jax.jit(lambda w: w.to_csr())(ops.Dense([[1.0]])), "cannot change its storage inside a compiled function"),
    ],
)  # fmt: skip
def test_sizes_and_kinds_that_do_not_fit(build, words):
    with pytest.raises(bn.ModelError, match=words):
        build()


def test_operators_say_what_they_were_given():
    wiring = ops.CSR.from_edges(PRE, POST, WEIGHT, SHAPE)
    with pytest.raises(bn.ModelError, match=r"events: shape \(4,\) was given; the wiring has 6"):
        ops.event_product(jnp.ones(4), wiring)
    with pytest.raises(bn.ModelError, match="onto: shape"):
        ops.event_product(jnp.ones(6), wiring, jnp.ones(6))
    with pytest.raises(bn.ModelError, match="onto: real numbers"):
        ops.event_product(jnp.ones(6), wiring, jnp.ones(4, bool))
    with pytest.raises(bn.ModelError, match="events: booleans or real numbers"):
        ops.event_product(jnp.ones(6, complex), wiring)
    with pytest.raises(bn.ModelError, match="A wiring was expected"):
        ops.product(jnp.ones(6), jnp.ones((6, 4)))
    with pytest.raises(bn.ModelError, match="how='median'"):
        ops.synapse_to_post(jnp.ones(7), wiring, "median")
    with pytest.raises(bn.ModelError, match="one value for each synapse"):
        ops.synapse_to_post(jnp.ones(6), wiring)
    with pytest.raises(bn.ModelError, match=r"wiring.with_weight\(wiring.weights\(\)\)"):
        ops.update_on_pre(wiring.with_weight(1.0), jnp.ones(6), jnp.add)
    with pytest.raises(bn.ModelError, match=r"JITUniform draws its weights.*to_fixed_post\(\).with_weight"):
        JUST_IN_TIME[1]().with_weight(0.5)
    with pytest.raises(bn.ModelError, match="weight: shape"):
        JUST_IN_TIME[0]().with_weight(np.ones((8, 3)))
    with pytest.raises(bn.ModelError, match="to_fixed_post"):
        ops.update_on_pre(JUST_IN_TIME[1](), jnp.ones(8), jnp.add)
    with pytest.raises(bn.ModelError, match=r"post: shape \(6,\) was given; \(\) or \(4,\)"):
        ops.update_on_pre(wiring, jnp.ones(6), lambda w, pre, post: w + post, post=jnp.ones(6))


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (0, 0), (4, 5)])
def test_populations_of_nobody_and_wirings_of_nothing(shape):
    none = np.zeros(0, int)
    wirings = [s.from_edges(none, none, np.zeros(0), shape) for s in STORED]
    wirings += [ops.CSR.from_edges(none, none, 1.0, shape), ops.JITNormal(1.0, 0.1, 0, 1, shape)]
    for wiring in wirings:
        np.testing.assert_array_equal(jnp.ones(shape[0], bool) @ wiring, np.zeros(shape[1]))
        np.testing.assert_array_equal(ops.product(jnp.ones(shape[0]), wiring), np.zeros(shape[1]))
        np.testing.assert_array_equal(wiring @ jnp.ones(shape[1]), np.zeros(shape[0]))
        if wiring.size == 0:
            assert wiring.to_csr().size == 0
            np.testing.assert_array_equal(
                ops.synapse_to_post(jnp.zeros(wiring.edges()[0].shape), wiring, "max"), np.zeros(shape[1])
            )
