"""The page of a model that cannot run in a browser: runs over one or two of its values, computed when the page is saved."""

import base64
import gzip
from itertools import product
from typing import Any

import numpy as np

from ..controls import Control
from ..conversation import Conversation, opened
from ..picture import draw
from ..settings import RUN
from ..shown import Shown
from ..simulator import Simulator
from . import told

VALUES = {1: 15, 2: 6}
"""Values of each axis at most, where there is one and where there are two."""

LEAST = 3
BYTES = 190_000
"""What all pictures may take as text."""

POINTS = 1600
"""Points of all traces of a picture, where there is one axis."""


def axes(simulator: Simulator) -> list[Control]:
    """The values that a table is made over: the first two sliders that were named, else the first that stands open."""
    groups: dict[str, list[str]] = {}
    for control in simulator.controls.values():
        groups.setdefault(control.group, []).append(control.path)
    paths = [p for p in opened(simulator, groups) if p not in RUN and not p.startswith("start.")]
    return [simulator.controls[path] for path in paths[: 2 if simulator.sliders else 1]]


def described(simulator: Simulator) -> dict[str, Any]:
    """Everything that a page is told of a model and of its runs, as plain data."""
    moved = axes(simulator)
    shown = told.seen(simulator)
    twin, count = simulator.copy(), VALUES[len(moved)]
    while True:
        grid = [spread(control, count) for control in moved]
        pictures = [pictured(run(twin, moved, values), POINTS // len(moved)) for values in product(*grid)]
        size = sum(len(picture["block"]) for picture in pictures)
        if size <= BYTES or count == LEAST:
            break
        count = max(LEAST, min(count - 1, int(count * (BYTES / size) ** (1 / len(moved)))))
    paths = {control.path for control in moved}
    setup = told.moved(told.setup(Conversation(simulator, lambda *_: None)), paths, set())
    setup["sliders"] = [control.path for control in moved]
    return {
        "model": type(simulator.model).__name__,
        "setup": setup | {"table": True},
        "panels": told.lines(shown.panels),
        "presets": [],
        "every": shown.settings.every,
        "width": shown.settings.width,
        "fixedDt": False,
        "longest": None,
        "code": told.cell(simulator, shown.settings),
        "table": {
            "axes": [{"path": c.path, "unit": c.unit, "values": values} for c, values in zip(moved, grid, strict=True)],
            "pictures": pictures,
        },
    }


def spread(control: Control, count: int) -> list[float]:
    """Even values over the span of a slider; the nearest gives way to the present one."""
    found = np.linspace(control.low, control.high, count)
    if control.low <= control.value <= control.high:
        found[np.argmin(np.abs(found - control.value))] = control.value
    return [float(f"{x:.9g}") for x in found]


def run(simulator: Simulator, moved: list[Control], values: tuple[float, ...]) -> Shown:
    """The run of these values; one that ends early is shown as far as it came."""
    generation = simulator.set({control.path: value for control, value in zip(moved, values, strict=True)})
    simulator.wait()
    shown = simulator.shown
    if shown is None or shown.generation != generation:
        raise simulator.problem or RuntimeError(f"There is no run of {values}.")
    return shown


def pictured(shown: Shown, points: int) -> dict[str, Any]:
    """A picture as text."""
    header, block = draw(shown.result, shown.panels, points)
    packed = base64.b64encode(gzip.compress(block, mtime=0)).decode()
    return {"header": header, "block": packed, "text": shown.text}
