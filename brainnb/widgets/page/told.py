"""What a page is told about a simulator, as plain data."""

from typing import Any

from ...core.model import Model
from ...inputs.base import Stimulus
from .. import code
from ..panels import Panel
from ..settings import Settings
from ..shown import Shown
from ..simulator import Simulator


def seen(simulator: Simulator) -> Shown:
    """A finished run of the present values."""
    if simulator.result is None or simulator.shown is None:
        raise ValueError("There is no run to make a page of.")
    return simulator.shown


def setup(conversation: Any) -> dict[str, Any]:
    """What an explorer's page is told first."""
    try:
        return conversation.describe()
    finally:
        conversation.leave()


def method(simulator: Simulator) -> Any:
    """The method that was asked for; None for the model's own."""
    return simulator.options["method"]


def remembers(model: Model) -> bool:
    """Whether a run keeps all of its past."""
    from ...core.orders import orders

    return bool(orders(model))


def panels(arranged: tuple[Panel, ...]) -> list[dict[str, Any]]:
    """The figures: what the page draws, and where its worker finds the numbers."""
    return [
        {
            "kind": panel.kind,
            "label": panel.label,
            "unit": panel.unit,
            "traces": [{"variable": t.variable, "unit": t.unit_index, "label": t.label} for t in panel.traces],
        }
        for panel in arranged
    ]


def cell(simulator: Simulator, settings: Settings) -> dict[str, Any]:
    """The parts of the cell that makes the same run in Python; the page fills in what was moved."""
    *begun, last = code.begun(settings.model, "page")
    options = [
        f"{name}={value!r}"
        for name, value in simulator.options.items()
        if value is not None and name != "init" and (name, value) != ("every", 1)
    ]
    return {
        "begun": "\n".join(line for line in begun if line),
        "built": last.removeprefix("model = "),
        "parameters": {p: v for p, v in settings.values().items() if p in settings.model.parameters()},
        "inputs": [given(name, value, settings) for name, value in settings.inputs.items()],
        "tail": options,
    }


def given(name: str, value: Any, settings: Settings) -> dict[str, Any]:
    """An input as text: a number is the page's to write, of a stimulus it writes what was moved."""
    own = {p[len(name) + 1 :]: v for p, v in settings.values().items() if p.startswith(f"{name}.")}
    stimulus = isinstance(value, Stimulus)
    return {
        "name": name,
        "text": code.input_text(name, value) if stimulus or name not in settings.values() else None,
        "values": own if stimulus else {},
    }
