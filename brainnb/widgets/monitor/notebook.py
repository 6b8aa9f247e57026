"""``bn.fit(..., monitor=True)`` in a notebook: the view stands at once, and the run learns behind it."""

import importlib.util
import sys
import weakref
from collections.abc import Mapping
from typing import Any

from ...train.running import watching
from ..place import headless, in_kernel, served

latest: dict[str, "weakref.ref[Any]"] = {}
"""The newest run of each cell: when a cell runs again its old run ends, and only one view is alive."""


def show(run: Any, options: Mapping[str, Any]) -> bool:
    """Show a run that is about to start, where there is a page to show it on."""
    if headless() or not (served() or (in_kernel() and importlib.util.find_spec("anywidget"))):
        return False
    from .view import TrainingMonitor

    view = TrainingMonitor(run, **options)
    if served():
        view.panel().servable(title=view.title)
        return True
    replace(cell(), run)
    from IPython.display import display

    display(view.ipywidget())
    return True


def replace(cell: str | None, run: Any) -> None:
    """A cell that runs again wants a new run, not two."""
    if cell is None:
        return
    old = latest.get(cell, lambda: None)()
    if old is not None and old is not run:
        old.stop()
        old.join()
    latest[cell] = weakref.ref(run)


def cell() -> str | None:
    """Which cell of the notebook runs now; None where the page does not say."""
    kernel = getattr(sys.modules["IPython"].get_ipython(), "kernel", None)
    parent = kernel.get_parent() if kernel is not None else {}
    found = parent.get("metadata", {}).get("cellId")
    return str(found) if found else None


watching.viewers.append(show)
