"""Words for eigenvalues."""

import numpy as np
import pytest

from brainnb.analysis.stability import word, words


@pytest.mark.parametrize(
    ("eigenvalues", "expected"),
    [
        ([-1, -2], "stable node"),
        ([1, 2], "unstable node"),
        ([-1 + 1j, -1 - 1j], "stable focus"),
        ([1 + 1j, 1 - 1j], "unstable focus"),
        ([1, -2], "saddle"),
        ([1j, -1j], "center"),
        ([0, -1], "degenerate"),
        ([-0.1, -5 + 1j, -5 - 1j], "stable node"),
        ([-0.1 + 1j, -0.1 - 1j, -5], "stable focus"),
        ([0.1 + 1j, 0.1 - 1j, -5], "saddle-focus"),
        ([0.1, -5 + 3j, -5 - 3j, -1], "saddle"),
        ([3.0], "unstable node"),
        ([np.nan, 1], "degenerate"),
    ],
)
def test_words(eigenvalues, expected):
    assert word(np.array(eigenvalues)) == expected
    assert words(np.array([eigenvalues]))[0] == expected
