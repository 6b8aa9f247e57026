"""The points of a sweep: paths, their values, and how a point enters a system."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.fields import Declaration, check_bounds, on_host
from brainnb.core.model import Model
from brainnb.core.paths import expand
from brainnb.inputs.base import Stimulus, unit_in

from .system import System


@dataclasses.dataclass(frozen=True)
class Axis:
    """One swept dimension: the values, and every parameter or input that takes them."""

    name: str
    values: np.ndarray
    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    attrs: Mapping[str, str]
    apart: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    """Values of the targets that do not all take the same one."""

    def column(self, target: str, chosen: np.ndarray) -> np.ndarray:
        """What ``target`` is at some places along this axis."""
        return self.apart.get(target, self.values)[chosen]


def axes(model: Model, given: Mapping[str, Any], values: Any, models: Axis | None = None) -> list[Axis]:
    """The swept dimensions, checked: names exist, values are in bounds, every axis has a point."""
    if values is None and models is not None:
        return []
    if not isinstance(values, Mapping) or not values:
        raise ModelError(
            "sweep takes a mapping of path to values, bn.sweep(model, {'I': np.linspace(0, 10, 50)}, T=200)."
        )
    found = [_axis(model, given, str(path), wanted) for path, wanted in values.items()]
    _once_each(found if models is None else [models, *found], given)
    return found


def _once_each(found: list[Axis], given: Mapping[str, Any]) -> None:
    """Every target takes its value from one place."""
    by: dict[str, str] = {}
    for axis in found:
        for target in (*axis.parameters, *axis.inputs):
            if by.get(target) == "model":
                raise ModelError(
                    f"sweep: `{target}` differs between the models of the stack and is swept by `{axis.name}`: "
                    f"one of the two was expected."
                )
            if target in by:
                raise ModelError(f"sweep: `{target}` is swept twice, by `{by[target]}` and by `{axis.name}`.")
            by[target] = axis.name
        if twice := [name for name in axis.inputs if name in given]:
            raise ModelError(f"sweep: `{twice[0]}` is given twice, as a keyword and among the swept values.")


def _axis(model: Model, given: Mapping[str, Any], path: str, wanted: Any) -> Axis:
    name = type(model).__name__
    parameters, inputs, declaration = _targets(model, given, path)
    host = on_host(_listed(path, wanted, declaration.unit), declaration.unit, f"{name}.{path}")
    if host.ndim != 1 or not host.size:
        raise ModelError(f"sweep: `{path}` takes a one-dimensional list of at least one value, got shape {host.shape}.")
    bounds = declaration.bounds if parameters else (None, None)
    check_bounds(host, bounds, declaration.unit, f"{name}.{path}")
    return Axis(path, host, parameters, inputs, {"units": declaration.unit, "long_name": declaration.doc})


def _listed(path: str, wanted: Any, unit: str) -> Any:
    """The values of an axis as a list or array; quantities and text are converted one by one."""
    if hasattr(wanted, "magnitude") and np.ndim(wanted.magnitude):
        return wanted
    if isinstance(wanted, str | Mapping) or not isinstance(wanted, Iterable) or getattr(wanted, "ndim", 1) == 0:
        raise ModelError(f"sweep: `{path}` takes a list of values, {{'{path}': [1, 2, 3]}}; got {wanted!r}.")
    if hasattr(wanted, "__array__"):
        return wanted
    listed = list(wanted)
    if any(isinstance(x, Model) for x in listed):
        raise ModelError(
            f"sweep: `{path}` takes numbers, got a {type(listed[0]).__name__}; sweep a number of one stimulus, "
            f"{{'{path}.amplitude': [...]}}, or run each in a loop."
        )
    if any(isinstance(x, str) or hasattr(x, "magnitude") for x in listed):
        return [float(on_host(x, unit, f"sweep: `{path}`")) for x in listed]
    return listed


def _targets(model: Model, given: Mapping[str, Any], path: str) -> tuple[tuple[str, ...], tuple[str, ...], Declaration]:
    known = model.parameters()
    declared = model.inputs()
    if path in declared:
        if isinstance(given.get(path), Stimulus):
            raise ModelError(
                f"sweep: `{path}` is driven by {type(given[path]).__name__}; sweep one of its numbers, `{path}.{next(iter(given[path].parameters()))}`."
            )
        return (), (path,), declared[path]
    head, rest = _input_of(path, declared)
    if rest:
        stimulus = given.get(head)
        if not isinstance(stimulus, Stimulus) or rest not in stimulus.parameters():
            if not isinstance(stimulus, Stimulus):
                raise UnknownName(
                    f"sweep: `{head}` is a plain number here; give the run a stimulus, "
                    f"{head}=bn.inputs.Step(...), to sweep `{path}`."
                )
            numbers = [f"{head}.{p}" for p in stimulus.parameters()]
            raise UnknownName(unknown_message("number of a stimulus", path, numbers, where="the sweep"))
        found = stimulus.declaration(rest)
        return (), (path,), dataclasses.replace(found, unit=unit_in(found.unit, declared[head].unit))
    if path not in known and path in type(model).states():
        raise UnknownName(f"sweep: `{path}` is a state of {type(model).__name__}; parameters and inputs can be swept.")
    found = expand(path, [*known, *declared], kind="parameter or input", where=type(model).__name__)
    return tuple(p for p in found if p in known), tuple(p for p in found if p in declared), model.declaration(found[0])


class Grid:
    """The points of a sweep, numbered: every combination, the last axis fastest; or points as they are listed.

    The models of a stack come first, whatever follows.
    """

    def __init__(self, axes: list[Axis], listed: bool, models: Axis | None = None):
        self.axes, self.models = axes, models
        n = len(axes[0].values) if axes else 1
        own = (n,) if listed else tuple(len(axis.values) for axis in axes)
        self.listed = listed
        self.shape = own if models is None else (len(models.values), *own)

    def __len__(self) -> int:
        return math.prod(self.shape)

    def names(self) -> list[str]:
        """What the coordinates of the points are called."""
        return [axis.name for axis in self.axes]

    def places(self, index: np.ndarray) -> list[tuple[Axis, np.ndarray]]:
        """Where along every axis the points with these numbers lie."""
        along = np.unravel_index(index, self.shape)
        first = [] if self.models is None else [self.models]
        own = along[len(first) :]
        return list(
            zip(
                [*first, *self.axes],
                [*along[: len(first)], *(own * len(self.axes) if self.listed else own)],
                strict=True,
            )
        )

    def columns(self, index: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
        """The values of some points by target: ``{"parameters": {path: (points,)}, "inputs": {...}}``."""
        table = {"parameters": {}, "inputs": {}}
        for axis, chosen in self.places(index):
            table["parameters"] |= {p: axis.column(p, chosen) for p in axis.parameters}
            table["inputs"] |= {p: axis.column(p, chosen) for p in axis.inputs}
        return table

    def point(self, number: int) -> dict[str, Any]:
        """One point in words: the swept values by name."""
        return {axis.name: axis.values[chosen[0]].item() for axis, chosen in self.places(np.array([number]))}

    def dimensions(self) -> tuple[dict, dict]:
        """The dimensions with their coordinates, and coordinates that are no dimensions."""
        own = {axis.name: (axis.values, dict(axis.attrs)) for axis in self.axes}
        beside = {}
        if self.listed:
            beside = {name: ("point", *x) for name, x in own.items()}
            own = {"point": (np.arange(self.shape[-1]), {})}
        if self.models is not None:
            own = {"model": (self.models.values, dict(self.models.attrs))} | own
        return own, beside


def at_point(system: System, values: Mapping[str, Mapping[str, Any]]) -> System:
    """The system with the values of one point set (traced)."""
    drives = dict(system.drives)
    for path, value in values["inputs"].items():
        head, rest = _input_of(path, drives)
        drives[head] = _at(drives[head], {rest: value}) if rest else value
    model = _at(system.model, values["parameters"])
    return dataclasses.replace(system, model=model, drives=type(system.drives)(drives))


def _input_of(path: str, inputs: Mapping[str, Any]) -> tuple[str, str]:
    """The input at a path, and what of its stimulus is meant: inputs of networks have dots in their names."""
    head = next((name for name in inputs if path.startswith(f"{name}.")), path)
    return head, path[len(head) + 1 :]


def _at(model: Model, values: Mapping[str, Any]) -> Model:
    """The model with one value for every entry of an array, as ``replace`` has it."""
    old = model.parameters()
    return model._with({p: jnp.broadcast_to(x, jnp.shape(old[p].value)) for p, x in values.items()})
