"""What all stimuli made of stimuli share: the parts' states are joined, the parts' hooks are forwarded."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.core.record import Record

from .base import FromFunction, Stimulus
from .steps import Constant


class Composite(Stimulus):
    """A stimulus made of others.  Its state is that of its parts; a part that has not begun waits."""

    def times(self, t: Array) -> Mapping[str, Any]:
        """The own time of every part that has one; before 0 its state waits."""
        return {}

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        """Every part's; one that begins at another time in every unit has a state in every unit."""
        s = super().init_state(size, key)
        units = {name: jnp.shape(time) for name, time in self.times(jnp.zeros(())).items()}
        return Record((name, _over(units[name], x) if units.get(name) else x) for name, x in s.items())

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return self._forward("vector_field", t, s, u)

    def diffusion(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return self._forward("diffusion", t, s, u)

    def _forward(self, hook: str, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        """What the hook of every part returns, under the part's name; nothing stays nothing."""
        times, found = self.times(t), {}
        for name, part in self.parts().items():
            out = getattr(part, hook)(times.get(name, t), s[name], u)
            if out:
                found[name] = _begun(times[name], out) if name in times else out
        return found

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        times, changed = self.times(t), {}
        for i, (name, part) in enumerate(self.parts().items()):
            new, _ = part.on_step(times.get(name, t), s[name], u, jax.random.fold_in(key, i))
            if new:
                changed[name] = _begun(times[name], new, s[name]) if name in times else new
        return changed, {}


def _over(units: tuple[int, ...], s: Record) -> Record:
    return jax.tree.map(lambda x: jnp.broadcast_to(x, jnp.broadcast_shapes(jnp.shape(x), units)), s)


def _begun(time: Array, new: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """``new`` from time 0 on; before, ``old``, or nothing."""

    def one(name: str, x: Any) -> Any:
        before = 0.0 if old is None else old[name]
        if isinstance(x, Mapping):
            return _begun(time, x, before if isinstance(before, Mapping) else None)
        return jnp.where(time >= 0.0, x, before)

    return {name: one(name, x) for name, x in new.items()}


def as_stimulus(value: Any, where: str = "A stimulus") -> Stimulus:
    """A stimulus itself, a number or an array as a constant, a function of time as it is."""
    if isinstance(value, Stimulus):
        return value
    if isinstance(value, type) and issubclass(value, Stimulus):
        raise ModelError(f"{where} got the class {value.__name__}; build it, {value.__name__}(...).")
    if isinstance(value, str) or hasattr(value, "magnitude"):
        raise ModelError(
            f"{where} got {str(value)!r}; a level has the unit of the input that is driven, so write the number alone."
        )
    if isinstance(value, Model | Mapping) or value is None:
        raise ModelError(f"{where} got {type(value).__name__}; a stimulus of bn.inputs or a number was expected.")
    return FromFunction(value) if callable(value) and not hasattr(value, "__array__") else Constant(level=value)


def named(parts: Any, where: str, convert: Callable[[Any, str], Stimulus] = as_stimulus) -> Record:
    """Parts by name: as they are named in a mapping, else after their classes."""
    if isinstance(parts, Mapping):
        for name in parts:
            if not str(name).isidentifier():
                raise ModelError(
                    f"{where}: {name!r} is no name; use a word such as 'tone', so that paths read 'tone.start'."
                )
        found = {str(name): convert(part, f"{where}: `{name}`") for name, part in parts.items()}
    elif isinstance(parts, Iterable) and not isinstance(parts, str):
        found = {}
        for part in parts:
            made = convert(part, where)
            found[free(name_of(made), found)] = made
    else:
        raise ModelError(f"{where} takes a list or a mapping of names; got {type(parts).__name__}.")
    if not found:
        raise ModelError(f"{where} of nothing: at least one part was expected.")
    return Record(found)


def name_of(stimulus: Stimulus) -> str:
    """``sine`` for a Sine, and for one that is scaled or delayed: what a part is called unless it is named."""
    while isinstance(inner := vars(stimulus).get("of"), Stimulus):
        stimulus = inner
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(stimulus).__name__).lower()


def free(name: str, taken: Iterable[str]) -> str:
    """``sine``, ``sine_2``, ...: the first that is not taken."""
    taken, found, i = set(taken), name, 1
    while found in taken:
        i += 1
        found = f"{name}_{i}"
    return found
