"""The bifurcation diagram under sliders without a page, and what a page may say to it."""

import json

import numpy as np
import pytest
from pages import HOSTILE, Page, run_cell, twice_named

import brainnb as bn
from brainnb.run.cache import trace_count
from brainnb.widgets.curves.packed import decoded
from brainnb.widgets.diagram import drawing
from brainnb.widgets.diagram.begin import begin, crossings

pytestmark = pytest.mark.usefixtures("no_run_is_left")

HOPF, FOLD = 93.85762, 88.29325


@pytest.fixture
def view():
    return bn.widgets.Bifurcation(bn.neurons.MorrisLecar(), "I", (60, 120), second="phi", T=600, title=HOSTILE)


def test_marks_come_first_and_oscillations_follow(view):
    seen = []
    view.listen(lambda event, value: seen.append(value) if event == "shown" else None)
    view.run()
    view.wait()
    first, last = (shown.result for shown in seen)
    assert first.special_kind.values.tolist() == ["hopf"]
    assert first.special_value.values == pytest.approx([HOPF], abs=1e-5)
    assert np.isnan(first.special_coefficient.values).all()
    assert last.special_kind.values.tolist() == ["hopf", "cycle_fold"]
    assert last.special_value.values == pytest.approx([HOPF, FOLD], abs=1e-5)
    assert last.special_coefficient.values[0] > 0
    assert [s.picture.header["partial"] for s in seen] == [True, False]
    assert "oscillations are being followed" in seen[0].text
    assert "subcritical Hopf at I = 93.858 uA/cm2; fold of cycles at I = 88.293 uA/cm2." in seen[1].text


def test_a_click_starts_a_trajectory_there_and_history_decides(view):
    view.visit(90.0, 5.0)
    fires = view.result
    assert np.ptp(fires.trajectory_V.values[-2000:]) > 60
    view.visit(90.0, -27.0)
    rests = view.result
    assert np.ptp(rests.trajectory_V.values[-2000:]) < 1
    assert rests.attrs["trajectory_value"] == 90.0
    assert {"I": 90.0, "start.V": -27.0}.items() <= view.settings.values().items()
    start = json.loads(rests.attrs["trajectory_start"])
    assert start["V"] == -27.0
    assert decoded(view.shown.picture, drawing.CURVES)["start"].ravel() == pytest.approx([90.0, -27.0])


def test_a_click_on_a_ring_starts_on_the_cycle(view):
    ds = view.result
    ((branch, row, part),) = [c for c in crossings(ds, 110.0) if ds.branch_kind.values[c[0]] == "cycle"]
    height = float(ds.V_max.values[branch, row] * (1 - part) + ds.V_max.values[branch, row + 1] * part)
    view.visit(110.0, height + 1)
    V = view.result.trajectory_V
    assert float(V.max()) == pytest.approx(height, abs=0.5)
    assert json.loads(view.result.attrs["trajectory_start"])["V"] != height + 1
    assert begin(ds, ["V", "w"], "V", 500.0, -20.0) == {"V": -20.0}


def test_a_place_moves_no_branch_and_compiles_nothing(view):
    first = view.result
    view.set({"phi": 0.045})
    assert not np.array_equal(view.result.special_value, first.special_value)
    before, diagram = trace_count(), view._found[1]
    for i in range(100):
        view.set({"I": 61 + 0.5 * i, "start.V": -50.0 + i}, urgent=False)
        if i % 10 == 0:
            view.wait()
    assert view.result.attrs["trajectory_value"] == 61 + 0.5 * 99
    assert view._found[1] is diagram
    for i in range(5):
        view.set({"phi": 0.03 + 0.004 * i, "g_K": 7.5 + 0.1 * i})
        view.wait()
    assert trace_count() == before


def test_only_the_newest_is_followed_to_the_end(view, monkeypatch):
    assert view.result.attrs["status"] == "finished"
    followed, real = [], view._diagram

    def diagram(settings, **how):
        if how.get("cycles"):
            followed.append(settings.values()["phi"])
        return real(settings, **how)

    monkeypatch.setattr(view, "_diagram", diagram)
    for i in range(30):
        view.set({"phi": 0.04 + 0.0005 * i}, urgent=False)
    view.wait()
    assert len(followed) < 10
    assert followed[-1] == pytest.approx(0.0545)
    assert view.shown.settings.values()["phi"] == pytest.approx(0.0545)
    assert not view.shown.picture.header["partial"]


def test_the_code_makes_the_same_diagram_and_trajectory(view):
    view.controls["phi"].value = 0.05
    view.visit(91.0, 5.0)
    mine, told = view.result, view.to_code()
    assert "ds.bn.plot()" in told
    found = run_cell(told)
    for name in ("V", "V_max", "special_value", "special_coefficient"):
        np.testing.assert_array_equal(found["ds"][name], mine[name])
    np.testing.assert_array_equal(found["run"].V, mine.trajectory_V)


def test_a_parameter_of_the_model_on_the_axis():
    view = bn.widgets.Bifurcation(bn.neurons.FitzHughNagumo(), "a", (0.2, 1.2), cycles=False, I=0.5, T=50)
    assert view.result.attrs["parameter"] == "a"
    assert view.result.special_kind.values.tolist() == ["hopf"]
    assert run_cell(view.to_code())["ds"].special_value.equals(view.result.special_value)
    # with a = 0.7 the Hopf is at I = 0.33128 and moves by dI/da = 1.25
    assert float(view.result.special_value[0]) == pytest.approx(0.7 + (0.5 - 0.33128) / 1.25, abs=1e-5)
    assert view.copy().result.special_value.equals(view.result.special_value)


def test_a_picture_is_small_and_reads_back(view):
    ds = view.result
    picture = view.shown.picture
    assert len(picture.block) < 30_000
    found = decoded(picture, drawing.CURVES)
    assert found["special:hopf"].ravel() == pytest.approx([HOPF, float(ds.special_V[0])], rel=1e-6)
    assert found["rest:stable"][0].max() == pytest.approx(HOPF)
    assert found["rest:unstable"][0].min() == pytest.approx(HOPF)
    assert found["cycle:unstable"][0].max() <= HOPF + 1e-3
    assert found["cycle:stable"][0].min() >= FOLD - 1e-3
    assert picture.header["words"]["text"] == ["Hopf", "fold of cycles"]
    x, y = (picture.header["words"][axis][1] for axis in "xy")
    assert x == pytest.approx(FOLD, abs=1e-4)
    assert 10 < y < 35


def test_files(view, tmp_path):
    view.keep()
    view.controls["phi"].value = 0.05
    rows = view.save(tmp_path / "branches.csv").read_text().splitlines()
    assert rows[0].startswith("branch,step,I,V,w,")
    assert len(rows) > 30
    page = view.save(tmp_path / "diagram.html").read_text()
    assert "fold of cycles" in page
    assert HOSTILE.split("$")[0] not in page.split("<body>")[1].split("<h1>")[0]
    assert json.loads(view.save(tmp_path / "values.json").read_text())["values"]["start.V"] == pytest.approx(-60.86)
    assert view.save(tmp_path / "diagram.nc").stat().st_size > 1000


def test_hello_brings_the_diagram_and_a_click_is_a_change(view):
    page = Page(view)
    page.say(type="hello", bokeh=[])
    setup = page.last("setup")
    assert setup["drawn"]["tap"] == ["I", "start.V"]
    assert setup["drawn"]["curves"] == list(drawing.CURVES)
    assert setup["sliders"] == ["I", "phi"]
    assert next(c for c in setup["controls"] if c["path"] == "I")["high"] == 120
    assert [p["kind"] for p in page.last("figure")["panels"]] == ["plane", "trace", "trace"]
    page.say(type="set", values={"I": 91.0, "start.V": 3.0}, release=True, seq=3)
    header, block = page.picture()
    assert header["values"]["start.V"] == 3.0
    assert header["acks"] == {"p": 3}
    assert len(block) == 8 * sum(header["curves"])
    for wrong in ("nan", float("inf"), True, None):
        page.say(type="set", values={"start.V": wrong}, release=True)
        assert "start.V" in page.last("problem")["text"]
    assert json.dumps([m for m, _ in page.heard])
    assert twice_named(view) == []


def test_what_cannot_be_shown_is_said():
    cell = bn.neurons.FitzHughNagumo
    with pytest.raises(bn.ModelError, match="A model was expected"):
        bn.widgets.Bifurcation(3, "I", (0, 1))
    with pytest.raises(bn.ModelError, match="two finite numbers with lo < hi"):
        bn.widgets.Bifurcation(cell(), "I", (1, 0))
    with pytest.raises(bn.ModelError, match="changes in time"):
        bn.widgets.Bifurcation(cell(), "a", (0, 1), I=bn.inputs.Step(amplitude=1.0))
    with pytest.raises(bn.UnknownName, match="Did you mean `tau`"):
        bn.widgets.Bifurcation(cell(), "tua", (0, 1))
    with pytest.raises(bn.UnknownName, match="No state `V2` in FitzHughNagumo"):
        bn.widgets.Bifurcation(cell(), "I", (0, 1), var="V2")
