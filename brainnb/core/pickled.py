"""Models as pickles: bit-equal in another process, also when a notebook defined their class.

Pickle names a class that lives in a file.  One that was typed in a notebook is sent along by value (``dask`` and
``multiprocess`` do so by cloudpickle), and that builds an *empty* class first and fills it afterwards, too late for
everything that reads a class when it is made: its fields, its states, its leaves.  :func:`whole` derives from such a
class one that knows its declarations.
"""

import dataclasses
import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import jax
import numpy as np

from .fields import Input, Observable, State

_at_birth: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()


def note_birth(cls: type) -> None:
    """Remember what a class declared when it was made."""
    _at_birth[cls] = declared_names(cls)


def declared_names(cls: type) -> frozenset[str]:
    """Names that the class itself declares, of whatever kind."""
    members = {name for name, value in vars(cls).items() if isinstance(value, State | Input | Observable)}
    return frozenset(members | set(inspect.get_annotations(cls)))


def filled_later(cls: type) -> bool:
    """Whether the class, or one that it derives from, was made empty and got its declarations afterwards."""
    return any(declared_names(base) != names for base in cls.__mro__ if (names := _at_birth.get(base)) is not None)


@cache
def whole(cls: type) -> type:
    """The class itself, or for one that was filled later a subclass that is made with everything in place."""
    if not filled_later(cls):
        return cls
    body = {
        name: vars(cls)[name] for name in ("__module__", "__qualname__", "__doc__", "__init__") if name in vars(cls)
    }
    return type(cls)(cls.__name__, (cls,), body)


def reduced(model: Any) -> tuple:
    """What ``__reduce__`` of a model returns: arrays travel as they are, whatever the precision over there."""
    values = {f.name: getattr(model, f.name) for f in dataclasses.fields(model) if f.name in vars(model)}
    return revived, (type(model), jax.tree.map(to_host, values))


def revived(cls: type, values: Mapping[str, Any]) -> Any:
    """A model from its class and its values; nothing is converted or checked again."""
    model = object.__new__(whole(cls))
    for name, value in values.items():
        object.__setattr__(model, name, jax.tree.map(to_device, value))
    return model


def to_host(x: Any) -> Any:
    """Arrays of JAX as arrays of NumPy."""
    return np.asarray(x) if isinstance(x, jax.Array) else x


def to_device(x: Any) -> Any:
    """Arrays of NumPy as arrays of JAX, of the very same type."""
    if not isinstance(x, np.ndarray):
        return x
    with jax.enable_x64(True):
        return jax.device_put(x)
