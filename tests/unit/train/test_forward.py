"""Gradients forward in time and through space, against back-propagation with the same paths."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.core.spikes import spike
from brainnb.networks import SpikingNetwork
from brainnb.networks.spiking_network import damped_triangle
from brainnb.train import MSE, NRMSE, RTRL, SLTT, Activity, Diagonal, Eprop, Gradient, Weights, batches
from brainnb.train.problem import problem
from brainnb.train.select import select

ALL = ("weight", "weight_in", "bias", "readout.*")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    time = ("time", np.arange(20.0), {"units": "ms"})
    I = ("trial", "time", "channel"), rng.normal(3.0, 1.0, (2, 20, 3))
    return xr.Dataset({"I": I, "out": (("trial", "time", "output"), rng.normal(size=(2, 20, 2)))}, {"time": time})


@pytest.fixture(scope="module")
def spiking():
    """Adapting units that fire."""
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        drive, beta = np.abs(rng.normal(size=(8, 3))) / 3, 0.4 * (np.arange(8) % 2)
        return SpikingNetwork(8, 3, 2, seed=2, weight_in=drive, g=6.0, beta=beta, tau=8, tau_a=40)


@pytest.fixture(scope="module")
def rates():
    """Units that hear their own output, and themselves."""
    rng = np.random.default_rng(1)
    with jax.enable_x64(True):
        read = bn.rates.Readout(rng.normal(size=(2, 6)))
        return bn.rates.RateNetwork(6, 3, 2, g=1.3, tau=4.0, seed=2, weight_back=rng.normal(size=(6, 2)), readout=read)


def posed(net, data, loss, train=ALL, rule=None, window=None):
    """What ``fit`` would pass to a rule."""
    chosen = select(net, train)
    return problem(
        chosen, batches.source(net, data, None), loss, {}, {}, dt=1.0, method=None, size=(), block="all",
        window=window, record=() if rule is None else rule.record(net, chosen.paths),
    )  # fmt: skip


def slope(net, data, rule, loss, train=ALL, **more):
    """The loss and the gradient that a rule finds at the start."""
    at = posed(net, data, loss, train, rule, **more)
    free, batch = at.selection.start(), at.source.batch(jax.random.key(0), 0)
    (value, _), found = jax.jit(lambda free: rule.slope(at, free, batch, jax.random.key(1)))(free)
    return float(value), found


def same(ours, theirs, within=1e-12):
    assert ours[0] == pytest.approx(theirs[0], rel=1e-13)
    for path, g in theirs[1].items():
        assert np.abs(g).max() > 1e-6, path
        assert np.allclose(ours[1][path], g, rtol=0, atol=within * np.abs(g).max()), path


FIRING = MSE("out") + 3.0 * Activity("spike", target=0.05) + 0.1 * Weights("weight")
RUNNING = NRMSE("out") + Activity("rate", target=0.1)  # a loss of whole trials


def test_the_exact_forward_gradient_is_that_of_back_propagation(spiking, rates, data):
    same(slope(spiking, data, RTRL(), FIRING), slope(spiking, data, Gradient(), FIRING))
    every = dict(train=["tau", "weight*", "bias", "readout.*"])
    same(slope(rates, data, RTRL(), RUNNING, **every), slope(rates, data, Gradient(), RUNNING, **every))
    short = dict(every, window=7)
    same(slope(rates, data, RTRL(), RUNNING, **short), slope(rates, data, Gradient(), RUNNING, **short))


def kept(net, data, rule, copies):
    """Bytes that a compiled gradient holds while it runs, for so many copies of the data one after another."""
    long = xr.concat([data.drop_vars("time")] * copies, "time").assign_coords(time=np.arange(20.0 * copies))
    at = posed(net, long, MSE("out"), "weight")
    free, batch = at.selection.start(), at.source.batch(jax.random.key(0), 0)
    find = jax.jit(lambda free: rule.slope(at, free, batch, jax.random.key(1))[1])
    return find.lower(free).compile().memory_analysis().temp_size_in_bytes


def test_its_memory_does_not_grow_with_time(rates, data):
    with jax.enable_x64(True):
        read = 8 * 2 * 2 * 20 * 18  # bytes of what the loss reads in the steps that are more
        short, long = (kept(rates, data, RTRL(), n) for n in (2, 20))
        assert long - short < 5 * read
        short, long = (kept(rates, data, Gradient(), n) for n in (2, 20))
        assert long - short > 10 * read


def test_the_diagonal_is_back_propagation_without_what_goes_between_units(spiking, rates, data):
    same(slope(spiking, data, Diagonal(), FIRING), slope(spiking._with({"cut": True}), data, Gradient(), FIRING))
    paths = dict(train=["weight*", "bias", "readout.*"])
    cut = rates._with({"cut": True})
    found = slope(rates, data, Diagonal(), RUNNING, **paths)
    same(found, slope(cut, data, Gradient(), RUNNING, **paths))
    exact = slope(rates, data, Gradient(), RUNNING, **paths)[1]["weight"]
    cosine = np.vdot(found[1]["weight"], exact) / np.linalg.norm(found[1]["weight"]) / np.linalg.norm(exact)
    assert 0.2 < cosine < 0.999


def test_for_spikes_it_is_e_prop(spiking, data):
    loss, paths = MSE("out") + 3.0 * Activity("spike", target=0.05), ["weight", "weight_in", "readout.*"]
    same(slope(spiking, data, Diagonal(), loss, paths), slope(spiking, data, Eprop(), loss, paths))


def spatial_by_hand(net, I, target):
    """The loss of a spiking network, written out, with every path through time stopped but that into the readout."""
    stop = jax.lax.stop_gradient
    leak, leak_a, leak_out = (jnp.exp(-1.0 / x) for x in (net.tau, net.tau_a, net.tau_out))

    def loss(w):
        def step(s, I):
            V, a, f, z = *stop(s[:3]), s[3]
            heard = stop(z) @ (w["weight"] * (1 - jnp.eye(8))).T + I @ w["weight_in"].T + w["bias"]
            V, a, f = heard + (V - heard) * leak, stop(z) + (a - stop(z)) * leak_a, z + (f - z) * leak_out
            V = V - net.V_th * stop(z)
            z = spike((V - net.V_th - net.beta * a) / net.V_th, damped_triangle)
            return (V, a, f, z), (w["readout.weight"] @ f + w["readout.bias"], z)

        y, z = jax.vmap(lambda I: jax.lax.scan(step, (jnp.zeros(8),) * 4, I)[1])(I)
        return jnp.mean((y - target) ** 2) + 3 * jnp.mean((z.mean((0, 1)) - 0.05) ** 2)

    known = net.parameters()
    values = {p: known[p].value for p in ("weight", "weight_in", "bias", "readout.weight", "readout.bias")}
    value, found = jax.jit(jax.value_and_grad(loss))(values)
    return float(value), found


def test_spatial_learning_stops_exactly_the_paths_through_time(spiking, rates, data):
    loss = MSE("out") + 3.0 * Activity("spike", target=0.05)
    ours = slope(spiking, data, SLTT(), loss)
    same(ours, spatial_by_hand(spiking, jnp.asarray(data.I.values), jnp.asarray(data.out.values)))
    # all states of a rate network are one loop: what is left is the present
    same(slope(rates, data, SLTT(), RUNNING), slope(rates, data, Gradient(), RUNNING, window=1))


def test_one_learns_by_name(spiking, data):
    for name in ("rtrl", "diagonal", "sltt"):
        assert name in bn.train.rules()
    run = bn.fit(spiking, data, method="sltt", loss="mse", steps=400, train=ALL, optimizer=0.03, memory="all")
    assert float(run.history.loss[-1]) < 0.9 * float(run.history.loss[0])


def test_what_they_cannot_learn_is_said(spiking, rates, data, leaky):
    for change, said in [
        (dict(train="tau"), "units of RateNetwork share `tau`"),
        (dict(train=["weight", "tau"], method="diagonal"), "'rtrl' and 'bptt' learn everything"),
    ]:
        with pytest.raises(bn.ModelError, match=said):
            bn.fit(rates, data, **dict(method="diagonal", loss="mse") | change)
    one = data.isel(channel=0, output=0).rename(out="V")
    with pytest.raises(bn.ModelError, match="does not say which states belong to one unit"):
        bn.fit(leaky(), one, method="diagonal", train="w")
    wide = bn.rates.RateNetwork(600, 3, 2)
    with pytest.raises(bn.ModelError, match=r"600 states x 360,000 learned numbers x 2 trials"):
        bn.fit(wide, data, method="rtrl", train="weight", loss="mse")
