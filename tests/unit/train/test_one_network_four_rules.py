"""The same network and data through ridge, FORCE, e-prop and back-propagation: one argument changes, one view shows all."""

import jax
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.widgets.curves.packed import decoded

RULES = {
    "ridge": bn.train.Ridge(1e-3),
    "force": bn.train.FORCE(penalty=1e-3),
    "eprop": bn.train.Eprop(0.05),
    "bptt": bn.train.Gradient(0.05),
}
STEPS = {"ridge": 1, "force": 4, "eprop": 1000, "bptt": 1000}
UNITS, T = 12, 400


@pytest.fixture(scope="module")
def data():
    """What came in 10 ms ago, of a slow signal."""
    keep = np.exp(-np.arange(200) / 30)
    signal = np.convolve(np.random.default_rng(0).normal(size=T + 199), keep, "valid")
    signal /= signal.std()
    t = np.arange(T * 1.0)
    return xr.Dataset(
        {"I": ("time", signal), "out": ("time", np.roll(signal, 10)), "weight": ("time", (t >= 100) * 1.0)},
        {"time": ("time", t, {"units": "ms"})},
    )


@pytest.fixture(scope="module")
def net():
    with jax.enable_x64(True):
        silent = bn.rates.Readout(np.zeros((1, UNITS)))
        return bn.networks.SpikingNetwork(UNITS, g=3.0, scale=1.0, bias=np.ones(UNITS), readout=silent, seed=0)


@pytest.fixture(scope="module")
def runs(net, data):
    with jax.enable_x64(True):
        return {name: bn.fit(net, data, method=rule, train="readout.*") for name, rule in RULES.items()}


def readout(run):
    return np.r_[np.ravel(run.model.readout.weight), np.ravel(run.model.readout.bias)]


def test_every_rule_ends_and_moves_nothing_but_the_readout(net, runs):
    for name, run in runs.items():
        assert run.step == STEPS[name], run.stop_reason
        for path in ("weight", "weight_in", "bias", "tau"):
            assert np.array_equal(run.model.parameters()[path].value, net.parameters()[path].value)


def test_one_pass_of_force_is_ridge_and_both_descents_go_there(runs, data):
    assert readout(runs["force"]) == pytest.approx(readout(runs["ridge"]), rel=1e-6, abs=1e-8)
    best = bn.train.evaluate(runs["ridge"].model, data, "mse")
    for name in ("eprop", "bptt"):
        loss = runs[name].history.loss.values
        assert best < loss[-1] < best + 0.1 * (loss[0] - best)


def test_for_a_readout_eprop_is_backpropagation(runs):
    eprop, bptt = (runs[name].history for name in ("eprop", "bptt"))
    assert eprop.loss.values == pytest.approx(bptt.loss.values, rel=1e-9)


def test_the_four_runs_lie_over_each_other_in_one_view(runs):
    view = bn.TrainingMonitor(runs)
    view.look()
    view.wait()
    assert view.problem is None
    assert list(view.runs) == list(RULES)
    found = decoded(view.shown.picture, view.curves)
    for number, run in enumerate(runs.values()):
        shown = found[f"loss:{number}"]
        assert shown[0, -1] == run.step
        assert shown[1, -1] == pytest.approx(float(run.history.loss[-1]), rel=1e-6)
        assert found[f"model:{number}"].shape[1] > 100
    assert view.result.loss.sizes["run"] == 4
    assert view.result.loss.sel(run="ridge").notnull().sum() == 1
