"""Models under sliders.  Widget libraries are imported only when something is shown."""

import importlib
from typing import Any

_NAMES = {
    "Bifurcation": ".diagram.viewer",
    "Simulator": ".simulator",
    "Explorer": ".explore",
    "FICurve": ".rate.viewer",
    "FastSlow": ".diagram.fast_slow",
    "NetworkViewer": ".network.viewer",
    "PhasePlane": ".plane.viewer",
    "SlowPoints": ".points.viewer",
    "TrainingMonitor": ".monitor.view",
}

__all__ = [
    "Bifurcation",
    "Explorer",
    "FICurve",
    "FastSlow",
    "NetworkViewer",
    "PhasePlane",
    "Simulator",
    "SlowPoints",
    "TrainingMonitor",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name], __name__), name)
    from ..core.errors import unknown_message

    raise AttributeError(unknown_message("name", name, __all__, where=__name__))


def __dir__() -> list[str]:
    return sorted(__all__)
