"""The phase plane under sliders without a page, and what a page may say to it."""

import json

import numpy as np
import pytest
from pages import HOSTILE, Page, run_cell, twice_named

import brainnb as bn
from brainnb.run.cache import trace_count
from brainnb.widgets.curves.packed import decoded
from brainnb.widgets.plane import drawing

pytestmark = pytest.mark.usefixtures("no_run_is_left")

PLANE = dict(V=(-2.5, 2.5), w=(-1, 2))


@pytest.fixture
def view():
    return bn.widgets.PhasePlane(bn.neurons.FitzHughNagumo(), T=100, **PLANE, I=0.5, title=HOSTILE)


def test_a_slider_moves_the_plane(view):
    assert view.result.stability.values.tolist() == ["unstable focus"]
    assert "unstable focus at V = -0.8048, w = -0.1311" in view.text()
    view.controls["I"].value = 0.0
    assert view.result.stability.values.tolist() == ["stable focus"]
    assert list(view.controls) == ["I", "a", "b", "tau", "T", "start.V", "start.w"]


def test_a_click_starts_a_trajectory(view):
    view.begin_at(1.0, 0.25)
    ds = view.result
    assert [float(ds[f"trajectory_{a}"][0, 0]) for a in "Vw"] == [1.0, 0.25]
    assert float(ds.trajectory_time.max()) == pytest.approx(100)
    assert view.start == {"V": 1.0, "w": 0.25}
    link = view.link()
    view.controls["start.V"].reset()
    assert view.start["V"] == pytest.approx(-1.1994)
    view.load(link)
    assert view.start == {"V": 1.0, "w": 0.25}


def test_a_hundred_moves_compile_nothing(view):
    view.controls["b"].value = 1.6
    view.controls["I"].value = 0.4375
    assert view.result.sizes["point"] == 3
    before = trace_count()
    for i in range(100):
        view.set({"I": 0.01 * i, "start.V": 0.02 * i - 1, "tau": 5 + 0.1 * i}, urgent=False)
        if i % 10 == 0:
            view.wait()
    assert view.result.attrs["complete"] == 1
    assert trace_count() == before


def test_the_code_makes_the_same_plane(view):
    view.controls["a"].value = 0.5
    view.begin_at(1.0, 0.0)
    mine = view.result
    assert run_cell(view.to_code())["ds"].drop_attrs().equals(mine.drop_attrs())


def test_files(view, tmp_path):
    view.begin_at(1.0, 0.0)
    view.keep()
    view.controls["I"].value = 0.6
    rows = view.save(tmp_path / "path.csv").read_text().splitlines()
    assert rows[0] == "time,V,w"
    assert rows[1] == "0.0,1.0,0.0"
    page = view.save(tmp_path / "plane.html").read_text()
    assert HOSTILE.split("$")[0] not in page.split("<body>")[1].split("<h1>")[0]
    assert json.loads(view.save(tmp_path / "values.json").read_text())["values"]["start.V"] == 1.0
    assert view.copy().result.attrs["inputs"] == view.result.attrs["inputs"]


def test_a_picture_is_small_and_reads_back(view):
    ds = view.result
    picture = view.shown.picture
    assert len(picture.block) < 30_000
    found = decoded(picture, drawing.CURVES)
    V, w = found["nullcline:0"]
    good = np.isfinite(V)
    np.testing.assert_allclose(w[good], V[good] - V[good] ** 3 / 3 + 0.5, atol=1e-6)
    np.testing.assert_allclose(found["unstable"][:, 0], [ds.point_V[0], ds.point_w[0]], rtol=1e-6)
    assert found["stable"].shape == (2, 0)
    assert found["time"][0, -1] == pytest.approx(100)


def test_thresholds_are_drawn():
    view = bn.widgets.PhasePlane(bn.neurons.AdEx(), V=(-80, 0), w=(-50, 400), I=700, T=50)
    found = drawing.curves(view.result, "V", "w")
    np.testing.assert_allclose(found["threshold"][0], 20)
    np.testing.assert_allclose(found["reset"][0], -70.6)
    assert found["trajectory"][0].max() == pytest.approx(20)


def test_hello_brings_the_plane_and_a_click_is_a_change(view):
    page = Page(view)
    page.say(type="hello", bokeh=[])
    setup = page.last("setup")
    assert setup["drawn"] == {
        "curves": list(drawing.CURVES),
        "lines": [["trajectory", 0], ["trajectory", 1]],
        "tap": ["start.V", "start.w"],
    }
    assert setup["title"] == HOSTILE  # text, which a page shows as text
    assert [p["kind"] for p in page.last("figure")["panels"]] == ["plane", "trace", "trace"]
    page.say(type="set", values={"start.V": 0.5, "start.w": 1.0}, release=True, seq=3)
    header, block = page.picture()
    assert header["values"]["start.V"] == 0.5
    assert len(block) == 8 * sum(header["curves"])
    for wrong in ("nan", float("inf"), True, None):
        page.heard.clear()
        page.say(type="set", values={"start.V": wrong}, release=True)
        assert "start.V" in page.last("problem")["text"]
    assert view.start == {"V": 0.5, "w": 1.0}
    assert json.dumps([m for m, _ in page.heard])
    assert twice_named(view) == []


def test_what_cannot_be_shown_is_said():
    with pytest.raises(bn.ModelError, match=r"declares no two states with bounds; say what is seen"):
        bn.widgets.PhasePlane(bn.neurons.LIF())
    with pytest.raises(bn.ModelError, match="one value for each of V, w"):
        bn.widgets.PhasePlane(bn.neurons.FitzHughNagumo(), **PLANE, start=(1, 2, 3))
    with pytest.raises(bn.ModelError, match="A model was expected"):
        bn.widgets.PhasePlane(3)
    with pytest.raises(bn.ModelError, match="changes in time"):
        bn.widgets.PhasePlane(bn.neurons.FitzHughNagumo(), **PLANE, I=bn.inputs.Step(amplitude=1.0))
