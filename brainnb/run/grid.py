"""The points of a sweep: paths, their values, and how a point enters a system."""

import dataclasses
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.fields import Declaration, check_bounds, to_array
from brainnb.core.model import Model
from brainnb.core.paths import expand, split
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


def axes(model: Model, given: Mapping[str, Any], values: Any) -> list[Axis]:
    """The swept dimensions, checked: names exist, values are in bounds, every axis has a point."""
    if not isinstance(values, Mapping) or not values:
        raise ModelError(
            "sweep takes a mapping of path to values, bn.sweep(model, {'I': np.linspace(0, 10, 50)}, T=200)."
        )
    found = [_axis(model, given, str(path), wanted) for path, wanted in values.items()]
    _once_each(found, given)
    return found


def _once_each(found: list[Axis], given: Mapping[str, Any]) -> None:
    """Every target takes its value from one place."""
    by: dict[str, str] = {}
    for axis in found:
        for target in (*axis.parameters, *axis.inputs):
            if target in by:
                raise ModelError(f"sweep: `{target}` is swept twice, by `{by[target]}` and by `{axis.name}`.")
            by[target] = axis.name
        if twice := [name for name in axis.inputs if name in given]:
            raise ModelError(f"sweep: `{twice[0]}` is given twice, as a keyword and among the swept values.")


def _axis(model: Model, given: Mapping[str, Any], path: str, wanted: Any) -> Axis:
    name = type(model).__name__
    parameters, inputs, declaration = _targets(model, given, path)
    host = np.asarray(to_array(_listed(path, wanted, declaration.unit), declaration.unit, f"{name}.{path}"))
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
        return [float(to_array(x, unit, f"sweep: `{path}`")) for x in listed]
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
    head, rest = split(path)
    if head in declared and rest:
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


def points(found: list[Axis], listed: bool) -> list[tuple]:
    """Every combination, the last axis fastest; or the points as they are listed."""
    values = [axis.values for axis in found]
    return list(zip(*values, strict=True) if listed else itertools.product(*values))


def dimensions(found: list[Axis], listed: bool) -> tuple[tuple[int, ...], dict, dict]:
    """How the points lie: the shape they have, the dimensions, and coordinates that are no dimensions."""
    own = {axis.name: (axis.values, dict(axis.attrs)) for axis in found}
    if not listed:
        return tuple(len(axis.values) for axis in found), own, {}
    n = len(found[0].values)
    return (n,), {"point": (np.arange(n), {})}, {name: ("point", *x) for name, x in own.items()}


def columns(found: list[Axis], chosen: list[tuple]) -> dict[str, dict[str, np.ndarray]]:
    """The values of some points by target: ``{"parameters": {path: (points,)}, "inputs": {...}}``."""
    table = {"parameters": {}, "inputs": {}}
    for i, axis in enumerate(found):
        column = np.asarray([point[i] for point in chosen], axis.values.dtype)
        table["parameters"] |= dict.fromkeys(axis.parameters, column)
        table["inputs"] |= dict.fromkeys(axis.inputs, column)
    return table


def at_point(system: System, values: Mapping[str, Mapping[str, Any]]) -> System:
    """The system with the values of one point set (traced)."""
    drives = dict(system.drives)
    for path, value in values["inputs"].items():
        head, rest = split(path)
        drives[head] = _at(drives[head], {rest: value}) if rest else value
    return System(_at(system.model, values["parameters"]), type(system.drives)(drives), system.lines, system.memory)


def _at(model: Model, values: Mapping[str, Any]) -> Model:
    """The model with one value for every entry of an array, as ``replace`` has it."""
    old = model.parameters()
    return model._with({p: jnp.broadcast_to(x, jnp.shape(old[p].value)) for p, x in values.items()})
