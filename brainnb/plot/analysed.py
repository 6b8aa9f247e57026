"""Which picture belongs to what an analysis found: results say it in ``attrs["analysis"]``."""

import importlib
from typing import Any

PICTURES = {
    "basins": "phase_plane.basins",
    "bifurcation": "bifurcation.bifurcation",
    "cycle": "cycles.cycle",
    "phase_plane": "phase_plane.phase_plane",
    "phase_response": "cycles.phase_response",
}
"""Where the function of each lies."""


def picture(ds: Any) -> Any:
    """The function that draws a result, or None."""
    place = PICTURES.get(ds.attrs.get("analysis"))
    if place is None:
        return None
    module, _, name = place.partition(".")
    return getattr(importlib.import_module(f"{__package__}.{module}"), name)
