"""Networks that are trained on tasks: each step by hand or by another library, and what is fixed stays fixed."""

import doctest
import importlib

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.core.errors import ModelError
from brainnb.inputs import encode
from brainnb.networks import ConnectomeSpikingNetwork, SpikingLayers, lsnn
from brainnb.rates import GRU, LSTM, NVAR, ConnectomeNetwork, echo_state_network


def heard(u, dt=1.0):
    """One row a step, held from its begin."""
    return bn.inputs.FromData(np.arange(len(u)) * dt, u, interpolation="previous")


def series(**variables):
    steps = len(next(iter(variables.values())))
    shaped = {n: (("time", f"{n}_channel")[: np.ndim(x)], x) for n, x in variables.items()}
    return xr.Dataset(shaped, {"time": ("time", np.arange(steps) * 1.0, {"units": "ms"})})


@pytest.fixture(scope="module")
def course():
    return np.random.default_rng(0).normal(size=(12, 2))


def test_gated_recurrent_units_are_those_of_equinox(course):
    cell = eqx.nn.GRUCell(2, 5, key=jax.random.key(1))
    cell = eqx.tree_at(lambda c: c.bias_n, cell, jnp.zeros(5))  # one offset where theirs are two
    W, U, b = (np.asarray(x) for x in (cell.weight_ih, cell.weight_hh, cell.bias))
    net = GRU(5, 2, weight=U.reshape(3, 5, 5), weight_in=W.reshape(3, 5, 2), bias=b.reshape(3, 5))
    h = jnp.zeros(5)
    wanted = [h := cell(x, h) for x in jnp.asarray(course)]
    assert np.allclose(bn.simulate(net, T=12, dt=1, I=heard(course)).h, wanted, rtol=0, atol=1e-14)


def test_long_short_term_memory_is_that_of_equinox(course):
    cell = eqx.nn.LSTMCell(2, 5, key=jax.random.key(1))
    W, U, b = (np.asarray(x) for x in (cell.weight_ih, cell.weight_hh, cell.bias))
    net = LSTM(5, 2, weight=U.reshape(4, 5, 5), weight_in=W.reshape(4, 5, 2), bias=b.reshape(4, 5))
    s, wanted = (jnp.zeros(5), jnp.zeros(5)), []
    for x in jnp.asarray(course):
        s = cell(x, s)
        wanted.append(s)
    ds = bn.simulate(net, T=12, dt=1, I=heard(course))
    assert np.allclose(ds.h, [h for h, _ in wanted], rtol=0, atol=1e-14)
    assert np.allclose(ds.c, [c for _, c in wanted], rtol=0, atol=1e-14)


def test_a_direct_readout_hears_in_a_run_what_it_hears_in_a_fit(course):
    net = echo_state_network(6, 2, direct=True, seed=1)
    net = net.replace({"readout.weight": np.arange(8.0)[None]})
    ds = bn.simulate(net, T=12, dt=1, I=heard(course), record=["out", "features"])
    assert np.array_equal(ds.features[:, 6:], course)
    assert bn.train.evaluate(net, series(I=course, out=ds.out.values), "mse") < 1e-28


def test_a_fixed_point_of_the_flow_is_one_of_the_update():
    net = GRU(4, 1, seed=2).replace(weight=8 * np.random.default_rng(0).normal(size=(3, 4, 4)))
    found = bn.slow_points(net, I=0.3, count=20)
    fixed = found.isel(point=(found.kind == "fixed point").values)
    assert fixed.sizes["point"] >= 1
    for h in fixed.h.values:
        after = bn.simulate(net, T=1, dt=1, I=0.3, init={"h": h}).h.values[0]
        assert np.allclose(after, h, rtol=0, atol=1e-9)


def test_features_are_every_product_of_what_was_heard_once(course):
    net = NVAR(2, 1, delay=2, stride=3, order=[2, 3])
    seen = bn.simulate(net, T=11, dt=1, I=heard(course), record=["features"]).features
    a, b = course[10], course[7]  # recorded at 10 ms
    x = np.r_[a, b]
    pairs = [x[i] * x[j] for i in range(4) for j in range(i, 4)]
    triples = [x[i] * x[j] * x[k] for i in range(4) for j in range(i, 4) for k in range(j, 4)]
    assert np.allclose(seen.sel(time=10.0), [1, *x, *pairs, *triples], rtol=0, atol=1e-14)


def test_an_autoregression_of_order_two_finds_the_henon_map_and_runs_free():
    """x' = 1 - 1.4 x^2 + 0.3 x_before is in reach of two delays and products of two: the free run is exact."""
    x = bn.datasets.henon(200).x.values
    net = NVAR(1, 1, delay=2, order=2)
    run = bn.fit(
        net,
        series(I=x[:120], out=x[1:121], weight=(np.arange(120) > 1) * 1.0),
        method="least_squares",
        train="readout.*",
    )
    warm = bn.inputs.FromData(np.arange(120.0), x[:120], interpolation="previous")
    free = bn.simulate(run.model, T=132, dt=1, I=warm, free=bn.inputs.Step(1.0, start=119.5))
    assert np.allclose(free.prediction.sel(time=np.arange(120.0, 132.0))[:, 0], x[121:133], atol=1e-6)


def test_layers_follow_each_other_by_a_step():
    net = SpikingLayers([2, 4, 3, 2], scale=40.0, tau=8.0, tau_out=12.0, seed=3)
    I = np.random.default_rng(0).normal(1.0, 1.0, (50, 2))
    ds = bn.simulate(net, T=50, dt=1, I=heard(I), record=["layer*.spike", "out"])
    keep, slow = np.exp(-1 / 8), np.exp(-1 / 12)
    V, z, f = [np.zeros(4), np.zeros(3)], [np.zeros(4), np.zeros(3)], np.zeros(3)
    layers = net.layers["layer1"], net.layers["layer2"]
    for k, x in enumerate(I):
        sent = [x, z[0]]
        f = slow * f + (1 - slow) * z[1]
        V = [
            keep * v + (1 - keep) * np.asarray(a.weight) @ x - b for v, a, x, b in zip(V, layers, sent, z, strict=True)
        ]
        z = [(v >= 1.0).astype(float) for v in V]
        for n in (0, 1):
            assert np.array_equal(ds[f"layer{n + 1}.spike"][k], z[n])
        assert np.allclose(ds.out[k], net.readout(f), rtol=0, atol=1e-12)
    assert ds["layer2.spike"].sum() > 5


def test_layers_learn_by_gradients_through_all_of_them():
    net = SpikingLayers([3, 12, 8, 2], scale=15.0, seed=1)
    data = series(I=np.random.default_rng(1).normal(1.0, 1.0, (40, 3)), out=np.ones((40, 2)))
    run = bn.fit(net, data, train=["layer*.weight", "readout.*"], optimizer=0.02, steps=30)
    assert float(run.history.loss[-1]) < 0.8 * float(run.history.loss[0])
    for n in (1, 2):
        assert not np.array_equal(run.model.layers[f"layer{n}"].weight, net.layers[f"layer{n}"].weight)


def test_half_of_an_lsnn_adapts():
    net = lsnn(3, 2, inputs=1, outputs=1, beta=5.0, tau_a=300.0)
    assert net.beta.tolist() == [0, 0, 0, 5, 5]
    assert float(net.tau_a) == 300


# --- measured wiring --------------------------------------------------------------------------------------------------

WIRING = np.array([[0.0, 2.0, 0.0], [-1.0, 0.0, 3.0], [0.0, 0.0, 0.0]])


@pytest.mark.parametrize("kind", [ConnectomeNetwork, ConnectomeSpikingNetwork])
def test_wiring_holds_whatever_is_learned(kind):
    net = kind(WIRING, inputs=1, outputs=1, weight=np.ones((3, 3)))
    rng = np.random.default_rng(0)
    data = series(I=rng.normal(3, 3, 30), out=rng.normal(size=30))
    run = bn.fit(net, data, train="*", optimizer=0.3, steps=15)
    after = np.asarray(run.model.connectivity())
    assert np.array_equal(np.sign(after), np.sign(WIRING))
    assert not np.allclose(after, WIRING)
    assert np.array_equal(run.model.wiring, WIRING)


def test_signs_may_be_learned():
    net = ConnectomeNetwork(WIRING, signs="learned").replace(weight=-1.0)
    assert np.array_equal(net.connectivity(), -WIRING)


def test_eprop_learns_on_measured_wiring_and_its_gradient_is_that_of_the_cut_network():
    """Symmetric feedback: e-prop equals back-propagation through the network whose spikes carry no gradient."""
    net = ConnectomeSpikingNetwork(WIRING, 2, 1, weight=0.7 * np.ones((3, 3)), weight_in=np.ones((3, 2)), tau=5.0)
    rng = np.random.default_rng(0)
    data = series(I=rng.normal(1.0, 1.0, (30, 2)), out=rng.normal(size=(30, 1)))
    runs = [
        bn.fit(model, data, method=method, train=["weight", "weight_in"], optimizer=0.01, steps=3)
        for model, method in ((net, "eprop"), (net._with({"cut": True}), "bptt"))
    ]
    one, other = (np.asarray(run.model.weight) for run in runs)
    assert np.allclose(one, other, rtol=0, atol=1e-12)
    assert not np.array_equal(one, net.weight)
    assert np.array_equal(one[WIRING == 0], np.asarray(net.weight)[WIRING == 0])


def test_labels_say_which_way_it_goes():
    labelled = xr.DataArray(WIRING.T, dims=("pre", "post"))
    assert np.array_equal(ConnectomeNetwork(labelled).connectivity(), WIRING)
    assert np.array_equal(ConnectomeNetwork(labelled.rename(pre="source", post="target")).connectivity(), WIRING)
    scaled = ConnectomeNetwork(WIRING, radius=0.8).connectivity()
    assert np.abs(np.linalg.eigvals(scaled)).max() == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ConnectomeNetwork(xr.DataArray(WIRING, dims=("a", "b"))), r"rename\(.*'post'"),
        (lambda: ConnectomeNetwork(WIRING[:2]), r"shape \(2, 3\); a square table"),
        (lambda: ConnectomeNetwork(np.full((2, 2), np.nan)), r"not a number at \(0, 0\)"),
        (lambda: ConnectomeNetwork(np.triu(np.ones((3, 3)), 1), radius=0.9), "no cycles"),
        (lambda: ConnectomeNetwork(WIRING, signs="free"), "'kept' or 'learned'"),
        (lambda: ConnectomeNetwork(WIRING, excitatory=2), "one for each synapse"),
        (lambda: ConnectomeSpikingNetwork(WIRING, signs="free"), "'kept' or 'learned'"),
        (lambda: NVAR(delay=0), "delay=0; a whole number from 1"),
        (lambda: NVAR(order=1), "order=1; a whole number from 2"),
        (lambda: SpikingLayers([3, 2]), "channels in, units of at least one layer"),
    ],
)
def test_mistakes(make, said):
    with pytest.raises(ModelError, match=said):
        make()


# --- reservoirs -------------------------------------------------------------------------------------------------------


def test_a_reservoir_is_drawn_as_it_is_asked_for():
    net = echo_state_network(
        200, 2, 1, radius=1.1, density=0.2, density_in=0.3, distribution="normal", form="current", back=0.5, noise=0.01,
        leak=0.25, dt=2.0,
    )  # fmt: skip
    W, W_in = np.asarray(net.weight), np.asarray(net.weight_in)
    assert isinstance(net, bn.rates.NoisyRateNetwork)
    assert np.abs(np.linalg.eigvals(W)).max() == pytest.approx(1.1)
    assert (W != 0).mean() == pytest.approx(0.2, abs=0.01)
    assert (W_in != 0).mean() == pytest.approx(0.3, abs=0.08)
    assert abs(W).max() > 2.5 * W[W != 0].std()  # no uniform distribution has such tails
    assert 0.3 < abs(np.asarray(net.weight_back)).max() <= 0.5
    assert (net.form, float(net.tau), float(net.sigma)) == ("current", 8.0, pytest.approx(0.01))
    for given, said in (
        (dict(leak=0), "leak=0"),
        (dict(distribution="cauchy"), "'uniform' or 'normal'"),
        (dict(density=0), "density=0"),
        (dict(N=3, density=1e-9), "no cycle to scale"),
    ):
        with pytest.raises(ModelError, match=said):
            echo_state_network(**given)


def test_the_few_that_inhibit_balance_the_many_that_excite():
    W = np.asarray(bn.rates.RateNetwork(200, excitatory=160, seed=1).connectivity())
    assert W[:, :160].sum() == pytest.approx(-W[:, 160:].sum(), rel=0.05)


@pytest.mark.parametrize("made", [SpikingLayers, lsnn, ConnectomeSpikingNetwork, echo_state_network, encode.temporal])
def test_an_example_runs(made):
    names = vars(importlib.import_module(made.__module__)) | {}
    (found,) = doctest.DocTestFinder(recurse=False).find(made, globs=names)
    assert doctest.DocTestRunner(verbose=False).run(found).failed == 0
