"""Networks trained on tasks against published and reproduced numbers; the full sizes are marked slow."""

import itertools
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import xarray as xr

import brainnb as bn
from brainnb.core.spikes import fast_sigmoid
from brainnb.networks import SpikingLayers, lsnn
from brainnb.train import tasks
from brainnb.train.tasks.base import batch

# --- perceptual decision with Dale's law: Song, Yang & Wang 2016 ----------------------------------------------------------

COHERENCES = (0.0, 6.4, 12.8, 25.6, 51.2)


def decided(task, steps, rate, seed, g=1.5):
    """The network of the paper after so many batches."""
    net = bn.rates.NoisyRateNetwork(
        50, 3, 3, activation="relu", excitatory=40, autapses=False, tau=100.0, sigma=0.15, g=g, seed=seed
    )
    run = bn.fit(
        net, task, loss="cross_entropy", optimizer=rate, steps=steps, batch=64, seed=seed,
        train=["weight", "weight_in", "bias", "readout.*"], precision="float32", memory="all",
    )  # fmt: skip
    assert run.alarms == []
    return run.model


def psychometric(model, task, coherences, trials):
    """The share of right answers at the end of a trial, by coherence."""
    found = {}
    for c in coherences:
        ds = eqx.tree_at(lambda t: t.coherences, task, jnp.array([c])).dataset(trials, seed=11)
        late = (np.arange(task.steps) == task.steps - 1).astype(float)
        found[c] = bn.train.evaluate(
            model, ds.assign(weight=("time", late)), bn.train.Accuracy("out"), precision="float32"
        )
    return found


def assert_dales_law(model):
    W = np.asarray(model.connectivity())
    assert (W[:, :40] >= 0).all()
    assert (W[:, 40:] <= 0).all()
    assert not np.diag(W).any()


def test_a_network_of_both_signs_decides_and_keeps_them():
    task = tasks.PerceptualDecision(coherences=[51.2], fixation=40.0, stimulus=200.0)
    model = decided(task, 400, 1e-2, 0, g=1.0)
    assert psychometric(model, task, [51.2], 200)[51.2] >= 0.95
    assert_dales_law(model)


@pytest.mark.slow
def test_a_network_of_both_signs_decides_as_well_as_published():
    """Two seeds of 3000 batches: 0.54/0.70/0.90/0.995/1.0 and 0.52/0.82/0.94/1.0/1.0 (at a rate of 1e-3; here 1e-2)."""
    task = tasks.PerceptualDecision()
    for seed in (0, 1):
        model = decided(task, 3000, 1e-2, seed, g=1.0)
        right = psychometric(model, task, COHERENCES, 400)
        print(seed, right)
        assert right[51.2] >= 0.99
        assert right[12.8] >= 0.85
        assert 0.42 <= right[0.0] <= 0.58
        assert all(b > a - 0.05 for a, b in itertools.pairwise(right.values()))
        assert_dales_law(model)


# --- working memory in spikes: Bellec et al. 2018 -------------------------------------------------------------------------


def remembered(beta, steps, seed, delay=500.0, units=50, batch=64):
    """The share of right matches over the last 20 batches, the trained network and its task."""
    match = tasks.DelayedMatch(stimuli=2, sigma=0.0, delay=delay, decision=75.0, dt=5.0)
    task = tasks.AsSpikes(match, afferents=10, high=80.0, low=2.0)
    net = lsnn(units, units, 20, 2, beta=beta, tau_a=800.0, tau=20.0, tau_out=20.0, scale=5.0, g=4.5, seed=seed)
    net = net.replace({"readout.weight": 10 * net.readout.weight})  # filtered spikes are small numbers
    run = bn.fit(
        net, task, loss=bn.train.CrossEntropy("out") + 50.0 * bn.train.Activity("spike", 0.05),
        optimizer=optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-2)), steps=steps, batch=batch,
        train=["weight", "weight_in", "readout.*"], metrics={"right": bn.train.Accuracy("out")}, seed=seed,
        precision="float32", memory="all",
    )  # fmt: skip
    assert run.alarms == []
    right = run.history.right.values
    running = np.convolve(right, np.ones(20) / 20, mode="valid")
    return run.model, task, running


def test_thresholds_that_remember_bridge_a_pause():
    """Small: a pause of 100 ms with 2 x 20 units."""
    model, task, running = remembered(13.6, 150, 0, delay=100.0, units=20)
    assert running[-1] > 0.85
    assert bn.train.evaluate(model, task, bn.train.Accuracy("out"), trials=200, seed=5) > 0.8


@pytest.mark.slow
def test_thresholds_that_remember_bridge_half_a_second_and_others_do_not():
    """The running accuracy passes 0.95 within 300 batches; without adaptation it stays at chance."""
    for seed in (0, 1):
        model, task, running = remembered(13.6, 300, seed)
        print(seed, int(np.argmax(running >= 0.95)) + 20, running.max())
        assert (running >= 0.95).any()
        assert bn.train.evaluate(model, task, bn.train.Accuracy("out"), trials=400, seed=5) >= 0.9
    _, _, running = remembered(0.0, 1200, 0)
    print("without", running.max())
    assert running.max() <= 0.60


# --- surrogate gradients on random spike patterns: SpyTorch's first tutorial --------------------------------------------


def spike_patterns(count, seed, rate=5.0, length=200, tau_syn=5.0):
    """Fixed random spikes of 100 channels with random labels, as linear synapses pass them on, read from 20 ms on."""
    task = tasks.PoissonPatterns(afferents=100, patterns=count, rate=rate, length=float(length), seed=seed)
    keep = np.exp(-1 / tau_syn)
    heard, x = [], np.zeros((count, 100))
    for now in np.swapaxes(np.asarray(task.trains, float), 0, 1):
        heard.append(x)
        x = keep * x + now
    time = np.arange(float(length))
    return xr.Dataset(
        {
            "I": (("trial", "time", "channel"), np.stack(heard, 1)),
            "out": ("trial", np.random.default_rng(seed).integers(0, 2, count)),
            "weight": ("time", (time >= 20).astype(float)),
        },
        {"time": ("time", time, {"units": "ms"})},
    )


def learned_by_heart(data, steps, seed, train=("layer1.*", "readout.*"), rate=1e-2, hidden=4, tau_out=10.0):
    """Accuracy, ties by their part, of a few hidden units on patterns, and the last loss."""
    net = SpikingLayers([100, hidden, 2], slope=fast_sigmoid, tau=10.0, tau_out=tau_out, scale=7.0, seed=seed)
    run = bn.fit(
        net, data, loss=bn.train.CrossEntropy("out", readout="max"), train=train, optimizer=rate, steps=steps,
        precision="float32", memory="all",
    )  # fmt: skip
    asked = bn.train.Accuracy("out", readout="max")
    return bn.train.evaluate(run.model, data, asked, precision="float32"), float(run.history.loss.min())


def test_patterns_are_learned_by_heart_through_the_surrogate():
    right, _ = learned_by_heart(spike_patterns(32, 0), 250, 0, rate=0.02)
    assert right >= 0.9


@pytest.mark.slow
def test_256_patterns_are_learned_by_heart_through_the_surrogate_and_not_without():
    """Read from step 20: 0.945 to 0.992 over five seeds; with the readout alone 0.54 and 0.56."""
    right = [learned_by_heart(spike_patterns(256, seed), 1000, seed)[0] for seed in range(5)]
    print(right)
    assert sum(r >= 0.95 for r in right) >= 4
    for seed in (0, 1):
        assert learned_by_heart(spike_patterns(256, seed), 1000, seed, train=["readout.*"])[0] <= 0.65


def ten_units_by_heart(count, steps, seed, rate):
    """100 channels at 10 Hz, ten units, 100 ms: as BrainPy's documentation trains it.

    There a spike adds 1 to what the readout hears, here 1/10 as large a part of its filter: weights go as much further.
    """
    data = spike_patterns(count, seed, rate=10.0, length=100, tau_syn=10.0)
    both = {"hidden": optax.adam(rate), "read": optax.adam(10 * rate)}
    adam = optax.partition(both, lambda free: {p: "read" if p.startswith("readout") else "hidden" for p in free})
    return learned_by_heart(data, steps, seed, rate=adam, hidden=10, tau_out=5.0)


def test_ten_units_learn_a_few_patterns_without_an_error():
    right, loss = ten_units_by_heart(32, 100, 0, 0.02)
    print(right, loss)
    assert right == 1.0
    assert loss < 0.02


@pytest.mark.slow
def test_ten_units_learn_256_patterns_without_an_error():
    """Published: after 1000 updates at a rate of 4e-3 a loss of 0.0063, and every pattern is right."""
    found = np.array([ten_units_by_heart(256, 1000, seed, 4e-3) for seed in range(3)])
    print(found)
    right, loss = np.median(found, 0)
    assert right == 1.0
    assert loss <= 0.0063


# --- an integrator -------------------------------------------------------------------------------------------------------


class Integral(tasks.Task):
    """White noise comes in, a little to one side, and its sum is asked for."""

    dt: float = 40.0

    def epochs(self):
        return {"trial": 1000.0}

    def trial(self, key):
        side, noise = jax.random.split(key)
        x = 0.125 * jax.random.normal(noise, (25, 1)) + jax.random.uniform(side, (), float, -0.01, 0.01)
        return batch(x, {"out": jnp.cumsum(x, 0)}, jnp.ones(25))


WEIGHTS = ("weight", "weight_in", "readout.weight")


@pytest.mark.parametrize(
    "kind", [bn.rates.GRU, bn.rates.LSTM, partial(bn.rates.RateNetwork, form="rate")], ids=["GRU", "LSTM", "tanh"]
)
def test_units_learn_to_integrate(kind):
    """What gates are for: a running sum over 25 steps; units without gates learn it too."""
    run = bn.fit(
        kind(24, 1, 1, tau=40.0, seed=1), Integral(), optimizer=0.01, steps=250, batch=32,
        train=["weight*", "bias", "readout.*"], precision="float32", memory="all",
    )  # fmt: skip
    assert float(run.history.loss[-20:].mean()) < 0.1 * float(run.history.loss[0])
    assert run.alarms == []


@pytest.mark.slow
def test_a_hundred_units_learn_to_integrate_as_well_as_published():
    """BrainPy's documentation: 0.0163 with the penalty over the last of 30 epochs of 100 batches."""
    found = []
    for seed in range(3):
        net = bn.rates.RateNetwork(100, 1, 1, form="rate", tau=40.0, scale=np.sqrt(2 / 101), seed=seed)
        small = [net.parameters()[path].value.size * bn.train.Weights(path) for path in WEIGHTS]
        adam = optax.adam(optax.exponential_decay(0.025, 1, 0.99975), eps=0.1)
        run = bn.fit(
            net, Integral(), loss=bn.train.MSE("out") + 2e-4 * (small[0] + small[1] + small[2]), seed=seed,
            optimizer=optax.chain(optax.clip_by_global_norm(10.0), adam), steps=3000, batch=128,
            train=[*WEIGHTS, "bias", "readout.bias"], metrics={"error": "mse"}, precision="float32", memory="all",
        )  # fmt: skip
        assert run.alarms == []
        found.append([float(run.history[name][-100:].mean()) for name in ("loss", "error")])
    print(found)
    assert np.median(found, 0)[0] <= 0.0163
