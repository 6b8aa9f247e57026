"""What a page is told so that it runs a network by itself, and how large the network may be."""

import json

from ..simulator import Simulator
from . import activity, drawing, layout
from .viewer import NetworkViewer

WORKER = ("look.js", "activity.js", "worker.js")
MOST_SYNAPSES = 800_000
"""Each takes 2.3 bytes of a packed program (``COBA``), which can have two megabytes; how many neurons are too many is a
question of time, which the page measures (``here.js``)."""


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
