"""A student with a progress file of their own, and nobody else's predictions in memory."""

import pytest

from brainnb.teach import hint, predict


@pytest.fixture
def progress_file(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINNB_PROGRESS", str(tmp_path / "progress.jsonl"))
    monkeypatch.delenv("BRAINNB_HEADLESS", raising=False)
    predict.__globals__["_asked"].clear()
    hint.__globals__["_given"].clear()
    return tmp_path / "progress.jsonl"
