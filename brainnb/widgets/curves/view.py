"""``CurveView``: a simulator whose picture is named curves on a plane, with traces beside; without any widget."""

from collections.abc import Callable
from typing import Any

from ...core.errors import ModelError
from ...core.model import Model
from ..shown import Shown
from ..simulator import Simulator


class CurveView(Simulator):
    """A result drawn as curves.

    Attributes
    ----------
    curves : tuple of str
        Names of the curves in the order in which they are sent.
    lines : tuple of (str, int)
        What the traces show over the times in the curve ``time``: a curve, and 0 for its x or 1 for its y.
    tapped : tuple of str
        The controls that a click in the first figure moves: across, up.
    """

    curves: tuple[str, ...] = ()
    lines: tuple[tuple[str, int], ...] = ()
    tapped: tuple[str, ...] = ()

    def figures(self) -> Any:
        """The Bokeh figures with empty sources."""
        raise NotImplementedError(f"{type(self).__name__} defines `figures`: every view of curves does.")

    def item(self, shown: Shown) -> dict[str, Any]:
        from bokeh.embed import json_item

        return json_item(self.figures())

    def filled(self) -> Any:
        from .figures import filled

        return filled(self)

    def talk(self, send: Callable[[dict[str, Any], list[bytes]], None]) -> Any:
        from .conversation import CurveConversation

        return CurveConversation(self, send)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        from ..explore import Explorer

        return Explorer(self)._repr_mimebundle_(include=include, exclude=exclude)


def checked(model: Any, example: str) -> None:
    """Refuse what is no model before anything else is looked at."""
    if not isinstance(model, Model):
        raise ModelError(f"A model was expected, for example {example}; got {type(model).__name__}.")
