"""Laws of wirings: any synapses, any events, every storage."""

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from brainnb import ops
from brainnb.ops import products

event_product, portable = jax.jit(ops.event_product), jax.jit(products.portable)


@jax.jit
def both_ways(x, wiring, y):
    """x W, W y, and the derivative of x W y to events x."""
    return ops.product(x, wiring), wiring @ y, jax.grad(lambda x: ops.event_product(x, wiring) @ y)(x)


@st.composite
def synapses(draw):
    """Populations that may be empty, rows of any length, parallel synapses, one weight or many."""
    # few different sizes, because each compiles anew
    pre, post = draw(st.sampled_from([(0, 4), (3, 0), (1, 1), (37, 9)]))
    count = draw(st.sampled_from([0, 1, 60])) if pre and post else 0
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    few = draw(st.integers(1, max(pre, 1)))  # synapses of few neurons: rows of very different lengths
    weight = rng.integers(-8, 9, count) / 8 if draw(st.booleans()) else 0.5
    return rng.integers(0, few, count), rng.integers(0, max(post, 1), count), weight, (pre, post)


def fired(data, count):
    kind = data.draw(st.sampled_from(["none", "all", "some"]))
    if kind != "some":
        return np.full(count, kind == "all")
    return np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool)


def matrix(pre, post, weight, shape):
    found = np.zeros(shape)
    np.add.at(found, (pre, post), weight)
    return found


@settings(max_examples=12)
@given(synapses(), st.data())
def test_events_arrive_in_every_storage(given, data):
    """Weights are eighths, so that every sum is exact, whatever its order."""
    full, events = matrix(*given), fired(data, given[3][0])
    onto = np.arange(given[3][1]) / 8
    wanted = (onto + events @ full).astype(np.float32)
    for storage in (ops.CSR, ops.CSC, ops.Dense):
        wiring = storage.from_edges(*given)
        np.testing.assert_array_equal(event_product(events, wiring, onto), wanted)
        if wiring.by_source and wiring.size:
            loop = portable(jnp.asarray(events), wiring, jnp.asarray(onto, jnp.float32))
            np.testing.assert_array_equal(loop, wanted)


@settings(max_examples=12)
@given(synapses())
def test_storages_keep_the_synapses(given):
    full = matrix(*given)
    csr = ops.CSR.from_edges(*given)
    for wiring in (csr, csr.to_csc(), csr.to_csc().to_csr(), csr.T.T, csr.with_columns()):
        assert wiring.size == len(given[0])
        np.testing.assert_array_equal(matrix(*wiring.to_edges(), wiring.shape), full)
    np.testing.assert_array_equal(csr.T.to_dense().weight, full.T)


@settings(max_examples=12)
@given(synapses(), st.data())
def test_the_transpose_is_the_transpose(given, data):
    """<x W, y> = <x, W y> for any x and y, and the derivative to events is the transpose."""
    wiring = ops.CSR.from_edges(*given)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x, y = (jnp.asarray(rng.integers(-4, 5, n) / 4, jnp.float32) for n in wiring.shape)
    there, back, slope = both_ways(x, wiring, y)
    assert float(there @ y) == float(x @ back)
    np.testing.assert_array_equal(slope, back)


def stronger(w, pre, post):
    return w + pre * post


@settings(max_examples=12)
@given(synapses(), st.data())
def test_plasticity_touches_the_synapses_of_those_who_fired(given, data):
    pre, post, weight, shape = given
    weight = np.broadcast_to(weight, pre.shape)
    wiring = ops.CSR.from_edges(pre, post, weight, shape).with_columns()
    x, y = np.arange(shape[0]) / 8, np.arange(shape[1]) / 4
    for update, end, count in ((ops.update_on_pre, 0, shape[0]), (ops.update_on_post, 1, shape[1])):
        events = fired(data, count)
        found = update(wiring, events, stronger, x, y)
        a, b, w = wiring.to_edges()
        touched = events[(a, b)[end]] if count else np.zeros(0, bool)
        np.testing.assert_array_equal(found.weight, (w + touched * x[a] * y[b] if len(a) else w).astype(np.float32))
