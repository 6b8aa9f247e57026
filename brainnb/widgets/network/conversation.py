"""What a page and a network viewer say to one another, beyond what any model has to say."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from ..conversation import Conversation


class NetworkConversation(Conversation):
    """A conversation in which neurons are chosen, held and driven."""

    def describe(self) -> dict[str, Any]:
        """What a page needs: controls, and who stands where in the raster."""
        view = self.simulator
        bands = [
            {
                "path": b.path, "number": b.number, "low": b.low, "high": b.high, "unit": b.unit or "", "rest": b.rest,
                "drive": b.drive or "", "kind": b.kind,
            }
            for b in view.bands
        ]  # fmt: skip
        return super().describe() | {"network": {"bands": bands}}

    def _picture(self, shown: Any) -> None:
        super()._picture(shown)
        self._hands()

    def _hands(self) -> None:
        """What is done to neurons, and who is looked at: told when it changes."""
        view = self.simulator
        told = [
            {
                "text": view.in_words(m),
                "population": m.population,
                "neurons": m.neurons,
                "start": m.start,
                "stop": m.stop,
            }
            for m in view.manipulations
        ]
        chosen = [{"population": p, "neuron": n} for p, n in view.chosen]
        message = {"type": "hands", "manipulations": told, "chosen": chosen}
        if view.in_browser:
            message |= {"places": view.settings.chosen, "watched": view.watched}
        self._send(message, [])

    def _load(self, said: Mapping) -> None:
        super()._load(said)
        self._hands()

    # --- from the page ---------------------------------------------------------------------------------------

    def _choose(self, said: Mapping) -> None:
        population, neuron = str(said.get("population"))[:200], number(said, "neuron")
        if "time" in said:
            reach = number(said, "across"), number(said, "along")
            self.simulator.choose_near(population, neuron, number(said, "time"), reach)
        else:
            self.simulator.choose(population, int(neuron))
        self._hands()

    def _unchoose(self, said: Mapping) -> None:
        self.simulator.forget_neuron(int(number(said, "index")))
        self._hands()

    def _manipulate(self, said: Mapping) -> None:
        population = str(said.get("population"))[:200]
        neurons = (int(number(said, "first")), int(number(said, "last")) + 1)
        start = None if said.get("now") is True else number(said, "start")
        stop = None if said.get("stop") is None else number(said, "stop")
        level = number(said, "level")
        act = self.simulator.drive if said.get("kind") == "drive" else self.simulator.hold
        act(population, level, neurons=neurons, start=start, stop=stop)
        self._hands()

    def _release(self, said: Mapping) -> None:
        self.simulator.release(None if said.get("index") is None else int(number(said, "index")))
        self._hands()

    _answers: ClassVar[dict[str, Any]] = Conversation._answers | {
        "load": _load, "choose": _choose, "unchoose": _unchoose, "manipulate": _manipulate, "release": _release,
    }  # fmt: skip


def number(said: Mapping, name: str) -> float:
    """A finite number that a page sent."""
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12 or not math.isfinite(value):
        raise ValueError(f"{name}: a finite number was expected; got {str(value)[:40]!r}.")
    return value
