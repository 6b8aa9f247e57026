"""A run of a network as a page without a kernel shows it: the raster, and the rates below it."""

from typing import Any

from ..picture import Picture
from . import drawing
from .viewer import NetworkViewer

SEEN = ("raster", "rate")


def panels(view: NetworkViewer) -> list[dict[str, Any]]:
    """The figures as plain data."""
    traces, first = [], 0
    for band in view.bands:
        traces.append({"variable": band.path, "unit": None, "label": band.path, "first": first, "units": band.number})
        first += band.number
    return [
        {"kind": "raster", "label": "neuron", "unit": "1", "traces": traces},
        {"kind": "rate", "label": "rate", "unit": "Hz", "traces": traces},
    ]


def draw(view: NetworkViewer) -> Picture:
    """The picture of the last run: spikes as whole numbers, rates as curves."""
    seen = tuple(panel for panel in view.panels if panel.kind in SEEN)
    return drawing.draw(view.activity, view.settings.T, (), seen)
