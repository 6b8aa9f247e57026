"""Kinetics, output, short-term plasticity and rules: each swapped alone, states kept where they cost least."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.run.past import prepared
from brainnb.run.step import one_step
from brainnb.run.system import System, drives

S = bn.synapses

KINETICS = {
    "exponential": S.Exponential(),
    "alpha": S.Alpha(),
    "dual exponential": S.DualExponential(),
    "AMPA": S.AMPA(),
    "GABAa": S.GABAa(),
    "GABAb": S.GABAb(),
    "NMDA": S.NMDA(),
    "NMDA of second order": S.NMDASecondOrder(),
}
OUTPUTS = {"current": S.Current(), "conductance": S.Conductance(E=0), "block": S.MagnesiumBlock()}
RELEASES = {"constant": None, "Tsodyks-Markram": S.TsodyksMarkram()}
RULES = {
    "fixed": None,
    "STDP": S.STDP(),
    "triplets": S.TripletSTDP(),
    "reward": S.RewardSTDP(),
    "BCM": S.BCM(),
    "Oja": S.Oja(),
    "Vogels-Sprekeler": S.VogelsSprekeler(),
    "scaling": S.SynapticScaling(period=1.0),
}


def network(synapse, weight=None, n=12, **more):
    """A random network whose cells drive each other."""
    draw = np.random.default_rng(1)
    weight = draw.uniform(0.2, 0.9, 60) if weight is None else weight
    pre, post = draw.integers(0, n, 60), draw.integers(0, n, 60)
    cell = bn.neurons.LIF(t_ref=2.0)
    return bn.Network(
        populations={"E": bn.Population(cell, n, init={"V": draw.uniform(-60, -50, n)})},
        projections={"EE": bn.Projection("E", "E", (pre, post), synapse, weight=weight, **more)},
    )


def run(net, T=40.0, record=("E.V", "E.spike"), **more):
    return bn.simulate(net, T=T, dt=0.1, inputs={"E.I": np.linspace(110, 220, 12)}, record=record, **more)


@pytest.mark.parametrize(
    ("name", "delay"), [*((name, 1.5) for name in KINETICS), ("exponential", None), ("AMPA", None)]
)
def test_whose_the_states_are_makes_no_difference(name, delay):
    synapse = KINETICS[name]
    aligned = ("post", "pre", "edge") if synapse.linear else ("pre", "edge")
    weight = (3.0 + np.arange(60) / 20) * (1e4 if name == "GABAb" else 1.0)  # which hardly opens in so short a time
    runs = [run(network(synapse, weight=weight, align=a, delay=delay)) for a in aligned]
    alone = run(network(synapse, weight=0.0, delay=delay))
    assert np.abs(runs[0]["E.V"] - alone["E.V"]).max() > 0.1  # they do hear each other
    assert runs[0]["E.spike"].sum() > 5
    for other in runs[1:]:
        np.testing.assert_allclose(other["E.V"], runs[0]["E.V"], rtol=1e-12)
        np.testing.assert_array_equal(other["E.spike"], runs[0]["E.spike"])


def test_short_term_plasticity_on_any_alignment():
    runs = [run(network(S.Exponential(), 20.0, stp=S.TsodyksMarkram(), align=a)) for a in ("post", "pre", "edge")]
    for other in runs[1:]:
        np.testing.assert_allclose(other["E.V"], runs[0]["E.V"], rtol=1e-12)


def test_rules_on_states_of_neurons_and_of_synapses():
    """Weights that were felt when a spike arrived stay in a post-aligned gate; the edges agree in what changes them."""
    runs = [
        run(network(S.Exponential(), plasticity=S.STDP(), align=a), record=("EE.plasticity.weight",))
        for a in ("pre", "edge")
    ]
    np.testing.assert_allclose(runs[1]["EE.plasticity.weight"], runs[0]["EE.plasticity.weight"], atol=1e-12)
    assert np.ptp(runs[0]["EE.plasticity.weight"].values, axis=0).max() > 1e-3


def together(parts):
    """A network with a projection for each (kinetics, output, release, rule), and the system that steps it."""
    cell = bn.neurons.LIF()
    net = bn.Network(
        populations={"E": bn.Population(cell, 4, init={"V": [-50.1, -52.0, -54.0, -60.0]})},
        projections={
            f"P{i}": bn.Projection(
                "E", "E", bn.connect.AllToAll(self_connections=False), KINETICS[kinetics], weight=0.5,
                output=OUTPUTS[output], stp=RELEASES[release], plasticity=RULES[rule], delay=0.2 if i % 2 else None,
            )
            for i, (kinetics, output, release, rule) in enumerate(parts)
        },
    )  # fmt: skip
    return prepared(System(net, drives(net, {"E.I": 200.0})), None, (), 0.1, 30)


def stepped(system, steps, method):
    """A function of the state: so many steps."""
    method = bn.integrators.get(method)

    def step(s, i):
        return one_step(method, system, s, i, jnp.zeros(()), jnp.asarray(0.1), jax.random.key(0))

    return lambda s: jax.lax.scan(step, s, jnp.arange(steps))


@pytest.mark.parametrize("kinetics", KINETICS)
def test_every_combination_fits(kinetics):
    """Shapes, names and types: every kinetics with every rule, and each of these with outputs and releases in turn."""
    others = itertools.cycle(itertools.product(OUTPUTS, RELEASES))
    for _ in range(list(KINETICS).index(kinetics)):  # so that every rule meets every output
        next(others)
    system = together((kinetics, *next(others), rule) for rule in RULES)
    s = system.init((), jax.random.key(0))
    after, seen = jax.eval_shape(stepped(system, 1, "euler"), s)
    assert jax.tree.structure(after) == jax.tree.structure(s)
    assert [x.shape for x in jax.tree.leaves(after)] == [x.shape for x in jax.tree.leaves(s)]
    assert seen.E.spike.shape == (1, 4)


@pytest.mark.parametrize("shift", range(4))
def test_combinations_run(shift):
    """Every kinetics, each time with another rule, output and release."""
    rules, outputs, releases = list(RULES), list(OUTPUTS), list(RELEASES)
    parts = [
        (name, outputs[(i + shift) % 3], releases[(i // 2 + shift) % 2], rules[(i + 2 * shift) % 8])
        for i, name in enumerate(KINETICS)
    ]
    system = together(parts)
    s, seen = jax.jit(stepped(system, 30, "euler"))(system.init((), jax.random.key(0)))
    assert float(jnp.sum(seen.E.spike)) > 0
    assert all(bool(jnp.isfinite(x).all()) for x in jax.tree.leaves(s.model))
    for i, (name, *_) in enumerate(parts):
        assert any(bool(jnp.any(x != 0)) for x in s.model[f"P{i}"].synapse.values()), name


@pytest.mark.parametrize(
    ("name", "plastic"), [("delta", False), ("AMPA", False), ("exponential", True), ("NMDA", True)]
)
def test_gradients_through_the_weight(name, plastic):
    """Reverse mode through spikes, delivery and rule: equal to forward mode, finite and not 0."""
    synapse = KINETICS.get(name, S.Delta())
    net = network(synapse, weight=0.5, plasticity=S.STDP() if plastic else None)
    system = prepared(System(net, drives(net, {"E.I": np.linspace(110, 220, 12)})), None, (), 0.1, 60)
    start = system.init((), jax.random.key(0))

    def loss(weight):
        model = net._with({"EE.weight": jnp.asarray(weight)})
        s = start
        if plastic:  # the weights are a state: it begins with the parameter
            s = start.merge({"model": {"EE": {"plasticity": {"weight": jnp.full(60, weight)}}}})
        s, _ = stepped(System(model, system.drives, system.lines, system.memory), 40, "splitting")(s)
        return jnp.sum(s.model.E.V)

    forward = float(jax.jit(jax.jacfwd(loss))(0.5))
    slope = float(jax.jit(jax.grad(loss))(0.5))
    assert np.isfinite(slope)
    assert slope != 0
    assert slope == pytest.approx(forward, rel=1e-9)


def test_paths_of_all_parts():
    net = network(S.NMDA(), stp=S.TsodyksMarkram(), plasticity=S.STDP(), delay=1.0)
    known = net.parameters()
    for path in ("EE.synapse.tau_decay", "EE.output.Mg", "EE.stp.U", "EE.plasticity.A_plus", "EE.weight", "EE.delay"):
        assert path in known
        assert float(np.mean(net.replace({path: known[path].value * 1.01}).parameters()[path].value)) != 0
    assert known["EE.weight"].unit == known["EE.plasticity.w_max"].unit == "nS"
    assert net.declaration("EE.plasticity.weight").unit == "nS"
    assert net.declaration("EE.plasticity.pre").unit == "1"
    ds = run(net, T=2, record="EE.*")
    assert ds["EE.synapse.g"].dims == ds["EE.stp.x"].dims == ds["EE.plasticity.pre"].dims == ("time", "E_neuron")
    assert ds["EE.plasticity.weight"].dims == ("time", "EE_synapse")


def test_reward_is_an_input_of_the_network():
    net = network(S.Exponential(), plasticity=S.RewardSTDP())
    assert net.inputs()["EE.plasticity.reward"].unit == "uM/ms"
    ds = bn.simulate(net, T=20, inputs={"EE.plasticity.reward": 0.01}, record="EE.plasticity.dopamine")
    expected = 0.01 * 200 * (1 - np.exp(-ds.time / 200))
    np.testing.assert_allclose(ds["EE.plasticity.dopamine"], expected, rtol=1e-9)


def test_sliders_of_a_rule_compile_nothing():
    net = network(S.AMPA(), stp=S.TsodyksMarkram(), plasticity=S.STDP())
    run(net, T=1)
    run(net, T=1)
    before = bn.run.cache.trace_count()
    for path, value in (
        ("EE.synapse.T_dur", 0.5), ("EE.stp.U", 0.3), ("EE.plasticity.all_pairs", 0), ("EE.plasticity.w_max", 2),
        ("EE.output.E", -10), ("EE.weight", 0.4),
    ):  # fmt: skip
        run(net.replace({path: value}), T=1)
    assert bn.run.cache.trace_count() == before


def test_a_rule_of_ones_own():
    class Forget(S.Plasticity):
        """Every presynaptic spike takes a tenth."""

        def on_events(self, t, s, wiring, sent, fired):
            return dict(weight=bn.ops.update_on_pre(wiring, sent, a_tenth_less).weight)

    ds = run(network(S.Exponential(), plasticity=Forget()), record=("EE.plasticity.weight", "E.spike"))
    pre = np.asarray(network(S.Exponential()).links.EE.wiring.to_edges()[0])
    w, fired = ds["EE.plasticity.weight"].values, ds["E.spike"].values.sum(0)
    first = network(S.Exponential(), plasticity=Forget()).links.EE.weight
    np.testing.assert_allclose(w[-1], first * 0.9 ** fired[pre], rtol=1e-12)


def a_tenth_less(w, pre, post):
    return 0.9 * w
