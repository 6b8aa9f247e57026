"""Tasks: what is asked, by chance and by the evidence; and that a network learns one."""

import doctest
import inspect

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.train import tasks

EVERY = [getattr(bn.train.tasks, name) for name in tasks.__all__ if name != "Task"]


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


def test_a_category_is_matched_by_any_of_its_directions():
    ds = tasks.DelayedMatchCategory(stimuli=6, sigma=0.0).dataset(300)
    first, second = (ds.I[:, k].argmax("I_channel").values for k in (2, 32))
    assert np.array_equal(ds.out, (first // 3 == second // 3).astype(int))
    assert (first != second)[ds.out.values == 1].any()


def test_partners_belong_together():
    ds = tasks.PairedAssociation(stimuli=6, sigma=0.0).dataset(300)
    first, second = (ds.I[:, k].argmax("I_channel").values for k in (2, 32))
    assert first.max() == 2
    assert second.min() == 3
    assert np.array_equal(ds.out, (second - 3 == first).astype(int))
    assert 0.4 < float(ds.out.mean()) < 0.6


def test_two_are_kept_and_one_is_asked_for():
    task = tasks.DualDelayedMatch(stimuli=3, sigma=0.0)
    ds = task.dataset(200)
    I, begin = ds.I.values, np.cumsum([0, *task.counts().values()])
    at = dict(zip(task.counts(), begin[:-1], strict=True))
    shown = np.stack([I[:, 0, :3].argmax(1), I[:, 0, 3:6].argmax(1)], 1)
    for i in (1, 2):
        place = I[:, at[f"cue {i}"], 6:].argmax(1)
        tested = I[:, at[f"test {i}"], :6].argmax(1) - 3 * place
        same = (tested == shown[np.arange(200), place]).astype(int)
        assert np.array_equal(ds.out[:, at[f"decision {i}"]], same)
        assert (ds.weight[:, at[f"decision {i}"]] == 1).all()
    assert not ds.weight[:, at["test 1"]].any()


def test_the_hand_waits_and_then_goes_to_the_target():
    ds = tasks.CenterOut(sigma=0.0).dataset(50)
    hold = ds.I.sel(I_channel="hold")
    assert (abs(ds.out).max("out_channel").where(hold > 0, 0) == 0).all()
    target = ds.I.sel(I_channel=["target x", "target y"])[:, -1]
    assert np.allclose(ds.out[:, -1], target, atol=1e-6)
    speed = (ds.out.diff("time") ** 2).sum("out_channel") ** 0.5
    assert (abs(speed.argmax("time") - (20 + 10)) <= 1).all()  # fastest in the middle of the way


def test_what_is_rare_changes_from_trial_to_trial():
    ds = tasks.Oddball(sigma=0.0).dataset(200)
    tones = ds.I.values.reshape(200, 12, 6, 2)[:, :, 0].argmax(-1)
    rare = ds.out.values.reshape(200, 12, 6)[:, :, 0]
    common = np.abs(tones - rare)
    assert (common == common[:, :1]).all()
    assert 0.35 < common[:, 0].mean() < 0.65
    assert not ds.weight[:, : 5 * 6].any()
    assert ds.weight[:, 5 * 6 :].all()


def test_a_task_in_spikes_has_the_times_of_the_task_that_it_is_given():
    of = tasks.DelayedMatch(delay=200, dt=5.0, sigma=0.0)
    heard = tasks.AsSpikes(of, afferents=4)
    assert (heard.of, heard.dt, heard.steps) == (of, of.dt, of.steps)
    I = heard.dataset(50).I.mean(("trial", "I_channel")).values
    assert (I[:20] > 0.1).all()
    assert (I[20:60] < 0.1).all()
    assert (I[60:80] > 0.1).all()
    with pytest.raises(bn.ModelError, match="a task was expected"):
        tasks.AsSpikes(5.0)


def test_patterns_come_back_and_spikes_go_missing():
    whole = tasks.PoissonPatterns(afferents=40, patterns=6, rate=20.0)
    ds = whole.dataset(60)
    trains = np.asarray(whole.trains, float)
    which = np.array([np.flatnonzero((trains == x).all((1, 2)))[0] for x in ds.I.values])
    assert np.array_equal(ds.out, which % 2)
    assert set(which) == set(range(6))
    assert trains.mean() == pytest.approx(0.02, abs=0.003)
    torn = tasks.PoissonPatterns(afferents=40, patterns=6, rate=20.0, missing=0.25, added=5.0).dataset(60).I.values
    kept = (torn * trains[which]).sum() / trains[which].sum()  # the same keys show the same patterns
    assert kept == pytest.approx(0.75, abs=0.03)
    assert torn.mean() == pytest.approx(0.02 * 0.75 + 0.005, abs=0.002)
    with pytest.raises(bn.ModelError, match="take a smaller dt"):
        tasks.PoissonPatterns(rate=2000.0)


@pytest.mark.parametrize("task", EVERY, ids=lambda cls: cls.__name__)
def test_a_trial_is_drawn(task):
    import matplotlib.pyplot as plt

    made = task()
    ds = made.dataset(60, seed=3)
    rows = ds.bn.plot(number=2)
    assert len(rows) == 2
    assert rows[-1].get_xlabel() == "time (ms)"
    if made.answers() and "time" in ds.out.dims:
        assert [t.get_text() for t in rows[-1].get_yticklabels()] == list(made.answers())
    elif made.answers():
        assert rows[-1].texts[0].get_text() == made.answers()[int(ds.out[2])]
    plt.close(rows[0].figure)
    with pytest.raises(bn.ModelError, match="number 60 of 60"):
        ds.bn.trial(60)
