"""What a page is told so that it runs a network by itself, and how large the network may be."""

import json
from typing import Any

from ..simulator import Simulator
from . import activity, drawing, layout
from .viewer import NetworkViewer

MOST_SYNAPSES = 1_000_000
"""Two or three bytes each when packed: with more, a program is beyond what a page is sent (:mod:`..browser`)."""

MOST_UPDATES = 25_000_000
"""Neurons times steps.  Measured in Chromium: 80 ns for one of ``COBA``, so a picture is whole in 2 s at most."""


def shows(simulator: Simulator) -> bool:
    """Whether a simulator is seen as a network."""
    return type(simulator) is NetworkViewer


def refusal(view: NetworkViewer) -> str:
    """Why a network is too large for a page; empty for one that is not."""
    count = sum(link.wiring.size for _, link, _, _ in layout.links(view.model))
    if count <= MOST_SYNAPSES:
        return ""
    return f"{view.title} has {count:,} synapses; a page is sent networks of at most {MOST_SYNAPSES:,}."


def records(view: NetworkViewer) -> list[str]:
    """What its program records: who is looked at is chosen while it runs, so the potential of every neuron."""
    spikes = [f"{b.path}.spike" for b in view.bands if b.fires]
    return spikes + [f"{b.path}.V" for b in view.bands if b.unit is not None]


def longest(view: NetworkViewer) -> dict[str, Any]:
    """The longest run in a page, ms, and why it is that."""
    neurons = sum(b.number for b in view.bands)
    return {
        "longest": float(f"{MOST_UPDATES / neurons * view.settings.dt:.2g}"),
        "why": f"{neurons:,} neurons would take a browser longer than two seconds.",
    }


def constants(view: NetworkViewer) -> str:
    """What the worker knows before it starts: the populations, and the numbers of the picture."""
    rows = drawing.rows_of(view.bands)
    bands = [
        {"path": b.path, "number": b.number, "fires": b.fires, "watched": b.unit is not None, "rows": n}
        for b, n in zip(view.bands, rows, strict=True)
    ]
    picture = {
        "rates": activity.RATE_POINTS, "window": activity.WINDOW, "highest": activity.HIGHEST, "bins": activity.V_BINS,
        "samples": activity.V_SAMPLES, "spikes": drawing.MOST_SPIKES, "columns": drawing.COLUMNS,
        "grid": drawing.GRID[0], "points": drawing.TRACE_POINTS,
    }  # fmt: skip
    return f"const BANDS = {json.dumps(bands)}, PICTURE = {json.dumps(picture)};"
