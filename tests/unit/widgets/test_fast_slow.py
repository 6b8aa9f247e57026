"""A burst taken apart under sliders, without a page."""

import numpy as np
import pytest
from pages import Page, run_cell

import brainnb as bn
from brainnb.run.cache import trace_count
from brainnb.widgets.curves.packed import decoded
from brainnb.widgets.diagram import drawing

pytestmark = pytest.mark.usefixtures("no_run_is_left")


@pytest.fixture
def view():
    return bn.widgets.FastSlow(bn.neurons.HindmarshRose(), "z", (0, 4), T=1500, I=2.0, sliders=["I", "r"])


def test_the_way_lies_over_the_diagram(view):
    seen = []
    view.listen(lambda event, value: seen.append(value) if event == "shown" else None)
    ds = view.result
    assert [s.picture.header["partial"] for s in seen] == [True, False]
    assert ds.attrs["burst_class"] == "fold/homoclinic (square-wave)"
    assert view.text().startswith("bursting, 2 spikes in a burst: fold/homoclinic (square-wave); ")
    found = decoded(view.shown.picture, drawing.CURVES)
    assert set(found["trajectory"][0]) <= set(ds.trajectory_z.values.astype(np.float32))
    assert found["here"].size == 0
    assert found["cycle:stable"].shape[1] > 10
    assert found["time"][0, 0] == pytest.approx(750, abs=1)
    assert view.shown.picture.header["begin"] == pytest.approx(750, abs=1)


def test_a_slider_compiles_nothing_and_the_code_makes_the_same(view):
    first = view.result
    assert first.attrs["rhythm"] == "bursting"
    before = trace_count()
    view.set({"r": 0.003})
    mine = view.result
    assert trace_count() == before
    assert mine.attrs["rhythm"] == "bursting"
    assert np.ptp(mine.trajectory_z.values) < np.ptp(first.trajectory_z.values)
    found = run_cell(view.to_code())
    np.testing.assert_array_equal(found["ds"].trajectory_x, mine.trajectory_x)
    np.testing.assert_array_equal(found["ds"].special_value, mine.special_value)
    assert view.copy().settings.values() == view.settings.values()


def test_several_slow_variables():
    view = bn.widgets.FastSlow(
        bn.neurons.HindmarshRose(), ("z", "y"), (0, 4), others={"y": -1.0}, T=300, I=2.0, sliders=["I"]
    )
    assert (view.param, view.var) == ("z", "x")
    assert float(view.result.held_y) == -1.0
    assert "('z', 'y'), (0, 4), others={'y': -1.0}" in view.to_code()
    assert view.copy().others == {"y": -1.0}


def test_a_page_hears_that_no_click_counts(view, tmp_path):
    setup = Page(view).say(type="hello", bokeh=[]).last("setup")
    assert setup["drawn"]["tap"] == []
    assert setup["sliders"] == ["I", "r"]
    assert "fold" in view.save(tmp_path / "burst.html").read_text()


def test_what_is_no_state_is_said():
    with pytest.raises(bn.UnknownName, match="HindmarshRose"):
        bn.widgets.FastSlow(bn.neurons.HindmarshRose(), "I")
