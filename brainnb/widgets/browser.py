"""The program of a page that has a kernel: it runs the model by itself while a slider is held."""

import gzip
import threading
from typing import Any, NamedTuple

import jax
import numpy as np

from ..core.errors import ModelError
from ..run.cache import Recent
from .simulator import Simulator

MOST_BYTES = 2_000_000
"""Of a packed program.  A notebook server passes on three megabytes in three seconds and drops what is more, and the
library that draws and the first pictures are among them."""


class Program(NamedTuple):
    """What the page is told, and what its worker runs; ``packed`` is that text as it is sent."""

    about: dict[str, Any]
    text: str
    packed: bytes


_programs = Recent(16)
_writing = threading.Lock()
"""Visitors of a served page come with equal models: the program is written for the first of them."""


def offered(simulator: Simulator) -> dict[str, Any] | None:
    """What a page shows of its switch: None where nothing runs in time; else whether it is on, or why it cannot be."""
    from .network import program as network

    if type(simulator) is not Simulator and not network.shows(simulator):
        return None
    return {"on": simulator.in_browser, "reason": refusal(simulator)}


def program(simulator: Simulator) -> Program:
    """The program for the present structure of a simulator, whose numbers may move.

    Raises
    ------
    ExportError, ModelError
        For a model that has no form in JavaScript, or something that only a kernel can show.
    """
    if reason := refusal(simulator):
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


def refusal(simulator: Simulator) -> str:
    """What no program can do, or is too large for a page; empty where there is nothing of that."""
    from .network import program as network

    if simulator.options["init"] is not None:
        return "A program of this page cannot begin where `init` said."
    return network.refusal(simulator) if network.shows(simulator) else ""


def _write(simulator: Simulator, shown: Any) -> Program:
    from ..export import javascript
    from .network import program as network
    from .page import alone, told

    settings, is_network = shown.settings, network.shows(simulator)
    record = network.records(simulator) if is_network else list(map(str, shown.result.data_vars))
    module = javascript(
        settings.model, settings.dt, T=settings.T, method=told.method(simulator), record=record,
        inputs=dict(settings.inputs),
    )  # fmt: skip
    about = alone.described(simulator, shown, module) | {"panels": told.lines(shown.panels)}
    if is_network:
        parts = [alone.constants(about, "new Activity(asked)"), network.constants(simulator)]
    else:
        parts = [alone.constants(about)]
    scripts = network.WORKER if is_network else alone.WORKER
    text = "\n".join([module.text, *parts, *map(alone.script, scripts)])
    packed = gzip.compress(text.encode(), mtime=0)
    if len(packed) > MOST_BYTES:
        raise ModelError(
            f"The program of {simulator.title} takes {len(packed) / 1e6:.2g} MB; a page is sent at most {MOST_BYTES / 1e6:g} MB."
        )
    needed = {name: about[name] for name in ("known", "starts", "fixedDt", "longest")}
    return Program({**needed, "values": settings.values()}, text, packed)


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
