"""What a page and a diagram say to one another: a click is a change of the parameter and of the start."""

from typing import Any

from ..conversation import Conversation
from .drawing import CURVES


class DiagramConversation(Conversation):
    """A conversation that names the curves of its pictures, and what a click changes."""

    def describe(self) -> dict[str, Any]:
        view = self.simulator
        return super().describe() | {"diagram": {"tap": list(view.tapped), "curves": list(CURVES)}}
