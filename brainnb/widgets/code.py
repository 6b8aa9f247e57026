"""The cell that reproduces what is seen."""

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np

from ..core.model import Model
from .settings import Settings, plain

MOST_WRITTEN = 8
"""So many numbers of a start are written out."""


def to_code(settings: Settings, options: dict[str, Any]) -> str:
    """A notebook cell that builds the model of ``settings`` and runs it to the same Dataset.

    Parameters
    ----------
    settings : Settings
    options : dict
        Further keywords of ``simulate`` that differ from its defaults.
    """
    lines = ["import brainnb as bn", *imports(type(settings.model))]
    expression = construction(settings.model)
    if expression is None:
        lines += [
            "",
            f"# `model` is the {type(settings.model).__name__} that was given to the explorer: it cannot be built without arguments",
            f"model = model.replace({changes(settings.model, None, arrays=False)})",
        ]
    else:
        lines += ["", f"model = {expression}"]
    given = [f"T={settings.T!r}", f"dt={settings.dt!r}"]
    plain_names, other = [], []
    for name, value in settings.inputs.items():
        (plain_names if name.isidentifier() else other).append((name, input_text(name, value)))
    given += [f"{name}={text}" for name, text in plain_names]
    if other:
        given.append("inputs={" + ", ".join(f"{n!r}: {text}" for n, text in other) + "}")
    begin = settings.begun(options.get("init"))
    if begin is not None:
        given.append(f"init={start_text(begin)}")
        if start_text(begin) == "init":
            lines.append("# `init` is the start that was given to the explorer")
    given.append(f"seed={settings.seed}")
    if settings.precision is not None:
        given.append(f"precision={settings.precision!r}")
    given += [f"{name}={value!r}" for name, value in options.items() if name != "init"]
    lines.append(f"ds = bn.simulate(model, {', '.join(given)})")
    return "\n".join(lines) + "\n"


def start_text(init: Any) -> str:
    """Where a run begins: a mapping of numbers as it is written, anything longer by its name."""
    if not isinstance(init, Mapping) or any(callable(v) or np.size(v) > MOST_WRITTEN for v in init.values()):
        return "init"
    return repr({name: plain(v) if np.ndim(v) == 0 else np.asarray(v).tolist() for name, v in init.items()})


def begun(model: Model, where: str) -> list[str]:
    """The first lines of a cell about ``model``: imports, and the model with its values."""
    lines, built = ["import brainnb as bn", *imports(type(model)), ""], construction(model)
    if built is None:
        lines.append(f"# `model` is the {type(model).__name__} that was given to the {where}")
        built = f"model.replace({changes(model, None)})"
    return [*lines, f"model = {built}"]


def given(inputs: Mapping[str, Any]) -> str:
    """Inputs as further arguments of a call, ``, I=0.5``; names with dots go by ``inputs=``."""
    plain_names = [f"{name}={value!r}" for name, value in inputs.items() if name.isidentifier()]
    dotted = {name: value for name, value in inputs.items() if not name.isidentifier()}
    return "".join(f", {text}" for text in [*plain_names, *([f"inputs={dotted!r}"] if dotted else [])])


def name_of(cls: type) -> str:
    """How a cell names a class: ``bn.neurons.LIF`` when the library exports it, else its own name."""
    parts = cls.__module__.split(".")
    if parts[0] == "brainnb" and len(parts) > 1:
        room = sys.modules.get(".".join(parts[:2]))
        if getattr(room, cls.__name__, None) is cls:
            return f"bn.{parts[1]}.{cls.__name__}"
    return cls.__name__


def imports(cls: type) -> list[str]:
    if name_of(cls).startswith("bn.") or cls.__module__ == "__main__":
        return []
    return [f"from {cls.__module__} import {cls.__name__}"]


def construction(model: Model) -> str | None:
    """``HodgkinHuxley().replace({...})``, or None when the class alone does not give this structure."""
    try:
        fresh = type(model)()
    except TypeError:
        return None
    if not same_but_for_parameters(model, fresh):
        return None
    told = changes(model, fresh)
    built = f"{name_of(type(model))}()"
    return built if told == "{}" else f"{built}.replace({told})"


def same_but_for_parameters(model: Model, fresh: Model) -> bool:
    """Whether two models have the same structure, and the same arrays beside their parameters (a wiring, first values)."""
    if jax.tree.structure(fresh) != jax.tree.structure(model):
        return False
    mine, theirs = model.parameters(), fresh.parameters()
    if any(np.shape(p.value) != np.shape(theirs[path].value) for path, p in mine.items()):
        return False
    moved = fresh._with({path: p.value for path, p in mine.items()})
    pairs = zip(jax.tree.leaves(moved), jax.tree.leaves(model), strict=True)
    return all(np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f") for a, b in pairs)


def changes(model: Model, fresh: Model | None, arrays: bool = True) -> str:
    """The parameters that differ from ``fresh``, as a dictionary display; without ``arrays``, what sliders can move."""
    start = {} if fresh is None else fresh.parameters()
    found = {}
    for path, p in model.parameters().items():
        if path in start and np.array_equal(np.asarray(start[path].value), np.asarray(p.value)):
            continue
        if np.ndim(p.value) and not arrays:
            continue
        found[path] = plain(p.value) if np.ndim(p.value) == 0 else np.asarray(p.value).tolist()
    return "{" + ", ".join(f"{path!r}: {value!r}" for path, value in found.items()) + "}"


def input_text(name: str, value: Any) -> str:
    if not isinstance(value, Model):
        return repr(value if isinstance(value, float | int) else np.asarray(value).tolist())
    return expression(value)


def expression(model: Model) -> str:
    """The call that builds a stimulus, with everything it is made of."""
    return f"{name_of(type(model))}({', '.join(_arguments(model))})"


def _arguments(model: Model) -> Iterator[str]:
    for field in dataclasses.fields(model):
        value = getattr(model, field.name)
        if isinstance(value, Model):
            text = expression(value)
        elif isinstance(value, Mapping):
            text = "{" + ", ".join(f"{name!r}: {expression(part)}" for name, part in value.items()) + "}"
        elif field.metadata.get("static"):
            if value == field.default:
                continue
            text = repr(value)
        else:
            text = repr(plain(value) if np.ndim(value) == 0 else np.asarray(value).tolist())
        yield f"{field.name}={text}"
