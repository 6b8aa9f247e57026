"""What a page and a training monitor say to one another: pictures one way, buttons the other."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from .. import figures
from ..conversation import Conversation

ACTS = ("pause", "resume", "one_step", "stop")


class MonitorConversation(Conversation):
    """A conversation in which a run is steered; it goes on when the page leaves."""

    def describe(self) -> dict[str, Any]:
        """Everything that a page needs: no slider but that of the trial."""
        view = self.simulator
        return {
            "title": view.title,
            "doc": view.doc,
            "controls": [c.describe() for c in view.controls.values()],
            "groups": [{"name": "Trial", "paths": list(view.controls)}],
            "sliders": list(view.controls),
            "values": view.settings.values(),
            "presets": [],
            "colours": {"light": figures.LIGHT, "dark": figures.DARK, "kept": figures.KEPT},
            "drawn": {"curves": list(view.layout.curves), "lines": [], "tap": []},
            "monitor": {"log": view.log, "runs": list(view.runs), "truth": bool(view.truth)},
        }

    def _hello(self, said: Mapping) -> None:
        super()._hello({**said, "link": None})
        self._seen({"view": said.get("view"), "seen": True})

    def close(self) -> None:
        """Stop looking; the run goes on."""
        self.leave()

    def leave(self) -> None:
        super().leave()
        self.simulator.left(id(self))

    # --- from the page ---------------------------------------------------------------------------------------

    def _act(self, said: Mapping) -> None:
        if said.get("act") not in ACTS:
            raise ValueError(f"A run takes one of {', '.join(ACTS)}.")
        self.simulator.act(said["act"])

    def _scale(self, said: Mapping) -> None:
        self.simulator.log = said.get("log") is True

    def _window(self, said: Mapping) -> None:
        ends = said.get("begin"), said.get("end")
        self.simulator.window = None if ends == (None, None) else tuple(map(finite, ends))

    def _seen(self, said: Mapping) -> None:
        self.simulator.looking((id(self), str(said.get("view"))[:40]), said.get("seen") is True)

    _answers: ClassVar[dict[str, Any]] = {
        "hello": _hello, "set": Conversation._set, "export": Conversation._export, "act": _act, "scale": _scale,
        "window": _window, "seen": _seen,
    }  # fmt: skip


def finite(x: Any) -> float:
    """A finite number that a page sent."""
    if isinstance(x, bool) or not isinstance(x, int | float) or not math.isfinite(x):
        raise ValueError(f"A window is two finite numbers; got {str(x)[:40]!r}.")
    return float(x)
