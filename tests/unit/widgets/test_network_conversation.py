"""What a page of a network may say, and what it hears."""

import json

import pytest
from pages import HOSTILE, Page

import brainnb as bn
from brainnb.widgets.network.conversation import NetworkConversation


class Clocked(bn.Model):
    """Fires now and then."""

    V = bn.state(0.0, "mV", "potential")
    I = bn.input(0.1, "pA", "drive")

    def vector_field(self, t, s, u):
        return dict(V=u.I)

    def on_step(self, t, s, u, key):
        fired = s.V >= 1.0
        return dict(V=s.V * (1.0 - fired)), dict(spike=1.0 * fired)


@pytest.fixture
def page(no_run_is_left):
    net = bn.Network(
        {
            "E": bn.Population(Clocked(), 150, init={"V": bn.init.Uniform(0, 1)}),
            "noise": bn.Population(bn.networks.Poisson(rate=20), 10),
        },
        {"drive": bn.Projection("noise", "E", bn.connect.FixedProbability(0.2), weight=0.1)},
    )
    return Page(bn.widgets.NetworkViewer(net, T=20, method="euler", title=HOSTILE))


def test_hello_brings_the_network_and_a_picture(page):
    page.say(type="hello", bokeh=[])
    assert isinstance(page.talk, NetworkConversation)
    setup = page.last("setup")
    assert setup["title"] == HOSTILE  # text, which a page shows as text
    assert [(b["path"], b["number"], b["unit"], b["drive"]) for b in setup["network"]["bands"]] == [
        ("E", 150, "mV", "pA"),
        ("noise", 10, "", ""),
    ]
    assert page.last("hands") == {"type": "hands", "manipulations": [], "chosen": [{"population": "E", "neuron": 0}]}
    assert page.last("figure")["panels"][0]["kind"] == "raster"
    assert json.dumps([m for m, _ in page.heard])


def test_neurons_are_chosen_held_and_let_go(page):
    page.say(type="hello", bokeh=[])
    page.say(type="choose", population="E", neuron=31)
    assert page.last("hands")["chosen"][-1] == {"population": "E", "neuron": 31}
    page.say(type="choose", population="E", neuron=70.4, time=1e9, across=2.0, along=1.0)
    assert page.last("hands")["chosen"][-1]["neuron"] == 70
    page.say(type="unchoose", index=0)
    page.say(type="manipulate", population="E", kind="hold", level=0, first=0, last=49, start=5, stop=None)
    (told,) = page.last("hands")["manipulations"]
    assert told == {
        "text": "E 0 to 49 held at 0 mV, from 5 ms on",
        "population": "E",
        "neurons": (0, 50),
        "start": 5,
        "stop": None,
    }
    assert int(page.view.result["E.spike"][51:, :50].sum()) == 0
    page.say(type="manipulate", population="E", kind="drive", level=2.5, first=7, last=7, start=0, stop=10)
    assert page.last("hands")["manipulations"][1]["text"] == "E 7 driven by 2.5 pA, 0 to 10 ms"
    page.say(type="release", index=0)
    page.say(type="release")
    assert page.last("hands")["manipulations"] == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "choose"},
        {"type": "choose", "population": HOSTILE, "neuron": 1},
        {"type": "choose", "population": "noise", "neuron": 1},
        {"type": "choose", "population": "E", "neuron": 1e300},
        {"type": "choose", "population": "E", "neuron": "1; import os"},
        {"type": "choose", "population": "E", "neuron": float("nan"), "time": 0},
        {"type": "choose", "population": "E", "neuron": 1, "time": 0, "across": None},
        {"type": "unchoose", "index": [1]},
        {"type": "manipulate", "population": "E"},
        {"type": "manipulate", "population": "noise", "kind": "hold", "level": 0, "first": 0, "last": 5, "start": 0},
        {"type": "manipulate", "population": "E", "kind": "hold", "level": 0, "first": -5, "last": 5, "start": 0},
        {"type": "manipulate", "population": "E", "kind": "hold", "level": 0, "first": 0, "last": 10**12, "start": 0},
        {"type": "manipulate", "population": "E", "kind": "drive", "level": True, "first": 0, "last": 5, "start": 0},
        {"type": "manipulate", "population": "E", "kind": "drive", "level": 1, "first": 0, "last": 5, "start": -1},
        {"type": "release", "index": "all"},
    ],
)
def test_what_is_no_request_is_answered_and_changes_nothing(page, message):
    page.say(type="hello", bokeh=[])
    before = page.view.settings
    page.heard.clear()
    page.say(**message)
    assert page.view.settings is before
    assert page.last("problem")["text"]


def test_a_page_cannot_pile_up_manipulations(page):
    hold = {"type": "manipulate", "population": "E", "kind": "hold", "level": 0, "first": 0, "last": 9, "start": 0}
    for _ in range(60):
        page.talk.receive({"view": "p", **hold})
    page.view.wait()
    assert len(page.view.manipulations) == 50
    assert "At most 50" in page.last("problem")["text"]


def test_a_page_opened_with_a_link_shows_what_is_done(page):
    page.say(type="manipulate", population="E", kind="hold", level=0.5, first=0, last=49, start=5, stop=None)
    link = page.view.link()
    page.say(type="release")
    page.say(type="hello", bokeh=[], link=link)
    (told,) = page.last("hands")["manipulations"]
    assert told["text"] == "E 0 to 49 held at 0.5 mV, from 5 ms on"
    page.say(type="load", link=link.replace("=", "=x"))
    assert "damaged" in page.last("problem")["text"] or "JSON" in page.last("problem")["text"]
    assert len(page.view.manipulations) == 1
