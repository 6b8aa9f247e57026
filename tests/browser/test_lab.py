"""The explorer in a real JupyterLab: the picture follows the hand."""

import itertools
import re

import harness
import pytest

import brainnb as bn
from brainnb.widgets.figures import DARK, LIGHT

pytestmark = pytest.mark.alone

CELLS = (
    "import brainnb as bn\nview = bn.explore(bn.neurons.HodgkinHuxley(), T=100, dt=0.05, I=10.0)\nview",
    "import time\ntime.sleep(0)\nprint('other', 'cell')",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    book = harness.notebook(folder, "explore", *CELLS)
    with harness.server("lab", folder) as port, harness.browser() as page:
        page.open_lab(port, book.name)
        page.explorer()
        page.page.wait_for_timeout(500)
        yield page


@pytest.fixture
def page(lab):
    """The explorer at its start values."""
    lab.page.get_by_role("button", name="Reset all").click()
    lab.page.wait_for_timeout(300)
    return lab


def run_cell(page, code):
    """Type a cell at the end of the notebook, run it, return its output."""
    return page.page.evaluate(
        """async (code) => {
            const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            let text = '';
            const future = kernel.requestExecute({code});
            future.onIOPub = (m) => { if (m.header.msg_type === 'stream') text += m.content.text;
                                      if (m.header.msg_type === 'error') text += m.content.evalue; };
            await future.done;
            return text;
        }""",
        code,
    )


def test_the_picture_is_the_run(page):
    expected = bn.simulate(bn.neurons.HodgkinHuxley(), T=100, dt=0.05, I=10.0)
    shown = page.trace()
    assert max(shown["y"]) == pytest.approx(float(expected.V.max()), abs=1e-3)
    assert min(shown["y"]) == pytest.approx(float(expected.V.min()), abs=1e-3)
    assert shown["x"][-1] == pytest.approx(100, abs=0.01)
    assert LIGHT[0] in page.colours()


def test_a_key_press_moves_the_trace(page):
    slider = page.slider("I")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_message("last change I 10 -> 10.2 uA/cm2")
    expected = bn.simulate(bn.neurons.HodgkinHuxley(), T=100, dt=0.05, I=10.2)
    assert max(page.trace()["y"]) == pytest.approx(float(expected.V.max()), abs=1e-3)
    assert slider.get_attribute("aria-valuetext") == "10.2 uA/cm2"
    assert page.box("I").input_value() == "10.2"


def test_a_drag_ends_where_the_hand_ends(page):
    slider = page.slider("g_Na")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.page.mouse.move(box["x"] + box["width"] / 2, y)
    page.page.mouse.down()
    for i in range(60):
        page.page.mouse.move(box["x"] + box["width"] * (0.3 + 0.4 * (i % 30) / 30), y)
    page.page.mouse.up()
    page.page.wait_for_timeout(600)
    value = float(page.box("g_Na").input_value())
    assert f"{value:g} mS/cm2" in page.message()
    assert run_cell(page, "print(float(view.model.g_Na))").strip() == f"{value:.1f}"


def test_sliders_speak(page):
    slider = page.page.get_by_role("slider", name="I: injected current (uA/cm2)", exact=True)
    assert slider.count() == 1
    assert slider.get_attribute("aria-valuetext") == "10.0 uA/cm2"
    unnamed = page.page.locator(".brainnb").evaluate(
        """root => [...root.querySelectorAll('input, select, button, summary, textarea')]
            .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length"""
    )
    assert unnamed == 0


def test_the_sentence_is_spoken_at_most_once_a_second(page):
    region = page.page.locator('.brainnb [aria-live="polite"]')
    region.evaluate(
        "e => { window.__said = []; new MutationObserver(() => window.__said.push(performance.now())).observe(e, {childList: true, characterData: true, subtree: true}); }"
    )
    page.slider("I").focus()
    for _ in range(20):
        page.page.keyboard.press("ArrowRight")
        page.page.wait_for_timeout(60)
    page.page.wait_for_timeout(1300)
    said = page.page.evaluate("() => window.__said")
    assert 1 <= len(said) <= 5
    assert min((b - a for a, b in itertools.pairwise(said)), default=1000) > 900
    assert region.inner_text() == page.message()


def test_a_typed_value_outside_the_bounds_is_refused_in_words(page):
    page.box("C").fill("1e9")
    page.box("C").press("Enter")
    problem = page.page.locator(".brainnb [role=alert]")
    problem.wait_for(state="visible")
    assert "HodgkinHuxley.C = 1e+09 uF/cm2 is outside" in problem.inner_text()
    page.page.wait_for_timeout(200)
    assert page.box("C").input_value() == "1.00"
    assert run_cell(page, "print(float(view.model.C))").strip() == "1.0"


def test_a_cell_moves_the_sliders(page):
    run_cell(page, "view.controls['I'].value = 7")
    page.wait_message("last change I 10 -> 7 uA/cm2")
    assert page.box("I").input_value() == "7.0"
    assert page.slider("I").input_value() == "7"


def test_presets_and_single_resets(page):
    run_cell(page, "view.controls['I'].value = 3")
    page.wait_message("I 10 -> 3")
    page.page.get_by_role("button", name=re.compile("^Reset I to 10.0")).click()
    page.wait_message("I 3 -> 10")
    names = page.page.locator(".brainnb select option").all_inner_texts()
    assert names[1:] == list(bn.neurons.HodgkinHuxley.presets())


def test_kept_traces_list_their_differences(page):
    page.page.get_by_role("button", name="Keep trace").click()
    page.page.locator(".nb-kept li").wait_for()
    page.slider("I").focus()
    page.page.keyboard.press("ArrowLeft")
    page.wait_message("I 10 -> 9.8")
    assert page.page.locator(".nb-kept li").inner_text().startswith("kept: I 10 uA/cm2")
    assert len(page.trace("kept:0:0")["x"]) > 500
    page.page.get_by_role("button", name="Forget the kept trace 1").click()
    page.page.locator(".nb-kept li").wait_for(state="detached")
    assert page.trace("kept:0:0")["x"] == []


def test_code_comes_back_as_a_cell_that_runs(page):
    page.page.locator("summary", has_text="Take away").click()
    page.page.get_by_role("button", name="Copy code").click()
    area = page.page.get_by_role("textbox", name="Text of the code")
    area.wait_for()
    said = run_cell(page, area.input_value() + "\nprint(ds.equals(view.result))")
    page.page.locator("summary", has_text="Take away").click()
    assert said.strip() == "True"


def test_other_cells_run_during_a_long_run_and_stop_keeps_a_part(page):
    run_cell(page, "view.controls['T'].value = 1_000_000")
    page.page.wait_for_timeout(400)
    assert run_cell(page, "print(6 * 7, view.simulator.busy)").strip() == "42 True"
    page.page.get_by_role("button", name="Stop", exact=True).click()
    page.wait_message("stopped at t=")
    assert 0 < page.trace()["x"][-1] < 1_000_000
    run_cell(page, "view.simulator.reset()")
    page.wait_message("7 spikes")


def test_pictures_come_while_a_cell_is_busy(page):
    page.page.evaluate(
        "() => { jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code: 'import time; time.sleep(3)'}); }"
    )
    page.page.wait_for_timeout(300)
    page.slider("I").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("I 10 -> 10.2", timeout=2000)


def test_this_browser_computes_while_a_slider_is_held(page):
    """With the switch on the kernel hears of a drag once, when it ends."""
    switch = page.page.get_by_role("switch", name="Compute in this browser")
    runs = "view.result\nprint(view.simulator.shown.generation)"
    switch.check()
    page.wait_message("computed in the kernel")
    before = int(run_cell(page, runs))
    box = page.slider("I").bounding_box()
    y = box["y"] + box["height"] / 2
    page.page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.page.mouse.down()
    page.sent.clear()
    for i in range(30):
        page.page.mouse.move(box["x"] + box["width"] * (0.5 + 0.2 * i / 30), y)
        page.page.wait_for_timeout(16)
    page.wait_message("computed in this browser")
    page.page.wait_for_timeout(200)
    assert page.sent == []
    drawn = page.trace()["y"]
    page.page.mouse.up()
    page.wait_message("computed in the kernel")
    assert page.trace()["y"] == pytest.approx(drawn, abs=1e-5)
    assert int(run_cell(page, runs)) == before + 1
    assert (
        run_cell(page, "print(float(view.result.attrs['inputs'].split(':')[1].strip(' }')))").strip()
        == page.box("I").input_value()
    )
    switch.uncheck()
    page.page.locator(".nb-origin").wait_for(state="detached")


def test_dark_and_light(page):
    page.page.evaluate("() => jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.page.locator('.brainnb[data-theme="dark"]').wait_for()
    page.page.wait_for_timeout(300)
    assert DARK[0] in page.colours()
    page.page.evaluate("() => jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")
    page.page.locator('.brainnb[data-theme="light"]').wait_for()
    page.page.wait_for_timeout(300)
    assert LIGHT[0] in page.colours()


def test_a_second_view_of_the_same_explorer_follows(page):
    """Two widgets over one simulator: a move in the first moves the second."""
    said = run_cell(
        page,
        "other = view.ipywidget()\nheard = []\nother._conversation._send = lambda m, b: heard.append(m)\n"
        "view.controls['I'].value = 8\nview.result\nprint([m['values'] for m in heard if m['type'] == 'picture'][-1]['I'])",
    )
    page.wait_message("I 10 -> 8")
    assert said.strip() == "8.0"


def test_nothing_was_asked_from_other_hosts_and_nothing_failed(lab):
    assert lab.external == []
    assert [e for e in lab.errors if "brainnb" in e.lower() or "bokeh" in e.lower()] == []
