"""The widgets of a lesson, driven as a hand would."""

import ipywidgets
import pytest

from brainnb import teach
from brainnb.widgets import lesson


@pytest.fixture(autouse=True)
def progress_file(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINNB_PROGRESS", str(tmp_path / "progress.jsonl"))
    monkeypatch.delenv("BRAINNB_HEADLESS", raising=False)
    teach.predict.__globals__["_asked"].clear()


def ask(question="Up or down?", choices=("up", "down")):
    return teach.predict("88", question, choices)


def parts(box):
    _question, choices, because, button, said = box.children
    return choices, because, button, said


def test_the_button_waits_for_a_choice_and_then_writes_it_down():
    guess = ask()
    choices, because, button, said = parts(lesson.question_box(guess))
    assert choices.value is None
    assert button.disabled
    choices.value = "down"
    because.value = "gravity"
    assert not button.disabled
    button.click()
    assert guess.choice == "down"
    assert choices.disabled
    assert button.disabled
    assert "down" in said.value


def test_changing_ones_mind_is_free_until_then():
    guess = ask()
    choices, _, button, _ = parts(lesson.question_box(guess))
    choices.value = "down"
    choices.value = "up"
    button.click()
    assert guess.choice == "up"


def test_two_views_of_one_question_agree():
    guess = ask()
    one, two = lesson.question_box(guess), lesson.question_box(guess)
    parts(one)[0].value = "up"
    parts(one)[2].click()
    assert parts(two)[0].value == "up"
    assert parts(two)[0].disabled


def test_the_figure_takes_the_place_of_the_request():
    guess = ask()
    box = lesson.gate_box(guess.unlocks(lambda: ipywidgets.IntSlider()))
    assert [type(c) for c in box.children] == [ipywidgets.Label]
    guess.commit("up")
    assert [type(c) for c in box.children] == [ipywidgets.IntSlider]


def test_an_answered_question_shows_the_figure_at_once():
    guess = ask()
    guess.commit("up")
    assert parts(lesson.question_box(guess))[0].disabled
    assert isinstance(lesson.gate_box(guess.unlocks(lambda: ipywidgets.IntSlider())).children[0], ipywidgets.IntSlider)


def test_what_is_no_widget_is_shown_inside_one():
    class Figure:
        def ipywidget(self):
            return ipywidgets.Button()

    assert isinstance(lesson.as_widget(Figure()), ipywidgets.Button)
    assert lesson.as_widget("text").outputs[0]["data"]["text/plain"] == "'text'"


def test_markup_in_a_question_stays_text():
    box = lesson.question_box(ask("<img src=x onerror=alert(1)>?", ["<b>up</b>", "down"]))
    assert "<img" not in box.children[0].value
    choices, _, button, said = parts(box)
    choices.value = "<b>up</b>"
    button.click()
    assert "<b>up" not in said.value.replace("<b>&lt;b", "")


def test_a_figure_that_fails_says_so_in_its_place():
    guess = ask()
    box = lesson.gate_box(guess.unlocks(lambda: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        guess.commit("up")
    assert "ZeroDivisionError: division by zero" in box.children[0].value
