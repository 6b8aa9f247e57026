"""Plasticity updates against their definition: the rule at the synapses of neurons that fired, nothing elsewhere."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from brainnb import ops
from brainnb.ops import plasticity, reference

PRE, POST, NUMBER = 50, 33, 5


def edges():
    rng = np.random.default_rng(0)
    lengths = rng.integers(0, 9, PRE) * (rng.random(PRE) < 0.8)
    lengths[3] = 30
    pre = np.repeat(np.arange(PRE), lengths)
    return pre, rng.integers(0, POST - 3, len(pre)), rng.random(len(pre)), (PRE, POST)


def table(cls):
    rng = np.random.default_rng(1)
    rows, others = cls.sides((PRE, POST))
    indices = rng.integers(0, others, (rows, NUMBER))
    return cls(rng.random(indices.shape), indices, (PRE, POST))


WIRINGS = {
    "csr": lambda: ops.CSR.from_edges(*edges()),
    "csr with columns": lambda: ops.CSR.from_edges(*edges()).with_columns(),
    "csc": lambda: ops.CSC.from_edges(*edges()),
    "fixed post": lambda: table(ops.FixedPostNumber),
    "fixed pre": lambda: table(ops.FixedPreNumber),
    "dense": lambda: ops.Dense(np.random.default_rng(2).random((PRE, POST))),
}
FAST = {  # storage: on whose spikes the cost follows the spikes
    "csr": (True, False),
    "csr with columns": (True, True),
    "csc": (False, True),
    "fixed post": (True, False),
    "fixed pre": (False, True),
    "dense": (True, False),
}


def rule(w, pre, post):
    """Soft bounds above, a hard one below, and all that a rule may read."""
    return jnp.maximum(w + pre["A"] * pre["x"] * post[0] * (1.0 - w) - 0.3 * post[1] * w**2, 0.1)


def given():
    rng = np.random.default_rng(3)
    return (
        {"A": jnp.float64(0.4), "x": jnp.asarray(rng.random(PRE))},
        (jnp.asarray(rng.random(POST)), jnp.asarray(rng.random(POST))),
    )


def definition(side, wiring, fired, weight, pre, post):
    ends = tuple(np.asarray(end).reshape(-1) for end in wiring.edges())
    flags = np.asarray(fired)[ends[side]] != 0
    return reference.updated(weight.reshape(-1), flags, ends, rule, pre, post).reshape(weight.shape)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("name", WIRINGS)
def test_updates_and_their_derivatives(name, side):
    wiring, (pre, post) = WIRINGS[name](), given()
    update = (ops.update_on_pre, ops.update_on_post)[side]
    push = jnp.cos(jnp.arange(wiring.size)).reshape(wiring.weight.shape)
    rng = np.random.default_rng(4)

    @jax.jit
    def ours(fired, weight, pre, post):
        return update(wiring.with_weight(weight), fired, rule, pre, post).weight

    for rate in (0.0, 0.1, 1.0):
        fired = jnp.asarray(rng.random(wiring.shape[side]) < rate)
        wanted = definition(side, wiring, fired, wiring.weight, pre, post)
        np.testing.assert_allclose(ours(fired, wiring.weight, pre, post), wanted, rtol=1e-12)
        assert bool(jnp.all(ours(fired, wiring.weight, pre, post) == wiring.weight)) == (rate == 0.0)
        np.testing.assert_allclose(ours(fired.astype(float) * 0.3, wiring.weight, pre, post), wanted, rtol=1e-12)
    fired = jnp.asarray(rng.random(wiring.shape[side]) < 0.3)
    at = (wiring.weight, pre, post)
    a = jax.grad(lambda *x: jnp.sum(push * ours(fired, *x)), (0, 1, 2))(*at)
    b = jax.grad(lambda *x: jnp.sum(push * definition(side, wiring, fired, *x)), (0, 1, 2))(*at)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12), a, b)
    many = jnp.asarray(rng.random((3, wiring.shape[side])) < 0.3)
    wanted = jnp.stack([definition(side, wiring, fired, *at) for fired in many])
    np.testing.assert_allclose(jax.vmap(lambda f: ours(f, *at))(many), wanted, rtol=1e-12)


@pytest.mark.parametrize("name", WIRINGS)
def test_only_the_synapses_of_spiking_neurons_are_touched(name):
    """The storages that promise it walk along rows; the others say so."""
    wiring = WIRINGS[name]()
    assert tuple(plasticity._rows(side, wiring) is not None for side in (0, 1)) == FAST[name]


def test_a_hundred_steps_of_pairing():
    """Weights carried through a loop: both updates on both spikes, as STDP does it."""
    wiring, (pre, post) = WIRINGS["csr with columns"](), given()
    rng = np.random.default_rng(5)
    spikes = jnp.asarray(rng.random((100, PRE)) < 0.1), jnp.asarray(rng.random((100, POST)) < 0.1)

    def step(wiring, fired):
        wiring = ops.update_on_pre(wiring, fired[0], rule, pre, post)
        return ops.update_on_post(wiring, fired[1], rule, pre, post), None

    found = jax.jit(lambda w: jax.lax.scan(step, w, spikes)[0])(wiring)
    weight = wiring.weight
    for k in range(100):
        for side in (0, 1):
            weight = definition(side, wiring, spikes[side][k], weight, pre, post)
    np.testing.assert_allclose(found.weight, weight, rtol=1e-11)
