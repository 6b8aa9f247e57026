"""One page, several views of a model: a page looks at one of them at a time."""

import threading
from collections.abc import Mapping
from typing import Any

from . import bokehjs
from .conversation import Send
from .greeting import Greetings


class Tabs:
    """A conversation that changes whom it speaks for when a page looks at another view.

    Parameters
    ----------
    explorer : Explorer
        Has ``tabs``, names with words, and ``view(name)``.
    send : callable
        ``send(message, buffers)``; called from any thread.
    """

    def __init__(self, explorer: Any, send: Send):
        self._explorer, self._send = explorer, send
        self._lock = threading.RLock()
        self._greetings = Greetings()
        self._turn = 0
        self._tab = next(iter(explorer.tabs))
        self._talk = explorer.view(self._tab).talk(self._speaker())

    def receive(self, said: Any) -> None:
        """Answer one message of a page."""
        if isinstance(said, Mapping) and said.get("type") == "look":
            # off the callback's thread: a view that is new compiles what it needs
            threading.Thread(target=self._look, args=(said.get("tab"),), daemon=True).start()
        elif not self._greetings.late(said):  # a view that came since would take it for the first
            self._talk.receive(said)

    def close(self) -> None:
        """End the conversation with the page."""
        self._talk.close()

    def _look(self, tab: Any) -> None:
        try:
            view = self._explorer.view(tab)
        except Exception as error:  # whatever a model is refused for is said on the page
            self._send({"type": "problem", "text": f"{error}"[:2000]}, [])
            return
        with self._lock:
            self._talk.leave()
            self._turn, self._tab = self._turn + 1, tab
            self._talk = view.talk(self._speaker())
        self._talk.receive({"type": "hello", "view": None, "bokeh": [bokehjs.version()]})

    def _speaker(self) -> Send:
        """How the present view speaks; what a view says after its turn is not passed on."""
        turn = self._turn

        def speak(message: dict[str, Any], buffers: list[bytes]) -> None:
            with self._lock:
                if turn != self._turn:
                    return
                if message["type"] == "setup":
                    named = [{"name": name, "text": text} for name, text in self._explorer.tabs.items()]
                    message = {**message, "tabs": named, "tab": self._tab}
                self._send(message, buffers)

        return speak
