"""Spikes of smooth cells: a cell whose equations know no spike sends one when its potential crosses a threshold."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core import declared
from brainnb.core.checks import call_hook
from brainnb.core.conventions import VOLTAGE_THRESHOLD
from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.fields import Param, State, float_dtype, param, state
from brainnb.core.history import at_rest
from brainnb.core.model import Model
from brainnb.core.pickled import revived, to_host
from brainnb.core.record import Inputs, Record
from brainnb.core.spikes import spike


class Crossing(Model):
    """What a population adds to a smooth cell; :func:`crossing` derives from it and from the class of the cell."""

    watches: ClassVar[str] = "V"
    """The state whose upward crossing is a spike."""

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        new, seen = super().on_step(t, s, u, key)
        x, level = new.get(self.watches, s[self.watches]), getattr(self, level_of(self.watches))
        sent = jnp.where(s.above, 0.0, spike(x - level))
        return {**new, "above": level <= x}, {**seen, "spike": sent}

    def __reduce__(self) -> tuple:
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return _revived, (type(self).__bases__[1], self.watches, jax.tree.map(to_host, values))


def _revived(cls: type[Model], watches: str, values: Mapping[str, Any]) -> Model:
    return revived(crossing(cls, watches), values)


@cache
def crossing(cls: type[Model], watches: str) -> type[Model]:
    """The class of cells ``cls`` that send a spike when the state ``watches`` crosses a level upwards.

    It goes by the name of ``cls``: what a reader sees is the cell, with one parameter more.
    """
    level, of = level_of(watches), cls.states()[watches]
    meaning = f"level of {watches} whose upward crossing is a spike"
    body = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
        "__annotations__": {level: Param, "watches": ClassVar[str]},
        "watches": watches,
        level: param(float(np.clip(_usual(of), *of.bounds)), of.unit, meaning, bounds=of.bounds),
        "above": state(False, "1", f"whether {watches} is above {level}", discrete=True),
    }
    return type(cls)(cls.__name__, (Crossing, cls), body)


def _usual(of: State) -> float:
    return VOLTAGE_THRESHOLD if of.unit == "mV" else 0.0


def level_of(watches: str) -> str:
    """The name of the parameter that is the threshold."""
    return f"{watches}_spike"


def watched(model: Model, threshold: Any, number: int) -> tuple[Model, dict[str, Any]]:
    """The cells of a population, sending spikes if they can; and a level that is still to be drawn.

    ``threshold`` is what :class:`Population` was given, ``number`` how many cells there are.
    """
    if threshold is None:
        return _taught(model, "V", VOLTAGE_THRESHOLD) if _is_smooth(model, number) else (model, {})
    name, states = type(model).__name__, _continuous(model)
    if fires(model, number):
        own = next((path for path in ("V_spike", "V_peak", "V_th") if path in model.parameters()), None)
        instead = "" if own is None else f": give its `{own}`, parameters={{{own!r}: ...}}"
        raise ModelError(f"threshold= is for cells without a spike of their own, and {name} reports one{instead}.")
    watches, level = _asked(threshold)
    if watches not in states:
        hint = f" Say which of its states is a potential, threshold={{{next(iter(states), 'x')!r}: 0}}."
        raise UnknownName(unknown_message("state", watches, states, where=name) + hint)
    return _taught(model, watches, level)


def _asked(threshold: Any) -> tuple[str, Any]:
    """The state that is watched, and its level."""
    if not isinstance(threshold, Mapping):
        return "V", threshold
    if len(threshold) != 1:
        raise ModelError(f"threshold={dict(threshold)}: one state and its level were expected, {{'V': -20}}.")
    return next(iter(threshold.items()))


def _taught(model: Model, watches: str, level: Any) -> tuple[Model, dict[str, Any]]:
    """The model as one of the class that fires; the level is set if it is one number, and else still to be drawn."""
    cls, name = crossing(type(model), watches), level_of(watches)
    if name in vars(model):
        raise ModelError(f"{type(model).__name__} has a `{name}` of its own, but reports no `spike`.")
    declaration = declared.parameters(cls)[name]
    one = isinstance(level, int | float | np.number | str) or hasattr(level, "magnitude")
    values = {**vars(model), name: declaration.convert(level if one else declaration.default, path=name)}
    made = object.__new__(cls)
    for field in dataclasses.fields(cls):
        object.__setattr__(made, field.name, values[field.name])
    return made, {} if one else {name: level}


def _continuous(model: Model) -> dict[str, State]:
    return {name: d for name, d in type(model).states().items() if not d.discrete}


def _is_smooth(model: Model, number: int) -> bool:
    """Whether it has a potential in mV, and no spikes of its own."""
    V = _continuous(model).get("V")
    if V is None or V.unit != "mV":
        return False
    low, high = V.bounds
    inside = (low is None or low < VOLTAGE_THRESHOLD) and (high is None or high > VOLTAGE_THRESHOLD)
    return inside and not fires(model, number)


def fires(model: Model, number: int) -> bool:
    """Whether ``number`` cells report a ``spike`` by themselves."""
    if type(model).on_step is Model.on_step:
        return False

    def seen(key: Array) -> Mapping[str, Any]:
        t = jnp.zeros(())
        s = at_rest(model, model.init_state((number,), key), t)
        u = Inputs({name: jnp.asarray(d.default, float_dtype()) for name, d in model.inputs().items()})
        return call_hook(model, "on_step", t, s, u, key)[1]

    return "spike" in jax.eval_shape(seen, jax.random.key(0))
