"""Which picture belongs to what an analysis found: results say it in ``attrs["analysis"]``."""

import importlib
from typing import Any

PICTURES = {
    "basins": "phase_plane.basins",
    "bifurcation": "bifurcation.bifurcation",
    "cycle": "cycles.cycle",
    "delay_hopf": "dynamics.delay_hopf",
    "delay_roots": "dynamics.delay_roots",
    "fast_slow": "fast_slow.fast_slow",
    "fi_curve": "dynamics.fi_curve",
    "fokker_planck": "dynamics.fokker_planck",
    "isochrons": "cycles.isochrons",
    "linearize": "dynamics.linearize",
    "lyapunov": "dynamics.lyapunov",
    "phase_plane": "phase_plane.phase_plane",
    "phase_response": "cycles.phase_response",
    "poincare": "dynamics.poincare",
    "reset_map": "dynamics.reset_map",
    "siegert": "dynamics.siegert",
    "slow_points": "dynamics.slow_points",
    "spike_adding": "dynamics.spike_adding",
}
"""Where the function of each lies."""


def picture(ds: Any) -> Any:
    """The function that draws a result, or None."""
    place = PICTURES.get(ds.attrs.get("analysis"))
    if place is None:
        return None
    module, _, name = place.partition(".")
    return getattr(importlib.import_module(f"{__package__}.{module}"), name)
