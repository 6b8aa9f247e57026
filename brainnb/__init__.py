"""brainnb: interactive computational neuroscience in the notebook.

One declared model is simulated, swept, analysed and put under sliders.
"""

import importlib
from typing import Any

from .core import xla as _xla
from .core.errors import ClusterError, ModelError, NumericalFailure, OutOfBounds, StoreError, UnitError, UnknownName
from .core.fields import Param, history, input, observable, param, part, state, static
from .core.model import Model, preset
from .core.noise import Common
from .core.record import Record
from .core.spikes import spike

__version__ = "0.1.0"

_xla.keep_loops_whole()
_xla.run_where_called()

# Rooms are opened when first entered, so that `import brainnb` costs little more than `import jax`.
_ROOMS = (
    "analysis",
    "channels",
    "core",
    "datasets",
    "export",
    "inputs",
    "integrators",
    "io",
    "measures",
    "networks",
    "neurons",
    "ops",
    "plot",
    "rates",
    "run",
    "synapses",
    "teach",
    "train",
    "widgets",
)
_NAMES = {
    "bifurcation": "analysis",
    "fast_slow": "analysis",
    "Network": "networks",
    "Population": "networks",
    "Projection": "networks",
    "TrainingMonitor": "widgets",
    "connect": "networks",
    "init": "networks",
    "simulate": "run.simulate",
    "stack": "run.stack",
    "sweep": "run.sweep",
    "open_run": "run.opened",
    "phase_response": "analysis",
    "linearize": "analysis",
    "lyapunov": "analysis",
    "slow_points": "analysis",
    "check_units": "core.units",
    "empirical": "core.units",
    "explore": "widgets.explore",
    "fit": "train",
    "fixed_points": "analysis",
    "phase_plane": "analysis",
    "save_model": "io.models",
    "load_model": "io.models",
}

__all__ = [
    "ClusterError",
    "Common",
    "Model",
    "ModelError",
    "NumericalFailure",
    "OutOfBounds",
    "Param",
    "Record",
    "StoreError",
    "UnitError",
    "UnknownName",
    "history",
    "input",
    "observable",
    "param",
    "part",
    "preset",
    "spike",
    "state",
    "static",
    *_ROOMS,
    *_NAMES,
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        if name in ("simulate", "sweep", "open_run", "fit") or _NAMES[name].startswith("analysis"):
            importlib.import_module(f"{__name__}.plot.accessor")  # results then have ds.bn
        if name == "fit":
            importlib.import_module(f"{__name__}.widgets.monitor.notebook")  # monitor=True then shows a view
        value = getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
        globals()[name] = value
        return value
    if name in _ROOMS:
        if name in ("analysis", "datasets", "train"):
            importlib.import_module(f"{__name__}.plot.accessor")
        return importlib.import_module(f"{__name__}.{name}")
    from .core.errors import unknown_message

    raise AttributeError(unknown_message("name", name, __all__, where=__name__))


def __dir__() -> list[str]:
    return sorted(__all__)
