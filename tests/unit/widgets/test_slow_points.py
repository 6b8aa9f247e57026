"""Slow points under sliders without a page, and what a page may say to it."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
from pages import HOSTILE, Page, run_cell, twice_named

import brainnb as bn
from brainnb.run.cache import trace_count
from brainnb.widgets.curves.packed import decoded
from brainnb.widgets.points import drawing

pytestmark = pytest.mark.usefixtures("no_run_is_left")


class Rates(bn.Model):
    """Four rates; two of them decide, one of them slides."""

    gain: bn.Param = bn.param(2.0, "1", "gain", bounds=(0, 5))
    r = bn.state(np.array([0.5, -0.2, 0.1, 0.3]), "1", "rates")
    I = bn.input(0.0, "1", "drive", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        weight = jnp.diag(jnp.array([1.0, 1.0, 0.2, 0.1]))
        return dict(r=(-s.r + jnp.tanh(self.gain * weight @ s.r) + u.I * jnp.array([1.0, 0, 0, 0])) / 10.0)

    def on_step(self, t, s, u, key):
        return dict(r=jnp.tanh(self.gain * s.r) * jnp.array([1.0, 1.0, 0.1, 0.1])), {}


@pytest.fixture
def view():
    return bn.widgets.SlowPoints(Rates(), count=64, T=100, dt=0.5, title=HOSTILE, sliders=["gain", "I"])


def test_points_modes_and_a_trajectory(view):
    ds = view.result
    kinds = dict(zip(*np.unique(drawing.kinds_of(ds), return_counts=True), strict=True))
    assert kinds["stable"] == 4  # both deciding rates up or down
    assert kinds["saddle"] >= 1
    assert "fixed points (4 stable nodes, " in view.text()
    found = decoded(view.shown.picture, drawing.CURVES)
    assert found["stable"].shape == (2, 4)
    assert found["trajectory"].shape[1] == 201
    assert len(view.shown.picture.block) < 30_000
    # it ends on a stable point
    assert np.abs(found["stable"] - found["trajectory"][:, -1:]).max(axis=0).min() < 1e-3


def test_a_click_begins_there_and_shows_the_nearest_point(view):
    page = Page(view)
    page.say(type="hello", bokeh=[])
    assert page.last("setup")["drawn"]["tap"] == ["start.axis1", "start.axis2"]
    assert [p["kind"] for p in page.last("figure")["panels"]] == ["plane", "spectrum", "trace"]
    ds, known = view.result, view._found[1]
    i = int(np.flatnonzero(ds.stability.values == "saddle")[0])
    x, y = ds.view_point.values[i] + 0.01
    page.say(type="set", values={"start.axis1": float(x), "start.axis2": float(y)}, release=True, seq=1)
    header, block = page.picture()
    assert len(block) == 8 * sum(header["curves"])
    assert view._found[1] is known
    assert view.result.attrs["nearest"] == i
    found = decoded(view.shown.picture, drawing.CURVES)
    assert found["chosen"].ravel() == pytest.approx(ds.view_point.values[i], abs=1e-6)
    assert found["start"].ravel() == pytest.approx([x, y], abs=1e-5)
    # one rate is up, r = tanh 2r; the other is at 0: (2 w (1 - r^2) - 1) / 10
    assert found["grows"][0] == pytest.approx([0.1])
    assert sorted(found["decays"][0]) == pytest.approx([-0.08345, -0.08, -0.06], abs=1e-4)
    assert header["notes"]["text"] == ["10 ms", "16.7 ms"]
    assert "saddle, q = " in view.text()
    assert "time constants 10 ms (grows), 16.7 ms, 12.5 ms" in view.text()
    assert json.dumps([m for m, _ in page.heard])
    assert twice_named(view) == []


def test_a_hundred_moves_compile_nothing_and_the_axes_stand(view):
    _ = view.result
    before, axes = trace_count(), view._axes.copy()
    for i in range(100):
        view.set({"gain": 1.5 + 0.01 * i, "I": 0.001 * i, "start.axis1": 0.005 * i}, urgent=False)
        if i % 25 == 0:
            view.wait()
    assert view.result.sizes["point"] >= 3
    assert trace_count() == before
    np.testing.assert_array_equal(view._axes, axes)


def test_the_code_finds_the_same_points_and_runs_the_same(view):
    view.set({"gain": 1.7, "start.axis1": 0.4})
    mine, found = view.result, run_cell(view.to_code(), Rates=Rates)
    np.testing.assert_array_equal(found["ds"].r, mine.r)
    way = found["run"].r.values
    np.testing.assert_allclose((way - view._center) @ view._axes.T, mine.view_trajectory[1:], atol=1e-12)
    assert view.copy().settings.values() == view.settings.values()


def test_a_map_and_files(tmp_path):
    view = bn.widgets.SlowPoints(Rates(), count=12, map=True, T=20, dt=1.0)
    ds = view.result
    assert ds.attrs["map"] == 1
    assert "steps" in view.text()
    found = decoded(view.shown.picture, drawing.CURVES)
    assert np.hypot(*found["border"]) == pytest.approx(1.0)
    assert "map=True" in view.to_code()
    view.keep()
    assert "axis 1 (" in view.save(tmp_path / "points.html").read_text()
    assert view.save(tmp_path / "points.csv").read_text().startswith("point,kind,stability,q")


def test_what_cannot_be_shown_is_said():
    with pytest.raises(bn.ModelError, match="A model was expected"):
        bn.widgets.SlowPoints(jnp.tanh)
    with pytest.raises(bn.ModelError, match="has one state"):
        bn.widgets.SlowPoints(bn.neurons.LIF())
    with pytest.raises(bn.ModelError, match="one number for each of the two axes"):
        bn.widgets.SlowPoints(Rates(), start=(1, 2, 3))
