"""The Panel component: `panel serve`, and notebooks that already use Panel."""

from typing import Any, ClassVar

import panel as pn

from ..place import in_kernel, served
from ..simulator import Simulator
from . import STATIC, module


class Explorer(pn.custom.JSComponent):
    """A conversation over Bokeh's document socket.

    Panel hands events to the session's own document; sending from the worker's thread goes through
    ``add_next_tick_callback`` when served.
    """

    _esm = module()
    _stylesheets: ClassVar[list[str]] = [(STATIC / "explorer.css").read_text(encoding="utf-8")]

    def __init__(self, simulator: Simulator, **params: Any):
        super().__init__(**params)
        self._conversation = simulator.talk(self._say)

    def _say(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        self._send_msg({**message, "buffers": buffers})

    def _handle_msg(self, said: Any) -> None:
        self._conversation.receive(said)

    def end(self) -> None:
        """The visitor has left: stop what runs for nobody."""
        self._conversation.close()


def component(simulator: Simulator) -> Explorer:
    """A component for the page at hand.

    In a served session it holds a simulator of its own, so that visitors share nothing: give ``pn.serve`` a
    function that calls this, not its result.  In a notebook it brings the JavaScript of Panel along, inside the
    page: nothing is asked from other hosts.
    """
    if served():
        made = Explorer(simulator.copy(), sizing_mode="stretch_width")
        pn.state.on_session_destroyed(lambda context: made.end())
        return made
    if in_kernel() and not pn.config.inline:
        pn.extension(inline=True)
    return Explorer(simulator, sizing_mode="stretch_width")
