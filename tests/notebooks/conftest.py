"""Lessons run as the tests run them: nobody answers, and nobody's progress is kept."""

import pytest


@pytest.fixture
def nobody_answers(monkeypatch, tmp_path):
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.setenv("BRAINNB_HEADLESS", "1")
    monkeypatch.setenv("BRAINNB_PROGRESS", str(tmp_path / "progress.jsonl"))
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
