"""Couplings: what cells exchange without spikes."""

import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import Record, ops

S = bn.synapses


def edges(n=6, m=5):
    draw = np.random.default_rng(2)
    return draw.integers(0, n, 14), draw.integers(0, m, 14), draw.uniform(0.1, 1, 14), (n, m)


WIRINGS = {
    "csr": lambda: ops.CSR.from_edges(*edges()),
    "dense": lambda: ops.CSR.from_edges(*edges()).to_dense(),
    "csc": lambda: ops.CSR.from_edges(*edges()).to_csc(),
}


@pytest.mark.parametrize("name", WIRINGS)
def test_currents_are_sums_over_synapses(name):
    wiring = WIRINGS[name]()
    draw = np.random.default_rng(3)
    x, y = draw.uniform(-70, -50, 6), draw.uniform(-70, -50, 5)
    pre, post = Record(V=jnp.asarray(x)), Record(V=jnp.asarray(y))
    flow, sent = np.zeros(5), np.zeros(5)
    for i, j, w in zip(*edges()[:3], strict=True):
        flow[j] += w * (x[i] - y[j])
        sent[j] += w * x[i]
    np.testing.assert_allclose(S.GapJunction().current(wiring, pre, post), flow, atol=1e-11)
    np.testing.assert_allclose(S.Diffusive(of="V").current(wiring, pre, post), flow, atol=1e-11)
    np.testing.assert_allclose(S.Additive(of="V").current(wiring, pre, post), sent, atol=1e-11)


def test_small_differences_of_large_numbers_survive():
    """In 32 bits too: cells at -65 mV that differ by a microvolt."""
    V = np.float32(-65) + np.float32([0, 1e-3])
    found = S.GapJunction().current(
        ops.AllToAll(np.float32(1), (2, 2)), Record(V=jnp.asarray(V)), Record(V=jnp.asarray(V))
    )
    np.testing.assert_allclose(found, [V[1] - V[0], V[0] - V[1]], rtol=1e-3)


def two_cells(weight, n=2):
    cell = bn.neurons.LIF(V_th=40)
    return bn.Network(
        populations={"A": bn.Population(cell, n, init={"V": np.linspace(-60, -50, n)})},
        projections={"AA": bn.Projection("A", "A", bn.connect.AllToAll(), S.GapJunction(), weight=weight)},
    )


def test_two_membranes_meet():
    """The difference of two passive cells decays with 1/tau + 2 g R / tau, their mean with 1/tau."""
    net = two_cells(20.0)
    assert net.default_method == "rk4"
    V = bn.simulate(net, T=30, dt=0.1, record="A.V")["A.V"]
    t = V.time.values
    np.testing.assert_allclose(V[:, 1] - V[:, 0], 10 * np.exp(-t / 20 * (1 + 2 * 20 * 0.1)), atol=1e-6)
    np.testing.assert_allclose(V.mean("A_neuron"), -60 + 5 * np.exp(-t / 20), atol=1e-6)
    assert net.parameters()["AA.weight"].unit == "nS"


def test_membranes_with_channels_keep_their_method():
    cell = bn.neurons.HodgkinHuxley()
    net = bn.Network(
        populations={"A": bn.Population(cell, 3)},
        projections={"AA": bn.Projection("A", "A", bn.connect.AllToAll(), S.GapJunction(), weight=0.1)},
    )
    assert net.default_method == "strang"
    assert net.parameters()["AA.weight"].unit == "mS/cm2"


def test_rate_models_are_coupled_by_their_rates():
    """Without a spike anywhere, as whole-brain networks are."""
    cell = bn.rates.StuartLandau()

    def final(coupling):
        net = bn.Network(
            populations={"A": bn.Population(cell, 3, init={"x": [0.1, 0.5, -0.4]})},
            projections={"AA": bn.Projection("A", "A", bn.connect.AllToAll(), coupling, weight=0.4)},
        )
        ds = bn.simulate(net, T=50, dt=0.05)
        return ds["A.x"].values[-1]

    alone = [bn.simulate(cell, T=50, dt=0.05, method="rk4", init={"x": x}).x.values[-1] for x in (0.1, 0.5, -0.4)]
    assert np.ptp(alone) > 0.1
    assert np.ptp(final(S.Diffusive(of="x"))) < 0.05 * np.ptp(alone)
    sums = final(S.Additive(of="x"))
    assert np.isfinite(sums).all()
    assert not np.allclose(sums, alone, atol=0.1)


def test_synchrony_by_gap_junctions():
    """Cells that fire at different phases fire together once they are coupled."""
    cell = bn.neurons.WangBuzsaki()
    V = bn.simulate(cell, T=40, dt=0.02, **{next(iter(cell.inputs())): 1.0}).V
    start = [float(V[-1]), float(V[-200])]

    def spread(weight):
        net = bn.Network(
            populations={"A": bn.Population(cell, 2, init={"V": start})},
            projections={"AA": bn.Projection("A", "A", bn.connect.AllToAll(), S.GapJunction(), weight=weight)},
        )
        ds = bn.simulate(
            net, T=200, dt=0.02, inputs={"A." + next(iter(cell.inputs())): 1.0}, record="A.V", method="rk4"
        )
        return float(np.abs(np.diff(ds["A.V"][-2000:], axis=1)).mean())

    assert spread(0.2) < 0.2 * spread(0.0)
