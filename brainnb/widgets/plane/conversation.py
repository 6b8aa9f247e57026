"""What a page and a phase plane say to one another: a click in the plane is a change of the start like any other."""

from typing import Any

from ..conversation import Conversation
from .drawing import CURVES


class PlaneConversation(Conversation):
    """A conversation that names the curves of its pictures."""

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"plane": {"axes": list(self.simulator.axes), "curves": list(CURVES)}}
