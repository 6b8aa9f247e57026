"""A prediction is written down once, kept with its time, and opens the gate; nobody grades it."""

import json

import pytest

from brainnb import teach
from brainnb.core.errors import ModelError
from brainnb.teach import progress

pytestmark = pytest.mark.usefixtures("progress_file")


def ask(id="77"):
    return teach.predict(id, "Up or down?", ["up", "down"])


def forget(monkeypatch):
    """As after a restart of the kernel."""
    teach.predict.__globals__["_asked"].clear()


def test_it_is_one_json_line_with_time(progress_file):
    ask().commit("up", "because I say so")
    (line,) = progress_file.read_text(encoding="utf8").splitlines()
    event = json.loads(line)
    assert (event["kind"], event["id"], event["choice"], event["because"]) == (
        "prediction",
        "77",
        "up",
        "because I say so",
    )
    assert event["time"].endswith("+00:00")
    assert not {"right", "correct", "score"} & event.keys()


def test_it_stays_as_it_was_made():
    guess = ask()
    guess.commit("up")
    with pytest.raises(ModelError, match="stays as it was made"):
        guess.commit("down")
    assert guess.choice == "up"


def test_it_is_remembered_after_a_restart(monkeypatch):
    ask().commit("down")
    forget(monkeypatch)
    assert ask().choice == "down"


def test_another_question_is_another_prediction(monkeypatch):
    ask().commit("down")
    forget(monkeypatch)
    assert not teach.predict("77", "Left or right?", ["left", "right"]).committed


def test_running_the_cell_again_gives_the_same_object():
    assert ask() is ask()
    assert ask("77") is not ask("78")


def test_only_a_choice_that_was_offered():
    with pytest.raises(ModelError, match="none of the choices: up, down"):
        ask().commit("sideways")


@pytest.mark.parametrize("choices", [["one"], ["same", "same"], "yes"])
def test_two_different_choices_are_needed(choices):
    with pytest.raises(ModelError, match="two different choices"):
        teach.predict("77", "?", choices)


def test_nothing_is_made_before_the_prediction():
    made = []
    gate = ask().unlocks(lambda: made.append(1) or "the figure")
    assert repr(gate) == "First write down your prediction above."
    with pytest.raises(ModelError, match="First write down"):
        gate.open()
    assert not made


def test_the_gate_opens_with_the_prediction_and_makes_its_figure_once():
    guess, made = ask(), []
    gate = guess.unlocks(lambda: made.append(1) or "the figure")
    guess.commit("up")
    assert gate.open() == gate.open() == "the figure"
    assert made == [1]


def test_unlocks_refuses_a_figure_that_is_already_there():
    with pytest.raises(ModelError, match="lambda"):
        ask().unlocks("a figure")


def test_headless_unlocks_without_a_prediction_and_writes_nothing(monkeypatch, progress_file, capsys):
    monkeypatch.setenv("BRAINNB_HEADLESS", "1")
    guess = ask()
    assert guess.unlocks(lambda: "the figure").open() == "the figure"
    guess._ipython_display_()
    assert "Up or down?" in capsys.readouterr().out
    assert not guess.committed
    guess.commit("up")
    assert not progress_file.exists()


def test_the_outcome_is_hidden_until_the_prediction_and_stands_beside_it():
    guess = ask()
    assert "it went down" not in repr(teach.outcome(guess, "it went down"))
    guess.commit("up")
    shown = repr(teach.outcome(guess, "it went down"))
    assert shown.splitlines()[:2] == ["You predicted:  up", "What happened:  it went down"]


def test_a_broken_line_is_left_out_with_a_warning(progress_file, monkeypatch):
    ask().commit("up")
    progress_file.write_text("{not json\n" + progress_file.read_text(encoding="utf8"), encoding="utf8")
    forget(monkeypatch)
    with pytest.warns(UserWarning, match="line 1 is no JSON"):
        assert ask().choice == "up"


def test_a_file_that_cannot_be_written_costs_the_record_only(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINNB_PROGRESS", str(tmp_path / "missing" / "progress.jsonl"))
    guess = ask()
    with pytest.warns(UserWarning, match="cannot be written"):
        guess.commit("up")
    assert guess.committed
    assert progress.events("prediction", "77") == []
