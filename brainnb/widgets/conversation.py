"""What a page and a simulator say to one another; the same for every skin, and without a widget import.

A page sends small mappings with a ``type``; whatever it sends is checked here and by the model's own bounds.
Answers carry ``acks``: for each page the number of its newest request that the picture contains, so that a page
has at most one unanswered request (the self-clocking slider).
"""

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from . import bokehjs, browser, controls, figures, save
from .greeting import Greetings
from .simulator import Shown, Simulator

Send = Callable[[dict[str, Any], list[bytes]], None]

MIME = {".csv": "text/csv", ".nc": "application/x-netcdf", ".html": "text/html", ".json": "application/json"}
MAX_VALUES = 10_000


class Conversation:
    """One skin's link to a simulator.

    Parameters
    ----------
    simulator : Simulator
    send : callable
        ``send(message, buffers)``; called from any thread.
    """

    def __init__(self, simulator: Simulator, send: Send):
        self.simulator = simulator
        self._send = send
        self._lock = threading.Lock()
        self._asked: dict[str, list[tuple[int, int]]] = {}  # page -> (its request, our generation), oldest first
        self._greetings = Greetings()
        self._panels: Any = None
        self._told = 0.0
        self._known: dict[str, float] = {}  # the values that every page was sent
        self._end = simulator.listen(self._hear)

    def leave(self) -> None:
        """Stop listening; a run goes on."""
        self._end()

    def close(self) -> None:
        """Stop listening, and stop a run that nobody waits for."""
        self._end()
        self.simulator.stop()

    # --- from the page ---------------------------------------------------------------------------------------

    def receive(self, said: Any) -> None:
        """Answer one message; a mistake in it is answered in words and changes nothing."""
        kind = said.get("type") if isinstance(said, Mapping) else None
        if not isinstance(kind, str) or kind not in self._answers:
            return self._problem(ValueError(f"A page sent a message that is not known: {str(said)[:80]}"), {})
        if self._greetings.late(said):
            return None
        try:
            self._answers[kind](self, said)
        except (TypeError, ValueError, AttributeError, ArithmeticError, OSError, ImportError) as error:
            self._problem(error, _ack(said))
            self._values()

    def _hello(self, said: Mapping) -> None:
        view = said.get("view")
        page = None if view is None else str(view)[:40]  # None: all pages
        self._send({"type": "setup", "to": page, **self.describe()}, [])
        known = said.get("bokeh")
        if not (isinstance(known, list) and bokehjs.version() in known):
            self._send({"type": "bokehjs", "to": page, "version": bokehjs.version()}, [bokehjs.compressed()])
        if isinstance(said.get("link"), str):
            self._restore(said["link"])
        shown = self.simulator.shown
        if shown is not None:
            self._figure(shown, page)
            self._picture(shown)
        if self.simulator.stale or (shown is None and not self.simulator.busy):
            self.simulator.run()
        if self.simulator.in_browser:
            self._program(page)

    def _restore(self, link: str) -> None:
        """A page was opened with a link: take its values, or say why not and show the start."""
        try:
            self._load({"link": link})
        except (TypeError, ValueError, AttributeError) as error:
            self._problem(error, {})

    def _set(self, said: Mapping) -> None:
        values = said.get("values")
        if not isinstance(values, Mapping) or len(values) > MAX_VALUES:
            raise ValueError("The values of a request are a mapping from names to numbers.")
        with self._lock:  # the answer may be ready before the request is noted
            generation = self.simulator.set(values, urgent=bool(said.get("release")))
            self._note(said, generation)

    def _note(self, said: Mapping, generation: int) -> None:
        page, request = said.get("view"), said.get("seq")
        if isinstance(page, str) and isinstance(request, int) and len(self._asked) < 1000:
            noted = self._asked.setdefault(page[:40], [])
            noted.append((request, generation))
            del noted[:-50]

    def _reset(self, said: Mapping) -> None:
        self.simulator.reset(said.get("path"))
        self._values()

    def _preset(self, said: Mapping) -> None:
        self.simulator.use_preset(said.get("name"))
        self._values()

    def _noise(self, said: Mapping) -> None:
        self.simulator.new_noise()
        self._values()

    def _keep(self, said: Mapping) -> None:
        self.simulator.keep()

    def _forget(self, said: Mapping) -> None:
        index = said.get("index")
        self.simulator.forget(index if isinstance(index, int) else None)

    def _stop(self, said: Mapping) -> None:
        if not self.simulator.stop():
            self._send({"type": "progress", "fraction": None}, [])

    def _code(self, said: Mapping) -> None:
        self._send({"type": "text", "to": said.get("view"), "what": "code", "text": self.simulator.to_code()}, [])

    def _link(self, said: Mapping) -> None:
        self._send({"type": "text", "to": said.get("view"), "what": "link", "text": self.simulator.link()}, [])

    def _load(self, said: Mapping) -> None:
        self.simulator.load(said.get("link"))
        self._values()

    def _export(self, said: Mapping) -> None:
        kind = said.get("kind")
        if kind not in MIME:
            raise ValueError(f"An export is one of {', '.join(MIME)}.")
        name = f"{file_name(self.simulator.title)}{kind}"
        # off the callback's thread: a result may be large, and a run may be under way
        threading.Thread(target=self._exported, args=(kind, name, said.get("view")), daemon=True).start()

    def _exported(self, kind: str, name: str, page: Any) -> None:
        try:
            content = save.to_bytes(self.simulator, kind)
        except Exception as error:
            self._problem(error, {})
        else:
            self._send({"type": "file", "to": page, "name": name, "mime": MIME[kind]}, [content])

    def _browser(self, said: Mapping) -> None:
        if browser.offered(self.simulator) is None:
            raise ValueError(f"This view of {self.simulator.title} has no time course that a page could compute.")
        on = said.get("on") is True
        if on != self.simulator.in_browser:
            self.simulator.in_browser = on
        else:  # said to this page alone: nothing has changed
            self._program(said.get("view"))

    def _program(self, page: Any = None) -> None:
        """Tell who computes while a slider is held; the program is written off the callback's thread."""
        if self.simulator.in_browser:
            threading.Thread(target=self._written, args=(page,), daemon=True).start()
        else:
            self._send({"type": "program", "to": page, "on": False}, [])

    def _written(self, page: Any) -> None:
        try:
            program = browser.program(self.simulator)
        except Exception as error:  # whatever a model is refused for is said on the page
            self.simulator.in_browser = False
            self._send({"type": "program", "to": page, "on": False, "reason": str(error)[:2000]}, [])
        else:
            self._send({"type": "program", "to": page, "on": True, "about": program.about}, [program.packed])

    _answers: ClassVar[dict[str, Callable]] = {
        "hello": _hello, "set": _set, "reset": _reset, "preset": _preset, "noise": _noise, "keep": _keep,
        "forget": _forget, "stop": _stop, "code": _code, "link": _link, "load": _load, "export": _export,
        "browser": _browser,
    }  # fmt: skip

    # --- to the page -----------------------------------------------------------------------------------------

    def describe(self) -> dict[str, Any]:
        """Everything a page needs to lay out the controls, as plain data."""
        simulator = self.simulator
        groups: dict[str, list[str]] = {}
        for control in simulator.controls.values():
            groups.setdefault(control.group, []).append(control.path)
        return {
            "title": simulator.title,
            "doc": summary(simulator.model),
            "controls": [c.describe() for c in simulator.controls.values()],
            "fixed": controls.fixed(simulator.settings),
            "groups": [{"name": name, "paths": paths} for name, paths in groups.items()],
            "sliders": opened(simulator, groups),
            "values": simulator.settings.values(),
            "browser": browser.offered(simulator),
            "presets": [{"name": name, "doc": doc} for name, doc in simulator.presets().items()],
            "colours": {"light": figures.LIGHT, "dark": figures.DARK, "kept": figures.KEPT},
        }

    def _hear(self, event: str, value: Any) -> None:
        if event == "shown":
            self._figure(value)
            self._picture(value)
        elif event == "progress":
            now = time.monotonic()
            if now - self._told > 0.1:
                self._told = now
                self._send({"type": "progress", "fraction": round(value, 4)}, [])
        elif event == "problem":
            generation, error = value
            self._problem(error, {"acks": self._answered(generation)})
        elif event == "kept":
            self._kept()
        elif event == "browser":
            self._program()

    def _figure(self, shown: Shown, page: str | None = None) -> None:
        """Send the figures when they are new, or to the page that has none."""
        if page is None and shown.panels == self._panels:
            return
        self._panels = shown.panels
        described = [{"kind": p.kind, "label": p.label, "traces": [t.label for t in p.traces]} for p in shown.panels]
        message = {
            "type": "figure",
            "version": bokehjs.version(),
            "panels": described,
            "item": self.simulator.item(shown),
        }
        self._send(message if page is None else {**message, "to": page}, [])
        if self.simulator.kept:
            self._kept()

    def _picture(self, shown: Shown) -> None:
        message = {
            "type": "picture",
            **shown.picture.header,
            "acks": self._answered(shown.generation),
            "text": self.simulator.text(),
            "stopped": shown.stopped,
            "kept": self.simulator.comparisons(),
            "values": self._news(),
        }
        self._send(message, [shown.picture.block])

    def _kept(self) -> None:
        kept = [k for k in self.simulator.kept if k.panels == self._panels]
        message = {
            "type": "kept",
            "headers": [k.picture.header for k in kept],
            "values": [k.settings.values() for k in kept],
            "kept": self.simulator.comparisons(),
            "text": self.simulator.text(),
        }
        self._send(message, [k.picture.block for k in kept])

    def _news(self) -> dict[str, float]:
        """The values that pages have not been sent yet; so a second page and a notebook cell move the sliders too.

        Those of this moment, which may be ahead of the picture: an old one moves no slider back.
        """
        with self._lock:
            values = self.simulator.settings.values()
            news = {path: value for path, value in values.items() if self._known.get(path) != value}
            self._known = values
            return news

    def _values(self) -> None:
        self._send({"type": "values", "values": self.simulator.settings.values()}, [])

    def _problem(self, error: BaseException, more: dict[str, Any]) -> None:
        text = str(error) or type(error).__name__
        self._send({"type": "problem", "text": text[:2000], **more}, [])

    def _answered(self, generation: int) -> dict[str, int]:
        with self._lock:
            found = {}
            for page, noted in self._asked.items():
                done = [request for request, asked in noted if asked <= generation]
                if done:
                    found[page] = max(done)
                    noted[:] = [pair for pair in noted if pair[1] >= generation]
            return found


def opened(simulator: Simulator, groups: dict[str, list[str]]) -> list[str]:
    """Controls that stand open: the chosen ones, else the inputs and the first parameters, four in all."""
    if simulator.sliders is not None:
        return simulator.sliders
    order = [p for name, paths in groups.items() if name != "Run" for p in paths]
    return order[:4]


def summary(model: Any) -> str:
    """The first sentence of the class docstring, as plain text."""
    first = (type(model).__doc__ or "").strip().split("\n\n")[0]
    return " ".join(first.split())[:300]


def file_name(title: str) -> str:
    """A name that no file system can misread."""
    return f"brainnb-{re.sub(r'[^A-Za-z0-9_-]+', '-', title).strip('-')[:60] or 'result'}"


def _ack(said: Mapping) -> dict[str, Any]:
    page, request = said.get("view"), said.get("seq")
    return {"acks": {page: request}} if isinstance(page, str) and isinstance(request, int) else {}
