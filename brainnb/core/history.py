"""The past of a model: its delay lines, how they begin, and how a step is written into them.

A line is a ring of values on the grid of the run, one row a step.  Its arrays are part of the state that the loop
carries, so a run that is continued, stored or swept remembers; what it is (:class:`Line`) is structure.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from . import bits
from .curves import POINTS
from .delayed import SLOPE, Line, Moment, Past
from .fields import State, float_dtype
from .model import Model
from .paths import split
from .record import Record


def remembers(model: Model) -> bool:
    """Whether the model or one of its parts declares a history."""
    return bool(model.histories()) or any(map(remembers, model.parts().values()))


def lines(
    model: Model,
    dt: float,
    size: tuple[int, ...] = (),
    rough: Container[str] = (),
    read: Container[str] = (),
    prefix: str = "",
    curve: str = "cubic",
) -> tuple[Line, ...]:
    """The lines of a model at a step of ``dt`` ms.

    ``rough`` are paths of states that jump or are noisy, ``read`` the paths that hooks read; smooth states are read from
    a ``curve`` where the model does not say how.
    """
    found = []
    for name, d in model.histories().items():
        path, of, longest = prefix + name, prefix + d.of, d.reach(model)
        rows = 2 ** max(2, (int(longest / dt * (1 + 1e-9)) + 2).bit_length())
        state = model.declaration(d.of)
        if not isinstance(state, State):
            found.append(Line(path, of, longest, rows, "bits", size if d.units is None else d.units))
            continue
        smooth = "step" if state.discrete else "linear" if of in rough else curve
        kind = smooth if d.read == "auto" else d.read
        found.append(Line(path, of, longest, rows, kind, neutral=kind in POINTS and path + SLOPE in read))
    for name, part in model.parts().items():
        found += lines(part, dt, size, rough, read, f"{prefix}{name}.", curve)
    return tuple(found)


def blank(line: Line, x: Any = None) -> Record:
    """A line whose whole past is ``x``."""
    if line.kind == "bits":
        return Record(value=bits.blank(line.rows, line.units))
    values = jnp.broadcast_to(x, (line.rows, *jnp.shape(x)))
    if not line.points:
        return Record(value=values)
    return _with_slopes(line, Record(value=values), jnp.zeros_like(values))


def _with_slopes(line: Line, kept: Record, slopes: Array) -> Record:
    before = dict(end=slopes) if line.neutral else dict(begin=slopes[0])
    return Record(value=kept.value, slope=slopes, **before)


def filled(line: Line, kept: Record, before: Callable, dt: float) -> Record:
    """The line with a function of time as the past of a run that begins at step 0."""
    times = np.asarray(line.row(-np.arange(line.rows)) * -dt, float_dtype())
    shape = kept.value.shape[1:]

    def one(t: Array) -> tuple[Array, Array]:
        return jax.jvp(
            lambda t: jnp.broadcast_to(jnp.asarray(before(t), float_dtype()), shape), (t,), (jnp.ones_like(t),)
        )

    values, slopes = jax.vmap(one)(times)
    kept = Record(value=values.astype(kept.value.dtype))
    return _with_slopes(line, kept, slopes) if line.points else kept


def placed(line: Line, kept: Record, moment: Moment, x: Any) -> Record:
    """The line with the value of this step in it, and its slope as the parabola through the step before tells it."""
    row, last = line.row(moment.step), line.row(moment.step - 1)
    new = dict(value=kept.value.at[row].set(bits.ring_row(x) if line.kind == "bits" else x))
    if line.points:
        guess = 2 * (x - kept.value[last]) / moment.dt - kept.slope[last]
        new["slope"] = kept.slope.at[row].set(guess)
        if line.neutral:
            new["end"] = kept.end.at[row].set(jnp.where(moment.step > 0, guess, kept.end[row]))
    return kept.merge(new)


def sloped(line: Line, kept: Record, step: Any, slope: Array, end: Array | None) -> Record:
    """The line with the slope with which this step begins, and the one with which the step before ended."""
    row = line.row(step)
    new = dict(slope=kept.slope.at[row].set(slope))
    if line.neutral:
        new["end"] = kept.end.at[row].set(jnp.where(step > 0, end, kept.end[row]))
    return kept.merge(new)


def bound(found: tuple[Line, ...], s: Record, past: Mapping[str, Record], moment: Moment) -> Record:
    """The state as hooks see it: every history beside the states of its model."""
    for line in found:
        now = None if line.kind == "bits" else at_path(s, line.of)
        s = _with(s, line.path, Past(line, past[line.path], now, moment))
    return s


def at_rest(model: Model, s: Record, t: Any = 0.0) -> Record:
    """The state of a model whose past was always as it is now: for equilibria, and for a look at the units."""
    if not remembers(model):
        return s
    s = Record({**s, **{name: at_rest(part, s[name], t) for name, part in model.parts().items() if name in s}})
    for name, d in model.histories().items():
        of_state = isinstance(model.declaration(d.of), State)
        s = _with(s, name, _Still(at_path(s, d.of) if of_state else jnp.zeros(d.units or (), bool), t))
    return s


class _Still(eqx.Module):
    """A past that equals the present."""

    x: Any
    t: Any

    def __call__(self, delay: Any, at: Any = None) -> Array:
        x = self.x if at is None else jnp.ravel(self.x)[at]
        return jnp.where(delay >= self.t, x, x)  # in the shape of the read; delay and t share a unit

    def slope(self, delay: Any, at: Any = None) -> Array:
        x = self(delay, at)
        return (x - x) / (jnp.abs(delay) + 1.0)  # nothing, per ms


def at_path(s: Mapping, path: str) -> Any:
    """The value at a dotted path."""
    head, rest = split(path)
    return at_path(s[head], rest) if rest else s[head]


def _with(s: Record, path: str, value: Any) -> Record:
    head, rest = split(path)
    return Record({**s, head: _with(s[head], rest, value) if rest else value})
