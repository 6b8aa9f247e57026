"""Served pages that compute by themselves while a slider is held: nothing goes to the kernel, and it agrees on release."""

import harness
import pytest

pytestmark = pytest.mark.alone

APP = """
import brainnb as bn
import panel as pn

pn.extension()
bn.explore(bn.neurons.HodgkinHuxley(), T=100, dt=0.05, I=10.0, sliders=["I", "g_Na"], views=())
"""
STUBBORN = """
import brainnb as bn
import jax.numpy as jnp
import panel as pn

pn.extension()

class Spectral(bn.Model):
    x = bn.state([3.0, 1.0], "1", "two numbers")
    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    def vector_field(self, t, s, u):
        return dict(x=-jnp.fft.rfft(s.x).real / self.tau)

bn.explore(Spectral(), T=20, views=(), in_browser=True)
"""
SAID = """root => { const { transport } = root.explorer, send = transport.send; window.__said = [];
  transport.send = (m) => { window.__said.push(m.type); return send(m); }; }"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    files = [folder / "app.py", folder / "stubborn.py"]
    for path, text in zip(files, (APP, STUBBORN), strict=True):
        path.write_text(text)
    with harness.server("serve", files) as port:
        yield port


@pytest.fixture(scope="module")
def visitor(port):
    with harness.browser() as page:
        page.page.goto(f"http://127.0.0.1:{port}/app")
        page.explorer()
        page.wait_message("7 spikes")
        switch(page).check()
        page.wait_message("computed in the kernel")
        page.page.locator(".brainnb").evaluate(SAID)
        yield page


@pytest.fixture
def page(visitor):
    """The page at its start values, the switch on."""
    visitor.page.get_by_role("button", name="Reset all").click()
    visitor.page.wait_for_timeout(300)
    visitor.page.evaluate("() => { window.__said.length = 0; }")
    return visitor


def switch(page):
    return page.page.get_by_role("switch", name="Compute in this browser")


def hold(page, path, moves=30):
    """Take a handle and move it, without letting go."""
    page.slider(path).scroll_into_view_if_needed()
    box = page.slider(path).bounding_box()
    y = box["y"] + box["height"] / 2
    page.page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.page.mouse.down()
    for i in range(moves):
        page.page.mouse.move(box["x"] + box["width"] * (0.5 + 0.2 * i / moves), y)
        page.page.wait_for_timeout(16)
    page.wait_message("computed in this browser")
    page.page.wait_for_timeout(200)


def pressed(page, path, told):
    """Hold a key down on a slider, and let it go."""
    page.slider(path).focus()
    page.page.keyboard.down("ArrowRight")
    page.wait_message(f"{told} computed in this browser")
    page.page.keyboard.up("ArrowRight")
    page.wait_message(f"{told} computed in the kernel")


def test_nothing_is_asked_from_the_kernel_until_release(page):
    page.sent.clear()
    page.received.clear()
    before = page.pictures()
    hold(page, "I")
    assert page.sent == []
    assert page.received == []
    assert page.pictures() >= before + 10
    drawn, text = page.trace(), page.message()
    page.page.mouse.up()
    page.wait_message("computed in the kernel")
    page.page.wait_for_timeout(300)
    assert page.page.evaluate("() => window.__said") == ["set"]
    assert page.page.locator(".brainnb").get_attribute("data-computed") == "kernel"
    assert page.message() == text.replace("in this browser", "in the kernel")
    after = page.trace()
    assert after["x"] == drawn["x"]
    assert after["y"] == pytest.approx(drawn["y"], abs=1e-5)  # of single precision, as both are drawn


def test_a_key_is_a_short_drag(page):
    pressed(page, "I", "I 10 -> 10.2 uA/cm2")


def test_kept_traces_links_and_code_are_those_of_the_kernel(page):
    page.page.get_by_role("button", name="Keep trace").click()
    page.page.locator(".nb-kept li").wait_for()
    hold(page, "g_Na")
    assert page.page.locator(".nb-kept li").inner_text().startswith("kept: g_Na 120 mS/cm2")
    page.page.mouse.up()
    page.wait_message("computed in the kernel")
    value = float(page.box("g_Na").input_value())
    page.page.locator("summary", has_text="Take away").click()
    page.page.get_by_role("button", name="Copy code").click()
    code = page.page.get_by_role("textbox", name="Text of the code")
    code.wait_for()
    assert f"HodgkinHuxley().replace({{'g_Na': {value!r}}})" in code.input_value()
    assert "precision='float64'" in code.input_value()
    page.page.locator("summary", has_text="Take away").click()
    page.page.get_by_role("button", name="Forget the kept trace 1").click()


def test_off_again_a_drag_is_the_kernels(page):
    switch(page).uncheck()
    page.page.locator(".nb-origin").wait_for(state="detached")
    page.slider("I").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("I 10 -> 10.2 uA/cm2")
    assert "set" in page.page.evaluate("() => window.__said")
    assert "computed" not in page.message()
    switch(page).check()
    page.wait_message("computed in the kernel")


def test_a_model_that_cannot_says_why(visitor, port):
    page = harness.Watched(visitor.page.context.new_page())
    page.page.goto(f"http://127.0.0.1:{port}/stubborn")
    page.explorer()
    page.page.get_by_text("Stays in the kernel. `fft` at ").wait_for()
    assert not switch(page).is_checked()
    assert switch(page).is_disabled()
    page.slider("tau").focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_message("last change tau 10 -> ")
    assert page.errors == []
    page.page.close()


def test_nothing_was_asked_from_other_hosts_and_nothing_failed(visitor):
    assert visitor.external == []
    assert visitor.errors == []
