"""Who watches a training run: a view in a notebook, a line a second elsewhere, or a function of the user's."""

from collections.abc import Callable, Mapping
from typing import Any

from brainnb.core.errors import ModelError

from .told import Told

Viewer = Callable[[Any, Mapping[str, Any]], bool]
"""Shows a run that is about to start, with options of the view; False where there is nothing to show it on."""

viewers: list[Viewer] = []
"""Filled by what can show something; the first that does is enough."""


def watched(run: Any, monitor: Any) -> bool:
    """Let the run be watched as ``monitor=`` asks; whether a live view stands, so that it may learn behind it.

    Raises
    ------
    ModelError
        For what is neither True, nor options of a view, nor a function.
    """
    if monitor is None or monitor is False:
        return False
    if monitor is True or isinstance(monitor, Mapping):
        if any(show(run, {} if monitor is True else monitor) for show in viewers):
            return True
        run.watch(Told())
    else:
        run.watch(monitor)
    return False


def check(monitor: Any) -> None:
    """Refuse before anything is made ready."""
    if not (monitor is None or isinstance(monitor, bool | Mapping) or callable(monitor)):
        raise ModelError(
            f"monitor={monitor!r}: True, a mapping of options of bn.TrainingMonitor, or a function of the run was expected."
        )
