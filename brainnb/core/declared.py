"""What a class declares, and the mistakes of declaring, answered when the class is made."""

import dataclasses
import inspect
from functools import cache
from typing import Any

import jax
import numpy as np

from .compat import is_traced
from .errors import ModelError, nearest
from .fields import KEY, Declaration, Input, State

HOOKS = {
    "vector_field": ("self", "t", "s", "u"),
    "diffusion": ("self", "t", "s", "u"),
    "on_step": ("self", "t", "s", "u", "key"),
    "init_state": ("self", "size", "key"),
}


@cache
def members(cls: type, kind: type) -> tuple[tuple[str, Any], ...]:
    """Class-level declarations of one kind, base classes first; a subclass may overlay or remove (None)."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, kind):
                found[name] = value
            elif name in found:
                del found[name]
    return tuple(found.items())


@cache
def parameters(cls: type) -> dict[str, Declaration]:
    """Declared parameters of the class itself, by name."""
    found = {f.name: f.metadata.get(KEY) for f in dataclasses.fields(cls)}
    return {name: d for name, d in found.items() if isinstance(d, Declaration)}


def check_class(cls: type, taken: frozenset[str]) -> None:
    """Explain mistakes in a class body; ``taken`` are the names that every model has.

    Runs before the class becomes a dataclass.
    """
    annotations = inspect.get_annotations(cls)
    for name, value in list(vars(cls).items()):
        where = f"{cls.__name__}.{name}"
        if isinstance(value, dataclasses.Field):
            _check_field(name, value, where, annotations, taken)
        elif isinstance(value, State | Input):
            if name in annotations:
                raise ModelError(
                    f"{where}: states and inputs carry no annotation; write `{name} = bn.{_verb(value)}(...)`."
                )
            _check_name(name, where, taken)
            _check_default(value, where)
        elif (
            name in annotations
            and "ClassVar" not in str(annotations[name])
            and isinstance(value, bool | int | float | str | np.ndarray | jax.Array)
        ):
            raise ModelError(
                f"{where} = {value!r} is not declared: write `{name}: bn.Param = bn.param({value!r}, unit, meaning)` "
                f"for a value, or `{name}: {type(value).__name__} = bn.static({value!r})` for structure."
            )
    _check_clashes(cls, annotations)
    _check_hooks(cls)


def _verb(value: Declaration) -> str:
    return "state" if isinstance(value, State) else "input"


def _check_field(name: str, field: dataclasses.Field, where: str, annotations: dict, taken: frozenset[str]) -> None:
    kind = field.metadata.get(KEY)
    if kind is None:
        return
    if name not in annotations:
        verb, hint = ("param", "bn.Param") if isinstance(kind, Declaration) else (kind, "the type")
        raise ModelError(f"{where} needs an annotation to be seen: write `{name}: {hint} = bn.{verb}(...)`.")
    _check_name(name, where, taken)
    if isinstance(kind, Declaration):
        # a Field passed through several classes keeps the first owner
        if kind.name == "?":
            kind.name, kind.owner = where.split(".")[1], where.split(".")[0]
        _check_default(kind, where)


def _check_name(name: str, where: str, taken: frozenset[str]) -> None:
    if name in RESERVED or name in taken:
        raise ModelError(f"{where}: `{name}` is used by every model itself; choose another name.")


RESERVED = frozenset({"t", "s", "u", "key", "time", "T", "dt", "record", "every", "method", "seed", "size", "init"})


def _check_default(declaration: Declaration, where: str) -> None:
    """Defaults are checked without touching JAX: a class body must not start the backend."""
    default = declaration.default
    if default is None or isinstance(default, jax.Array) or is_traced(default):
        return
    if isinstance(default, str) or hasattr(default, "magnitude"):
        raise ModelError(f"{where}: the default is a plain number in {declaration.unit}; got {default!r}.")
    try:
        host = np.asarray(default, dtype=float)
    except (TypeError, ValueError):
        raise ModelError(f"{where}: the default must be a number or an array; got {default!r}.") from None
    low, high = declaration.bounds
    if np.isnan(host).any() or (low is not None and (host < low).any()) or (high is not None and (host > high).any()):
        raise ModelError(f"{where}: the default {default!r} is outside its own bounds {declaration.bounds}.")


def _check_clashes(cls: type, annotations: dict) -> None:
    states, inputs = dict(members(cls, State)), dict(members(cls, Input))
    if both := states.keys() & inputs.keys():
        raise ModelError(f"{cls.__name__}: {sorted(both)} declared both as state and as input; names are unique.")
    inherited = {f.name for base in cls.__mro__[1:] if dataclasses.is_dataclass(base) for f in dataclasses.fields(base)}
    fields = inherited | set(annotations)
    if both := fields & (states.keys() | inputs.keys()):
        raise ModelError(
            f"{cls.__name__}: {sorted(both)} declared both as parameter and as state or input; names are unique."
        )


def _check_hooks(cls: type) -> None:
    for hook, expected in HOOKS.items():
        method = vars(cls).get(hook)
        if method is None or not inspect.isfunction(method):
            continue
        given = tuple(inspect.signature(method).parameters)
        if len(given) != len(expected):
            raise ModelError(
                f"{cls.__name__}.{hook} takes ({', '.join(given)}); it is called with "
                f"({', '.join(expected)}): write `def {hook}({', '.join(expected)}):`."
            )
    for name in vars(cls):
        if name in {
            "derivative",
            "dynamics",
            "step",
            "derivatives",
            "vectorfield",
            "noise",
            "update",
        } and inspect.isfunction(vars(cls)[name]):
            raise ModelError(
                f"{cls.__name__}.{name} is never called. The hooks are {', '.join(HOOKS)}; "
                f"did you mean `{nearest(name, HOOKS) or 'vector_field'}`?"
            )


def check_instance(model: Any) -> None:
    """Explain values that would not trace: every leaf of a model is an array."""
    for field in dataclasses.fields(model):
        if field.metadata.get("static"):
            continue
        value = getattr(model, field.name)
        for leaf in jax.tree.leaves(value):
            if isinstance(leaf, jax.Array | np.ndarray) or is_traced(leaf):
                continue
            shown = repr(leaf) if len(repr(leaf)) < 60 else type(leaf).__name__
            raise ModelError(
                f"{type(model).__name__}.{field.name} holds {shown}: declare it "
                + (
                    "with bn.static() (structure), for it is no array."
                    if not isinstance(leaf, int | float)
                    else "with bn.param(default, unit, meaning) so that it becomes an array."
                )
            )
