"""Solved notebooks pass every check, untouched ones none, and neither stops with an error."""

import importlib.util
import sys
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("lesson_notebook", Path(__file__).parent / "notebook.py")
notebook = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = notebook
spec.loader.exec_module(notebook)


@pytest.fixture(autouse=True)
def nobody_to_answer(monkeypatch, tmp_path):
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.setenv("BRAINNB_HEADLESS", "1")
    monkeypatch.setenv("BRAINNB_PROGRESS", str(tmp_path / "progress.jsonl"))
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.mark.parametrize("path", notebook.NOTEBOOKS, ids=lambda p: p.stem)
def test_solved_passes_every_check(path):
    found, printed = notebook.run(path, solved=True)
    assert [str(result) for result in found] == [f"✓ PASSED {path.stem[:2]}.{i}" for i in (1, 2, 3)]
    assert printed.count("PASSED") == 3


@pytest.mark.parametrize("path", notebook.NOTEBOOKS, ids=lambda p: p.stem)
def test_untouched_passes_none(path):
    found, printed = notebook.run(path, solved=False)
    assert len(found) == 3
    assert not any(result.passed for result in found)
    assert "PASSED" not in printed


@pytest.mark.parametrize("path", notebook.NOTEBOOKS, ids=lambda p: p.stem)
def test_every_exercise_cell_has_a_solution(path):
    exercises = [c["id"] for c in notebook.code_cells(path) if "exercise" in c["metadata"].get("tags", [])]
    assert list(notebook.solutions(path)) == exercises
