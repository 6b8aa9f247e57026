"""Tasks: what is asked, by chance and by the evidence; and that a network learns one."""

import doctest
import inspect

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.train import tasks

EVERY = [getattr(tasks, name) for name in tasks.__all__ if name != "Task"]


@pytest.mark.parametrize("task", EVERY, ids=lambda cls: cls.__name__)
def test_every_task_says_what_it_is_and_repeats_itself(task):
    ds = task().dataset(60, seed=3)
    assert ds.identical(task().dataset(60, seed=3))
    assert not np.array_equal(ds.I, task().dataset(60, seed=4).I)
    assert ds.sizes["time"] == task().steps
    assert float(ds.weight.sum()) > 0
    found = doctest.DocTestFinder(recurse=False).find(task, globs=vars(inspect.getmodule(task)) | {})
    assert doctest.DocTestRunner(verbose=False).run(found[0]).failed == 0


def test_the_stronger_stream_is_the_answer():
    ds = tasks.PerceptualDecision(coherences=[51.2], sigma=0.0).dataset(200)
    stronger = 1 + (ds.I[:, 10, 2] > ds.I[:, 10, 1]).astype(int)
    assert (ds.out[:, -1] == stronger).all()
    assert (ds.out[:, :5] == 0).all()
    assert np.allclose(np.sort(ds.I[0, 10, 1:]), [0.5 - 0.256, 0.5 + 0.256])
    assert 0.4 < float((ds.out[:, -1] == 1).mean()) < 0.6


def test_the_context_decides_which_sense_counts():
    ds = tasks.ContextDecision(coherences=[51.2], sigma=0.0).dataset(200)
    second = (ds.I[:, 10, 2] > 0.5).values
    right = np.where(second, ds.I[:, 10, 6] > ds.I[:, 10, 5], ds.I[:, 10, 4] > ds.I[:, 10, 3])
    assert np.array_equal(ds.out[:, -1], 1 + right)
    assert 0.3 < second.mean() < 0.7
    against = np.where(~second, ds.I[:, 10, 6] > ds.I[:, 10, 5], ds.I[:, 10, 4] > ds.I[:, 10, 3])
    assert 0.3 < (right == against).mean() < 0.7  # what must be ignored says nothing


def test_more_pulses_win():
    ds = tasks.EvidenceAccumulation(sigma=0.0).dataset(300)
    more = (ds.I[:, :, 2] - ds.I[:, :, 1]).sum("time")
    assert ((ds.out[:, -1] == 2) == (more > 0))[more != 0].all()
    assert (more == 0).any()


def test_a_match_is_a_match():
    ds = tasks.DelayedMatch(stimuli=4, sigma=0.0).dataset(300)
    same = (ds.I[:, 2].argmax("I_channel") == ds.I[:, 32].argmax("I_channel")).astype(int)
    assert np.array_equal(ds.out, same)
    assert 0.4 < float(same.mean()) < 0.6


def test_the_interval_is_repeated():
    ds = tasks.ReadySetGo(sigma=0.0, dt=10.0).dataset(20)
    for i in range(20):
        first, second = np.flatnonzero(ds.I[i, :, 0])
        assert int(np.argmax(ds.out.values[i] >= 1)) == 2 * second - first


def test_fresh_trials_are_drawn_for_every_update_in_the_compiled_loop():
    net = bn.rates.RateNetwork(24, 3, 3, activation="relu", tau=60.0, seed=1)
    task = tasks.PerceptualDecision(coherences=[51.2], sigma=0.05, fixation=40.0, stimulus=160.0, decision=40.0)
    run = bn.fit(
        net, task, loss="cross_entropy", optimizer=0.01, steps=250, batch=32, train=["weight*", "bias", "readout.*"],
        metrics={"accuracy": "accuracy"},
    )  # fmt: skip
    assert float(run.history.loss[0]) > 0.7
    assert float(run.history.accuracy[-20:].mean()) > 0.95
    source = run.chunks.problem.source
    a, b = (source.batch(jax.random.key(0), k).inputs["I"] for k in (0, 1))
    assert not np.array_equal(a, b)
    found = bn.train.evaluate(run.model, task, {"right": "accuracy", "loss": "cross_entropy"}, trials=200, seed=9)
    assert found["right"] > 0.95
    assert found["loss"] < 0.3
    ds = task.dataset(50, seed=9)
    assert bn.train.evaluate(run.model, ds, "accuracy") > 0.95
