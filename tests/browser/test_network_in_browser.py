"""A network in JupyterLab and served: computed in the page while a slider is held, run once by the kernel when it is let go."""

import harness
import pytest
from test_in_browser import SAID, hold, pressed, switch
from test_network import finished, root, spikes

PICTURE = """root => { const { header, document } = root.explorer.figures; const { counts, axes, spans } = header;
  return { counts, axes, spans, y: counts.map((_, i) => Array.from(document.get_model_by_name(`live:${i}`)?.data.y ?? [])) }; }"""


SETTLED = """() => { const { clock } = window.__root.explorer;
  return clock.answered >= clock.sent && !Object.keys(clock.waiting).length; }"""


@pytest.fixture(scope="module", params=["lab", "serve"])
def visitor(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    with harness.explored(request.param, folder, "bn.networks.COBA(400), T=100", height=1400) as watched:
        finished(watched)
        switch(watched).check()
        watched.wait_message("computed in the kernel", timeout=60_000)
        watched.page.locator(".brainnb").evaluate(SAID)
        yield watched


@pytest.fixture
def page(visitor):
    """The page at its start values, the switch on."""
    visitor.page.get_by_role("button", name="Reset all").click()
    visitor.page.wait_for_timeout(1000)
    finished(visitor)
    visitor.page.evaluate("() => { window.__said.length = 0; }")
    return visitor


def held(page, path):
    """Hold a handle until the picture is that of where it was moved to."""
    hold(page, path)
    page.page.wait_for_function(SETTLED, timeout=20_000)
    finished(page)


def test_nothing_is_asked_from_the_kernel_until_release_and_both_are_equal(page):
    before = page.pictures()
    held(page, "EE.weight")
    assert page.page.evaluate("() => window.__said") == []
    assert page.pictures() >= before + 5
    drawn, fired, text = root(page).evaluate(PICTURE), spikes(page), page.message()
    page.page.mouse.up()
    page.wait_message("computed in the kernel", timeout=20_000)
    finished(page)
    page.page.wait_for_timeout(300)
    assert page.page.evaluate("() => window.__said") == ["set"]
    assert page.message() == text.replace("in this browser", "in the kernel")
    assert sum(map(len, fired)) > 100
    assert [one.tolist() for one in spikes(page)] == [one.tolist() for one in fired]
    after = root(page).evaluate(PICTURE)
    assert after["counts"] == drawn["counts"]
    for mine, kernels in zip(drawn["y"], after["y"], strict=True):
        assert mine == pytest.approx(kernels, rel=1e-4, abs=1e-4)


def test_a_key_is_a_short_drag(page):
    pressed(page, "EE.weight", "EE.weight 6 -> 6.05 nS")


def test_what_is_done_to_neurons_stays_in_the_kernel_and_says_so(page):
    page.page.locator("summary", has_text="Hold or drive neurons").click()
    page.page.get_by_role("spinbutton", name="Last neuron").fill("99")
    page.page.get_by_role("button", name="Apply", exact=True).click()
    told = page.page.get_by_text("Stays in the kernel as long as neurons are held or driven.")
    told.wait_for(timeout=60_000)
    finished(page)
    page.slider("EE.weight").focus()
    page.page.keyboard.down("ArrowRight")
    page.wait_message("EE.weight 6 -> 6.05 nS computed in the kernel", timeout=20_000)
    page.page.keyboard.up("ArrowRight")
    finished(page)
    fired = spikes(page)[0]
    assert (fired[fired[:, 0] > 10, 1] >= 100).all()  # two begin above threshold
    page.page.get_by_role("button", name="Take back: E 0 to 99 held").click()
    told.wait_for(state="hidden", timeout=20_000)
    hold(page, "EE.weight")
    page.page.mouse.up()
    page.wait_message("computed in the kernel")
    page.page.locator("summary", has_text="Hold or drive neurons").click()


def test_a_neuron_that_was_chosen_is_seen_while_a_slider_is_held(page):
    page.page.locator("summary", has_text="Show a neuron").click()
    page.page.get_by_role("spinbutton", name="Number of the neuron to show").fill("33")
    page.page.get_by_role("button", name="Show", exact=True).click()
    page.page.get_by_role("button", name="Do not show E 33 any more").wait_for(timeout=20_000)
    finished(page)
    held(page, "EE.weight")
    drawn = page.trace("live:4")["y"]
    page.page.mouse.up()
    page.wait_message("computed in the kernel", timeout=20_000)
    finished(page)
    assert len(drawn) > 100
    assert page.trace("live:4")["y"] == pytest.approx(drawn, abs=1e-3)


def test_a_run_that_would_take_long_here_stays_in_the_kernel_and_says_so(page):
    measured = root(page).evaluate("root => root.explorer.here.pace")
    assert 0.001 < measured < 2  # ms a step
    root(page).evaluate("root => { root.explorer.here.pace = 9; }")
    page.slider("EE.weight").focus()
    page.page.keyboard.press("ArrowRight")
    page.page.get_by_text(
        "Stays in the kernel at T = 100 ms, which would take this browser 9 s; at most 4 s are spent here."
    ).wait_for()
    page.wait_message("EE.weight 6 -> 6.05 nS computed in the kernel", timeout=20_000)
    root(page).evaluate("(root, pace) => { root.explorer.here.pace = pace; }", measured)


def test_nothing_was_asked_from_other_hosts_and_nothing_failed(visitor):
    assert visitor.external == []
    assert [e for e in visitor.errors if "brainnb" in e.lower() or "bokeh" in e.lower()] == []
