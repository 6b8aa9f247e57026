"""Reward-modulated learning: on average the exact gradient, and enough to learn a simple task."""

import jax
import numpy as np
import optax
import pytest
import xarray as xr

import brainnb as bn
from brainnb.train import Gradient, Reward

PATHS = ["weight", "weight_in", "bias"]


@pytest.fixture(scope="module")
def net():
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        read = bn.rates.Readout(rng.normal(size=(2, 6)) / 2)
        return bn.rates.RateNetwork(6, 3, 2, g=1.0, tau=4.0, seed=2, readout=read)


@pytest.fixture(scope="module")
def data():
    """The same trial 512 times: what differs is chance."""
    rng = np.random.default_rng(1)
    I, out = rng.normal(3.0, 1.0, (1, 10, 3)), rng.normal(size=(1, 10, 2))
    return xr.Dataset(
        {
            "I": (("trial", "time", "channel"), np.repeat(I, 512, 0)),
            "out": (("trial", "time", "output"), np.repeat(out, 512, 0)),
        },
        {"time": ("time", np.arange(10.0), {"units": "ms"})},
    )


def change(net, data, rule):
    run = bn.fit(net, data, method=rule, loss="mse", steps=1, train=PATHS, keep="last", memory="all")
    known, old = run.model.parameters(), net.parameters()
    return {p: np.ravel(old[p].value - known[p].value) for p in PATHS}


def test_on_average_it_follows_the_gradient(net, data):
    exact = change(net, data.isel(trial=[0]), Gradient(optax.sgd(1.0)))
    for baseline in ("quiet", "running"):
        found = change(net, data, Reward(optax.sgd(1.0), sigma=0.02, baseline=baseline))
        for path, g in exact.items():
            assert found[path] @ g / np.linalg.norm(found[path]) / np.linalg.norm(g) > 0.93, path
            assert found[path] @ g / (g @ g) == pytest.approx(1.0, abs=4 * np.sqrt(2 / 512)), path


def test_it_learns_a_simple_task_from_rewards_alone(net, data):
    task = data.isel(trial=slice(0, 16)).assign(out=0 * data.out.isel(trial=slice(0, 16)) + 1.0)
    run = bn.fit(net, task, method=Reward(0.02, sigma=0.05, baseline="quiet"), loss="mse", train=PATHS, steps=150)
    assert float(run.history.loss[-1]) < 0.5 * float(run.history.loss[0])


def test_what_it_cannot_learn_is_said(net, data, leaky):
    few = data.isel(trial=[0])
    for change, said in [
        (dict(train="readout.weight"), "reward learns weight, weight_back, weight_in, bias"),
        (dict(train="tau"), "got train=\\['tau'\\]"),
    ]:
        with pytest.raises(bn.ModelError, match=said):
            bn.fit(net, few, method="reward", **change)
    with pytest.raises(bn.ModelError, match="does not say what its weights carry"):
        bn.fit(leaky(), few.isel(channel=0, output=0).rename(out="V"), method="reward", train="w")
    for make, said in [
        (lambda: Reward(sigma=0.0), "sigma=0.0"),
        (lambda: Reward(baseline="mean"), "'running', 'quiet'"),
        (lambda: Reward(baseline=1.0), "baseline=1.0"),
    ]:
        with pytest.raises(bn.ModelError, match=said):
            make()
