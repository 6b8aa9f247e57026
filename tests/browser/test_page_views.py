"""The views of a saved page in a browser, offline: tabs, plane and curve under the hand, links, files, a narrow screen."""

import json
import re

import harness
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.widgets.plane.viewer import declared

MODEL = bn.neurons.FitzHughNagumo()
PLANE, RATE = "Phase plane", "f–I curve"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return bn.explore(MODEL, T=100, I=0.0).save(tmp_path_factory.mktemp("views") / "fhn.html")


@pytest.fixture(scope="module")
def page(file):
    with harness.browser(offline=True) as watched:
        watched.page.goto(file.as_uri())
        watched.explorer()
        yield watched
        assert watched.errors == []
        assert watched.external == []


def look(page, tab):
    """Open a view and wait for its first picture."""
    before = page.pictures()
    page.page.locator(".nb-tabs button", has_text=tab).click()
    page.page.wait_for_function(
        "(n) => Number(document.querySelector('.brainnb').dataset.pictures) > n", arg=before, timeout=20_000
    )


def curve(page, name):
    """The points of a curve that is seen."""
    found = page.page.locator(".brainnb").first.evaluate(
        "(root, name) => { const { x, y } = root.explorer.figures.curves[name]; return [Array.from(x), Array.from(y)]; }",
        name,
    )
    return np.array(found, float)


def put(page, path, value):
    page.box(path).fill(str(value))
    page.box(path).press("Enter")


def plane(**inputs):
    ranges = declared(MODEL)
    return bn.phase_plane(MODEL, start=(-1.1994, -0.6243), T=100.0, inputs=inputs, **ranges)


def test_the_worker_finds_the_points_of_python_in_a_browser(page, file):
    html = file.read_text(encoding="utf8")
    program = re.search(r'id="program">\n(.*?)\n</script>', html, re.S).group(1)
    about = json.loads(re.search(r'id="about">(.*?)</script>', html, re.S).group(1))
    values = about["views"]["phase_plane"]["setup"]["values"] | {"I": 0.1}
    other = page.page.context.new_page()
    found = other.evaluate(
        "([program, values]) => new Function('values', program + `\\nconst asked = phasePlane(values, VIEWS.phase_plane);"
        "for (;;) { const { done, value } = asked.next(); if (done) return value.rest.points; }`)(values)",
        [program, values],
    )
    other.close()
    ds = plane(I=0.1)
    assert [p["word"] for p in found] == ds.stability.values.tolist()
    np.testing.assert_allclose([p["x"] for p in found], ds.point_V, rtol=0, atol=1e-8)
    np.testing.assert_allclose([p["y"] for p in found], ds.point_w, rtol=0, atol=1e-8)


def test_the_plane_follows_a_slider_and_a_click(page):
    look(page, PLANE)
    page.wait_message("stable focus at V = -1.199, w = -0.6243")
    put(page, "I", 0.3)
    page.wait_message("last change I 0 -> 0.3")
    ds = plane(I=0.3)
    for kind in ("stable", "saddle"):
        rows = [w.startswith(kind) for w in ds.stability.values]
        np.testing.assert_allclose(curve(page, kind)[0], ds.point_V.values[rows], atol=1e-6)
    box = page.page.locator("canvas.nb-canvas").bounding_box()
    at = page.page.locator(".brainnb").evaluate(
        "(root) => { const { left, right, top, bottom } = root.explorer.figures.panels[0]; return [(left + right) / 2, (top + bottom) / 2]; }"
    )
    page.page.mouse.click(box["x"] + at[0], box["y"] + at[1])
    page.wait_message("last change 2 values")
    np.testing.assert_allclose(curve(page, "start").ravel(), [0.0, 0.5], atol=0.02)
    assert float(page.box("start.V").input_value()) == pytest.approx(0.0, abs=0.02)


def test_values_are_shared_but_for_those_of_the_run(page):
    look(page, "Time course")
    assert float(page.box("I").input_value()) == 0.3
    assert float(page.box("T").input_value()) == 100.0
    look(page, RATE)
    assert float(page.box("T").input_value()) == 1000.0
    page.wait_message("type II: firing begins at I = ", timeout=30_000)
    ds = bn.analysis.fi_curve(MODEL, (-1.0, 3.0), dt=0.1)
    np.testing.assert_allclose(curve(page, "dots")[1], ds.rate, rtol=2e-3, atol=1e-6)
    page.page.get_by_role("button", name="Reset all").click()


def test_what_is_seen_can_be_kept_and_taken_away(page):
    look(page, PLANE)
    page.page.get_by_role("button", name="Keep trace").click()
    page.page.locator(".nb-kept li").wait_for()
    put(page, "I", 0.2)
    page.wait_message("-> 0.2")
    page.page.locator("summary", has_text="Take away").click()
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="CSV").click()
    rows = download.value.path().read_text().splitlines()
    assert rows[0] == "time,V,w"
    assert float(rows[-1].split(",")[0]) == 100.0
    page.page.get_by_role("button", name="Copy link").click()
    link = page.page.locator(".nb-output textarea").input_value()
    other = other_page(page, link)
    assert other.page.locator(".nb-tabs button[aria-pressed=true]").inner_text() == PLANE
    assert float(other.box("I").input_value()) == 0.2
    other.page.close()


def test_a_long_curve_can_be_stopped_and_overtaken(page):
    look(page, RATE)
    page.page.evaluate("document.querySelectorAll('.brainnb details').forEach((part) => { part.open = true; })")
    put(page, "T", 50_000)
    page.page.locator(".brainnb progress:not(.nb-idle)").wait_for()
    page.page.get_by_role("button", name="Stop").click()
    page.page.locator(".nb-problem", has_text="Stopped before there was a picture.").wait_for()
    put(page, "T", 60_000)
    put(page, "T", 500)
    page.wait_message("last change T 60000 -> 500 ms")


def other_page(page, address, **size):
    """One more page of the same browser."""
    other = harness.Watched(page.page.context.new_page())
    if size:
        other.page.set_viewport_size(size)
    other.page.goto(address)
    other.explorer()
    return other


def test_a_narrow_screen_has_it_all_below_each_other(page, file):
    narrow = other_page(page, file.as_uri(), width=400, height=800)
    for tab in (PLANE, RATE):
        look(narrow, tab)
        assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 400
    assert narrow.errors == []
    narrow.page.close()


def test_a_table_says_which_run_is_seen(page, tmp_path):
    saved = bn.explore(bn.rates.CANN(N=24), T=20, dt=0.5).save(tmp_path / "cann.html")
    table = other_page(page, saved.as_uri())
    table.wait_message("computed beforehand at A = 0")
    table.page.get_by_text("This page does not compute").wait_for()
    put(table, "A", 0.37)
    table.wait_message("the nearest of 15 runs; last change A 0 -> 0.37")
    assert table.errors == []
    table.page.close()


class Odd(bn.neurons.LIF):
    """Asks for the spectrum of its cells, which a page cannot tell."""

    def vector_field(self, t, s, u):
        return {name: jnp.fft.irfft(jnp.fft.rfft(x), x.size) for name, x in super().vector_field(t, s, u).items()}


def test_a_network_that_cannot_run_there_is_a_table_of_rasters(page, tmp_path):
    net = bn.Network({"E": bn.Population(Odd(), 60, init={"V": bn.init.Uniform(-70.0, -50.0)})})
    view = bn.widgets.NetworkViewer(net, T=50, inputs={"E.I": 350.0}, sliders=["E.I"])
    table = other_page(page, view.save(tmp_path / "odd.html").as_uri(), width=800, height=800)
    table.wait_message("computed beforehand at E.I = 350 pA")
    table.page.get_by_text("This page does not compute: it shows the nearest of 15 runs").wait_for()
    table.page.get_by_text("`fft` at test_page_views.py, line").wait_for()
    assert table.page.locator(".nb-stop").count() == 0
    seen = view.result["E.spike"].values
    assert len(table.trace("live:0")["y"]) == seen.sum() > 20
    table.slider("E.I").focus()
    for _ in range(8):
        table.page.keyboard.press("ArrowRight")
    table.wait_message(f"-> {float(table.slider('E.I').input_value()):g} pA")  # the last of several pictures
    assert "the nearest of 15 runs; last change E.I " in table.message()
    view.set({"E.I": float(re.search(r"at E\.I = ([\d.]+) pA", table.message()).group(1))})
    record, neuron = np.nonzero(view.result["E.spike"].values)
    dots = table.trace("live:0")
    assert len(dots["y"]) != seen.sum()
    np.testing.assert_allclose(sorted(dots["y"]), sorted(neuron + 0.5))
    np.testing.assert_allclose(dots["x"], 0.1 * record + 0.05, atol=1e-4)
    np.testing.assert_allclose(max(table.trace("live:1")["y"]), view.activity.rate(0, 1.0).y.max(), rtol=1e-6)
    table.page.get_by_role("button", name="Keep trace").press("Enter")
    table.page.locator(".nb-kept li").wait_for()
    assert table.page.evaluate("document.documentElement.scrollWidth") <= 800
    assert table.errors == []
    table.page.close()
