"""Wirings with delays: the order in which they lie, two ways to sort them, and mistakes answered in words."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import ops
from brainnb.ops import kernels, ordering

SHAPE = (6, 4)
PRE, POST = [0, 0, 1, 3, 3, 3, 5], [1, 2, 0, 3, 0, 0, 2]
WEIGHT = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
DELAY = [1.5, 0.3, 0.3, 0.3, 1.5, 1.5, 0.8]


def wiring(weight=WEIGHT, delay=DELAY):
    return ops.DelayedCSR.from_edges(PRE, POST, weight, delay, SHAPE)


def test_synapses_lie_by_source_then_delay_then_target():
    found = wiring()
    np.testing.assert_allclose(found.delay, [0.3, 0.8, 1.5])
    assert found.slots == 3
    pre, post, weight = found.to_edges()
    assert pre.tolist() == [0, 0, 1, 3, 3, 3, 5]
    assert post.tolist() == [2, 1, 0, 3, 0, 0, 2]
    np.testing.assert_allclose(weight, [0.2, 0.1, 0.3, 0.4, 0.5, 0.6, 0.7])
    np.testing.assert_allclose(found.delays(), [0.3, 1.5, 0.3, 0.3, 1.5, 1.5, 0.8])
    assert found.indptr.tolist() == [0, 1, 1, 2, 3, 3, 3, 3, 3, 3, 4, 4, 6, 6, 6, 6, 6, 7, 7]
    again = ops.DelayedCSR.from_edges(pre, post, weight, found.delays(), SHAPE)
    jax.tree.map(lambda a, b: np.testing.assert_array_equal(a, b), found, again)
    np.testing.assert_array_equal(found.edges()[0], pre)


@pytest.mark.parametrize("weight", [0.25, WEIGHT])
def test_without_its_delays_it_is_a_csr(weight, monkeypatch):
    found, plain = wiring(weight), ops.CSR.from_edges(PRE, POST, weight, SHAPE)
    np.testing.assert_array_equal(found.to_dense().weight, plain.to_dense().weight)
    for other in (found.to_csr(), found.to_csc()):
        np.testing.assert_array_equal(other.to_dense().weight, plain.to_dense().weight)
    x, y, fired = jnp.arange(6.0), jnp.arange(4.0), jnp.array([True, False, False, True, False, True])
    np.testing.assert_allclose(ops.product(x, found), ops.product(x, plain), rtol=1e-15)
    np.testing.assert_allclose(found @ y, plain @ y, rtol=1e-15)
    for switch in ("on", "off"):
        monkeypatch.setenv("BRAINNB_KERNELS", switch)
        assert kernels.ready() == (switch == "on"), kernels.state()
        for events in (fired, fired * 0.5):
            np.testing.assert_allclose(ops.event_product(events, found), events @ plain, rtol=1e-15)
    if found.weight.ndim:
        for update, events in ((ops.update_on_pre, fired), (ops.update_on_post, y > 1)):
            changed, wanted = (update(w, events, lambda w, pre, post: w + pre * post, x, y) for w in (found, plain))
            np.testing.assert_allclose(changed.to_dense().weight, wanted.to_dense().weight, rtol=1e-15)


def test_delays_are_rounded_to_the_resolution():
    near = np.array(DELAY) + np.array([0.04, -0.04, 0, 0.02, 0.03, -0.04, 0])
    np.testing.assert_allclose(wiring(delay=near).delay, [0.3, 0.8, 1.5])
    coarse = ops.DelayedCSR.from_edges(PRE, POST, 1.0, DELAY, SHAPE, resolution=1.0)
    assert coarse.delay.tolist() == [0.0, 1.0, 2.0]
    far = ops.DelayedCSR.from_edges([0, 0], [0, 1], 1.0, [1e9, 2.0], (1, 2))
    assert far.delay.tolist() == [2.0, 1e9]


def test_one_delay_is_a_slider():
    found = wiring(delay=1.234)
    assert found.slots == 1
    assert found.delay.tolist() == [1.234]
    traced = jax.jit(lambda d: ops.DelayedCSR.from_edges(PRE, POST, WEIGHT, d, SHAPE).delay * 2)
    assert traced(1.5).tolist() == [3.0]
    assert wiring().with_delay([1.0, 2.0, 3.0]).delays().tolist() == [1.0, 3.0, 1.0, 1.0, 3.0, 3.0, 2.0]
    assert wiring().with_delay(2.0).delay.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "slots"), [((300, 70), 5), ((20, 3000), 700), ((4, 600_000), 2), ((1, 1), 1)])
def test_compiled_and_plain_sorting_agree(shape, slots, dtype, monkeypatch):
    """Rows longer and shorter than a digit of the sort, one to three digits, equal synapses in the order given."""
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    library = kernels.library()
    assert library is not None, kernels.state()
    rng = np.random.default_rng(0)
    for count in (0, 1, 20_000):
        given = (rng.integers(0, n, count).astype(np.int32) for n in (*shape, slots))
        pre, post, slot = given
        for weight in (rng.normal(size=count).astype(dtype), np.asarray(0.5, dtype)):
            plain = ordering.by_numpy(pre, post, slot, weight, shape, slots)
            fast = ordering.compiled(library, pre, post, slot, weight, shape, slots)
            order = np.lexsort((post, slot, pre))
            np.testing.assert_array_equal(plain[1], post[order])
            for a, b in zip(plain, fast, strict=True):
                np.testing.assert_array_equal(a, b)


def test_many_synapses_are_sorted_by_compiled_code(monkeypatch):
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    monkeypatch.setattr(ordering, "MANY", 5)
    called = []
    monkeypatch.setattr(ordering, "compiled", lambda library, *given: called.append(1) or ordering.by_numpy(*given))
    wiring()
    assert called == [1]
    monkeypatch.setenv("BRAINNB_KERNELS", "off")
    wiring()
    assert called == [1]


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: wiring(delay=-0.1), bn.OutOfBounds, "delay: -0.1 ms was given; a delay is at least 0"),
        (lambda: wiring(delay=[1, 1, 1, -2, 1, 1, 1]), bn.OutOfBounds, "delay: -2 ms was given at position 3"),
        (lambda: wiring(delay=[np.nan] * 7), bn.OutOfBounds, "delay: 7 of 7 are NaN"),
        (lambda: wiring(delay=[1.0, 2.0]), bn.ModelError, r"delay: shape \(2,\) was given; \(\) or \(7,\), one for each synapse"),
        (lambda: wiring(delay="long"), bn.ModelError, "delay: one number or one for each synapse was expected"),
        (lambda: wiring(weight=[1.0]), bn.ModelError, r"weight: shape \(1,\)"),
        (lambda: wiring(weight=np.inf), bn.OutOfBounds, "weight: 1 of 1 is NaN or infinite"),
        (lambda: ops.DelayedCSR.from_edges([6], [0], 1.0, 1.0, SHAPE), bn.OutOfBounds, "pre: synapse 0 names neuron 6"),
        (lambda: ops.DelayedCSR.from_edges([0], [4], 1.0, 1.0, SHAPE), bn.OutOfBounds, "post: synapse 0 names neuron 4"),
        (lambda: ops.DelayedCSR.from_edges([0], [0], 1.0, [1.0], SHAPE, resolution=0), bn.ModelError, "resolution=0: a number above 0"),
        (lambda: ops.DelayedCSR.from_edges([0, 0], [0, 0], 1.0, [1.0, 2.0], (2**30 + 2**30, 1)), bn.ModelError, "neurons times delays: 4294967296"),
        (lambda: ops.DelayedCSR(1.0, [0], [0, 1], [0.1, 0.2], (1, 1)), bn.ModelError, r"indptr: shape \(2,\) was given; 2 rows need \(3,\)"),
        (lambda: ops.DelayedCSR(1.0, [1], [0, 1, 1], [0.1, 0.2], (1, 1)), bn.OutOfBounds, "indices: synapse 0 names neuron 1"),
        (lambda: ops.DelayedCSR(1.0, [0], [0, 1], [[0.1]], (1, 1)), bn.ModelError, "delay: shape"),
        (lambda: wiring().with_delay([1.0, 2.0]), bn.ModelError, r"delay: shape \(2,\) was given; \(\) or \(3,\), one for each slot"),
        (lambda: wiring().with_delay(-1.0), bn.OutOfBounds, "delay: -1 ms"),
        (lambda: jax.jit(lambda d: wiring(delay=d))(jnp.ones(7)), bn.ModelError, "build the wiring before"),
    ],
)  # fmt: skip
def test_mistakes_are_answered_in_words(build, error, words):
    with pytest.raises(error, match=words):
        build()


def test_a_line_that_does_not_fit_is_refused():
    line = jnp.zeros((16, 1), jnp.uint32)
    arrive = ops.event_product_delayed
    for given, words in (
        ((line, 0, 0.1, ops.CSR.from_edges(PRE, POST, 1.0, SHAPE)), "wiring: a DelayedCSR was expected, got CSR"),
        (
            (line.astype(jnp.int32), 0, 0.1, wiring()),
            r"line: int32 of shape \(16, 1\) was given; 6 neurons need uint32",
        ),
        ((jnp.zeros((16, 2), jnp.uint32), 0, 0.1, wiring()), r"shape \(rows, 1\)"),
        ((line[:12], 0, 0.1, wiring()), "line: 12 rows were given; a ring has a power of two"),
        (
            (line[:8], 0, 0.1, wiring()),
            "delay: 1.5 ms in steps of 0.1 ms was given; a line of 8 rows holds less than 0.8",
        ),
        ((line, 0, 0.0, wiring()), "dt=.*a number above 0"),
        ((line, 0, 0.1, wiring(), jnp.ones(5)), "onto: shape"),
        ((line, 0, 0.1, wiring(), jnp.ones((2, 4))), "onto: shape"),
        ((line, 0, 0.1, wiring(), jnp.ones(4, bool)), "onto: real numbers"),
    ):
        with pytest.raises(bn.ModelError, match=words):
            arrive(*given)
    assert arrive(line, 0, 0.1, wiring()).tolist() == [0.0] * 4


def test_bits_of_neurons_that_do_not_exist_are_not_delivered(monkeypatch):
    line = jnp.full((16, 1), 2**32 - 1, jnp.uint32)
    for switch in ("on", "off"):
        monkeypatch.setenv("BRAINNB_KERNELS", switch)
        assert kernels.ready() == (switch == "on"), kernels.state()
        np.testing.assert_allclose(
            ops.event_product_delayed(line, 0, 0.1, wiring()), np.asarray(wiring().to_dense().weight).sum(0)
        )


@pytest.mark.parametrize("delay", [1.0, []])
@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (0, 0), (4, 5)])
def test_populations_of_nobody(shape, delay):
    none = np.zeros(0, int)
    found = ops.DelayedCSR.from_edges(none, none, 1.0, delay, shape)
    line = jnp.ones((4, -(-shape[0] // 32)), jnp.uint32)
    np.testing.assert_array_equal(ops.event_product_delayed(line, 3, 0.5, found), np.zeros(shape[1]))
    np.testing.assert_array_equal(jnp.ones(shape[0], bool) @ found, np.zeros(shape[1]))
    np.testing.assert_array_equal(found @ jnp.ones(shape[1]), np.zeros(shape[0]))
    assert found.to_csr().size == found.delays().size == 0


def test_it_is_known_whether_rows_are_in_order():
    rng = np.random.default_rng(0)
    sorted_ = ops.DelayedCSR.from_edges(
        rng.integers(0, 9, 200), rng.integers(0, 50, 200), 1.0, rng.choice([0.1, 0.2], 200), (9, 50)
    )
    assert sorted_.rising
    swapped = np.array(sorted_.indices)
    swapped[:2] = swapped[1], swapped[0]
    for indices, rising in ((sorted_.indices, True), (swapped, swapped[0] <= swapped[1])):
        again = ops.DelayedCSR(1.0, indices, sorted_.indptr, sorted_.delay, sorted_.shape)
        assert again.rising == rising
    assert ops.DelayedCSR(1.0, [], [0, 0], 0.1, (1, 5)).rising
    assert ops.DelayedCSR(1.0, [3, 1], [0, 1, 2], 0.1, (2, 5)).rising  # the second begins a row
    assert not ops.DelayedCSR(1.0, [3, 1], [0, 2, 2], 0.1, (2, 5)).rising
