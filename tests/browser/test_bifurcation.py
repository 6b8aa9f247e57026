"""A bifurcation diagram under `panel serve`: a click starts a trajectory there, a slider moves the branches."""

import harness
import pytest

APP = """
import brainnb as bn
import panel as pn

pn.extension()
neuron = bn.neurons.MorrisLecar()
bn.widgets.Bifurcation(neuron, "I", (60, 120), second="phi", T=600).panel().servable()
"""
DATA = "(n, name) => { const d = n.explorer.figures.document.get_model_by_name(name).data; return Object.fromEntries(Object.entries(d).map(([k, v]) => [k, [...v]])); }"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "app.py"
    path.write_text(APP)
    with harness.server("serve", path) as port, harness.browser(width=800, height=1100) as page:
        page.page.goto(f"http://127.0.0.1:{port}/app")
        page.explorer(90_000)
        page.wait_message("fold of cycles at I = 88.293 uA/cm2", 90_000)
        yield page


def data(page, name):
    return page.page.locator(".brainnb").evaluate(DATA, name)


def frame(page):
    """The inner frame of the diagram on the page, in pixels: left, top, width, height."""
    at = page.page.locator(".nb-stage canvas").first.bounding_box()
    inner = page.page.locator(".brainnb").evaluate(
        """(n) => { const f = n.explorer.figures.panels[0].figure;
        return [f.inner_width, f.inner_height, f.outer_width, f.outer_height]; }"""
    )
    left, above = inner[2] - inner[0] - 16, inner[3] - inner[1] - 46
    return at["x"] + left, at["y"] + above, inner[0], inner[1]


def test_a_click_starts_a_trajectory_there(page):
    left, above, width, height = frame(page)
    page.page.mouse.click(left + 0.5 * width, above + 0.3 * height)
    page.wait_message("last change")
    start, trajectory, trace = (data(page, name) for name in ("curve:start", "curve:trajectory", "trace:0"))
    assert start["x"][0] == pytest.approx(90, abs=2)
    assert 0 < start["y"][0] < 40
    assert set(trajectory["x"]) == set(start["x"])
    assert trace["y"] == trajectory["y"]
    assert max(trace["x"]) == pytest.approx(600)
    assert float(page.box("I").input_value()) == pytest.approx(start["x"][0], rel=1e-5)


def test_the_diagram_and_the_traces_share_a_moment(page):
    stage = page.page.locator(".nb-stage").bounding_box()
    for part in (0.4, 0.45, 0.5):
        page.page.mouse.move(stage["x"] + part * stage["width"], stage["y"] + 560)
        page.page.wait_for_timeout(60)
    moment, below = data(page, "cursor:0"), data(page, "cursor:1")
    assert 100 < moment["x"][0] < 500
    assert below["x"] == moment["x"]
    assert data(page, "cursor")["y"] == moment["y"]


def test_a_key_moves_the_branches(page):
    before, words = data(page, "curve:special:hopf"), data(page, "words")
    assert words["text"] == ["Hopf", "fold of cycles"]
    page.slider("phi").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("last change phi")
    page.wait_message("fold of cycles at")
    assert data(page, "curve:special:hopf")["x"][0] > before["x"][0]
    assert len(data(page, "curve:cycle:stable")["x"]) > 10
    assert page.errors == []
    assert page.external == []


def test_words_and_lines_follow_a_dark_page(page):
    page.page.evaluate("() => document.body.style.setProperty('background', '#111111', 'important')")
    page.page.locator(".brainnb[data-theme=dark]").wait_for()
    page.page.wait_for_timeout(400)
    colours = page.page.locator(".brainnb").evaluate(
        """(n) => n.explorer.figures.panels[0].figure.renderers.map((r) => [r.tags[0], r.glyph.text_color?.value ?? r.glyph.line_color?.value])"""
    )
    assert ["word", "#BFBFBF"] in colours
    assert ["live", "#56B4E9"] in colours


def test_the_legend_names_what_is_there(page):
    shown = page.page.locator(".brainnb").evaluate(
        """(n) => n.explorer.figures.panels[0].figure.above.flatMap((l) => l.items ?? []).filter((i) => i.visible).map((i) => i.label.value)"""
    )
    assert sorted(shown) == ["stable cycle", "stable rest", "unstable cycle", "unstable rest"]
    entries = page.page.locator(".brainnb .bk-item:visible")  # and the page shows these, no more
    assert sorted(entries.all_inner_texts()) == sorted(shown)


def test_a_name_that_goes_leaves_the_legend(page):
    show = """(n, on) => { n.explorer.figures.panels[0].figure.above.flatMap((l) => l.items ?? [])
        .filter((i) => i.label.value.startsWith('unstable')).forEach((i) => { i.visible = on; }); }"""
    entries = page.page.locator(".brainnb .bk-item:visible")
    page.page.locator(".brainnb").evaluate(show, False)
    page.page.wait_for_timeout(300)
    assert sorted(entries.all_inner_texts()) == ["stable cycle", "stable rest"]
    page.page.locator(".brainnb").evaluate(show, True)
    page.page.wait_for_timeout(300)
    assert entries.count() == 4
