"""What a page and a view of curves say to one another: a click is a change of values like any other."""

from typing import Any

from ..conversation import Conversation


class CurveConversation(Conversation):
    """A conversation that names the curves of its pictures, and what a click changes."""

    def describe(self) -> dict[str, Any]:
        view = self.simulator
        drawn = {"curves": list(view.curves), "lines": [list(line) for line in view.lines], "tap": list(view.tapped)}
        return super().describe() | {"drawn": drawn}
