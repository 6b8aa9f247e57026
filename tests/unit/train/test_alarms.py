"""Alarms name what is wrong, where and since when; healthy runs raise none."""

import numpy as np
import optax
import pytest

import brainnb as bn
from brainnb.train.running.alarms import EARLY, STILL, Alarms, lasting


def test_a_row_of_flags_is_counted_across_chunks():
    on = np.ones(4, bool)
    assert lasting(np.array([1, 1, 0, 1, 1, 1, 1], bool), 0, 3) == (5, 4)
    assert lasting(on, 2, 5) == (2, 6)
    assert lasting(np.array([0, 1, 1], bool), 5, 3) == (None, 2)
    assert lasting(~on, 2, 2) == (None, 0)


def rows(loss, **gradient):
    return {"loss": np.asarray(loss, float)} | {f"gradient {n}": np.asarray(x, float) for n, x in gradient.items()}


def test_an_explosion_names_the_step_and_the_leaf_that_grew_most():
    alarms = Alarms()
    alarms.updates(rows([1.0, 1.2, 30.0], w=[1.0, 2.0, 50.0], b=[1.0, 1.0, 3.0]), 0)
    assert alarms == []  # one bad batch is none
    alarms.updates(rows([30.0, 40.0, 50.0], w=[60.0, 70.0, 80.0], b=[1.0, 1.0, 3.0]), 3)
    (alarm,) = alarms
    assert (alarm.kind, alarm.step, alarm.where) == ("exploding", 5, "w")
    assert "`w` grew most, from 1 to 70" in alarm.text


def test_a_readout_that_learns_on_the_way_may_begin_in_a_still_stretch():
    alarms = Alarms()
    alarms.updates(rows([0.001, 1.0, 1.0, 0.9, 0.5]), 0)
    assert alarms == []
    alarms.updates(rows([20.0, 30.0, 40.0, 1.0]), 5 + EARLY)  # FORCE loses its target for a while, and finds it
    assert alarms == []
    alarms.updates(rows([200.0, 300.0, 400.0]), 9 + EARLY)
    assert [(a.kind, a.step) for a in alarms] == [("exploding", 12 + EARLY)]


def test_a_gradient_that_dies_is_told_once_and_one_that_never_was_is_not():
    alarms, n = Alarms(), STILL + EARLY
    alarms.updates(rows(np.ones(n), w=np.ones(n), unused=np.zeros(n)), 0)
    assert alarms == []
    alarms.updates(rows(np.ones(n), w=np.zeros(n), unused=np.zeros(n)), n)
    alarms.updates(rows(np.ones(n), w=np.zeros(n), unused=np.zeros(n)), 2 * n)
    assert [(a.kind, a.step, a.where) for a in alarms] == [("no gradient", n + STILL, "w")]
    nothing = Alarms()
    nothing.updates(rows(np.ones(n), w=np.zeros(n)), 0)
    assert [(a.kind, a.where) for a in nothing] == [("no gradient", "*")]


def test_layers_that_are_silent_or_at_their_limit():
    def told(spikes, least, greatest, mean):
        alarms = Alarms()
        alarms.units(7, "rate", spikes, {"least": least, "greatest": greatest, "mean": mean})
        return [(a.kind, a.step, a.where) for a in alarms]

    zeros, ones = np.zeros(20), np.ones(20)
    assert told(True, zeros, zeros, zeros) == [("silent", 7, "rate")]
    assert told(True, zeros, ones, 0.9 * ones) == [("saturated", 7, "rate")]
    assert told(True, zeros, ones, 0.1 * ones) == []
    assert told(False, 0.995 * ones, ones, ones) == [("saturated", 7, "rate")]
    assert told(False, -ones, ones, zeros) == []
    assert told(False, 0.995 * ones, 7 * ones, 3 * ones) == []  # not bounded, so nowhere at a limit
    assert told(True, zeros[:1], zeros[:1], zeros[:1]) == []  # one neuron may be silent, as its data


def test_a_rate_that_is_too_large_is_told_before_the_end_and_the_end_names_the_step(leaky, data):
    run = bn.fit(leaky(), data, train="w", optimizer=optax.sgd(1000.0), steps=400)
    kinds = [a.kind for a in run.alarms]
    assert kinds == ["exploding", "not finite"]
    first, last = run.alarms
    assert first.where == "w"
    assert first.step < last.step
    assert f"not finite at step {last.step}" in last.text
    assert f"the model is that of step {last.step - 1}" in last.text


@pytest.mark.parametrize("rate", [0.02, 0.2])
def test_a_healthy_run_is_silent(leaky, data, rate):
    assert bn.fit(leaky(), data, train=["w", "tau", "b"], optimizer=rate, steps=300).alarms == []


def a_task(**more):
    return {"data": bn.train.tasks.PerceptualDecision(), "batch": 8, "steps": 25, "seed": 1} | more


@pytest.mark.parametrize(
    "net",
    [
        lambda: bn.networks.lsnn(10, 10, 3, 3, scale=3.0, V_th=0.3, seed=1),
        pytest.param(bn.rates.NoisyRateNetwork.song_2016, marks=pytest.mark.slow),
    ],
    ids=["spiking", "excitatory and inhibitory"],
)
def test_networks_that_learn_a_decision_raise_no_alarm(net):
    run = bn.fit(net(), train=["weight", "weight_in", "readout.*"], optimizer=3e-3, **a_task())
    assert run.alarms == []
    assert run.alarms.looked == 25


def test_a_dead_layer_is_named_without_a_view(capsys, monkeypatch):
    monkeypatch.setattr("brainnb.train.running.training_run.LOOK_AFTER", 0.0)
    net = bn.networks.SpikingNetwork(10, 3, 3, scale=0.01, g=0.01, seed=1)
    run = bn.fit(net, train=["weight", "readout.*"], monitor=True, wait=True, **a_task(steps=5))
    (alarm,) = run.alarms
    assert (alarm.kind, alarm.step, alarm.where) == ("silent", 1, "spike")  # found while it learned
    assert "10 of 10 units of `spike` never fire" in alarm.text
    assert alarm.text in capsys.readouterr().out  # told where a run is told in lines


def test_the_history_as_a_file(leaky, data, tmp_path):
    run = bn.fit(leaky(), data, train=["w", "b"], optimizer=0.1, steps=20)
    table = np.genfromtxt(run.save_history(tmp_path / "run.csv"), delimiter=",", names=True, deletechars="")
    assert table["step"].tolist() == list(range(1, 21))
    assert np.array_equal(table["loss"], run.history.loss)
    assert np.array_equal(table["value.w"], run.history.value.sel(parameter="w"))
    assert table["value.w"][0] == float(leaky().w)
    import json

    found = json.loads(run.save_history(tmp_path / "run.json").read_text())
    assert found["gradient.b"] == run.history.gradient.sel(parameter="b").values.tolist()
    assert found["attrs"]["stop_reason"] == "all steps were made"
    with pytest.raises(ValueError, match=r"the name ends with \.csv or \.json"):
        run.save_history("run.txt")
