"""The other views that a page computes: what its worker and its pages are told of a phase plane and of an f-I curve."""

import json
from collections.abc import Mapping
from typing import Any

from ...analysis.orbits.fi_curve import POINTS
from ...core.errors import ModelError, UnknownName
from .. import code
from ..plane.viewer import PhasePlane
from ..rate.viewer import TRANSIENT, FICurve
from ..simulator import Simulator
from ..views import TEXTS, made, offered
from . import told
from .sketch import sketched

COMPUTED = ("phase_plane", "fi_curve")
"""What a page can compute beside the time course; diagrams are Python's."""


def opened(simulator: Simulator, chosen: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Simulator]:
    """The views of a page: those that were chosen, else those that the explorer offers."""
    wanted = {name: {} for name in offered(simulator)} if chosen is None else chosen
    found = {}
    for name, options in wanted.items():
        if name not in COMPUTED:
            continue
        try:
            found[name] = made(simulator, name, **dict(options))
        except (ModelError, UnknownName):  # the explorer says why when the view is opened there
            continue
        if not readable(found[name]):
            del found[name]
    return found


def readable(view: Simulator) -> bool:
    """Whether a page can do what the view was asked to: it holds states where they rest, nowhere else."""
    return not (isinstance(view, PhasePlane) and view.fixed)


def recorded(views: Mapping[str, Simulator]) -> set[str]:
    """What runs of these views have to record."""
    return {path for v in views.values() if isinstance(v, FICurve) for path in (v.var, v.count.name)}


def work(name: str, view: Any, known: list[str]) -> dict[str, Any]:
    """What the worker computes, as plain data."""
    found = {"known": known, "curves": list(view.curves)}
    if isinstance(view, PhasePlane):
        return found | {"axes": list(view.axes), "box": [list(span) for span in view.ranges.values()]}
    return found | {
        "over": view.over, "span": list(view.span), "points": POINTS, "shown": view.var, "units": list(view.units),
        "counted": view.count._asdict(),
    }  # fmt: skip


def described(name: str, view: Any, module: Any) -> dict[str, Any]:
    """What the page is told of one view, as plain data."""
    known, presets = told.adjustable(module)
    own = {path for path in view.settings.values() if path in ("T", "dt") or path.startswith("start.")}
    return {
        "model": type(view.model).__name__,
        "tab": name,
        "setup": told.moved(told.setup(view.talk(lambda *_: None)), known | own, presets),
        "panels": sketched(view),
        "presets": module.about["presets"],
        "every": 1,
        "width": 1,
        "fixedDt": False,
        "longest": None,
        "columns": list(view.axes) if isinstance(view, PhasePlane) else ["rate", "gain", "first_interval"],
        "code": cell(view),
    }


def tabs(views: Mapping[str, Any]) -> list[dict[str, str]]:
    """The names of all views and the words for them."""
    return [{"name": "time", "text": "Time course"}, *({"name": name, "text": TEXTS[name]} for name in views)]


def constants(views: Mapping[str, Any], module: Any) -> str:
    """What the worker knows of the views before it starts."""
    known = {p["path"] for p in module.about["parameters"]}
    about = {name: work(name, v, [p for p in v.settings.values() if p in known]) for name, v in views.items()}
    return f"const VIEWS = {json.dumps(about)}, VIEW_WORK = {{ phase_plane: phasePlane, fi_curve: rateCurve }};"


def cell(view: Any) -> dict[str, Any]:
    """The parts of the cell that makes the same in Python; texts, and paths whose numbers the page fills in."""
    settings = view.settings
    *begun, last = code.begun(settings.model, "page")
    still = [name for name in settings.inputs if not (isinstance(view, FICurve) and name == view.over)]
    inputs = given(still)
    if isinstance(view, PhasePlane):
        ranges = "".join(f", {axis}={span!r}" for axis, span in view.ranges.items())
        first, second = ({"path": f"start.{axis}"} for axis in view.axes)
        call = [f"ds = bn.phase_plane(model{ranges}", *inputs, ", start=(", first, ", ", second, "), T=", {"path": "T"}]
    else:
        call = [
            f"ds = bn.analysis.fi_curve(model, {view.span!r}, over={view.over!r}", *inputs, ", T=", {"path": "T"},
            ", dt=", {"path": "dt"}, f", transient={TRANSIENT!r} * ", {"path": "T"},
        ]  # fmt: skip
    return {
        "begun": "\n".join(line for line in begun if line),
        "built": last.removeprefix("model = "),
        "parameters": {p: v for p, v in settings.values().items() if p in settings.model.parameters()},
        "call": [*call, ")\nds.bn.plot()\n"],
    }


def given(names: list[str]) -> list[Any]:
    """Inputs as further arguments of a call; names with dots go by ``inputs=``."""
    plain = [part for name in names if name.isidentifier() for part in (f", {name}=", {"path": name})]
    dotted = [part for name in names if not name.isidentifier() for part in (f", {name!r}: ", {"path": name})]
    if dotted:
        dotted = [", inputs={" + dotted[0].removeprefix(", "), *dotted[1:], "}"]
    return plain + dotted
