"""The program of a page that has a kernel: it runs the model by itself while a slider is held."""

import threading
from typing import Any, NamedTuple

import jax
import numpy as np

from ..core.errors import ModelError
from ..run.cache import Recent
from .simulator import Simulator


class Program(NamedTuple):
    """What the page is told, and what its worker runs."""

    about: dict[str, Any]
    text: str


_programs = Recent(16)
_writing = threading.Lock()
"""Visitors of a served page come with equal models: the program is written for the first of them."""


def offered(simulator: Simulator) -> dict[str, Any] | None:
    """What a page shows of its switch: None where nothing runs in time; else whether it is on, or why it cannot be."""
    from .network.viewer import NetworkViewer

    if type(simulator) not in (Simulator, NetworkViewer):
        return None
    return {"on": simulator.in_browser, "reason": _refusal(simulator)}


def program(simulator: Simulator) -> Program:
    """The program for the present structure of a simulator, whose numbers may move.

    Raises
    ------
    ExportError, ModelError
        For a model that has no form in JavaScript, or something that only a kernel can show.
    """
    if reason := _refusal(simulator):
        raise ModelError(reason)
    from .page.told import seen

    shown = seen(simulator)
    with _writing:
        key = _key(simulator, shown)
        found = None if key is None else _programs.get(key)
        if found is None:
            found = _write(simulator, shown)
            if key is not None:
                _programs.set(key, found)
        return found


def _refusal(simulator: Simulator) -> str:
    """What no program can do, whatever the model."""
    if type(simulator) is not Simulator:
        return f"Raster, rates and neurons of {simulator.title} are computed there; a saved page, view.save('page.html'), computes by itself."
    if simulator.options["init"] is not None:
        return "A program of this page cannot begin where `init` said."
    return ""


def _write(simulator: Simulator, shown: Any) -> Program:
    from ..export import javascript
    from .page import alone, told

    settings = shown.settings
    module = javascript(
        settings.model, settings.dt, T=settings.T, method=told.method(simulator), record=list(map(str, shown.result.data_vars)),
        inputs=dict(settings.inputs),
    )  # fmt: skip
    about = alone.described(simulator, shown, module) | {"panels": told.lines(shown.panels)}
    needed = {name: about[name] for name in ("known", "starts", "fixedDt", "longest")}
    text = "\n".join([module.text, alone.constants(about), *map(alone.script, alone.WORKER)])
    return Program({**needed, "values": settings.values()}, text)


def _key(simulator: Simulator, shown: Any) -> Any:
    """Equal for equal programs; None where something of the model cannot be compared."""
    settings = shown.settings
    leaves, tree = jax.tree.flatten((settings.model, dict(settings.inputs)))
    try:
        content = tuple((np.shape(x), np.asarray(x).dtype.str, np.asarray(x).tobytes()) for x in leaves)
        run = (settings.every, *settings.values().items(), *map(str, shown.result.data_vars))
        key = (tree, content, run, shown.panels, repr(simulator.options["method"]))
        hash(key)
    except TypeError:
        return None
    return key
