"""All runs of a lesson go to one worker, where each takes over what the others have compiled."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
FOLDERS = (HERE, HERE.parents[1] / "notebooks")


def lesson(item: pytest.Item) -> str:
    """The lesson that a cell or a test belongs to; nothing for what is about all of them."""
    given = getattr(item, "callspec", None)
    path = given.params["path"] if given else item.path
    return path.stem if path.suffix == ".ipynb" else ""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The last lessons begin: they learn, which takes longest, and at the end no worker is left alone with one."""
    here = [item for item in items if item.path.parent in FOLDERS]
    for item in here:
        item.add_marker(pytest.mark.xdist_group(lesson(item) or "all"))
    ranked, moved = iter(sorted(here, key=lesson, reverse=True)), set(here)
    items[:] = [next(ranked) if item in moved else item for item in items]
