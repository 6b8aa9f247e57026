"""Numbers from outside are compared in 64 bits; spikes are read off traces here, independent of the library."""

from pathlib import Path

import jax
import methods
import numpy as np
import pytest

HERE = Path(__file__).parent

LONG = ("constrained_networks", "fits_from_many_starts", "trained_networks", "training", "ventral_stream")
"""Files that train networks or follow large ones: these begin, so that no worker is left with one at the end."""


def pytest_collection_modifyitems(items):
    """What a number from outside is compared with comes from a program as users run it."""
    long = {HERE / f"test_{name}.py" for name in LONG}
    items.sort(key=lambda item: item.path not in long)
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.as_run)


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def _crossings(x, level):
    """Times of the upward crossings of one trace, interpolated between samples."""
    t, x = x.time.values, x.values
    i = np.flatnonzero((x[:-1] < level) & (x[1:] >= level))
    return t[i] + (level - x[i]) / (x[i + 1] - x[i]) * (t[i + 1] - t[i])


def _spike_times(ds):
    """Times of the steps in which `spike` was 1."""
    return ds.time.values[ds.spike.values > 0]


@pytest.fixture
def crossings():
    return _crossings


@pytest.fixture
def spike_times():
    return _spike_times


def _rows(title, columns):
    """Cells of the lines of the table under a title, by the first so many of them."""
    text = methods.PAGE.read_text(encoding="utf8").split(f"# {title}\n")[1].split("\n#")[0]
    table = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    found = {tuple(cell.strip("`") for cell in cells[:columns]): cells for cells in table}
    assert len(found) == len(table)
    return found


@pytest.fixture
def rows():
    return _rows
