"""A lesson in a real JupyterLab: the figure stays closed until a prediction is written down."""

import json
import shutil

import harness
import pytest

BOOK = "00_welcome.ipynb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(harness.ROOT / "notebooks" / BOOK, folder)
    return folder


@pytest.fixture(scope="module")
def lab(folder):
    with harness.server("lab", folder) as port, harness.browser() as watched:
        watched.open_lab(port, BOOK)
        watched.page.get_by_text("First write down your prediction above.").first.wait_for(timeout=60_000)
        yield watched


def test_a_passive_run_of_all_cells_shows_no_figure_and_passes_nothing(lab, folder):
    lab.page.get_by_text("00.3 is not answered yet").wait_for(timeout=60_000)
    assert lab.page.locator(".brainnb[data-pictures]").count() == 0
    assert lab.page.get_by_text("What happened:").count() == 0
    assert not (folder / "brainnb_progress.jsonl").exists()


def test_the_prediction_brings_the_figure_and_is_kept(lab, folder):
    lab.page.locator(".widget-radio-box input").nth(1).check()
    lab.page.get_by_role("button", name="Write it down").click()
    lab.explorer()
    assert lab.slider("I").is_visible()
    event = json.loads((folder / "brainnb_progress.jsonl").read_text(encoding="utf8"))
    assert event["choice"] == "each spike keeps about the same height"
    assert lab.external == []


def test_it_cannot_be_changed_afterwards(lab):
    assert lab.page.locator(".widget-radio-box input").first.is_disabled()
    assert lab.page.get_by_role("button", name="Write it down").count() == 0
