"""A phase plane under `panel serve`: a click starts a trajectory, the plane and the traces share a moment."""

import harness
import pytest

APP = """
import brainnb as bn
import panel as pn

pn.extension()
neuron = bn.neurons.FitzHughNagumo()
bn.widgets.PhasePlane(neuron, V=(-2.5, 2.5), w=(-1, 2), I=0.5, sliders=["I", "tau"]).panel().servable()
"""
CURVE = (
    "(n, name) => { const d = n.explorer.figures.document.get_model_by_name(name).data; return [[...d.x], [...d.y]]; }"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "app.py"
    path.write_text(APP)
    with harness.server("serve", path) as port, harness.browser() as page:
        page.page.set_viewport_size({"width": 1250, "height": 760})
        page.page.goto(f"http://127.0.0.1:{port}/app")
        page.explorer()
        page.wait_message("unstable focus at V = -0.8048")
        yield page


def curve(page, name):
    return page.page.locator(".brainnb").evaluate(CURVE, name)


def place(page):
    """The canvas of the plane."""
    return page.page.locator(".nb-stage canvas").first.bounding_box()


def test_a_click_starts_a_trajectory(page):
    at = place(page)
    page.page.mouse.click(at["x"] + 0.7 * at["width"], at["y"] + 0.7 * at["height"])
    page.wait_message("last change")
    (x,), (y,) = curve(page, "curve:start")
    assert 0 < x < 2
    assert -1 < y < 0.5
    across, _ = curve(page, "curve:trajectory")
    assert across[0] == x
    _, trace = curve(page, "trace:0")
    assert trace == across


def test_the_plane_and_the_traces_share_a_moment(page):
    at = place(page)
    for part in (0.5, 0.55, 0.6):
        page.page.mouse.move(at["x"] + part * at["width"], at["y"] + 0.7 * at["height"])
        page.page.wait_for_timeout(60)
    (x,), (y,) = curve(page, "cursor")
    (t,), (V,) = curve(page, "cursor:0")
    assert x == V
    assert curve(page, "cursor:1") == [[t], [y]]


def test_a_key_moves_the_nullcline_and_the_point(page):
    before = curve(page, "curve:nullcline:0")
    page.slider("I").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("last change I")
    assert curve(page, "curve:nullcline:0") != before
