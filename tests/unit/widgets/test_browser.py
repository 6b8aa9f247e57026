"""The model in the page's own browser: what the kernel says of it, and that both compute the same."""

import gzip
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from in_javascript import engine
from pages import Page, run_cell
from waiting import until

import brainnb as bn
from brainnb.widgets import browser

pytestmark = pytest.mark.usefixtures("no_run_is_left")


class Drifting(bn.Model):
    """A noisy leak."""

    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    x = bn.state(0.0, "1", "what drifts")

    def vector_field(self, t, s, u):
        return dict(x=-s.x / self.tau)

    def diffusion(self, t, s, u):
        return dict(x=0.5)


class Spectral(bn.Model):
    """Has no form in JavaScript."""

    x = bn.state([3.0, 1.0], "1", "two numbers")

    def vector_field(self, t, s, u):
        return dict(x=-jnp.fft.rfft(s.x).real)


@pytest.fixture
def single_precision(double_precision):
    jax.config.update("jax_enable_x64", False)


def programs(page, count=1):
    """What the page was told of programs, when so many were."""
    until(lambda: len(page.all("program")) >= count)
    page.view.wait()
    return page.all("program")


def test_the_kernel_computes_until_it_is_asked(simulator):
    page = Page(simulator).say(type="hello", bokeh=[])
    assert page.last("setup")["browser"] == {"on": False, "reason": ""}
    assert "program" not in page.types()
    assert simulator.settings.precision is None


def test_a_page_that_asks_gets_the_program_and_can_give_it_back(simulator):
    page = Page(simulator).say(type="hello", bokeh=[]).say(type="browser", on=True)
    told, (packed,) = programs(page)[-1]
    assert told["on"]
    assert {"R", "tau", "E", "gate.tau", "I"} == set(told["about"]["known"])
    assert told["about"]["values"] == simulator.settings.values()
    assert b"function advance(" in gzip.decompress(packed)
    assert json.dumps(told)
    page.say(type="browser", on=False)
    assert programs(page, 2)[-1][0]["on"] is False
    assert not simulator.in_browser


@pytest.mark.usefixtures("single_precision")
def test_the_run_on_release_equals_that_of_the_browser_noise_and_all():
    view = bn.explore(Drifting(), T=20, seed=3, views=(), in_browser=True)
    view.controls["tau"].value = 7.3
    ds = view.result
    assert ds.x.dtype == np.float64
    run = engine()
    x = run(f"{browser.program(view.simulator).text}\nreturn model.run({{tau: 7.3}}, 20, {{seed: 3}}).x;")
    run.close()
    np.testing.assert_allclose(x, ds.x, atol=1e-12)
    again = run_cell(
        view.to_code().replace("model = model", "model = Drifting()"), model=Drifting(), Drifting=Drifting
    )["ds"]
    np.testing.assert_array_equal(again.x, ds.x)


def test_one_release_is_one_run(simulator):
    simulator.in_browser = True
    page = Page(simulator).say(type="hello", bokeh=[])
    programs(page)
    before, pictures = simulator.shown.generation, len(page.all("picture"))
    page.say(type="set", seq=1, values={"I": 2.0, "tau": 20.0}, release=True)
    assert simulator.shown.generation == before + 1
    assert len(page.all("picture")) == pictures + 1


def test_a_kept_trace_brings_its_values(simulator):
    page = Page(simulator).say(type="hello", bokeh=[]).say(type="keep")
    assert page.last("kept")["values"] == [simulator.settings.values()]


def test_a_model_without_a_program_stays_in_the_kernel_and_says_why():
    view = bn.explore(Spectral(), T=5, views=(), in_browser=True)
    page = Page(view.simulator).say(type="hello", bokeh=[])
    reason = next(m["reason"] for m, _ in programs(page, 2) if m.get("reason"))
    assert reason.startswith("`fft` at ")
    assert not view.simulator.in_browser
    assert view.result.x.shape[-1] == 2


def test_what_only_a_kernel_shows_has_its_switch_off_from_the_start():
    begun = bn.widgets.Simulator(bn.neurons.LIF(), T=20, init={"V": -55.0})
    assert "cannot begin where `init` said" in browser.offered(begun)["reason"]


def test_a_view_without_a_time_course_has_no_switch():
    curve = bn.widgets.FICurve(bn.neurons.LIF(), "I", (0, 1))
    page = Page(curve).say(type="browser", on=True)
    assert browser.offered(curve) is None
    assert "has no time course" in page.last("problem")["text"]
    assert not curve.in_browser


def test_visitors_with_equal_models_share_a_program(simulator):
    assert browser.program(simulator) is browser.program(simulator.copy())
    other = simulator.copy()
    other.set({"tau": 11.0})
    assert browser.program(other) is not browser.program(simulator)


def test_a_copy_computes_where_the_first_did(simulator):
    simulator.in_browser = True
    assert simulator.copy().in_browser
