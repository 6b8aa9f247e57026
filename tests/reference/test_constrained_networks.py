"""Excitatory and inhibitory networks, four to one, whose connections and signs are given: learning respects both."""

import numpy as np
import optax
import pytest
import xarray as xr

import brainnb as bn
from brainnb.networks import ConnectomeSpikingNetwork
from brainnb.networks.connect import FixedProbability, Gaussian
from brainnb.train import tasks

CLIPPED = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-2))


def wiring(units, connect, seed=0):
    """Signs of the connections that are there, to from: 4/5 of the units excite, the others inhibit."""
    there = connect.connect((units,), (units,), seed=seed).matrix().T * (1 - np.eye(units, dtype=int))
    return there * np.where(np.arange(units) < 0.8 * units, 1.0, -1.0)


def net(C, inputs, seed, g=2.5):
    """Inhibition four times as strong as excitation; every other unit has a threshold that remembers."""
    N = len(C)
    size = g * np.abs(np.random.default_rng(seed).normal(size=C.shape)) / np.sqrt(np.abs(C).sum(1).mean())
    return ConnectomeSpikingNetwork(
        C, inputs, 2, weight=size * np.where(C < 0, 4.0, 1.0), beta=13.6 * (np.arange(N) % 2), tau_a=800.0, tau=20.0,
        tau_out=20.0, scale=5.0, seed=seed,
    )  # fmt: skip


def learned(C, steps, seed, delay, method=None):
    """The network before so many batches of delayed match to sample, in spikes, its run and its task."""
    match = tasks.DelayedMatch(stimuli=2, sigma=0.0, delay=delay, decision=75.0, dt=5.0)
    task = tasks.AsSpikes(match, afferents=10, high=80.0, low=2.0)
    start = net(C, 20, seed)
    start = start.replace({"readout.weight": 10 * start.readout.weight})  # filtered spikes are small numbers
    run = bn.fit(
        start, task, loss=bn.train.CrossEntropy("out") + 50.0 * bn.train.Activity("spike", 0.05),
        method=bn.train.Gradient(CLIPPED) if method is None else method, steps=steps, batch=64, seed=seed,
        train=["weight", "weight_in", "readout.*"], precision="float32", memory="all",
    )  # fmt: skip
    assert run.alarms == []
    return start, run, task


def right(model, task):
    return bn.train.evaluate(model, task, bn.train.Accuracy("out"), trials=400, seed=5)


def assert_constrained(model, C):
    W = np.asarray(model.connectivity())
    assert (W[C == 0] == 0).all()
    assert (W * C >= 0).all()


@pytest.mark.parametrize("connect", [FixedProbability(0.3), Gaussian(sigma=0.25)], ids=["random", "by distance"])
def test_a_constrained_network_remembers_a_sample(connect):
    """80 % excitatory, connected at random or near by: above 90 % after a pause of 100 ms."""
    C = wiring(50, connect)
    assert 0.1 < np.mean(C != 0) < 0.6
    start, run, task = learned(C, 400, 0, 100.0)
    assert right(start, task) < 0.65
    assert right(run.model, task) > 0.9
    assert_constrained(run.model, C)


@pytest.mark.slow
def test_constraints_hold_for_an_online_rule_too():
    """Traces of what each weight did to its own unit, nothing looked back on: the loss falls, and the wiring stays."""
    C = wiring(16, FixedProbability(0.3))
    start, run, _ = learned(C, 25, 0, 50.0, method=bn.train.Diagonal(CLIPPED))
    loss = run.history.loss.values
    assert loss[-5:].mean() < 0.9 * loss[:5].mean()
    assert np.mean(run.model.weight != start.weight) > 0.1
    assert_constrained(run.model, C)


@pytest.mark.slow
def test_larger_constrained_networks_remember_for_half_a_second():
    """100 units and three seeds: the median above 90 %."""
    found = []
    for seed in (0, 1, 2):
        C = wiring(100, FixedProbability(0.3), seed)
        _, run, task = learned(C, 600, seed, 500.0)
        assert_constrained(run.model, C)
        found.append(right(run.model, task))
    print(found)
    assert np.median(found) > 0.9


DRIVE = 300.0
SIZES = {"E": 20, "I": 5}
PAIRS = ["EI", "IE"]


def conductances(mask, seed):
    """20 excitatory and 5 inhibitory cells with conductances between them, closed where ``mask`` is False."""
    rng = np.random.default_rng(seed)
    outputs = {"E": bn.synapses.Conductance(E=0.0), "I": bn.synapses.Conductance(E=-80.0)}
    links = {
        pair: bn.Projection(
            *pair, bn.connect.AllToAll(), bn.synapses.Exponential(tau=5.0), output=outputs[pair[0]],
            weight=np.where(mask[pair], rng.uniform(0.02, 0.2, mask[pair].size), 0.0),
        )
        for pair in PAIRS
    }  # fmt: skip
    return bn.Network({name: bn.Population(bn.neurons.LIF(), size) for name, size in SIZES.items()}, links)


def test_closed_conductances_stay_closed_after_every_update():
    """All to all with a mask: what is masked is exactly 0 after each update, the rest moves and stays a conductance."""
    rng = np.random.default_rng(0)
    mask = {pair: rng.random(SIZES[pair[0]] * SIZES[pair[1]]) < 0.3 for pair in PAIRS}
    calm = {f"{name}.V": (("time", f"{name}_neuron"), np.full((200, size), -58.0)) for name, size in SIZES.items()}
    wanted = xr.Dataset(calm, {"time": ("time", 0.1 * np.arange(200), {"units": "ms"})})
    start, seen = conductances(mask, 2), []
    run = bn.fit(
        start, wanted, train="*.weight", masks={f"{pair}.weight": mask[pair] for pair in PAIRS}, signs="*.weight",
        optimizer=0.02, steps=6, inputs={"E.I": DRIVE, "I.I": DRIVE}, keep="last",
        monitor=lambda run: seen.append({p: np.asarray(run.model.parameters()[f"{p}.weight"].value) for p in PAIRS}),
    )  # fmt: skip
    assert run.step == 6
    assert seen
    for pair in PAIRS:
        before = np.asarray(start.parameters()[f"{pair}.weight"].value)
        for weight in (w[pair] for w in seen):
            assert (weight[~mask[pair]] == 0).all()
            assert (weight >= 0).all()
        assert np.mean(weight[mask[pair]] != before[mask[pair]]) > 0.5, pair
