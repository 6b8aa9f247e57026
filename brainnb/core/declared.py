"""What a class declares, and the mistakes of declaring, answered when the class is made."""

import dataclasses
import difflib
import inspect
from functools import cache
from typing import Any

import equinox as eqx
import jax
import numpy as np

from .compat import is_traced
from .declared_past import check_histories, check_orders
from .errors import ModelError
from .fields import KEY, Declaration, History, Input, Observable, State
from .record import Record

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
        elif isinstance(value, State | Input | Observable | History):
            if name in annotations:
                raise ModelError(
                    f"{where}: states, inputs, observables and histories carry no annotation; write `{name} = bn.{_verb(value)}(...)`."
                )
            more = READ_AS_ATTRIBUTE | KEYWORDS if isinstance(value, Input) else READ_AS_ATTRIBUTE
            _check_name(name, where, taken | more)
            if not isinstance(value, History):
                _check_default(value, where)
        else:
            _check_plain(name, value, where, annotations)
    _check_clashes(cls, annotations)
    _check_hooks(cls)


PLAIN = bool | int | float | complex | np.ndarray | np.generic | jax.Array


def _check_plain(name: str, value: Any, where: str, annotations: dict) -> None:
    """A number in the class body would be a constant that no slider, sweep or gradient can reach."""
    if name.startswith("_") or "ClassVar" in str(annotations.get(name, "")):
        return
    if isinstance(value, eqx.Module) and name not in annotations:
        kind = type(value).__name__
        raise ModelError(f"{where} is a model that nobody sees: write `{name}: {kind} = bn.part({kind})`.")
    if isinstance(value, PLAIN) or (isinstance(value, str) and name in annotations):
        raise ModelError(
            f"{where} = {value!r} is not declared: write `{name}: bn.Param = bn.param({value!r}, unit, meaning)` for a "
            f"value, `{name}: {type(value).__name__} = bn.static({value!r})` for structure, or annotate it as ClassVar."
        )
    if isinstance(value, list | dict | set) and name in annotations:
        raise ModelError(f"{where} = {value!r} can be changed in place: structure is a number, text or a tuple.")


def _verb(value: Declaration | History) -> str:
    return type(value).__name__.lower()


def _check_field(name: str, field: dataclasses.Field, where: str, annotations: dict, taken: frozenset[str]) -> None:
    kind = field.metadata.get(KEY)
    if kind == "static" and isinstance(field.default, list | dict | set | np.ndarray | jax.Array):
        raise ModelError(
            f"{where}: structure is compared between runs, so it is a number, text or a tuple; got {field.default!r}. "
            f"An array is a value: declare it with bn.param."
        )
    if kind is None:
        return
    if name not in annotations:
        verb, hint = ("param", "bn.Param") if isinstance(kind, Declaration) else (kind, "type")
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


RESERVED = frozenset(
    {"t", "s", "u", "key", "time", "neuron", "T", "dt", "record", "every", "method", "seed", "size", "init"}
)
"""Arguments of hooks and runs, and dimensions of results."""

READ_AS_ATTRIBUTE = frozenset(name for name in dir(Record) if not name.startswith("_"))
"""What ``s.name`` would find before the state."""

KEYWORDS = frozenset({"model", "values", "progress", "store", "on_nan", "reduce", "chunk", "client"})
"""Keywords of a run that an input of the same name could never be given by."""


def _check_default(declaration: Declaration, where: str) -> None:
    """Defaults are checked without touching JAX: a class body must not start the backend."""
    default = declaration.default
    if default is None and isinstance(declaration, State | Input):
        raise ModelError(f"{where}: {declaration.noun} starts from a number; got None.")
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
    check_histories(cls, members(cls, History), states, inputs.keys(), annotations, _declared_here(cls))
    check_orders(cls, states, _declared_here(cls))
    if both := states.keys() & inputs.keys():
        raise ModelError(f"{cls.__name__}: {sorted(both)} declared both as state and as input; names are unique.")
    inherited = {f.name for base in cls.__mro__[1:] if dataclasses.is_dataclass(base) for f in dataclasses.fields(base)}
    fields = inherited | set(annotations)
    if both := fields & (states.keys() | inputs.keys()):
        raise ModelError(
            f"{cls.__name__}: {sorted(both)} declared both as parameter and as state or input; names are unique."
        )


def _declared_here(cls: type) -> dict[str, Any]:
    """Fields of a class that is being made, those of its bases included."""
    found = {f.name: f.metadata.get(KEY) for f in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else {}
    return found | {n: v.metadata.get(KEY) for n, v in vars(cls).items() if isinstance(v, dataclasses.Field)}


def _check_hooks(cls: type) -> None:
    for hook, expected in HOOKS.items():
        method = vars(cls).get(hook)
        if method is None or not inspect.isfunction(method):
            continue
        given = tuple(inspect.signature(method).parameters)
        if len(given) != len(expected):
            raise ModelError(_signature(cls, hook, given, expected))
        if any(a in expected and a != b for a, b in zip(given, expected, strict=True)):
            raise ModelError(_signature(cls, hook, given, expected))
    for name, value in vars(cls).items():
        if inspect.isfunction(value) and (hook := _misspelt(name)):
            raise ModelError(
                f"{cls.__name__}.{name} is never called. The hooks are {', '.join(HOOKS)}; did you mean `{hook}`?"
            )


def _signature(cls: type, hook: str, given: tuple[str, ...], expected: tuple[str, ...]) -> str:
    return (
        f"{cls.__name__}.{hook} takes ({', '.join(given)}); it is called with "
        f"({', '.join(expected)}): write `def {hook}({', '.join(expected)}):`."
    )


NEVER_CALLED = {
    **dict.fromkeys(("derivative", "derivatives", "dynamics", "rhs", "drift"), "vector_field"),
    **dict.fromkeys(("step", "update", "reset"), "on_step"),
    **dict.fromkeys(("noise",), "diffusion"),
    **dict.fromkeys(("init", "initial_state", "initialize", "reset_state"), "init_state"),
}
"""Names under which other packages know the hooks."""


def _misspelt(name: str) -> str | None:
    """The hook that a method was meant to be, if it looks like one."""
    if name in HOOKS:
        return None
    close = difflib.get_close_matches(name, HOOKS, n=1, cutoff=0.85)
    return NEVER_CALLED.get(name) or (close[0] if close else None)


def _check_part_names(model: Any, parts: Record, where: str) -> None:
    """Parts of a mapping stand beside the declared names, so they must differ from all of them."""
    cls = type(model)
    own = (
        {f.name for f in dataclasses.fields(model)}
        | dict(members(cls, State)).keys()
        | dict(members(cls, Input)).keys()
    )
    for name in parts:
        if name in own or name in RESERVED or name in READ_AS_ATTRIBUTE:
            raise ModelError(f"{where}: a part cannot be called `{name}`, {cls.__name__} has that name already.")


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _holds_models(value: Any) -> bool:
    def is_model(x: Any) -> bool:
        return isinstance(x, eqx.Module)

    return any(map(is_model, jax.tree.leaves(value, is_leaf=is_model)))


def check_instance(model: Any) -> None:
    """Explain values that would not trace: every leaf of a model is an array."""
    for field in dataclasses.fields(model):
        value, where = getattr(model, field.name), f"{type(model).__name__}.{field.name}"
        if field.metadata.get("static"):
            if not _hashable(value):
                raise ModelError(
                    f"{where} = {value!r}: structure is compared between runs, so it is a number, text or a tuple."
                )
            continue
        if isinstance(value, Record):
            _check_part_names(model, value, where)
        if isinstance(value, list | tuple | dict) and not isinstance(value, Record) and _holds_models(value):
            raise ModelError(
                f"{where} hides models in a {type(value).__name__}; name them, so that they have paths: "
                f"{field.name}=bn.Record(first=..., second=...)."
            )
        for leaf in jax.tree.leaves(value):
            if isinstance(leaf, jax.Array | np.ndarray) or is_traced(leaf):
                continue
            shown = repr(leaf) if len(repr(leaf)) < 60 else type(leaf).__name__
            raise ModelError(
                f"{where} holds {shown}: declare it "
                + (
                    "with bn.static() (structure), for it is no array."
                    if not isinstance(leaf, int | float)
                    else "with bn.param(default, unit, meaning) so that it becomes an array."
                )
            )
