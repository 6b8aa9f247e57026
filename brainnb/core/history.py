"""The past of a model: delay lines, and how a hook reads them.

A line is a ring of values on the grid of the run, one row a step.  Its arrays are part of the state that the loop
carries, so a run that is continued, stored or swept remembers; what it is (:class:`Line`) is structure.
"""

import dataclasses
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from . import bits, declared
from .errors import ModelError
from .fields import History, float_dtype
from .model import Model
from .paths import split
from .record import Record


@dataclasses.dataclass(frozen=True)
class Line:
    """What a delay line is.

    Attributes
    ----------
    path : str
        Dotted path by which hooks read it, ``"x_ago"`` or ``"E.x_ago"``.
    of : str
        Dotted path of what it remembers.
    longest : float
        How far back it reaches, ms.
    rows : int
        Steps it holds; a power of two, so that small changes of ``dt`` compile nothing.
    kind : {"cubic", "linear", "step", "bits"}
        How it reads between two steps; "bits" holds one bit for every unit.
    units : tuple of int
        Shape of what it remembers, where that is no state but an observable.
    """

    path: str
    of: str
    longest: float
    rows: int
    kind: str
    units: tuple[int, ...] = ()


class Moment(NamedTuple):
    """Where a step stands: its number, how far it has come (ms), and its length."""

    step: Any = 0
    ahead: Any = 0.0
    dt: Any = 1.0


class Past(eqx.Module):
    """A delay line as a hook reads it: ``s.x_ago(delay)`` is the value of ``x`` that many ms ago."""

    line: Line = eqx.field(static=True)
    kept: Record
    now: Any
    moment: Moment

    def __call__(self, delay: Any, at: Any = None) -> Array:
        """The value ``delay`` ms ago.

        Parameters
        ----------
        delay : number or array
            Its shape is laid over that of the state: one number for all, one for each unit, or, in front, further
            axes: ``(post, pre)`` reads every unit ``pre`` as each ``post`` hears it.
        at : array of int, optional
            With a delay for every edge of a list: the unit that each edge reads.

        Returns
        -------
        Array
            NaN where ``delay`` is negative or longer than the line (the run then says so).
        """
        delay = self._asked(delay)
        if self.line.kind == "bits":
            return bits.read(self.kept.value, self._row(delay), self.line.units, at)
        if self.line.kind == "step":
            return self._known(delay, self._rows(self.kept.value, self._row(delay), at))
        return self._known(delay, self._between(delay, at, _value, self._fresh))

    def slope(self, delay: Any, at: Any = None) -> Array:
        """The derivative ``delay`` ms ago, per ms: what neutral equations read.

        Raises
        ------
        ModelError
            For a line that keeps no derivative: one of spikes, of a noisy or jumping state, or ``read="step"``.
        """
        if self.line.kind != "cubic":
            raise ModelError(
                f"`{self.line.path}.slope`: this line holds values only ({self.line.kind}); a derivative needs a state "
                f"that is smooth, bn.history('{self.line.of}', ..., read='cubic')."
            )
        delay = self._asked(delay)
        return self._known(delay, self._between(delay, at, _slope, self._fresh_slope))

    # --- where in the ring -------------------------------------------------------------------------------------

    def _asked(self, delay: Any) -> Array:
        delay = jnp.asarray(delay, float_dtype())
        if (watch := _watched.get()) is not None:
            watch.setdefault(self.line.path, []).append((jnp.min(delay), jnp.max(delay)))
        return delay

    def _known(self, delay: Array, value: Array) -> Array:
        inside = (delay >= 0) & (delay <= self.line.longest * (1 + 1e-5))
        return jnp.where(inside, value, jnp.nan)

    def _steps(self, delay: Array) -> Array:
        """Position in steps, counted from the newest row; positive within the step that is being made."""
        return (self.moment.ahead - delay) / self.moment.dt

    def _row(self, delay: Array) -> Array:
        """The row that holds the last step before that moment; what a clock of this step length can tell."""
        back = jnp.floor(self._steps(delay) + 1e-3).astype(jnp.int32)
        return (self.moment.step + jnp.clip(back, 1 - self.line.rows, 0)) & (self.line.rows - 1)

    def _rows(self, kept: Array, row: Array, at: Any) -> Array:
        if at is not None:
            return kept.reshape(kept.shape[0], -1)[row, at]
        if row.ndim == 0:
            return kept[row]
        shape = jnp.broadcast_shapes(row.shape, kept.shape[1:])
        return kept[(jnp.broadcast_to(row, shape), *jnp.ogrid[tuple(slice(n) for n in kept.shape[1:])])]

    def _between(self, delay: Array, at: Any, polynomial: Callable, fresh: Callable) -> Array:
        """Read between two rows, or between the newest and the stage of the step that asks."""
        steps = self._steps(delay)
        back = jnp.clip(jnp.floor(steps), 1 - self.line.rows, -1)
        left = self.moment.step + back.astype(jnp.int32)
        newest = jnp.full_like(left, self.moment.step)

        def rows(name: str, step: Array) -> Array:
            return self._rows(self.kept[name], step & (self.line.rows - 1), at)

        x0, x1, part = rows("value", left), rows("value", left + 1), steps - back
        if self.line.kind == "cubic":
            f0, f1, slope = rows("slope", left), rows("slope", left + 1), rows("slope", newest)
            # a run begins with a kink: the step that ends there ends with a slope of its own
            f1 = jnp.where(left == -1, self._rows(self.kept.begin[None], jnp.zeros_like(left), at), f1)
            old = polynomial(part, x0, x1, f0, f1, self.moment.dt)
        else:
            slope, old = None, x0 + part * (x1 - x0)
        now = self._rows(jnp.asarray(self.now)[None], jnp.zeros_like(left), at)
        young = jnp.maximum(self.moment.ahead - delay, 0.0)
        return jnp.where(steps > 0, fresh(young, rows("value", newest), slope, now), old)

    def _fresh(self, young: Array, x: Array, f: Array | None, now: Array) -> Array:
        """Within the step that is being made: a parabola from its begin to the stage that asks."""
        whole = jnp.where(self.moment.ahead > 0, self.moment.ahead, 1.0)
        if f is None:
            return x + (now - x) * (young / whole)
        return x + f * young + (now - x - f * whole) * (young / whole) ** 2

    def _fresh_slope(self, young: Array, x: Array, f: Array, now: Array) -> Array:
        whole = jnp.where(self.moment.ahead > 0, self.moment.ahead, 1.0)
        return f + 2 * (now - x - f * whole) * young / whole**2


def _value(p: Array, x0: Array, x1: Array, f0: Array, f1: Array, h: Array) -> Array:
    """Hermite's cubic at the part ``p`` of a step."""
    q = 1 - p
    return q * q * ((1 + 2 * p) * x0 + p * h * f0) + p * p * ((1 + 2 * q) * x1 - q * h * f1)


def _slope(p: Array, x0: Array, x1: Array, f0: Array, f1: Array, h: Array) -> Array:
    """Derivative of Hermite's cubic."""
    return 6 * p * (1 - p) * (x1 - x0) / h + (1 - p) * (1 - 3 * p) * f0 + p * (3 * p - 2) * f1


# --- the lines of a model ------------------------------------------------------------------------------------------


def remembers(model: Model) -> bool:
    """Whether the model or one of its parts declares a history."""
    return bool(declared.members(type(model), History)) or any(map(remembers, model.parts().values()))


def lines(
    model: Model, dt: float, size: tuple[int, ...] = (), rough: Container[str] = (), prefix: str = ""
) -> tuple[Line, ...]:
    """The lines of a model at a step of ``dt`` ms; ``rough`` are paths of states that jump or are noisy."""
    found = []
    for name, d in declared.members(type(model), History):
        longest = d.reach(model)
        rows = 2 ** max(2, (int(longest / dt * (1 + 1e-9)) + 2).bit_length())
        of = prefix + d.of
        if d.of not in type(model).states():
            found.append(Line(prefix + name, of, longest, rows, "bits", size))
            continue
        smooth = "step" if type(model).states()[d.of].discrete else "linear" if of in rough else "cubic"
        kind = smooth if d.read == "auto" else d.read
        found.append(Line(prefix + name, of, longest, rows, kind))
    for name, part in model.parts().items():
        found += lines(part, dt, size, rough, f"{prefix}{name}.")
    return tuple(found)


def blank(line: Line, x: Any = None) -> Record:
    """A line whose whole past is ``x``."""
    if line.kind == "bits":
        return Record(value=bits.blank(line.rows, line.units))
    values = jnp.broadcast_to(x, (line.rows, *jnp.shape(x)))
    if line.kind != "cubic":
        return Record(value=values)
    return Record(value=values, slope=jnp.zeros_like(values), begin=jnp.zeros_like(x))


def remembered(line: Line, kept: Record, step: Any, x: Any, slope: Any = None) -> Record:
    """The line with the value of ``step`` in it."""
    row = step & (line.rows - 1)
    if line.kind == "bits":
        return kept.merge(dict(value=kept.value.at[row].set(bits.pack(x))))
    new = dict(value=kept.value.at[row].set(x))
    if line.kind == "cubic":
        new["slope"] = kept.slope.at[row].set(slope)
    return kept.merge(new)


def filled(line: Line, kept: Record, before: Callable, dt: float) -> Record:
    """The line with a function of time as the past of a run that begins at step 0."""
    rows = jnp.arange(line.rows)
    times = -(((0 - rows) & (line.rows - 1)) * dt).astype(float_dtype())
    shape = kept.value.shape[1:]

    def one(t: Array) -> tuple[Array, Array]:
        return jax.jvp(
            lambda t: jnp.broadcast_to(jnp.asarray(before(t), float_dtype()), shape), (t,), (jnp.ones_like(t),)
        )

    values, slopes = jax.vmap(one)(times)
    return kept.merge(dict(value=values, slope=slopes, begin=slopes[0]) if line.kind == "cubic" else dict(value=values))


def bound(found: tuple[Line, ...], s: Record, past: Mapping[str, Record], moment: Moment) -> Record:
    """The state as hooks see it: every history beside the states of its model."""
    for line in found:
        now = None if line.kind == "bits" else at_path(s, line.of)
        s = _with(s, line.path, Past(line, past[line.path], now, moment))
    return s


def at_rest(model: Model, s: Record, t: Any = 0.0) -> Record:
    """The state of a model whose past was always as it is now: for equilibria, and for a look at the units."""
    own = {
        name: _Still(at_path(s, d.of) if d.of in s else jnp.zeros((), bool), t)
        for name, d in declared.members(type(model), History)
    }
    parts = {name: at_rest(part, s[name], t) for name, part in model.parts().items() if name in s}
    return Record({**s, **parts, **own}) if remembers(model) else s


class _Still(eqx.Module):
    """A past that equals the present."""

    x: Any
    t: Any

    def __call__(self, delay: Any, at: Any = None) -> Array:
        return jnp.where(delay >= self.t, self.x, self.x)  # in the shape of the read; delay and t share a unit

    def slope(self, delay: Any, at: Any = None) -> Array:
        return jnp.where(delay >= self.t, 0.0, 0.0)


def at_path(s: Mapping, path: str) -> Any:
    """The value at a dotted path."""
    head, rest = split(path)
    return at_path(s[head], rest) if rest else s[head]


def _with(s: Record, path: str, value: Any) -> Record:
    head, rest = split(path)
    return Record({**s, head: _with(s[head], rest, value) if rest else value})


_watched: ContextVar[dict | None] = ContextVar("watched", default=None)


@contextmanager
def watched() -> Iterator[dict[str, list[tuple[Array, Array]]]]:
    """Collect the shortest and the longest delay of every read, by the path of the line."""
    found: dict[str, list[tuple[Array, Array]]] = {}
    token = _watched.set(found)
    try:
        yield found
    finally:
        _watched.reset(token)
