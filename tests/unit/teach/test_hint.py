"""Hints come one at a time, from where to look to which line."""

import pytest

from brainnb import teach
from brainnb.core.errors import ModelError, UnknownName

pytestmark = pytest.mark.usefixtures("progress_file")


def test_each_call_gives_the_next_and_the_last_stays(capsys):
    said = []
    for _ in range(4):
        teach.hint("02.1")
        said.append(capsys.readouterr().out)
    assert [s[:30] for s in said[:3]] == [
        "Hint 1 of 3 (where to look): a",
        "Hint 2 of 3 (which quantity): ",
        "Hint 3 of 3 (which line): `bn.",
    ]
    assert said[3] == said[2]


def test_hints_of_two_exercises_do_not_mix(capsys):
    teach.hint("02.1")
    teach.hint("02.2")
    assert "Hint 1" in capsys.readouterr().out.splitlines()[1]


def test_one_may_be_read_again(capsys):
    teach.hint("02.1", 2)
    assert capsys.readouterr().out.startswith("Hint 2 of 3")
    with pytest.raises(ModelError, match="1, 2 or 3"):
        teach.hint("02.1", 4)


def test_unknown_exercise():
    with pytest.raises(UnknownName, match=r"02\.1, 02\.2, 02\.3"):
        teach.hint("02.7")
