"""A network is a model: its paths, its timing, its nesting, its replacements."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.networks import Network, Population, Projection, SpikeTrains
from brainnb.run.cache import trace_count
from brainnb.synapses import Alpha, Conductance, Delta, DualExponential, Exponential


class Listener(bn.Model):
    """Adds up what it is given: its potential is the integral of the current."""

    V = bn.state(0.0, "mV", "what arrived")
    I = bn.input(0.0, "pA", "current")

    def vector_field(self, t, s, u):
        return dict(V=u.I)


def one_spike(synapse, delay=None, at=1.0, weight=2.0, **more):
    """A source that fires once, and a cell that hears it."""
    return Network(
        {"source": Population(SpikeTrains([[at]]), 1), "cell": Population(Listener(), 1)},
        {"on": Projection("source", "cell", bn.connect.OneToOne(), synapse, weight=weight, delay=delay, **more)},
    )


@pytest.mark.parametrize(("delay", "felt"), [(None, 1.0), (0.0, 1.0), (0.1, 1.1), (1.5, 2.5), (3.0, 4.0)])
def test_a_delay_is_exact_to_the_step(delay, felt):
    ds = bn.simulate(one_spike(Delta(), delay), T=6, dt=0.1, record=["cell.V"])
    moved = ds.time.values[(ds["cell.V"].values[:, 0] > 0).argmax()]
    assert moved == pytest.approx(felt)
    assert float(ds["cell.V"][-1, 0]) == 2.0


def test_a_delay_slider_compiles_nothing_and_is_exact():
    net = one_spike(Delta(), 1.0)
    bn.simulate(net, T=25, record=["cell.V"])
    before = trace_count()
    for delay in (0.0, 0.3, 7.2, 19.9):
        ds = bn.simulate(net.replace({"on.delay": delay}), T=25, record=["cell.V"])
        assert ds.time.values[(ds["cell.V"].values[:, 0] > 0).argmax()] == pytest.approx(1.0 + delay)
    assert trace_count() == before


@pytest.mark.parametrize(
    ("synapse", "response"),
    [
        (Exponential(tau=5.0), lambda t: np.exp(-t / 5.0)),
        (Alpha(tau=3.0), lambda t: t / 3.0 * np.exp(1 - t / 3.0)),
        (DualExponential(tau_rise=1.0, tau_decay=4.0), None),
    ],
)
def test_a_synapse_follows_its_closed_form(synapse, response):
    if response is None:
        peak = np.log(4.0) * 4.0 / 3.0
        scale = np.exp(-peak / 4.0) - np.exp(-peak)

        def response(t):
            return (np.exp(-t / 4.0) - np.exp(-t)) / scale

    with jax.enable_x64(True):
        ds = bn.simulate(one_spike(synapse), T=20, dt=0.01, record=["on.synapse.*"])
    t = ds.time.values - 1.0
    g = ds["on.synapse.decay"] - ds["on.synapse.rise"] if "on.synapse.decay" in ds else ds["on.synapse.g"]
    expected = np.where(t >= -1e-9, 2.0 * response(np.maximum(t, 0)), 0.0)
    assert np.abs(g.values[:, 0] - expected).max() < 1e-4
    if not isinstance(synapse, Exponential):
        assert g.values.max() == pytest.approx(2.0, abs=1e-4)


def test_paths_reach_everything():
    net = bn.networks.COBA(400)
    assert {"E.tau", "EE.weight", "EE.synapse.tau", "IE.output.E"} <= net.parameters().keys()
    assert net.parameters()["EE.weight"].unit == "nS"
    changed = net.replace({"*.synapse.tau": 3.0, "EE.weight": 2.0})
    assert [float(changed.links[p].synapse.tau) for p in changed.links] == [3.0] * 4
    assert float(net.links["EE"].weight) == 6.0
    with pytest.raises(bn.UnknownName, match=r"EE\.wieght"):
        net.replace({"EE.wieght": 1.0})


def test_records_by_path_and_by_default_the_spikes():
    net = bn.networks.COBA(200)
    ds = bn.simulate(net, T=5)
    assert set(ds.data_vars) == {"E.spike", "I.spike"}
    assert ds["E.spike"].dims == ("time", "E_neuron")
    assert ds["E.spike"].dtype == bool
    ds = bn.simulate(net, T=5, record=["E.V", "EI.synapse.g", "I.spike"], every=5)
    assert ds["EI.synapse.g"].dims == ("time", "I_neuron")
    assert ds["I.spike"].dtype == np.uint16
    assert [ds[p].attrs["units"] for p in ("E.V", "EI.synapse.g")] == ["mV", "nS"]


def test_no_slider_compiles():
    net = bn.networks.COBA(200)
    bn.simulate(net, T=5)
    before = trace_count()
    for path, parameter in net.parameters().items():
        changed = net.replace({path: np.asarray(parameter.value) * 1.01})
        bn.simulate(changed, T=5)
    for i in range(3):
        bn.simulate(net, T=5, inputs={"E.I": 100 + i})
    assert trace_count() == before


def test_a_sweep_equals_its_runs():
    net = bn.networks.COBA(200)
    many = bn.sweep(net, {"EE.weight": [2.0, 6.0]}, T=20, reduce=lambda rows: {"n": rows["E.spike"].sum()})
    each = [int(bn.simulate(net.replace({"EE.weight": w}), T=20)["E.spike"].sum()) for w in (2.0, 6.0)]
    assert many["n"].values.tolist() == each


def area():
    return Network(
        {"E": Population(bn.neurons.LIF(), 4, inputs={"I": 250.0})},
        {"EE": Projection("E", "E", bn.connect.AllToAll(), Exponential(), weight=1.0)},
    )


def test_a_network_of_networks_is_a_model():
    brain = Network(
        {"V1": area(), "V2": area()},
        {"up": Projection("V1.E", "V2.E", bn.connect.OneToOne(), Exponential(tau=2.0), weight=400.0, delay=1.0)},
    )
    assert {"V1.E.tau", "V2.EE.weight", "up.delay"} <= brain.parameters().keys()
    ds = bn.simulate(brain, T=100, record=["V1.E.spike", "V2.E.spike", "V1.E.V"])
    assert ds["V1.E.spike"].dims == ("time", "V1.E_neuron")
    alone = bn.simulate(area(), T=100)
    np.testing.assert_array_equal(ds["V1.E.spike"].values, alone["E.spike"].values)
    assert ds["V2.E.spike"].values.sum() > ds["V1.E.spike"].values.sum()


def test_runs_continue():
    net = one_spike(Exponential(), 2.0)
    whole = bn.simulate(net, T=10, record=["cell.V"])
    half = bn.simulate(net, T=2, record=["cell.V"])  # the spike is on its way
    rest = bn.simulate(net, T=8, record=["cell.V"], init=half)
    np.testing.assert_array_equal(whole["cell.V"].values[20:], rest["cell.V"].values)


def test_populations_may_differ_from_neuron_to_neuron():
    taus = bn.init.Normal(20.0, 2.0)
    net = Network(
        {"E": Population(bn.neurons.LIF(), 50, parameters={"tau": taus}, init={"V": bn.init.Uniform(-60, -50)})}
    )
    values = net.parameters()["E.tau"].value
    assert values.shape == (50,)
    assert 1.0 < float(values.std()) < 3.0
    again = Network({"E": Population(bn.neurons.LIF(), 50, parameters={"tau": taus})})
    np.testing.assert_array_equal(values, again.parameters()["E.tau"].value)
    ds = bn.simulate(net, T=1, record=["E.V"])
    assert np.ptp(ds["E.V"].values[0]) > 5


def test_storages_and_alignments_give_the_same_raster():
    with jax.enable_x64(True):
        rasters = []
        for align in ("post", "pre", "edge"):
            net = Network(
                {"E": Population(bn.neurons.LIF(), 60, init={"V": bn.init.Uniform(-60, -50)}, inputs={"I": 150.0})},
                {
                    "EE": Projection(
                        "E", "E", bn.connect.FixedProbability(0.2), Exponential(tau=4.0), weight=bn.init.Uniform(0, 3),
                        output=Conductance(E=0.0), align=align, delay=1.0,
                    )
                },
                seed=3,
            )  # fmt: skip
            rasters.append(bn.simulate(net, T=100)["E.spike"].values)
    assert rasters[0].sum() > 100
    np.testing.assert_array_equal(rasters[0], rasters[1])
    np.testing.assert_array_equal(rasters[0], rasters[2])


def test_gradients_go_through_the_spikes():
    net = bn.networks.COBA(200)
    from brainnb.run.system import System, drives

    system = System(net, drives(net, {}))
    s = system.init((), jax.random.key(0))
    method = bn.integrators.get("splitting")

    def mean_potential(w):
        moved = System(net.replace({}) if w is None else net._with({"EE.weight": w}), system.drives)

        def step(s, i):
            s = method.step(moved.field, i * 0.1, s, 0.1)
            s, _ = moved.on_step((i + 1) * 0.1, s, jax.random.key(0))
            return s, s.model.E.V.mean()

        return jax.lax.scan(step, s, jnp.arange(50.0))[1].mean()

    slope = jax.jit(jax.grad(mean_potential))(jnp.asarray(6.0, jnp.float32))
    assert np.isfinite(slope)
    assert slope != 0


def test_every_synapse_may_have_a_delay_of_its_own():
    delays = [0.3, 2.0, 7.1]
    net = Network(
        {"source": Population(SpikeTrains([[1.0, 4.0]]), 1), "heard": Population(Listener(), 3)},
        {
            "on": Projection(
                "source",
                "heard",
                bn.connect.AllToAll(),
                Delta(),
                weight=np.array([1.0, 2.0, 3.0]),
                delay=np.array(delays),
            )
        },
    )
    ds = bn.simulate(net, T=14, record=["heard.V"])
    for i, delay in enumerate(delays):
        V = ds["heard.V"].values[:, i]
        felt = ds.time.values[np.flatnonzero(np.diff(V, prepend=0.0))]
        np.testing.assert_allclose(felt, [1.0 + delay, 4.0 + delay], atol=1e-6)
        assert V[-1] == 2 * (i + 1)


def test_delays_of_their_own_and_one_for_all_give_the_same_raster():
    def net(delay):
        return Network(
            {"E": Population(bn.neurons.LIF(), 100, init={"V": bn.init.Uniform(-60, -50)}, inputs={"I": 150.0})},
            {"EE": Projection("E", "E", bn.connect.FixedProbability(0.1), Exponential(), weight=5.0, delay=delay)},
        )

    number = net(1.5).links["EE"].wiring.size
    one, each = bn.simulate(net(1.5), T=100), bn.simulate(net(np.full(number, 1.5)), T=100)
    assert one["E.spike"].values.sum() > 100
    np.testing.assert_array_equal(one["E.spike"].values, each["E.spike"].values)
