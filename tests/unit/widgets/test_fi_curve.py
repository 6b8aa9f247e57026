"""The f-I curve under sliders without a page, and what a page may say to it."""

import json

import numpy as np
import pytest
from pages import HOSTILE, Page, run_cell, twice_named

import brainnb as bn
from brainnb.run.cache import trace_count
from brainnb.widgets.curves.packed import decoded
from brainnb.widgets.rate import drawing

pytestmark = pytest.mark.usefixtures("no_run_is_left")


@pytest.fixture
def view():
    return bn.widgets.FICurve(bn.neurons.LIF(), "I", (50, 300), T=300, dt=0.1, title=HOSTILE)


def test_the_curve_comes_first_and_the_onset_follows(view):
    seen = []
    view.listen(lambda event, value: seen.append(value) if event == "shown" else None)
    ds = view.result
    assert [s.picture.header["partial"] for s in seen] == [True, False]
    assert "how it begins is being looked at" in seen[0].text
    assert view.text().startswith("type I: firing begins at I = 100.06 pA with arbitrarily slow spikes")
    assert float(ds.rheobase) == pytest.approx(100, abs=0.1)
    np.testing.assert_array_equal(seen[0].result.rate, ds.rate)


def test_a_click_shows_the_run_there_and_sweeps_nothing(view):
    page = Page(view)
    page.say(type="hello", bokeh=[])
    assert page.last("setup")["drawn"]["tap"] == ["I"]
    curve = view._found[1]
    page.say(type="set", values={"I": 200.0}, release=True, seq=2)
    assert view._found[1] is curve
    header, block = page.picture()
    assert header["acks"] == {"p": 2}
    assert len(block) == 8 * sum(header["curves"]) < 30_000
    ds, found = view.result, decoded(view.shown.picture, drawing.CURVES)
    # tau ln(RI / (RI - theta)) + t_ref between spikes
    assert ds.attrs["trace_rate"] == pytest.approx(float(np.interp(200, ds.I, ds.rate)), rel=0.02)
    assert found["at"].ravel() == pytest.approx([200, float(np.interp(200, ds.I, ds.rate))])
    assert found["instant"][1] == pytest.approx(ds.attrs["trace_rate"], rel=0.02)
    page.say(type="set", values={"I": 60.0}, release=True)
    assert view.text().startswith("type I")
    assert "At I = 60 pA: no spike" in view.text()
    assert json.dumps([m for m, _ in page.heard])
    assert twice_named(view) == []


def test_a_curve_is_kept_beside_the_next(view, tmp_path):
    _ = view.result
    view.keep()
    view.controls["R"].value = 0.15
    assert float(view.result.rheobase) == pytest.approx(100 / 1.5, abs=0.1)
    (kept,) = view.comparisons()
    assert kept["text"] == "R 0.1 Gohm"
    page = view.save(tmp_path / "curve.html").read_text()
    assert "type I" in page
    assert HOSTILE.split("$")[0] not in page.split("<body>")[1].split("<h1>")[0]
    assert view.save(tmp_path / "curve.csv").read_text().splitlines()[0] == "I,rate,gain,first_interval"
    assert view.save(tmp_path / "curve.nc").stat().st_size > 1000


def test_a_hundred_moves_compile_nothing(view):
    _ = view.result
    before = trace_count()
    for i in range(100):
        view.set({"I": 60 + 2.0 * i, "R": 0.1 + 0.0005 * i}, urgent=False)
        if i % 25 == 0:
            view.wait()
    assert view.result.attrs["trace_value"] == 60 + 2.0 * 99
    assert trace_count() == before


def test_the_code_makes_the_same_curve_and_run(view):
    view.set({"R": 0.12, "I": 180.0})
    mine, found = view.result, run_cell(view.to_code())
    np.testing.assert_array_equal(found["ds"].rate, mine.rate)
    assert found["ds"].rheobase == mine.rheobase
    np.testing.assert_array_equal(found["run"].V, mine.trace_V)
    assert view.copy().settings.values() == view.settings.values()


def test_a_neuron_that_begins_at_once(view):
    view = bn.widgets.FICurve(bn.neurons.FitzHughNagumo(), "I", (0, 1), T=600, dt=0.2, at=0.5)
    assert view.result.attrs["counted"] == "V"
    assert view.text().startswith("type II: firing begins at I = 0.3")
    across, rate = decoded(view.shown.picture, drawing.CURVES)["rate"]
    (jump,) = np.flatnonzero(np.diff(across) == 0)
    assert rate[jump] == 0
    assert rate[jump + 1] == pytest.approx(float(view.result.onset_rate))
    view.controls["I"].value = 0.1
    assert "At I = 0.1: no spike" in view._look(1, view.settings, view.result).text


def test_what_has_no_curve_is_said():
    with pytest.raises(bn.ModelError, match="A model was expected"):
        bn.widgets.FICurve(3)
    with pytest.raises(bn.UnknownName, match="parameter or input `J`"):
        bn.widgets.FICurve(bn.neurons.LIF(), "J", (0, 1))
    with pytest.raises(bn.ModelError, match="rising order"):
        bn.widgets.FICurve(bn.neurons.LIF(), "I", (1, 0))
    with pytest.raises(bn.ModelError, match="changes in time"):
        bn.widgets.FICurve(bn.neurons.LIF(), "R", (0.1, 1), I=bn.inputs.Step(amplitude=1.0))
