"""Every operator of ops/ against its definition on plain arrays: values, both directions of derivatives, batches."""

import itertools
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import ops
from brainnb.ops import kernels, products, reference
from brainnb.ops.kernels import card

PRE, POST, NUMBER = 70, 45, 6
CLOSE = dict(rtol=1e-12, atol=1e-12)


def edges(seed=0):
    """Synapses with parallel ones, neurons without any on both sides, rows of very different lengths."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 12, PRE) * (rng.random(PRE) < 0.8)
    lengths[3] = 40
    pre = np.repeat(np.arange(PRE), lengths)
    rng.shuffle(pre)
    return pre, rng.integers(0, POST - 5, len(pre)), rng.normal(size=len(pre))


def compressed(cls, shared):
    pre, post, weight = edges()
    return cls.from_edges(pre, post, 0.7 if shared else weight, (PRE, POST))


def table(cls, shared):
    rng = np.random.default_rng(1)
    rows, others = cls.sides((PRE, POST))
    indices = rng.integers(0, others, (rows, NUMBER))
    return cls(0.7 if shared else rng.normal(size=indices.shape), indices, (PRE, POST))


WIRINGS = {
    "csr": lambda: compressed(ops.CSR, False),
    "csr, one weight": lambda: compressed(ops.CSR, True),
    "csc": lambda: compressed(ops.CSC, False),
    "csc, one weight": lambda: compressed(ops.CSC, True),
    "fixed post": lambda: table(ops.FixedPostNumber, False),
    "fixed post, one weight": lambda: table(ops.FixedPostNumber, True),
    "fixed pre": lambda: table(ops.FixedPreNumber, False),
    "fixed pre, one weight": lambda: table(ops.FixedPreNumber, True),
    "dense": lambda: ops.Dense(np.random.default_rng(2).normal(size=(PRE, POST))),
    "dense, one weight": lambda: ops.Dense(0.7, (PRE, POST)),
    "jit homogeneous": lambda: ops.JITHomogeneous(0.7, NUMBER, 3, (PRE, POST)),
    "jit uniform": lambda: ops.JITUniform(0.2, 0.9, NUMBER, 3, (PRE, POST)),
    "jit normal": lambda: ops.JITNormal(0.5, 0.2, NUMBER, 3, (PRE, POST)),
}


COMPILED = ("csr", "csr, one weight", "fixed post", "fixed post, one weight")
ON_CARDS = ("csr", "csr, one weight", "fixed post")
"""With the kernel for graphics cards, which is run on the CPU."""

CASES = [(name, "JAX") for name in WIRINGS]
CASES += [(name, "compiled") for name in COMPILED] + [(name, "card") for name in ON_CARDS]
MAIN = [
    *((name, "JAX") for name in ("csr", "fixed pre", "jit normal")),
    *((name, "compiled") for name in ("csr", "csr, one weight")),
    ("csr, one weight", "card"),
]


@pytest.fixture(params=WIRINGS)
def wiring(request):
    return WIRINGS[request.param]()


def told(case):
    return ", ".join(case)


@pytest.fixture
def events_of(request, monkeypatch):
    """A wiring whose event products are left to JAX, or are done by a kernel."""
    name, way = request.param
    monkeypatch.setenv("BRAINNB_KERNELS", "off" if way == "JAX" else "on")
    assert kernels.ready() == (way != "JAX"), kernels.state()
    if way == "card":
        monkeypatch.setattr(card, "deliver", partial(card.deliver, interpret=True))
        monkeypatch.setattr(products, "_by_kernel", products._by_card)
    return WIRINGS[name]()


every_case = pytest.mark.parametrize("events_of", CASES, indirect=True, ids=told)
main_cases = pytest.mark.parametrize("events_of", MAIN, indirect=True, ids=told)


def matrix(wiring):
    """The matrix of a wiring as a differentiable function of its own leaves."""
    pre, post = (end.reshape(-1) for end in wiring.edges())
    return reference.matrix(pre, post, wiring.weights().reshape(-1), wiring.shape)


def spikes(rate, *lead, seed=5):
    return jnp.asarray(np.random.default_rng(seed).random((*lead, PRE)) < rate)


def floats(*shape, seed=6):
    return jnp.asarray(np.random.default_rng(seed).normal(size=shape))


def numbers(wiring):
    """The leaves of a wiring that can be trained, and the way back."""
    leaves, tree = jax.tree.flatten(wiring)
    own = [n for n, leaf in enumerate(leaves) if leaf.dtype.kind == "f"]

    def build(values):
        changed = dict(zip(own, values, strict=True))
        return tree.unflatten([changed.get(n, leaf) for n, leaf in enumerate(leaves)])

    return [leaves[n] for n in own], build


@every_case
def test_events_of_any_number(events_of):
    wiring, onto = events_of, floats(POST)
    ours = jax.jit(lambda events, wiring, onto: ops.event_product(events, wiring, onto))
    for rate in (0.0, 0.05, 0.5, 1.0):
        for events in (spikes(rate), jnp.where(spikes(rate), floats(PRE), 0.0)):
            wanted = reference.event_product(events, matrix(wiring), onto)
            np.testing.assert_allclose(ours(events, wiring, onto), wanted, **CLOSE)
    np.testing.assert_allclose(spikes(0.5) @ wiring, spikes(0.5) @ matrix(wiring), **CLOSE)


@every_case
def test_batches_of_events(events_of):
    wiring = events_of
    events, onto = spikes(0.2, 3, 2), floats(2, POST)
    wanted = reference.event_product(events, matrix(wiring), onto)
    np.testing.assert_allclose(ops.event_product(events, wiring, onto), wanted, **CLOSE)


@every_case
def test_derivatives_of_the_event_product(events_of):
    """Forward and backward, to graded events, to every number of the wiring and to what is added onto."""
    wiring = events_of
    events, onto, push = jnp.where(spikes(0.3), floats(PRE), 0.0), floats(POST), floats(POST, seed=8)
    values, build = numbers(wiring)

    def ours(events, values, onto):
        return ops.event_product(events, build(values), onto) @ push

    def wanted(events, values, onto):
        return reference.event_product(events, matrix(build(values)), onto) @ push

    at = (events, values, onto)
    same(*(jax.jit(jax.grad(f, (0, 1, 2)))(*at) for f in (ours, wanted)))
    along = jax.tree.map(lambda x: jnp.cos(jnp.arange(x.size)).reshape(x.shape), at)
    same(*(jax.jit(lambda at, along, f=f: jax.jvp(f, at, along))(at, along) for f in (ours, wanted)))


@main_cases
def test_second_derivatives_of_the_event_product(events_of):
    values, build = numbers(events_of)
    events, push = jnp.where(spikes(0.3), floats(PRE), 0.0), floats(POST, seed=8)

    def ours(events, scale):
        return jnp.sum(ops.event_product(events, build([scale * v for v in values])) ** 2 * push)

    def wanted(events, scale):
        return jnp.sum(reference.event_product(events, matrix(build([scale * v for v in values]))) ** 2 * push)

    at = (events, jnp.float64(1.3))
    same(*(jax.jit(jax.grad(jax.grad(f, 1), (0, 1)))(*at) for f in (ours, wanted)))


@main_cases
def test_derivatives_of_batches_and_batches_of_derivatives(events_of):
    events, push = jnp.where(spikes(0.3, 4), floats(4, PRE), 0.0), floats(POST, seed=8)
    values, build = numbers(events_of)
    many = [jnp.stack([v, 2.0 * v, 0.5 * v, -v]) for v in values]

    def ours(events, values):
        return jnp.sum(ops.event_product(events, build(values)) ** 2 * push)

    def wanted(events, values):
        return jnp.sum(reference.event_product(events, matrix(build(values))) ** 2 * push)

    for axes, given in (((0, None), (events, values)), ((0, 0), (events, many)), ((None, 0), (events[0], many))):
        over = [jax.vmap(f, axes) for f in (ours, wanted)]
        same(*(jax.jit(jax.vmap(jax.grad(f, (0, 1)), axes))(*given) for f in (ours, wanted)))
        same(*(jax.jit(jax.value_and_grad(lambda *a, f=f: jnp.sum(f(*a)), (0, 1)))(*given) for f in over))
    same(*(jax.jit(jax.vmap(jax.vmap(f, (0, None)), (None, 0)))(events, many) for f in (ours, wanted)))


@main_cases
def test_a_surrogate_slope_passes_through_events(events_of):
    """Neurons below threshold receive their slope although they sent nothing."""
    wiring = events_of
    V, push = floats(PRE), floats(POST, seed=8)
    ours = jax.grad(lambda V: ops.event_product(bn.spike(V), wiring) @ push)(V)
    wanted = jax.grad(lambda V: reference.event_product(bn.spike(V), matrix(wiring)) @ push)(V)
    same(ours, wanted)
    silent = np.asarray(V) < 0
    assert np.abs(np.asarray(ours)[silent]).sum() > 0


def test_a_loop_of_steps_can_be_trained():
    """Backpropagation through a scan over events, as in a network."""
    wiring = WIRINGS["csr"]()
    given = floats(20, PRE)

    def run(weight, product):
        def step(g, x):
            g = product(bn.spike(x + 0.1 * g[:1]), weight, 0.9 * g)
            return g, g

        return jnp.sum(jax.lax.scan(step, jnp.zeros(POST), given)[1] ** 2)

    def ours(e, w, onto):
        return ops.event_product(e, wiring.with_weight(w), onto)

    def wanted(e, w, onto):
        return reference.event_product(e, matrix(wiring.with_weight(w)), onto)

    same(jax.grad(run)(wiring.weight, ours), jax.grad(run)(wiring.weight, wanted))


def test_plain_products_and_their_transposes(wiring):
    values, build = numbers(wiring)
    for ours, wanted, count in (
        (ops.product, reference.product, PRE),
        (ops.product_transposed, reference.product_transposed, POST),
    ):
        x = floats(count)
        many = floats(2, 3, count)
        np.testing.assert_allclose(ours(x, wiring), wanted(x, matrix(wiring)), **CLOSE)
        np.testing.assert_allclose(ours(many, wiring), wanted(many, matrix(wiring)), **CLOSE)
        same(*(jax.grad(lambda x, v, f=f, m=m: jnp.sum(f(x, m(build(v))) ** 2), (0, 1))(x, values)
               for f, m in ((ours, lambda w: w), (wanted, matrix))))  # fmt: skip
        same(
            *(
                jax.jvp(lambda x, f=f, m=m: f(x, m), (x,), (x[::-1],))
                for f, m in ((ours, wiring), (wanted, matrix(wiring)))
            )
        )
    np.testing.assert_allclose(wiring @ floats(POST), matrix(wiring) @ floats(POST), **CLOSE)
    np.testing.assert_allclose(wiring @ floats(POST, 3), matrix(wiring) @ floats(POST, 3), **CLOSE)


@pytest.mark.parametrize(
    ("name", "how"),
    [*((name, "sum") for name in WIRINGS), *itertools.product(("csr", "fixed post"), ("mean", "max", "min", "prod"))],
)
def test_reductions_between_neurons_and_synapses(name, how):
    wiring = WIRINGS[name]()
    pre, post = (np.asarray(end).reshape(-1) for end in wiring.edges())
    values = floats(*wiring.edges()[0].shape)
    for ours, end, count in ((ops.synapse_to_post, post, POST), (ops.synapse_to_pre, pre, PRE)):
        wanted = reference.from_synapses(values.reshape(-1), end, count, how)
        np.testing.assert_allclose(jax.jit(ours, static_argnums=2)(values, wiring, how), wanted, **CLOSE)
        if how in ("sum", "mean"):
            push = floats(count)
            same(
                jax.jit(jax.grad(lambda v: ours(v, wiring, how) @ push))(values).reshape(-1),  # noqa: B023
                jax.jit(jax.grad(lambda v: reference.from_synapses(v, end, count, how) @ push))(values.reshape(-1)),  # noqa: B023
            )
    x, y = floats(PRE), floats(POST)
    np.testing.assert_array_equal(ops.pre_to_synapse(x, wiring).reshape(-1), reference.to_synapses(x, pre))
    np.testing.assert_array_equal(ops.post_to_synapse(y, wiring).reshape(-1), reference.to_synapses(y, post))


def test_shares_of_a_neuron_add_up_to_one(wiring):
    values = floats(*wiring.edges()[0].shape)
    share = ops.synapse_to_post(values, wiring, "softmax")
    total = np.asarray(ops.synapse_to_post(share, wiring))
    there = np.asarray(ops.synapse_to_post(jnp.ones_like(values), wiring)) > 0
    np.testing.assert_allclose(total[there], 1.0, **CLOSE)
    first = np.flatnonzero(np.asarray(wiring.edges()[1]).reshape(-1) == np.flatnonzero(there)[0])
    e = np.exp(np.asarray(values).reshape(-1)[first])
    np.testing.assert_allclose(np.asarray(share).reshape(-1)[first], e / e.sum(), **CLOSE)


@pytest.mark.parametrize("shape", [(9, 50), (9, 7), (3, 100_003), (4, 1)])
def test_just_in_time_wirings_are_what_their_hash_says(shape):
    number = min(7, shape[1])
    for seed in (0, 1, 2**32 - 1):
        targets = reference.random_targets(seed, number, shape)
        u = reference.random_uniforms(seed, number, shape)
        for wiring in (
            ops.JITHomogeneous(0.7, number, seed, shape),
            ops.JITUniform(-0.2, 0.9, number, seed, shape),
            ops.JITNormal(0.5, 0.2, number, seed, shape),
        ):
            np.testing.assert_array_equal(wiring.edges()[1], targets)
            assert all(len(set(row)) == number for row in targets)
        from scipy.stats import norm

        np.testing.assert_allclose(ops.JITUniform(-0.2, 0.9, number, seed, shape).weights(), -0.2 + 1.1 * u, **CLOSE)
        np.testing.assert_allclose(
            ops.JITNormal(0.5, 0.2, number, seed, shape).weights(), 0.5 + 0.2 * norm.ppf(u), rtol=1e-10
        )


def test_just_in_time_products_larger_than_one_block(monkeypatch):
    monkeypatch.setattr("brainnb.ops.random.AT_ONCE", 50)
    wiring = ops.JITNormal(0.5, 0.2, NUMBER, 3, (PRE, POST))
    x, y = floats(PRE), floats(POST)
    np.testing.assert_allclose(ops.product(x, wiring), x @ matrix(wiring), **CLOSE)
    np.testing.assert_allclose(ops.product_transposed(y, wiring), matrix(wiring) @ y, **CLOSE)
    values, build = numbers(wiring)
    same(*(jax.grad(lambda v, m=m: jnp.sum((x @ m(build(v))) ** 2))(values) for m in (lambda w: w, matrix)))


def test_an_accelerator_takes_all_synapses_at_once(wiring):
    """The other branch, which only another platform would run, is the same number."""
    events, onto = spikes(0.3), floats(POST)
    found = products._at_once(events, wiring, onto)
    np.testing.assert_allclose(found, reference.event_product(events, matrix(wiring), onto), **CLOSE)
    text = jax.jit(ops.event_product).trace(events, wiring, onto).lower(lowering_platforms=("cuda",)).as_text()
    assert "brainnb" not in text
    assert "popcnt" not in text


def same(ours, wanted):
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)
