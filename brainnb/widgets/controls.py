"""Controls: what a page needs to know to put a value under a slider."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.fields import Bounds, interval, label
from ..core.model import Model
from ..inputs.base import unit_in
from ..networks import Network
from .settings import RUN, Settings
from .started import Started

STEPS = 200  # about this many positions on a slider
MOST_NAMED = 4  # of what has no slider


@dataclasses.dataclass(eq=False)
class Control:
    """One value under a slider.

    Attributes
    ----------
    path : str
        ``"g_L"``, ``"Na.g_max"``, ``"I"``, ``"I.amplitude"``, ``"T"``.
    symbol, doc, unit : str
        What is shown: the last part of the path, its meaning, its unit.
    bounds : pair
        What the model allows, None for open: enforced in Python.
    low, high, step : float
        What the slider spans; inside the bounds.
    group : str
        Heading under which it stands.
    default : float
        Value at the start: where "reset" goes.
    """

    path: str
    symbol: str
    doc: str
    unit: str
    bounds: Bounds
    low: float
    high: float
    step: float
    group: str
    default: float
    owner: Any = dataclasses.field(repr=False, compare=False)

    @property
    def value(self) -> float:
        """The present value; assigning converts, checks and starts a run."""
        return self.owner.settings.values()[self.path]

    @value.setter
    def value(self, new: Any) -> None:
        self.owner.set({self.path: new})

    def reset(self) -> None:
        """Back to the value at the start."""
        self.value = self.default

    @property
    def name(self) -> str:
        """The accessible name: ``I: injected current (uA/cm2)``."""
        unit = f" ({self.unit})" if self.unit != "1" else ""
        return f"{self.path}: {self.doc}{unit}" if self.doc else f"{self.path}{unit}"

    def describe(self) -> dict[str, Any]:
        """Plain data for a page."""
        return {
            "path": self.path,
            "symbol": self.symbol,
            "doc": self.doc,
            "unit": "" if self.unit == "1" else self.unit,
            "name": self.name,
            "low": self.low,
            "high": self.high,
            "step": self.step,
            "min": self.bounds[0],
            "max": self.bounds[1],
            "allowed": "" if self.bounds == (None, None) else f"{interval(self.bounds)}{label(self.unit)}",
            "default": self.default,
            "whole": self.path == "seed",
        }


def make_controls(settings: Settings, owner: Any) -> dict[str, Control]:
    """A control for every scalar of the settings: inputs first, then parameters part by part, then the run."""
    model, values = settings.model, settings.values()
    found: dict[str, Control] = {}

    def add(path: str, doc: str, unit: str, bounds: Bounds, group: str, span: Bounds | None = None) -> None:
        low, high, step = slider_range(values[path], span or bounds)
        found[path] = Control(
            path, path.rpartition(".")[2], doc, unit, bounds, low, high, step, group, values[path], owner
        )

    for name, declared in model.inputs().items():
        given = settings.inputs[name]
        if isinstance(given, Model):
            for path, p in given.parameters().items():
                if f"{name}.{path}" in values:
                    unit = unit_in(p.unit, declared.unit)
                    # a level may go anywhere; its slider spans what the input is declared for
                    span = declared.bounds if unit is not p.unit and p.bounds == (None, None) else None
                    add(f"{name}.{path}", p.doc, unit, p.bounds, heading(name, given, path), span)
        elif name in values:
            add(name, declared.doc, declared.unit, declared.bounds, "Input")
    for path, p in model.parameters().items():
        if path in values:
            add(path, p.doc, p.unit, p.bounds, path.rpartition(".")[0] or "Parameters")
    for axis in settings.axes if isinstance(settings, Started) and settings.begin else ():
        path, state = f"start.{axis}", model.declaration(axis)
        low, high, step = slider_range(values[path], state.bounds)
        found[path] = Control(
            path,
            path,
            f"{state.doc} at the start",
            state.unit,
            (None, None),
            low,
            high,
            step,
            "Start",
            values[path],
            owner,
        )
    for path in ("T", "dt"):
        declared = RUN[path]
        low, high, step = run_range(path, values[path])
        found[path] = Control(
            path, path, declared.doc, declared.unit, declared.bounds, low, high, step, "Run", values[path], owner
        )
    return found


def fixed(settings: Settings) -> str:
    """What no slider moves, because it is many numbers, in a sentence; empty where there is none."""
    model, declared = settings.model, settings.model.inputs()
    arrays = {path: (p.value, p.unit) for path, p in model.parameters().items()}
    arrays |= {name: (x, declared[name].unit) for name, x in settings.inputs.items() if not isinstance(x, Model)}
    found = ["the wiring"] if isinstance(model, Network) and model.links else []
    found += [f"{path} ({spread(x, unit)})" for path, (x, unit) in arrays.items() if np.ndim(x)]
    if not found:
        return ""
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"Without a slider, as each is many numbers: {', '.join(found[:MOST_NAMED])}{more}."


def spread(values: Any, unit: str) -> str:
    """``80 values, -52 to -48 mV``."""
    host = np.asarray(values, float)
    kept = host[np.isfinite(host)]
    return f"{host.size} values" + (f", {kept.min():.4g} to {kept.max():.4g}{label(unit)}" if kept.size else "")


def heading(name: str, stimulus: Model, path: str) -> str:
    """Where a number of a stimulus stands: ``I: Step``, and ``I.step: Step`` for a part of a sum."""
    parts = path.split(".")[:-1]
    for part in parts:
        stimulus = stimulus.parts()[part]
    return f"{'.'.join([name, *parts])}: {type(stimulus).__name__}"


def slider_range(value: float, bounds: Bounds) -> tuple[float, float, float]:
    """(low, high, step) of a slider: the bounds where they are given, else a range around the value.

    Examples
    --------
    >>> slider_range(0.7, (0, 2))
    (0.0, 2.0, 0.01)
    >>> slider_range(-65.0, (None, None))
    (-100.0, 0.0, 0.5)
    """
    low, high = bounds
    if low is None and high is None:
        reach = nice(2 * abs(value)) or 1.0
        low, high = (0.0, reach) if value > 0 else (-reach, 0.0 if value < 0 else reach)
    elif high is None:
        high = low + (nice(2 * (value - low)) or nice(2 * abs(value)) or 1.0)
    elif low is None:
        low = high - (nice(2 * (high - value)) or nice(2 * abs(value)) or 1.0)
    step = nice((high - low) / STEPS)
    return float(low), float(high), step


def run_range(path: str, value: float) -> tuple[float, float, float]:
    """Duration: up to five times the start; step: a tenth to four times."""
    if path == "T":
        step = nice(value / 100)
        return step, 5 * value, step
    step = nice(value / 10)
    return step, 4 * value, step


def nice(x: float) -> float:
    """The nearest number of the form 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> nice(0.013), nice(-130.0), nice(4.1)
    (0.01, -100.0, 5.0)
    """
    if x == 0:
        return 0.0
    power = math.floor(math.log10(abs(x)))
    lead = min((1, 2, 5, 10), key=lambda m: abs(math.log(abs(x) / 10**power / m)))
    return math.copysign(float(f"{lead}e{power}"), x)


def told(before: Settings, after: Settings, controls: Mapping[str, Control]) -> str:
    """``I 5 -> 10 uA/cm2`` for one change, a count for several."""
    changes = before.differences(after)
    if len(changes) != 1:
        return f"{len(changes)} values" if changes else ""
    ((path, (old, new)),) = changes.items()
    unit = controls[path].unit if path in controls else "1"
    return f"{path} {old:.6g} -> {new:.6g}{label(unit)}"
