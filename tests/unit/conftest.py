"""Unit tests compute in 64 bits, and a warning that is not expected is an error."""

from pathlib import Path

import jax
import pytest

HERE = Path(__file__).parent
HALF_AN_ENTRY = "ignore:Error reading persistent compilation cache"
"""Another worker is writing the program just now (tests/conftest.py)."""


TO_THE_LAST_BIT = ("core", "integrators", "ops", "synapses", "networks", "run")
"""Rooms whose tests compare programs with each other: they are compiled as users run them."""


def pytest_collection_modifyitems(items):
    """Turn warnings into errors here and only here: the hook is called with the tests of every folder."""
    for item in items:
        if item.path.is_relative_to(HERE):
            if item.path.parent.name in TO_THE_LAST_BIT:
                item.add_marker(pytest.mark.as_run)
            item.add_marker(pytest.mark.filterwarnings("error", HALF_AN_ENTRY), append=False)


@pytest.fixture(autouse=True)
def double_precision():
    """Set for the process and not only for this thread, because the widgets compute in a worker thread."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)
