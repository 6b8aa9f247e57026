"""Views under `panel serve`: a burst taken apart, and an explorer whose tabs share one model."""

import harness
import pytest

BURST = """
import brainnb as bn
import panel as pn

pn.extension()
bn.widgets.FastSlow(bn.neurons.HindmarshRose(), "z", (0, 4), T=1500, I=2.0, sliders=["I", "r"]).panel().servable()
"""
EXPLORER = """
import brainnb as bn
import panel as pn

pn.extension()
views = {"phase_plane": {"V": (-2.5, 2.5), "w": (-1, 2)}, "fi_curve": {"span": (0, 1)}}
bn.explore(bn.neurons.FitzHughNagumo(), T=200, I=0.5, views=views)
"""
CURVE = (
    "(n, name) => { const d = n.explorer.figures.document.get_model_by_name(name).data; return [[...d.x], [...d.y]]; }"
)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    files = [folder / "burst.py", folder / "explorer.py"]
    for path, text in zip(files, (BURST, EXPLORER), strict=True):
        path.write_text(text)
    with harness.server("serve", files) as port:
        yield port


def curve(page, name):
    return page.page.locator(".brainnb").evaluate(CURVE, name)


def look(page, tab):
    page.page.get_by_role("button", name=tab, exact=True).click()


def begins(page, at, seconds=30):
    """Until the time course begins there: the one of before is seen until the new one is drawn."""
    page.page.locator(".brainnb").first.evaluate(
        """async (n, [at, seconds]) => {
            const first = () => n.explorer.figures.document?.get_model_by_name("live:0")?.data.y[0];
            for (const end = Date.now() + 1000 * seconds; !(Math.abs(first() - at) < 0.3); await new Promise((go) => setTimeout(go, 20)))
              if (Date.now() > end) throw new Error(`it begins at ${first()}, not at ${at}`); }""",
        [at, seconds],
    )


def test_a_burst_is_drawn_with_its_slow_nullcline(port):
    with harness.browser(width=800, height=1100) as page:
        page.page.goto(f"http://127.0.0.1:{port}/burst")
        page.explorer(90_000)
        page.wait_message("fold/homoclinic (square-wave)", 90_000)
        z, x = curve(page, "curve:slow")
        # dz/dt = r (4 (x + 1.6) - z)
        assert [4 * (b + 1.6) for b in x] == pytest.approx(z, abs=1e-4)
        before = max(curve(page, "trace:1")[1]) - min(curve(page, "trace:1")[1])
        page.slider("r").focus()
        for _ in range(3):
            page.page.keyboard.press("ArrowLeft")
        page.wait_message("last change r", 30_000)
        page.wait_message("bursting", 30_000)
        page.page.locator(".brainnb .nb-message", has_text="being followed").wait_for(state="hidden", timeout=60_000)
        after = curve(page, "trace:1")[1]
        assert max(after) - min(after) < before
        shown = page.page.locator(".brainnb").evaluate(
            """(n) => n.explorer.figures.panels[0].figure.above.flatMap((l) => l.items ?? []).filter((i) => i.visible).map((i) => i.label.value)"""
        )
        assert "z stands still" in shown
        assert (page.errors, page.external) == ([], [])


def test_tabs_share_one_model(port):
    with harness.browser(width=800, height=1100) as page:
        page.page.goto(f"http://127.0.0.1:{port}/explorer")
        page.explorer(90_000)
        page.wait_message("cycles", 60_000)
        first = page.trace()
        look(page, "Phase plane")
        page.wait_message("unstable focus at V = -0.8048", 90_000)
        at = page.page.locator(".nb-stage canvas").first.bounding_box()
        page.page.mouse.click(at["x"] + 0.7 * at["width"], at["y"] + 0.7 * at["height"])
        page.wait_message("last change")
        (V,), (w,) = curve(page, "curve:start")
        look(page, "f–I curve")
        page.wait_message("firing begins at I", 90_000)
        at = page.page.locator(".nb-stage canvas").first.bounding_box()
        page.page.mouse.click(at["x"] + 0.72 * at["width"], at["y"] + 0.5 * at["height"])
        page.wait_message("last change I")
        (I,), _ = curve(page, "curve:at")
        assert 0.5 < I < 0.9
        look(page, "Time course")
        begins(page, at=V)  # one step later, so to 0.3; the model begins at -1.2
        page.wait_message("cycles", 30_000)
        assert float(page.box("I").input_value()) == pytest.approx(I, rel=1e-4)
        assert float(page.box("start.V").input_value()) == pytest.approx(V, rel=1e-4)
        assert float(page.box("start.w").input_value()) == pytest.approx(w, rel=1e-4)
        assert page.trace() != first
        pressed = page.page.locator(".nb-tabs button[aria-pressed=true]").all_inner_texts()
        assert pressed == ["Time course"]
        assert (page.errors, page.external) == ([], [])
