"""What every notebook carries, and what none may carry."""

import json
import re
from pathlib import Path

import pytest

from brainnb.teach.lesson import KEYS, lesson

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
MOST_CODE_CELLS = 12
MOST_BYTES = 50_000
PARTS = ("Goals", "The story", "Predict first", "Play", "What you saw", "Exercises", "In five lines", "Further reading", "Start again")  # fmt: skip


@pytest.fixture(params=NOTEBOOKS, ids=lambda p: p.stem)
def path(request):
    return request.param


@pytest.fixture
def nb(path):
    return json.loads(path.read_text(encoding="utf8"))


def text(nb, kind):
    return "\n\n".join("".join(c["source"]) for c in nb["cells"] if c["cell_type"] == kind)


def test_there_is_a_notebook_for_each_lesson():
    assert [p.stem[:2] for p in NOTEBOOKS] == list(KEYS)


def test_no_outputs_and_small(path, nb):
    assert path.stat().st_size < MOST_BYTES
    for cell in nb["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_few_code_cells_with_unique_ids(nb):
    assert sum(c["cell_type"] == "code" for c in nb["cells"]) <= MOST_CODE_CELLS
    ids = [c["id"] for c in nb["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", i) for i in ids)


def test_metadata(path, nb):
    about = nb["metadata"]["brainnb"]
    assert about["title"]
    assert about["level"]
    assert 45 <= about["minutes"] <= 90
    assert f"{about['minutes']} minutes" in text(nb, "markdown")
    assert len(about["goals"]) >= 3
    assert about["chapters"]
    assert nb["metadata"]["kernelspec"]["name"] == "python3"


def test_the_parts_come_in_order(nb):
    words = text(nb, "markdown")
    places = [words.index(f"## {part}") for part in PARTS]
    assert places == sorted(places)


def test_the_story_is_short(nb):
    (story,) = ("".join(c["source"]) for c in nb["cells"] if c["id"] == "story")
    assert 90 <= len(story.split()) <= 180


def test_the_figure_is_behind_the_prediction_with_two_sliders(nb):
    cells = {c["id"]: "".join(c["source"]) for c in nb["cells"]}
    assert "guess.unlocks(" in cells["figure"]
    assert "bn.explore(" in cells["figure"] or "bn.widgets." in cells["figure"]
    sliders = re.search(r"sliders=\[(.*?)\]", cells["figure"])[1].split(",")
    assert 1 <= len(sliders) <= 2


def test_every_exercise_says_what_its_check_looks_at(path, nb):
    words = text(nb, "markdown")
    assert words.count("*The check") == len(lesson(path.stem[:2]).exercises)


def test_the_key_number_is_asserted(nb):
    (key,) = ("".join(c["source"]) for c in nb["cells"] if c["id"] == "key-number")
    assert re.search(r"^assert abs\(.*\) < [\d.]+", key, re.M)


def test_links_of_the_course_hold(nb):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text(nb, "markdown")):
        assert (NOTEBOOKS[0].parent / target).exists(), target
