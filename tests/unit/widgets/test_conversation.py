"""What a page may say, and what it hears."""

import json
from types import SimpleNamespace

import pytest
from pages import Page
from waiting import until

from brainnb.widgets.conversation import file_name


@pytest.fixture
def page(simulator):
    return Page(simulator)


def test_hello_brings_controls_library_figures_and_the_first_picture(page):
    page.say(type="hello", bokeh=[])
    assert [kind for kind in page.types() if kind != "progress"] == ["setup", "bokehjs", "figure", "picture"]
    setup, library = page.heard[0][0], page.heard[1]
    assert setup["title"] == "Leaky"
    assert setup["doc"] == "A leaky membrane with a gate."
    assert setup["sliders"] == ["I", "R", "tau", "E"]
    assert [g["name"] for g in setup["groups"]] == ["Input", "Parameters", "gate", "Run"]
    assert library[1][0][:2] == b"\x1f\x8b"
    assert json.dumps([m for m, _ in page.heard])


def test_a_page_that_has_the_library_is_not_sent_it(page):
    import bokeh

    page.say(type="hello", bokeh=[bokeh.__version__])
    assert "bokehjs" not in page.types()


def test_a_page_greets_until_it_is_heard_and_late_greetings_change_nothing(page, monkeypatch):
    clock = iter([0.0, 0.5, 10.0, 20.0])
    monkeypatch.setattr("brainnb.widgets.greeting.time", SimpleNamespace(monotonic=lambda: next(clock)))
    page.say(type="hello", bokeh=[], turn=2)
    assert "setup" in page.types()
    page.heard.clear()
    page.say(type="hello", bokeh=[], turn=3)  # it was on its way when the answer went out
    assert page.heard == []
    page.say(type="hello", bokeh=[], turn=4)  # the answer was lost
    assert "setup" in page.types()
    page.heard.clear()
    page.say(type="hello", bokeh=[], turn=1)  # the first of all, which stood behind a cell that ran
    assert page.heard == []


def test_a_second_page_gets_its_own_figures_at_once(page):
    page.say(type="hello", bokeh=[])
    page.heard.clear()
    page.say(type="hello", bokeh=[], view="q")
    assert page.types() == ["setup", "bokehjs", "figure", "picture"]
    assert page.heard[2][0]["to"] == "q"


def test_a_set_is_answered_by_a_picture_with_its_number(page):
    page.say(type="hello", bokeh=[])
    page.say(type="set", seq=7, values={"I": 2}, release=True)
    picture = page.last("picture")
    assert picture["acks"] == {"p": 7}
    assert picture["values"] == {"I": 2.0}
    assert picture["text"].endswith("last change I 1 -> 2 nA")


def test_a_refused_set_is_answered_too_and_the_page_gets_the_true_values(page):
    page.say(type="hello", bokeh=[])
    page.say(type="set", seq=3, values={"tau": 1e12})
    problem = page.last("problem")
    assert problem["acks"] == {"p": 3}
    assert "is outside [1, 100] ms" in problem["text"]
    assert page.last("values")["values"]["tau"] == 10


def test_values_moved_from_a_cell_reach_the_page(page):
    page.say(type="hello", bokeh=[])
    page.view.controls["tau"].value = 42
    page.view.wait()
    assert page.last("picture")["values"]["tau"] == 42


@pytest.mark.parametrize(
    "message",
    [
        None,
        3,
        "hello",
        [],
        {},
        {"type": None},
        {"type": []},
        {"type": "eval", "code": "1"},
        {"type": "__init__"},
        {"type": "set"},
        {"type": "set", "values": [1]},
        {"type": "set", "values": {"tau": "1e3; drop"}},
        {"type": "set", "values": {"tau": [1, 2]}},
        {"type": "set", "values": {"__class__": 1}},
        {"type": "set", "values": {"T": 1e300}, "seq": "x"},
        {"type": "set", "values": dict.fromkeys(map(str, range(20_000)), 0)},
        {"type": "set", "values": {3: 4}},
        {"type": "reset", "path": "nothing"},
        {"type": "reset", "path": {}},
        {"type": "preset", "name": "__init__"},
        {"type": "preset", "name": {}},
        {"type": "export", "kind": "../../etc/passwd"},
        {"type": "export", "kind": {}},
        {"type": "load", "link": "#brainnb=xx"},
        {"type": "load", "link": 7},
        {"type": "forget", "index": "all of them"},
        {"type": "hello", "bokeh": 3, "link": "#brainnb=%"},
    ],
)
def test_nothing_a_page_says_breaks_or_moves_the_simulator(page, message):
    page.talk.receive(message)
    page.view.wait()
    assert page.view.settings.values()["tau"] == 10
    assert page.view.settings.values()["T"] == 50
    page.say(type="set", seq=1, values={"tau": 20})
    assert page.last("picture")["acks"] == {"p": 1}


def test_long_problems_are_cut(page):
    page.say(type="set", values={"x" * 50_000: 1})
    assert len(page.last("problem")["text"]) <= 2000


def test_kept_traces_are_sent_with_their_differences(page):
    page.say(type="hello", bokeh=[])
    page.say(type="keep").say(type="set", seq=1, values={"I": 3})
    assert page.last("picture")["kept"] == [{"text": "I 1 nA", "count": 1}]
    kept, buffers = page.all("kept")[0]
    assert len(kept["headers"]) == len(buffers) == 1
    page.say(type="forget", index=0)
    assert page.last("kept")["headers"] == []


def test_presets_reset_and_noise_tell_the_new_values(page):
    page.say(type="preset", name="slow")
    assert page.last("values")["values"]["tau"] == 50
    page.say(type="reset")
    assert page.last("values")["values"]["tau"] == 10
    page.say(type="noise")
    assert page.last("values")["values"]["seed"] != 0


def test_code_and_link_are_texts(page):
    page.say(type="code").say(type="link")
    texts = {m["what"]: m["text"] for m, _ in page.heard if m["type"] == "text"}
    assert texts["link"].startswith("#brainnb=")
    assert "bn.simulate(" in texts["code"]


@pytest.mark.parametrize("kind", [".csv", ".nc"])
def test_exports_have_a_fixed_name(page, kind):
    page.say(type="export", kind=kind)
    until(lambda: "file" in page.types())
    message, buffers = page.all("file")[0]
    assert message["name"] == f"brainnb-Leaky{kind}"
    assert len(buffers[0]) > 1000


@pytest.mark.parametrize("title", ["../../x", "a/b\\c", "\0", "x" * 300, "<img src=x>", "CON", "…"])
def test_file_names_are_harmless(title):
    import re

    assert re.fullmatch(r"brainnb-[A-Za-z0-9_-]{1,60}", file_name(title))


def test_a_closed_conversation_hears_nothing_more(page):
    page.say(type="hello", bokeh=[])
    page.talk.close()
    page.heard.clear()
    page.view.set({"tau": 15})
    page.view.wait()
    assert page.heard == []
