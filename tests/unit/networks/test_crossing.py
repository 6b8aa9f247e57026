"""The threshold that a population gives to cells without a spike of their own."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np

import brainnb as bn
from brainnb.channels import Leak, PotassiumHH1952, SodiumHH1952

N = bn.neurons


def pair(**pre):
    """Two squid axons, the first driven, and a synapse between them."""
    return bn.Network(
        populations={
            "pre": bn.Population(N.HodgkinHuxley(), 3, inputs={"I": 10.0}, **pre),
            "post": bn.Population(N.HodgkinHuxley(), 3),
        },
        projections={
            "S": bn.Projection(
                "pre",
                "post",
                bn.connect.OneToOne(),
                bn.synapses.Exponential(tau=3.0),
                weight=0.05,
                output=bn.synapses.Conductance(E=0.0),
            )
        },
    )


def test_the_cell_keeps_its_name_and_its_values_and_gains_a_parameter():
    cell = N.HodgkinHuxley(C=2.0)
    net = bn.Network({"E": bn.Population(cell, 3, threshold=-10)})
    found = net.cells["E"]
    assert isinstance(found, N.HodgkinHuxley)
    assert type(found).__name__ == "HodgkinHuxley"
    rows = net.parameters()
    assert {p.removeprefix("E."): float(v.value) for p, v in rows.items()} == {
        **{p: float(v.value) for p, v in cell.parameters().items()},
        "V_spike": -10.0,
    }
    assert rows["E.V_spike"].unit == "mV"
    assert rows["E.V_spike"].bounds == (-90.0, 60.0)
    assert set(N.HodgkinHuxley.states()) == {"V", "m", "h", "n"}  # of others of its kind nothing changes


def test_cells_that_fire_by_themselves_stay_as_they_are():
    for cell in (N.LIF(), N.TraubMiles(), N.WangBuzsaki(), N.FitzHughNagumo()):
        assert type(bn.Network({"E": bn.Population(cell, 2)}).cells["E"]) is type(cell)


def test_a_potential_that_never_comes_near_is_not_watched():
    """Counted from rest as in 1952, -20 mV says nothing."""

    class FromRest(bn.Model):
        V = bn.state(0.0, "mV", "potential above rest", bounds=(-15, 120))

        def vector_field(self, t, s, u):
            return dict(V=-s.V)

    assert type(bn.Network({"E": bn.Population(FromRest(), 2)}).cells["E"]) is FromRest
    assert "E.V_spike" in bn.Network({"E": bn.Population(FromRest(), 2, threshold=50)}).parameters()


def test_a_cell_of_channels_sends_spikes_too():
    cell = N.Cell({"Na": SodiumHH1952(), "K": PotassiumHH1952(), "leak": Leak(g_max=0.3, E=-54.387)})
    one = bn.Network({"E": bn.Population(cell, 2, inputs={"I": 10.0})})
    other = bn.Network({"E": bn.Population(N.HodgkinHuxley(), 2, inputs={"I": 10.0})})
    spikes = [bn.simulate(net, T=60, dt=0.05)["E.spike"] for net in (one, other)]
    assert spikes[0].dtype == bool
    assert int(spikes[0].sum()) == int(spikes[1].sum()) == 8


def test_one_level_is_a_slider_and_a_distribution_draws_for_each():
    net = pair()
    bn.simulate(net, T=1)
    before = bn.run.cache.trace_count()
    for level in (-30, -20.0, np.float32(10), 50):
        bn.simulate(net.replace({"pre.V_spike": level}), T=1)
    assert bn.run.cache.trace_count() == before
    drawn = pair(threshold=bn.init.Uniform(-30, 20)).parameters()["pre.V_spike"].value
    assert drawn.shape == (3,)
    assert len(np.unique(drawn)) == 3
    high = bn.simulate(net.replace({"pre.V_spike": 45.0}), T=30)  # above the peak of a spike
    assert int(high["pre.spike"].sum()) == 0
    assert int(bn.simulate(net, T=30)["pre.spike"].sum()) > 0


def test_it_travels_as_a_pickle():
    net = pair()
    back = pickle.loads(pickle.dumps(net))
    assert type(back.cells["pre"]) is type(net.cells["pre"])
    assert jax.tree.structure(back) == jax.tree.structure(net)
    np.testing.assert_array_equal(bn.simulate(back, T=10)["pre.spike"], bn.simulate(net, T=10)["pre.spike"])


def test_rules_that_wait_for_spikes_hear_them():
    net = bn.Network(
        populations={
            "pre": bn.Population(N.MorrisLecar(), 2, inputs={"I": 100.0}),
            "post": bn.Population(N.MorrisLecar(), 2, inputs={"I": 110.0}),
        },
        projections={
            "S": bn.Projection(
                "pre",
                "post",
                bn.connect.AllToAll(),
                bn.synapses.Exponential(tau=5.0),
                weight=0.5,
                output=bn.synapses.Conductance(E=0.0),
                plasticity=bn.synapses.STDP(),
                stp=bn.synapses.TsodyksMarkram(),
                delay=2.0,
            )
        },
    )
    ds = bn.simulate(net, T=200, dt=0.1, record=["*.spike", "S.plasticity.weight"])
    assert int(ds["pre.spike"].sum()) > 0
    assert int(ds["post.spike"].sum()) > 0
    assert float(np.ptp(ds["S.plasticity.weight"].values)) > 0


def test_the_spike_has_a_slope():
    """Forward a step, backward the surrogate of every other cell."""
    cell = pair().cells["pre"]
    start, given = cell.init_state((1,)), bn.core.record.Inputs(I=jnp.zeros(()))

    def sent(V):
        s = start.merge(dict(V=jnp.reshape(V, (1,))))
        return jnp.sum(cell.on_step(jnp.zeros(()), s, given, jax.random.key(0))[1]["spike"])

    assert [float(sent(V)) for V in (-20.1, -20.0, 30.0)] == [0.0, 1.0, 1.0]
    np.testing.assert_allclose([jax.grad(sent)(V) for V in (-20.0, -19.0, -21.0)], [1.0, 1 / 121, 1 / 121])
