"""The Jupyter widget: JupyterLab, Notebook 7, Voila, Colab."""

from typing import Any

import anywidget

from ..simulator import Simulator
from . import STATIC, module


class Explorer(anywidget.AnyWidget):
    """A conversation over a Jupyter comm.

    Messages may arrive on the kernel's main thread or on a subshell, and pictures leave from the worker's thread;
    the conversation takes both.  Nothing waits for the kernel's event loop, so pictures come while a cell runs.
    """

    _esm = module()
    _css = STATIC / "explorer.css"

    def __init__(self, simulator: Simulator):
        super().__init__()
        if self.comm is not None:
            # ipykernel 7.4 leads what a page says to where the kernel spoke last: to the main thread, behind a cell that runs
            self.comm._reply_subshell_for = None
        self._conversation = simulator.talk(self.send)
        self.on_msg(self._on_message)

    def _on_message(self, widget: Any, content: Any, buffers: Any) -> None:
        self._conversation.receive(content)

    def close(self) -> None:
        """End the conversation with the widget."""
        self._conversation.close()
        super().close()


def widget(simulator: Simulator) -> Explorer:
    """A widget of its own for each call; several may show one simulator."""
    return Explorer(simulator)
