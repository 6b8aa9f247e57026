"""Views of one model share its values, and a page goes from one to the other."""

import threading

import numpy as np
import pytest
from pages import Page, run_cell
from waiting import until

import brainnb as bn
from brainnb.run.cache import trace_count

pytestmark = pytest.mark.usefixtures("no_run_is_left")


@pytest.fixture
def explorer():
    return bn.explore(
        bn.neurons.FitzHughNagumo(), T=50, I=0.2, views={"bifurcation": {"span": (0, 1), "cycles": False}}
    )


@pytest.fixture
def plane(explorer):
    return explorer.open("phase_plane", V=(-2.5, 2.5), w=(-1, 2))


def test_a_view_opens_with_the_present_values(explorer):
    explorer.controls["b"].value = 0.6
    explorer.controls["start.V"].value = 1.5
    plane = explorer.open("phase_plane", V=(-2.5, 2.5), w=(-1, 2))
    assert plane.model is explorer.model
    assert plane.start["V"] == 1.5
    assert plane.settings.values()["I"] == 0.2


def test_a_chosen_point_moves_the_sliders_of_the_explorer(explorer, plane):
    diagram = explorer.view("bifurcation")
    plane.begin_at(1.0, 0.25)
    assert {"start.V": 1.0, "start.w": 0.25}.items() <= explorer.simulator.settings.values().items()
    assert float(explorer.result.V[0]) == pytest.approx(1.0, abs=0.1)
    np.testing.assert_array_equal(run_cell(explorer.to_code())["ds"].V, explorer.result.V)
    diagram.visit(0.4, -1.0)
    assert explorer.controls["I"].value == plane.controls["I"].value == 0.4
    assert plane.start == {"V": -1.0, "w": 0.25}
    assert plane.result.stability.values.tolist() == ["unstable focus"]
    explorer.simulator.reset()
    assert diagram.controls["I"].value == 0.2
    assert plane.model is explorer.model is diagram.model


def test_who_is_not_looked_at_does_not_compute(explorer, plane):
    _ = plane.result, explorer.result
    ran = []
    plane.listen(lambda event, value: ran.append(event) if event == "shown" else None)()
    for i in range(10):
        explorer.controls["I"].value = 0.05 * i
    explorer.simulator.wait()
    assert plane.stale
    assert not plane.busy
    assert plane.result.attrs["complete"] == 1
    assert not plane.stale
    seen = []
    plane.listen(lambda event, value: seen.append(value) if event == "shown" else None)
    explorer.controls["I"].value = 0.33
    plane.wait()
    assert seen[-1].settings.values()["I"] == 0.33


def test_two_hands_at_once_end_at_one_value(explorer, plane):
    _ = plane.result, explorer.result
    before = trace_count()

    def drag(control, values):
        for value in values:
            control.value = value

    hands = [
        threading.Thread(target=drag, args=(explorer.controls["I"], np.linspace(0, 0.5, 100))),
        threading.Thread(target=drag, args=(plane.controls["I"], np.linspace(1, 0.6, 100))),
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(20)
        assert not hand.is_alive()
    assert explorer.controls["I"].value == plane.controls["I"].value
    assert explorer.controls["I"].value in (0.5, 0.6)
    _ = plane.result, explorer.result
    assert trace_count() == before


def test_a_stimulus_stays_where_it_is(explorer):
    step = bn.inputs.Step(amplitude=0.5, start=5.0)
    explorer = bn.explore(bn.neurons.FitzHughNagumo(), T=50, I=step, views=())
    plane = explorer.open("phase_plane", V=(-2.5, 2.5), w=(-1, 2), I=0.3)
    plane.controls["I"].value = 0.4
    plane.controls["b"].value = 0.7
    assert explorer.simulator.settings.inputs["I"] is not None
    assert explorer.controls["I.amplitude"].value == 0.5
    assert explorer.controls["b"].value == 0.7


def wait_for(page, kind, count):
    until(lambda: len(page.all(kind)) >= count, seconds=30)
    return page.all(kind)[count - 1][0]


def test_a_page_goes_from_view_to_view(explorer):
    class Looking(Page):
        def say(self, **message):
            self.talk.receive({"view": "p", **message})
            return self

    page = Looking(explorer)
    page.say(type="hello", bokeh=[])
    setup = wait_for(page, "setup", 1)
    assert [tab["name"] for tab in setup["tabs"]] == ["time", "bifurcation"]
    wait_for(page, "picture", 1)
    page.say(type="look", tab="bifurcation")
    setup = wait_for(page, "setup", 2)
    assert (setup["to"], setup["tab"]) == (None, "bifurcation")
    assert setup["drawn"]["tap"] == ["I", "start.V"]
    assert setup["values"]["I"] == 0.2
    page.say(type="set", values={"I": 0.4, "start.V": 0.0}, release=True, seq=1)
    explorer.view("bifurcation").wait()
    assert explorer.controls["I"].value == 0.4
    page.say(type="look", tab="time")
    setup = wait_for(page, "setup", 3)
    assert {"I": 0.4, "start.V": 0.0}.items() <= setup["values"].items()
    back = next(i for i, (message, _) in enumerate(page.heard) if message is setup)
    until(lambda: [message["type"] for message, _ in page.heard[back:]].count("picture") >= 2, seconds=30)
    for message, _ in page.heard[back:]:  # the old picture stays until the new one is there; no control goes back
        if message["type"] == "picture":
            assert {"I": 0.4, "start.V": 0.0}.items() <= (setup["values"] | message["values"]).items()
    explorer.simulator.wait()
    for wrong in ("nowhere", None, {"a": 1}):
        heard = len(page.all("problem"))
        page.say(type="look", tab=wrong)
        assert "view" in wait_for(page, "problem", heard + 1)["text"]
    page.talk.close()


def test_what_cannot_be_opened_is_said(explorer):
    with pytest.raises(bn.UnknownName, match="Did you mean `phase_plane`"):
        explorer.open("phase_plan")
    with pytest.raises(bn.UnknownName, match="view"):
        bn.explore(bn.neurons.LIF(), views=["time"])
    with pytest.raises(bn.ModelError, match="which state is slow"):
        explorer.open("fast_slow")
    with pytest.raises(bn.ModelError, match="these show FitzHughNagumo and LIF"):
        explorer.simulator.join(bn.widgets.Simulator(bn.neurons.LIF()))


def test_what_is_offered_follows_from_the_declarations():
    assert list(bn.explore(bn.neurons.FitzHughNagumo()).tabs) == ["time", "phase_plane", "bifurcation", "fi_curve"]
    assert list(bn.explore(bn.neurons.LIF()).tabs) == ["time", "fi_curve"]
    assert list(bn.explore(bn.rates.WongWang()).tabs) == ["time", "phase_plane", "bifurcation"]
