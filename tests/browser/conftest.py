"""Browser tests share the harness beside them."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import harness


@pytest.fixture(scope="session", autouse=True)
def _chromium():
    """Without a browser the tests fail, and say what to type."""
    harness.chromium()
