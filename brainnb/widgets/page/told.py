"""What a page is told about a simulator, as plain data."""

from typing import Any

from ...core.model import Model
from ...inputs.base import Stimulus
from .. import code
from ..panels import Panel
from ..settings import Settings
from ..shown import Shown
from ..simulator import Simulator

SHADES = 33


def seen(simulator: Simulator) -> Shown:
    """A finished run of the present values."""
    if simulator.result is None or simulator.shown is None:
        raise ValueError("There is no run to make a page of.")
    return simulator.shown


def runnable(simulator: Simulator) -> Simulator:
    """What a page can run: a model under sliders as it is, of a network its populations without what was done to them."""
    from ..network.viewer import NetworkViewer

    if not isinstance(simulator, NetworkViewer):
        return simulator
    now = simulator.settings
    plain = Simulator(
        now.model, now.T, now.dt, inputs=now.inputs, record=[f"{band.path}.spike" for band in simulator.bands],
        seed=now.seed, sliders=simulator.sliders, title=simulator.title, **simulator.options,
    )  # fmt: skip
    for path, control in plain.controls.items():
        control.group, control.symbol = simulator.controls[path].group, simulator.controls[path].symbol
    return plain


def setup(conversation: Any) -> dict[str, Any]:
    """What an explorer's page is told first; there is no kernel to choose."""
    try:
        return conversation.describe() | {"browser": None}
    finally:
        conversation.leave()


def moved(setup: dict[str, Any], paths: set[str], presets: set[str]) -> dict[str, Any]:
    """The setup with what can be asked for on a page: the controls in ``paths``, and these presets."""
    controls = [c for c in setup["controls"] if c["path"] in paths]
    kept = {c["path"] for c in controls}
    return setup | {
        "controls": controls,
        "groups": [{**g, "paths": [p for p in g["paths"] if p in kept]} for g in setup["groups"]],
        "sliders": [p for p in setup["sliders"] if p in kept],
        "presets": [p for p in setup["presets"] if p["name"] in presets],
        "colours": setup["colours"] | {"field": shades()},
        "page": True,
    }


def adjustable(module: Any) -> tuple[set[str], set[str]]:
    """Paths and presets that a module knows."""
    return {p["path"] for p in module.about["parameters"]}, {p["name"] for p in module.about["presets"]}


def method(simulator: Simulator) -> Any:
    """The method that was asked for; None for the model's own."""
    return simulator.options["method"]


def remembers(model: Model) -> bool:
    """Whether a run keeps all of its past."""
    from ...core.orders import orders

    return bool(orders(model))


def panels(arranged: tuple[Panel, ...], result: Any) -> list[dict[str, Any]]:
    """The figures: what the page draws, and where its worker finds the numbers; populations that fire come first."""
    return raster(result) + lines(arranged)


def lines(arranged: tuple[Panel, ...]) -> list[dict[str, Any]]:
    """The figures of an explorer as plain data."""
    return [
        {
            "kind": panel.kind,
            "label": panel.label,
            "unit": panel.unit,
            "traces": [{"variable": t.variable, "unit": t.unit_index, "label": t.label} for t in panel.traces],
        }
        for panel in arranged
    ]


def raster(result: Any) -> list[dict[str, Any]]:
    """One figure for the spikes of all populations, one above the other."""
    traces, first = [], 0
    for name, x in result.data_vars.items():
        if str(name).rpartition(".")[2] == "spike" and x.ndim > 1:
            units = x.size // max(1, x.sizes["time"])
            label = str(name).removesuffix(".spike")
            traces.append({"variable": str(name), "unit": None, "label": label, "first": first, "units": units})
            first += units
    return [{"kind": "raster", "label": "neuron", "unit": "1", "traces": traces}] if traces else []


def cell(simulator: Simulator, settings: Settings, precision: str | None) -> dict[str, Any]:
    """The parts of the cell that makes the same run in Python, ``precision`` too; the page fills in what was moved."""
    *begun, last = code.begun(settings.model, "page")
    options = [
        f"{name}={value!r}"
        for name, value in simulator.options.items()
        if value is not None and name != "init" and (name, value) != ("every", 1)
    ]
    if precision is not None:
        options.append(f"precision={precision!r}")
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


def shades() -> list[list[int]]:
    """The colours of a field in even steps."""
    from bokeh.palettes import Viridis256

    chosen = [Viridis256[round(k * 255 / (SHADES - 1))] for k in range(SHADES)]
    return [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in chosen]
