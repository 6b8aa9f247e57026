"""Lessons run as the tests run them: nobody answers, and nobody's progress is kept."""

import pytest


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items):
    """A lesson and its exercises go to one worker, one after the other: its cells share a kernel, and both the programs.

    Those of the last lessons, which train networks, begin first.
    """
    lessons = {item.path.stem for item in items if item.path.suffix == ".ipynb"}

    def lesson(item):
        name = item.path.stem if item.path.suffix == ".ipynb" else item.name.partition("[")[2].rstrip("]")
        return name if name in lessons else ""

    for item in items:
        if lesson(item):
            item.add_marker(pytest.mark.xdist_group(lesson(item)))
    items.sort(key=lesson, reverse=True)


@pytest.fixture
def nobody_answers(monkeypatch, tmp_path):
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.setenv("BRAINNB_HEADLESS", "1")
    monkeypatch.setenv("BRAINNB_PROGRESS", str(tmp_path / "progress.jsonl"))
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
