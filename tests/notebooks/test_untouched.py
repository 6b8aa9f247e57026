"""Untouched notebooks pass no check, and none stops with an error.

A file of its own and from the last lesson to the first: another worker solves them meanwhile from the first to the last,
and what either has compiled serves both.
"""

import pytest

from .notebook import NOTEBOOKS, run


@pytest.mark.usefixtures("nobody_answers")
@pytest.mark.parametrize("path", NOTEBOOKS[::-1], ids=lambda p: p.stem)
def test_untouched_passes_none(path):
    found, printed = run(path, solved=False)
    assert len(found) == 3
    assert not any(result.passed for result in found)
    assert "PASSED" not in printed
