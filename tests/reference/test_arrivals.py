"""Delivery with delays against its definition: values, derivatives, batches, compiled and not."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from brainnb import ops
from brainnb.core import bits
from brainnb.ops import arrivals, kernels, products, reference
from brainnb.ops.kernels import card

PRE, POST, ROWS, DT = 150, 45, 32, 0.1
CLOSE = dict(rtol=1e-12, atol=1e-12)

KINDS = ("own weights", "one weight", "one delay")


def edges(kind, seed=0):
    """Parallel synapses, neurons without any, one with many, delays from 0 to beyond half of the line."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 12, PRE) * (rng.random(PRE) < 0.8)
    lengths[3] = 300
    pre = np.repeat(np.arange(PRE), lengths)
    rng.shuffle(pre)
    delay = 1.4 if kind == "one delay" else rng.choice([0, 1, 2, 7, 16, 17, 31], len(pre)) * DT
    weight = 0.7 if kind == "one weight" else rng.normal(size=len(pre))
    return pre, rng.integers(0, POST - 5, len(pre)), weight, delay


def line(rate, seed=5, rows=ROWS):
    fired = np.random.default_rng(seed).random((rows, PRE)) < rate
    return jnp.stack([bits.pack(jnp.asarray(row)) for row in fired])


def synapses(wiring):
    pre, post, _ = wiring.to_edges()
    return pre, post, wiring.weights(), np.asarray(wiring.delays())


def onto(seed=6):
    return jnp.asarray(np.random.default_rng(seed).normal(size=POST))


@pytest.fixture(params=["JAX", "compiled", "card"])
def compiled(request, monkeypatch):
    """By JAX, and by each kernel of ops/kernels; that for cards is run on the CPU."""
    monkeypatch.setenv("BRAINNB_KERNELS", "off" if request.param == "JAX" else "on")
    assert kernels.ready() == (request.param != "JAX"), kernels.state()
    if request.param == "card":
        monkeypatch.setattr(card, "deliver", partial(card.deliver, interpret=True))
        monkeypatch.setattr(card, "deliver_delayed", partial(card.deliver_delayed, interpret=True))
        monkeypatch.setattr(products, "_by_kernel", products._by_card)
        monkeypatch.setattr(arrivals, "_by_kernel", arrivals._by_card)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("compiled")
def test_every_spike_arrives_when_it_should(kind):
    wiring = ops.DelayedCSR.from_edges(*edges(kind), (PRE, POST))
    run = jax.jit(lambda *given: ops.event_product_delayed(*given))
    for rate in (0.0, 0.02, 0.5, 1.0):
        ring = line(rate)
        for step in (0, 5, 31, 32, 1000003):
            wanted = reference.event_product_delayed(ring, step, DT, synapses(wiring), onto())
            np.testing.assert_allclose(run(ring, step, DT, wiring, onto()), wanted, **CLOSE)
    np.testing.assert_allclose(ops.event_product_delayed(ring, 3, DT, wiring, onto()), wanted, **CLOSE)
    finer = reference.event_product_delayed(ring, 3, 2 * DT, synapses(wiring), jnp.zeros(POST))
    np.testing.assert_allclose(ops.event_product_delayed(ring, 3, 2 * DT, wiring), finer, **CLOSE)


@pytest.mark.parametrize("rate", [0.0, 2e-4, 0.3, 1.0])
@pytest.mark.usefixtures("compiled")
def test_rows_with_marks_deliver_what_rows_without_do(rate):
    pre, rng = 5000, np.random.default_rng(7)
    sources, delay = rng.integers(0, pre, 4000), rng.choice([0, 1, 5, 7], 4000) * DT
    wiring = ops.DelayedCSR.from_edges(sources, rng.integers(0, POST, 4000), rng.normal(size=4000), delay, (pre, POST))
    fired = jnp.asarray(rng.random((8, pre)) < rate)
    plain, marked = jax.vmap(bits.pack)(fired), jax.vmap(bits.ring_row)(fired)
    assert plain.shape[1] < marked.shape[1]
    found = [ops.event_product_delayed(ring, 3, DT, wiring, onto()) for ring in (plain, marked)]
    np.testing.assert_array_equal(*found)
    wanted = reference.event_product_delayed(plain, 3, DT, synapses(wiring), onto())
    np.testing.assert_allclose(found[0], wanted, **CLOSE)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bits_compiled_and_not(kind, dtype, monkeypatch):
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    with jax.enable_x64(dtype is np.float64):
        wiring = ops.DelayedCSR.from_edges(*edges(kind), (PRE, POST))
        start = jnp.asarray(onto(), dtype)
        assert kernels.serves_delayed(wiring, start)
        for rate in (0.02, 1.0):
            given = line(rate), arrivals._rows(ROWS, 40, DT, wiring.delay), wiring, start
            by_kernel, by_loop = (jax.jit(f)(*given) for f in (kernels.deliver_delayed, arrivals.portable))
            np.testing.assert_array_equal(by_kernel, by_loop)
            np.testing.assert_allclose(by_kernel, arrivals.at_once(*given), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("compiled")
def test_derivatives_are_those_of_the_definition(kind):
    wiring, ring = ops.DelayedCSR.from_edges(*edges(kind), (PRE, POST)), line(0.2)
    pre, post, _, delay = synapses(wiring)

    def ours(w, o):
        return ops.event_product_delayed(ring, 9, DT, wiring.with_weight(w), o)

    def wanted(w, o):
        w = jnp.broadcast_to(w, pre.shape)
        return reference.event_product_delayed(ring, 9, DT, (pre, post, w, delay), o)

    given, way = (wiring.weight, onto()), (jnp.cos(wiring.weight), onto(7))
    for f in (lambda w, o: (w, o), lambda w, o: (w * 0 + wiring.weight, o), lambda w, o: (w, o * 0 + onto())):
        a, b = (jax.jvp(lambda w, o, g=g, f=f: g(*f(w, o)), given, way) for g in (ours, wanted))
        jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, **CLOSE), a, b)
        a, b = (jax.grad(lambda w, o, g=g, f=f: jnp.sum(g(*f(w, o)) ** 2), (0, 1))(*given) for g in (ours, wanted))
        jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-11), a, b)


@pytest.mark.usefixtures("compiled")
def test_delays_carry_no_gradient():
    wiring, ring = ops.DelayedCSR.from_edges(*edges("one delay"), (PRE, POST)), line(0.2)
    slope = jax.grad(lambda d: jnp.sum(ops.event_product_delayed(ring, 9, DT, wiring.with_delay(d))))(1.4)
    assert float(slope) == 0.0


@pytest.mark.usefixtures("compiled")
def test_batches():
    wiring = ops.DelayedCSR.from_edges(*edges("own weights"), (PRE, POST))
    lines = jnp.stack([line(r, seed=n) for n, r in enumerate((0.0, 0.1, 0.9))])
    steps, starts = jnp.arange(3) * 17, jnp.stack([onto(n) for n in range(3)])
    scale = jnp.asarray([1.0, 2.0, 3.0])

    def one(ring, step, start, x):
        return ops.event_product_delayed(ring, step, DT, wiring.with_weight(x * wiring.weight), start)

    found = jax.jit(jax.vmap(one))(lines, steps, starts, scale)
    for n in range(3):
        pre, post, weight, delay = synapses(wiring)
        wanted = reference.event_product_delayed(
            lines[n], int(steps[n]), DT, (pre, post, scale[n] * weight, delay), starts[n]
        )
        np.testing.assert_allclose(found[n], wanted, **CLOSE)
    one_line = jax.vmap(lambda start: ops.event_product_delayed(lines[1], 4, DT, wiring, start))(starts)
    np.testing.assert_allclose(one_line[2], ops.event_product_delayed(lines[1], 4, DT, wiring, starts[2]), **CLOSE)


@pytest.mark.usefixtures("compiled")
def test_a_loop_that_writes_the_ring_hears_every_spike_once():
    """Spikes of 60 steps, delivered as they arrive, sum to the product of all spikes."""
    wiring = ops.DelayedCSR.from_edges(*edges("own weights"), (PRE, POST))
    fired = jnp.asarray(np.random.default_rng(2).random((60, PRE)) < 0.1)
    silent = jnp.zeros((ROWS, PRE), bool)

    def step(carry, given):
        n, ring, total = carry
        ring = ring.at[n % ROWS].set(bits.pack(given))
        return (n + 1, ring, ops.event_product_delayed(ring, n, DT, wiring, total)), None

    start = jnp.int32(0), bits.blank(ROWS, (PRE,)), jnp.zeros(POST)
    (_, _, total), _ = jax.lax.scan(step, start, jnp.concatenate([fired, silent]))
    np.testing.assert_allclose(total, fired.sum(0) @ wiring.to_dense().weight, **CLOSE)


@pytest.mark.usefixtures("compiled")
def test_a_traced_delay_moves_without_compiling():
    wiring = ops.DelayedCSR.from_edges(*edges("one delay"), (PRE, POST))
    traced = []

    @jax.jit
    def run(ring, delay):
        traced.append(delay)
        return ops.event_product_delayed(ring, 3, DT, wiring.with_delay(delay))

    ring = line(0.3)
    pre, post, weight, _ = synapses(wiring)
    for delay in (0.0, 0.1, 0.26, 3.1):
        every = np.full(pre.shape, delay)
        wanted = reference.event_product_delayed(ring, 3, DT, (pre, post, weight, every), jnp.zeros(POST))
        np.testing.assert_allclose(run(ring, delay), wanted, **CLOSE)
    for outside in (3.2, 1e9, -0.1, np.nan, np.inf):
        np.testing.assert_array_equal(run(ring, outside), np.zeros(POST))
    assert len(traced) == 1


def test_an_accelerator_takes_all_synapses_at_once():
    wiring = ops.DelayedCSR.from_edges(*edges("own weights"), (PRE, POST))
    traced = jax.jit(lambda *given: ops.event_product_delayed(*given)).trace(line(0.3), 3, DT, wiring, onto())
    text = traced.lower(lowering_platforms=("cuda",)).as_text()
    assert "brainnb" not in text
    assert "while" not in text
    found = arrivals.at_once(line(0.3), arrivals._rows(ROWS, 3, DT, wiring.delay), wiring, onto())
    wanted = reference.event_product_delayed(line(0.3), 3, DT, synapses(wiring), onto())
    np.testing.assert_allclose(found, wanted, **CLOSE)


@pytest.mark.parametrize("storage", [ops.CSR, ops.Dense, ops.CSC])
@pytest.mark.usefixtures("compiled")
def test_spikes_given_as_floats_are_delivered_as_flags(storage):
    pre, post, weight, _ = edges("own weights")
    wiring = storage.from_edges(pre, post, weight, (PRE, POST))
    fired = jnp.asarray(np.random.default_rng(3).random((2, PRE)) < 0.2).astype(float)

    def loss(events, w, flags):
        return jnp.sum(ops.event_product(events, wiring.with_weight(w), onto(), flags=flags) ** 2)

    for flags in (False, True):
        np.testing.assert_array_equal(
            ops.event_product(fired, wiring, onto(), flags=flags), ops.event_product(fired > 0, wiring, onto())
        )
    by_flags, plain = (jax.grad(loss, (0, 1))(fired, wiring.weight, flags) for flags in (True, False))
    jax.tree.map(lambda x, y: np.testing.assert_array_equal(x, y), by_flags, plain)
    assert float(jnp.abs(by_flags[0] * (fired == 0)).max()) > 0  # the slope of those who were silent
    given = (fired[0], jnp.sin(fired[0] + 1))
    a, b = (jax.jvp(lambda e, f=f: loss(e, wiring.weight, f), given[:1], given[1:]) for f in (True, False))
    np.testing.assert_array_equal(a, b)


def test_flags_reach_the_kernel_as_booleans(monkeypatch):
    monkeypatch.setenv("BRAINNB_KERNELS", "on")
    assert kernels.ready(), kernels.state()
    wiring = ops.CSR.from_edges([0, 1], [1, 0], 1.0, (2, 2))
    for flags in (True, False):
        run = jax.jit(lambda e, flags=flags: ops.event_product(e, wiring, flags=flags))
        call = next(row for row in run.lower(jnp.ones(2)).as_text().splitlines() if "@brainnb_events" in row)
        assert ("tensor<2xi1>" in call) == flags
