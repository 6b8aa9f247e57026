"""Views of one model that share its values: what is moved in one moves in all."""

import threading
from typing import Any

from ..core.errors import ModelError
from .controls import told
from .settings import Settings


class Shared:
    """Views that have the same model, inputs and starts.

    Whoever is moved hands its values to the others once; a view that follows hands nothing on, so nothing goes round.
    The values are the model itself, which does not change: all hold the same one.
    """

    def __init__(self) -> None:
        self.views: list[Any] = []
        self._lock = threading.RLock()
        self._moving = False

    @classmethod
    def of(cls, first: Any, second: Any) -> "Shared":
        """The group of both; two groups become one."""
        for view in (first, second):
            if not hasattr(view, "follow"):
                raise ModelError(
                    f"A view such as bn.widgets.PhasePlane(model) was expected; got {type(view).__name__}."
                )
        mine, theirs = type(first.model), type(second.model)
        if mine is not theirs:
            raise ModelError(f"Views of one model can be linked; these show {mine.__name__} and {theirs.__name__}.")
        group = first._shared or cls()
        for view in (first, *(second._shared.views if second._shared else [second])):
            if view not in group.views:
                group.views.append(view)
            view._shared = group
        return group

    def moved(self, source: Any, urgent: bool) -> None:
        """Hand the present values of ``source`` to the others."""
        with self._lock:
            if self._moving:
                return
            self._moving = True
            try:
                for view in self.views:
                    if view is not source:
                        view.follow(source.settings, urgent)
            finally:
                self._moving = False


class Linked:
    """The part of a simulator that shares its values with other views of the same model."""

    _shared: Shared | None = None
    _stale = False

    def join(self, view: Any) -> None:
        """Have the same model, inputs and starts as another view of it from now on; ``view`` takes those of this one."""
        self._shared = Shared.of(self, view)
        view.follow(self._settings)

    def follow(self, settings: Settings, urgent: bool = True) -> None:
        """Take the values of a linked view; run now if somebody looks, else when somebody does."""
        with self._lock:
            before, after = self._settings, self._settings.joined(settings)
            if after is before:
                return
            self._settings = after
            self.last_change = told(before, after, self.controls) or self.last_change
            self._stale = True
        if self._listeners:
            self.run(urgent=urgent)

    def _moved(self, urgent: bool) -> None:
        if self._shared is not None:
            self._shared.moved(self, urgent)

    @property
    def stale(self) -> bool:
        """Have the values moved since the last run, with nobody looking?"""
        return self._stale or self._generation == 0
