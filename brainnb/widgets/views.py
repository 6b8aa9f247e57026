"""What an explorer can open: other views of its model, with its present values."""

import importlib
from collections.abc import Callable
from typing import Any

from ..core.errors import ModelError, UnknownName, unknown_message
from .panels import continuous_paths
from .settings import Settings
from .simulator import Simulator

TEXTS = {
    "phase_plane": "Phase plane", "bifurcation": "Bifurcation", "fi_curve": "f–I curve", "fast_slow": "Fast and slow",
    "slow_points": "Slow points",
}  # fmt: skip
MOST_OPEN = 4
MOST_STARTS = 6


def made(simulator: Simulator, name: str, **options: Any) -> Simulator:
    """A view of the model of a simulator, with its values; ``options`` are those of the view's class."""
    if name not in TEXTS:
        raise UnknownName(unknown_message("view", str(name), TEXTS, where="explore"))
    settings = simulator.settings
    options = {"title": simulator.title, "inputs": numbers(settings), "sliders": simulator.sliders, **options}
    return _MAKERS[name](simulator, options)


def offered(simulator: Simulator) -> list[str]:
    """The views that suit a model without being asked for: what it declares says which."""
    model = simulator.model
    if type(simulator) is not Simulator or model.histories():
        return []
    from .plane.viewer import declared

    found = []
    try:
        declared(model)
        found.append("phase_plane")
    except ModelError:
        pass  # no two states with bounds: a plane needs to be told which
    if numbers(simulator.settings) and continuous_paths(model):
        if not _resets(simulator):  # a branch of rest knows nothing of a reset
            found.append("bifurcation")
        if "V" in continuous_paths(model):
            found.append("fi_curve")
    return found


def _resets(simulator: Simulator) -> bool:
    """Does the model report spikes, or is it none that analysis can read?"""
    from ..analysis.cases import case
    from ..analysis.hybrid.events import reports_spikes

    try:
        return reports_spikes(case(simulator.model, numbers(simulator.settings)))
    except ModelError:
        return True


def numbers(settings: Settings) -> dict[str, float]:
    """The inputs that are numbers; what was given a stimulus is left to its declared value."""
    values = settings.values()
    return {name: values[name] for name in settings.inputs if name in values}


def _first_input(simulator: Simulator) -> str:
    """The input on a horizontal axis: the first whose slider stands open, else the first."""
    known = numbers(simulator.settings)
    chosen = [path for path in simulator.sliders or () if path in known]
    if not known:
        raise ModelError(f"{simulator.title} has no input that is a number; name a parameter: param='...'.")
    return next(iter([*chosen, *known]))


def _reach(simulator: Simulator, path: str) -> tuple[float, float]:
    """What the slider of a value spans."""
    if path not in simulator.controls:
        raise UnknownName(unknown_message("control", path, simulator.controls, where=simulator.title))
    control = simulator.controls[path]
    return control.low, control.high


def _open(simulator: Simulator, first: str) -> list[str]:
    """The controls that stand open in a view over ``first``."""
    known = simulator.sliders or simulator.controls
    rest = [p for p in known if p != first and p not in _OWN and not p.startswith("start.")]  # these have no start
    return [first, *rest][:MOST_OPEN]


_OWN = ("T", "dt", "seed")


def _class(place: str, name: str) -> Callable[..., Simulator]:
    return getattr(importlib.import_module(place, __package__), name)


def _plane(simulator: Simulator, options: dict[str, Any]) -> Simulator:
    options.setdefault("T", simulator.settings.T)
    return _class(".plane.viewer", "PhasePlane")(simulator.model, **options)


def _bifurcation(simulator: Simulator, options: dict[str, Any]) -> Simulator:
    param = options.pop("param", None) or _first_input(simulator)
    span = options.pop("span", None) or _reach(simulator, param)
    options = {"T": simulator.settings.T, "dt": simulator.settings.dt, **options, "sliders": _open(simulator, param)}
    return _class(".diagram.viewer", "Bifurcation")(simulator.model, param, span, **options)


def _fi_curve(simulator: Simulator, options: dict[str, Any]) -> Simulator:
    over = options.pop("over", None) or _first_input(simulator)
    span = options.pop("span", None) or _reach(simulator, over)
    options = {"dt": simulator.settings.dt, **options, "sliders": _open(simulator, over)}
    return _class(".rate.viewer", "FICurve")(simulator.model, over, span, **options)


def _fast_slow(simulator: Simulator, options: dict[str, Any]) -> Simulator:
    if "slow" not in options:
        raise ModelError("fast_slow: say which state is slow, open('fast_slow', slow='z').")
    return _class(".diagram.fast_slow", "FastSlow")(simulator.model, options.pop("slow"), **options)


def _slow_points(simulator: Simulator, options: dict[str, Any]) -> Simulator:
    return _class(".points.viewer", "SlowPoints")(simulator.model, **options)


_MAKERS = {
    "phase_plane": _plane, "bifurcation": _bifurcation, "fi_curve": _fi_curve, "fast_slow": _fast_slow,
    "slow_points": _slow_points,
}  # fmt: skip
