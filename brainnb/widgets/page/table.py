"""The page of a model that cannot run in a browser: runs over one or two of its values, computed when the page is saved."""

import base64
import gzip
from itertools import product
from time import monotonic
from typing import Any

import numpy as np

from ..controls import Control
from ..conversation import Conversation, opened
from ..network import code, still
from ..network.viewer import NetworkViewer
from ..picture import draw
from ..settings import RUN, Settings
from ..shown import Shown
from ..simulator import Simulator
from . import told

VALUES = {1: 15, 2: 6}
"""Values of each axis at most, where there is one and where there are two."""

LEAST = 3
BYTES, NETWORK_BYTES = 190_000, 600_000
"""What all pictures may take as text; a raster holds thousands of spikes."""

SECONDS = 60.0
"""What all runs may take, as the first of them lets expect."""

POINTS = 1600
"""Points of all traces of a picture, where there is one axis."""


def axes(simulator: Simulator) -> list[Control]:
    """The values that a table is made over: the first two sliders that were named, else the first that stands open."""
    groups: dict[str, list[str]] = {}
    for control in simulator.controls.values():
        groups.setdefault(control.group, []).append(control.path)
    paths = [p for p in opened(simulator, groups) if p not in RUN and not p.startswith("start.")]
    return [simulator.controls[path] for path in paths[: 2 if simulator.sliders else 1]]


def described(simulator: Simulator) -> dict[str, Any] | None:
    """Everything that a page is told of a model and of its runs, as plain data; None where three would take too long."""
    shown, moved = told.seen(simulator), axes(simulator)
    found = tabled(simulator, moved)
    if found is None and len(moved) > 1:
        moved = moved[:1]
        found = tabled(simulator, moved)
    if found is None:
        return None
    setup = told.moved(told.setup(Conversation(simulator, lambda *_: None)), {control.path for control in moved}, set())
    setup["sliders"] = [control.path for control in moved]
    is_network = isinstance(simulator, NetworkViewer)
    return {
        "model": type(simulator.model).__name__,
        "setup": setup | {"table": True},
        "panels": still.panels(simulator) if is_network else told.lines(shown.panels),
        "presets": [],
        "every": shown.settings.every,
        "width": shown.settings.width,
        "fixedDt": False,
        "longest": None,
        "code": told.cell(simulator, shown.settings, shown.settings.precision) | {"hands": hands(shown.settings)},
        "table": found,
    }


def hands(settings: Settings) -> str:
    """The lines of the cell that hold and drive neurons; empty where none are."""
    done = getattr(settings, "manipulations", ())
    return "".join(f"{line}\n" for line in code.held(done, "model")) if done else ""


def tabled(simulator: Simulator, moved: list[Control]) -> dict[str, Any] | None:
    """As many runs as fit into their size and their time; None where three values of each would take too long."""
    twin, number = simulator.copy(), len(moved)
    most = NETWORK_BYTES if isinstance(simulator, NetworkViewer) else BYTES
    begun = monotonic()
    run(twin, moved, tuple(control.value for control in moved))
    each, count = max(monotonic() - begun, 1e-3), VALUES[number]
    while True:
        left = max(0.0, SECONDS - (monotonic() - begun))
        count = min(count, int((left / each) ** (1 / number)))
        if count < LEAST:
            return None
        grid = [spread(control, count) for control in moved]
        pictures = [pictured(twin, run(twin, moved, values), POINTS // number) for values in product(*grid)]
        size = sum(len(picture["block"]) for picture in pictures)
        if size <= most or count == LEAST:
            sides = zip(moved, grid, strict=True)
            return {
                "axes": [{"path": c.path, "unit": c.unit, "values": values} for c, values in sides],
                "pictures": pictures,
            }
        count = max(LEAST, min(count - 1, int(count * (most / size) ** (1 / number))))


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


def pictured(simulator: Simulator, shown: Shown, points: int) -> dict[str, Any]:
    """A picture as text."""
    is_network = isinstance(simulator, NetworkViewer)
    header, block = still.draw(simulator) if is_network else draw(shown.result, shown.panels, points)
    packed = base64.b64encode(gzip.compress(block, mtime=0)).decode()
    return {"header": header, "block": packed, "text": shown.text}
