"""The training monitor without a page, and what a page may say to it."""

import json
import time
from types import SimpleNamespace

import jax
import numpy as np
import pytest
from pages import HOSTILE, Page, twice_named
from waiting import standing, until

import brainnb as bn
from brainnb.core.errors import ModelError, UnknownName
from brainnb.run.cache import trace_count
from brainnb.train.running import watching
from brainnb.train.running.history import History
from brainnb.widgets.curves.packed import decoded
from brainnb.widgets.monitor import drawing, notebook, words
from brainnb.widgets.monitor.pace import Pace, Turns, clock

pytestmark = pytest.mark.usefixtures("no_run_is_left")

TASK = bn.train.tasks.PerceptualDecision()
HOW = dict(
    loss="cross_entropy", train=["weight", "weight_in", "readout.weight", "tau"], metrics={"right": "accuracy"}, batch=8
)


def network():
    return bn.rates.RateNetwork(12, 3, 3, activation="relu", tau=60, seed=1)


def learned(steps=12, **more):
    return bn.fit(network(), TASK, optimizer=0.01, steps=steps, **HOW, **more)


@pytest.fixture(scope="module")
def run():
    with jax.enable_x64(True):
        return learned()


@pytest.fixture
def view(run):
    return bn.TrainingMonitor(run, truth={"tau": 55.0}, title=HOSTILE)


def test_what_a_page_is_told(view, run):
    page = Page(view)
    page.say(type="hello", bokeh=[])
    assert json.dumps([m for m, _ in page.heard])
    setup = page.last("setup")
    assert [c["path"] for c in setup["controls"]] == ["trial"]
    assert [p["kind"] for p in page.last("figure")["panels"]] == [
        "loss", "output", "metrics", "gradient", "value", "histogram"
    ]  # fmt: skip
    header, block = page.picture()
    assert "problem" not in [m["type"] for m, _ in page.heard]
    assert len(block) == 8 * sum(header["curves"])
    assert header["runs"][0]["text"].startswith("step 12 of 12 · loss ")
    assert header["runs"][0]["text"].endswith("all steps were made")
    assert (header["runs"][0]["state"], header["runs"][0]["alarms"]) == ("ended", [])
    found = decoded(view.shown.picture, view.curves)
    assert found["loss:0"][1] == pytest.approx(run.history.loss.values, rel=1e-6)
    assert found["metric:0"][1] == pytest.approx(run.history.right.values, rel=1e-6)
    at = view.layout.leaves.index("tau")
    lengths = run.history.gradient.sel(parameter="tau").values
    assert found[f"gradient:{at}"][1, 1:] == pytest.approx(lengths[1:], rel=1e-6)
    tau = next(row for row in header["table"] if row["name"] == "tau")
    assert (tau["value"], tau["truth"]) == (f"{float(run.model.tau):.5g}", "55")
    assert found[f"value:{at}"][1, 0] == pytest.approx(60 / 55)
    assert found["model:0"].shape[1] == TASK.steps
    assert sum(found[f"model:{i}"][1] for i in range(3)) == pytest.approx(1, abs=1e-5)  # chances of three classes
    assert set(np.unique(found["target:0"][1])) <= {0.0, 1.0}
    weight = view.layout.leaves.index("weight")
    assert found[f"histogram:{weight}"][1].sum() == pytest.approx(2.0, abs=1e-5)  # every share stands twice
    assert twice_named(view) == []


def test_another_trial_another_scale_another_window(view):
    page = Page(view)
    page.say(type="hello", bokeh=[])
    before = decoded(view.shown.picture, view.curves)["model:0"]
    page.say(type="set", values={"trial": 3}, release=True, seq=1)
    assert page.picture()[0]["acks"] == {"p": 1}
    assert not np.array_equal(decoded(view.shown.picture, view.curves)["model:0"], before)
    page.say(type="scale", log=False)
    assert "LogScale" not in [type(f.y_scale).__name__ for f in view.figures().select({"name": "panel:0"})]
    assert len(page.all("figure")) == 2
    page.say(type="window", begin=4, end=7)
    assert decoded(view.shown.picture, view.curves)["loss:0"][0].tolist() == [3, 4, 5, 6, 7, 8]
    page.say(type="window", begin=None, end=None)
    for wrong in ({"type": "set", "values": {"trial": -1}}, {"type": "act", "act": "__init__"},
                  {"type": "window", "begin": "1", "end": 2}, {"type": "link"}, {"type": "set", "values": {"trial": float("nan")}}):  # fmt: skip
        page.say(**wrong)
        assert page.types()[-1] in ("problem", "values")
    assert view.settings.trial == 3


def test_steering_and_at_most_ten_messages_a_second():
    run = learned(10**6, wait=False)
    view = bn.TrainingMonitor(run)
    page = Page(view)
    page.say(type="hello", bokeh=[])
    until(lambda: run.step >= 3)
    heard, begun = len(page.heard), time.monotonic()
    while time.monotonic() - begun < 1.0:
        view.look()  # as fast as anybody may ask
        time.sleep(0.005)
    assert 1 <= len(page.heard) - heard <= 11
    page.say(type="act", act="pause")
    stood = standing(run)
    page.say(type="act", act="one_step")
    until(lambda: run.step > stood)
    assert standing(run) == stood + 1
    page.say(type="act", act="resume")
    until(lambda: run.step > stood + 1)
    begun = time.monotonic()
    page.say(type="act", act="stop")
    run.wait(5)
    assert time.monotonic() - begun < 1.0
    run.join()
    view.wait()
    assert page.picture()[0]["runs"][0]["text"].endswith("stopped")
    assert not view.stop()  # harmless


def test_nobody_draws_for_a_hidden_page_and_a_page_that_leaves_ends_nothing():
    run = learned(10**6, wait=False)
    view = bn.TrainingMonitor(run)
    page = Page(view)
    page.say(type="hello", bokeh=[])
    page.say(type="seen", seen=False)
    view.wait()
    run.wait(0.4)
    heard = len(page.heard)
    run.wait(0.6)
    assert len(page.heard) - heard <= 1
    page.talk.close()
    run.wait(0.2)
    assert not run.ended
    again = Page(view)
    again.say(type="hello", bokeh=[])
    assert again.picture()[0]["runs"][0]["step"] > 1
    run.stop()
    run.join()


def test_a_look_compiles_once_and_the_run_not_at_all_again(run):
    bn.TrainingMonitor(run).act("pause")
    view = bn.TrainingMonitor(run)
    view.look()
    view.wait()
    before = trace_count()
    other = learned(5)
    for looked in (bn.TrainingMonitor(other), bn.TrainingMonitor([run, other])):
        looked.set({"trial": 2})
        looked.wait()
        assert looked.problem is None
    assert trace_count() == before


def test_runs_are_overlaid_by_name(run):
    other = learned(20, seed=2)
    view = bn.TrainingMonitor({"first": run, "second": other})
    page = Page(view)
    page.say(type="hello", bokeh=[])
    assert [r["name"] for r in page.picture()[0]["runs"]] == ["first", "second"]
    found = decoded(view.shown.picture, view.curves)
    assert found["loss:0"].shape[1] == 12
    assert found["loss:1"].shape[1] == 20
    whole = np.sqrt(np.square(other.history.gradient).sum("parameter")).values
    assert found["gradient:1"][1] == pytest.approx(whole, rel=1e-5)
    assert found["model:1"].shape[1] == TASK.steps
    assert view.result.loss.dims == ("run", "step")
    assert float(view.result.loss.sel(run="second", step=20)) == float(other.history.loss[-1])
    four = bn.TrainingMonitor([run, other, run, other])
    assert list(four.runs) == ["gradient", "gradient 2", "gradient 3", "gradient 4"]
    assert twice_named(view) == []


def test_what_is_refused(run):
    with pytest.raises(
        ModelError, match=r"a run of bn\.fit, a list of runs or a mapping of names to runs was expected"
    ):
        bn.TrainingMonitor(network())
    with pytest.raises(ModelError, match="from 1 to 4 are shown"):
        bn.TrainingMonitor([run] * 5)
    with pytest.raises(UnknownName, match="tao"):
        bn.TrainingMonitor(run, truth={"tao": 1})
    with pytest.raises(ModelError, match=r"truth\['weight'\] has shape \(2,\); `weight` has \(12, 12\)"):
        bn.TrainingMonitor(run, truth={"weight": [1.0, 2.0]})
    with pytest.raises(ModelError, match="a mapping of options"):
        bn.fit(network(), TASK, monitor=3)


def test_silent_units_are_told_at_the_first_look():
    still = network().replace({"bias": -5.0})
    run = bn.fit(still, TASK, optimizer=1e-3, steps=3, **HOW)
    assert bn.TrainingMonitor(run).look() == 1
    view = bn.TrainingMonitor(run)
    view.look()
    view.wait()
    assert ("silent", 3, "rate") in [(a.kind, a.step, a.where) for a in view.alarms]


def test_saving(view, tmp_path):
    page = view.save(tmp_path / "run.html").read_text()
    assert "learned" in page
    assert "<img src=x" not in page
    assert "value.tau" in view.save(tmp_path / "run.csv").read_text()
    assert json.loads(view.save(tmp_path / "run.json").read_text())["gradient"]["step"][-1] == 12
    import xarray as xr

    with xr.open_dataset(view.save(tmp_path / "run.nc"), engine="h5netcdf") as ds:
        assert ds.sizes["step"] == 12
    assert "truth={'tau': 55.0}" in view.to_code()


# --- the pieces -----------------------------------------------------------------------------------------------------


def test_a_spike_of_one_step_stays_at_every_zoom_and_the_first_step_stays():
    history = History(capacity=1024)
    loss = np.random.default_rng(0).normal(10, 1, size=100_000)
    loss[0], loss[77_777] = 50.0, 1e4
    history.add({"loss": loss})
    for window in (None, (70_000, 90_000), (77_000, 78_500)):
        found = drawing.course(history, "loss", window, 300)
        assert len(found["step"]) <= 301
        assert found["greatest"].max() == 1e4
        assert drawing.line(found)[1].max() == 1e4
        assert drawing.band(found)[1].max() == 1e4
    assert drawing.course(history, "loss", None)["greatest"][0] >= 50.0


def test_the_course_is_drawn_once_through_each_extreme():
    found = {"step": np.array([1, 2]), "value": np.array([3.0, 1.0]), "least": np.array([2.0, 1.0]), "greatest": np.array([4.0, 2.0])}  # fmt: skip
    assert drawing.line(found).tolist() == [[1, 1, 2, 2], [2, 4, 2, 1]]


def test_speed_and_time_left():
    pace, run = Pace(), SimpleNamespace(steps=1000, step=300, ended=False)
    assert pace.speed is None
    for second in range(10):
        pace.mark(30 * second, float(second))
    assert pace.speed == pytest.approx(30)
    assert pace.left(run) == pytest.approx(700 / 30)
    assert [clock(x) for x in (4.4, 125, 4200)] == ["4 s", "2 min 5 s", "1 h 10 min"]


def test_the_digits_of_a_small_loss_are_told():
    run = SimpleNamespace(step=2000, steps=9000, loss=1.25e-9, ended=False, paused=True)
    run.chunks = SimpleNamespace(problem=SimpleNamespace(metrics={}))
    assert words.sentence(run, Pace()) == "step 2,000 of 9,000 · loss 1.25e-09 · paused"


def test_a_look_takes_a_few_percent_at_most():
    turns = Turns()
    assert turns.due(True)
    assert not turns.due(True)
    turns.took(7.0)  # compiled
    turns.took(0.1)
    turns.soon()
    assert turns.due(True)
    assert 2.4 < turns._next - time.monotonic() < 2.51
    turns.took(7.0)
    turns.took(7.0)
    turns.soon()
    assert turns.due(True)
    assert turns._next - time.monotonic() < 10.01


def test_a_table_of_what_was_learned():
    rows = words.table({"a": np.array(2.0), "W": np.ones((2, 3))}, {"a": np.array(4.0)}, ("a", "W"))
    assert rows[0] == {"name": "a", "value": "2", "truth": "4", "apart": "50 %"}
    assert rows[1]["value"] == "2×3, rms 1"


def test_a_view_in_a_notebook_lets_the_run_go_on_behind_it(monkeypatch):
    seen = []
    monkeypatch.setattr(watching, "viewers", [lambda run, options: seen.append((run, options)) or True])
    run = bn.fit(network(), TASK, optimizer=0.01, steps=10**6, monitor={"log": False}, **HOW)
    assert not run.ended  # it came back at once
    assert seen == [(run, {"log": False})]
    notebook.replace("cell", run)
    notebook.replace("cell", learned(2))
    assert run.ended  # the cell ran again
    assert run.stop_reason == "stopped"


def test_outside_of_a_notebook_there_is_no_view(run):
    assert notebook.show in watching.viewers
    assert notebook.show(run, {}) is False
