"""Exercises as they stand pass no check, solved ones pass every check, and none stops with an error."""

import pytest

from .notebook import NOTEBOOKS, code_cells, run, solutions


@pytest.mark.usefixtures("nobody_answers")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_untouched_passes_none_and_solved_every_check(path):
    (untouched, said), (solved, told) = run(path)
    assert len(untouched) == 3
    assert not any(result.passed for result in untouched)
    assert "PASSED" not in said
    assert [str(result) for result in solved] == [f"✓ PASSED {path.stem[:2]}.{i}" for i in (1, 2, 3)]
    assert told.count("PASSED") == 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_exercise_cell_has_a_solution(path):
    exercises = [c["id"] for c in code_cells(path) if "exercise" in c["metadata"].get("tags", [])]
    assert list(solutions(path)) == exercises
