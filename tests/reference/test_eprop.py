"""e-prop against its authors' own numbers, and against back-propagation with the stated paths cut."""

import jax
import numpy as np
import optax
import pytest
import xarray as xr

import brainnb as bn
from brainnb.networks import SpikingNetwork
from brainnb.rates import Readout
from brainnb.train import MSE, Activity, CrossEntropy, Eprop, Gradient

LOSSES = [101.964363098144, 103.466735839843, 103.340606689453, 103.680244445800, 104.412780761718]
"""Bellec et al. 2020, pattern generation: five iterations of the authors' TensorFlow code, in single precision."""


def pattern_generation():
    """Weights, spikes and target, drawn as the authors' test draws them."""
    np.random.seed(1)  # noqa: NPY002 - the legacy generator is part of the definition
    rand, randn, uniform = np.random.rand, np.random.randn, np.random.uniform
    w_in = (randn(100, 100).T / 10).astype(np.float32)
    w = (randn(100, 100).T / 10).astype(np.float32)
    np.fill_diagonal(w, 0)
    w_out = (randn(100, 1).T / 10).astype(np.float32)
    feedback = (randn(100, 1) / 10).astype(np.float32)
    spikes = rand(1000, 100) < 0.05
    spikes[0] = False
    target = np.zeros(1000)
    amplitudes, phases = uniform(0.5, 2, 4), uniform(0, 2 * np.pi, 4)
    for amplitude, phase, period in zip(amplitudes, phases, (1000, 500, 333, 200), strict=True):
        target += amplitude * np.sin(np.linspace(phase, phase + 2 * np.pi * (1000 // period), 1000))
    target -= target[0]
    return w_in, w, w_out, feedback, spikes, target / np.abs(target).max()


def test_the_first_five_losses_of_pattern_generation():
    w_in, w, w_out, feedback, spikes, target = pattern_generation()
    # the readout hears spikes one step later: one more step, in which a channel of its own keeps everybody silent
    hushed = np.hstack([w_in, np.full((100, 1), -1e3)])
    net = SpikingNetwork(100, tau=30, tau_out=30, V_th=0.03, weight=w, weight_in=hushed, readout=Readout(w_out))
    I = np.zeros((1001, 101))
    I[:1000, :100], I[1000, 100] = spikes, 1
    counts = np.r_[0, np.ones(1000)]
    data = xr.Dataset(
        {"I": (("time", "channel"), I), "out": ("time", np.r_[0, target]), "weight": ("time", counts)},
        {"time": ("time", np.arange(1001.0), {"units": "ms"})},
    )
    # 0.5 sum of squares, and 150 sum (rate - 0.01)^2 over the thousand steps
    loss = 500 * MSE("out") + 150 * 100 * 1.001**2 * Activity("spike", target=0.01 / 1.001)
    run = bn.fit(
        net, data, method=Eprop(optax.sgd(1e-4), feedback=feedback.T), loss=loss, steps=5, keep="last",
        train=["weight", "weight_in", "readout.weight"], metrics={"error": 500 * MSE("out")},
    )  # fmt: skip
    assert np.allclose(run.history.error, LOSSES, rtol=1e-6, atol=0)


@pytest.fixture(scope="module")
def small():
    """Adapting units that fire, and two losses."""
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        drive, beta = np.abs(rng.normal(size=(8, 3))) / 3, 0.4 * (np.arange(8) % 2)
        net = SpikingNetwork(8, 3, 2, seed=2, weight_in=drive, g=6.0, beta=beta, tau=8, tau_a=40)
    time = ("time", np.arange(30.0), {"units": "ms"})
    I = ("trial", "time", "channel"), rng.normal(3.0, 1.0, (2, 30, 3))
    curve = xr.Dataset({"I": I, "out": (("trial", "time", "output"), rng.normal(size=(2, 30, 2)))}, {"time": time})
    label = xr.Dataset({"I": I, "out": (("trial", "time"), rng.integers(0, 2, (2, 30)))}, {"time": time})
    return net, curve, label


def slope(net, data, rule, loss):
    """The gradient that a rule finds at the start."""
    run = bn.fit(net, data, method=rule, loss=loss, steps=1, train=["weight", "weight_in", "readout.*"], keep="last")
    problem = run.chunks.problem
    free, batch = problem.selection.start(), problem.source.batch(jax.random.key(0), 0)
    (value, _), found = jax.jit(lambda free: rule.slope(problem, free, batch, jax.random.key(1)))(free)
    assert float(bn.simulate(net, T=30, dt=1, I=[3.0, 3.0, 3.0], record=["spike"]).spike.mean()) > 0.05
    return float(value), found


@pytest.mark.parametrize("kind", ["curve", "label"])
def test_it_is_back_propagation_with_the_stated_paths_cut(small, kind):
    net, curve, label = small
    data = curve if kind == "curve" else label
    loss = (MSE("out") if kind == "curve" else CrossEntropy("out")) + 3.0 * Activity("spike", target=0.05)
    value, ours = slope(net, data, Eprop(1e-3), loss)
    exact, cut = slope(net._with({"cut": True}), data, Gradient(1e-3), loss)
    assert value == pytest.approx(exact, rel=1e-13)
    for path in ours:
        assert np.abs(ours[path]).max() > 1e-6
        assert np.allclose(ours[path], cut[path], rtol=0, atol=1e-12 * np.abs(cut[path]).max()), path


def test_against_all_paths_only_the_readout_agrees(small):
    net, curve, _ = small
    loss = MSE("out")
    _, ours = slope(net, curve, Eprop(1e-3), loss)
    _, full = slope(net, curve, Gradient(1e-3), loss)
    assert np.allclose(ours["readout.weight"], full["readout.weight"], rtol=1e-12)
    a, b = np.ravel(ours["weight"]), np.ravel(full["weight"])
    assert 0.2 < a @ b / np.linalg.norm(a) / np.linalg.norm(b) < 0.9999


def test_what_it_cannot_learn_is_said(small):
    net, curve, label = small
    whole = label.assign(out=("trial", [0, 1]))
    with pytest.raises(bn.ModelError, match=r"`out` is one target a trial.*give it over `time` too"):
        bn.fit(net, whole, method="eprop", train="weight")
    for change, said in [
        (dict(train="tau"), "learns weight, weight_in"),
        (dict(train="weight", loss=bn.train.NRMSE("out")), "takes any loss"),
        (dict(train="weight", loss=MSE("out") + bn.train.Weights("weight")), "Weights"),
    ]:
        with pytest.raises(bn.ModelError, match=said):
            bn.fit(net, curve, method="eprop", **change)
    with pytest.raises(bn.ModelError, match="does not say which states"):
        bn.fit(bn.rates.RateNetwork(4), curve.isel(output=[0], channel=[0]), method="eprop", train="weight")
