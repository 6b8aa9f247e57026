"""How a hook reads the past: a ring of values on the grid of the run, and the curves between its rows."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from . import bits, curves
from .errors import ModelError
from .fields import float_dtype
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
    kind : {"cubic", "quintic", "septic", "linear", "step", "bits"}
        How it reads between two steps: curves of order 4, 6 and 8, ...; "bits" holds one bit for every unit.
    units : tuple of int
        Shape of what it remembers, where that is no state but an observable.
    neutral : bool
        Whether slopes are read.  The slope of such an equation jumps again and again, so both sides are kept.
    """

    path: str
    of: str
    longest: float
    rows: int
    kind: str
    units: tuple[int, ...] = ()
    neutral: bool = False

    @property
    def points(self) -> int:
        """Through how many rows its curve leads, with their slopes; 0 where it keeps no slopes."""
        return curves.POINTS.get(self.kind, 0)

    def row(self, step: Any) -> Any:
        """Where in the ring a step is."""
        return step & (self.rows - 1)


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
            NaN where ``delay`` is negative or longer than the line (the run then says so); no spike there in a line
            of spikes, which otherwise arrive after the nearest whole number of steps, one at the least.
        """
        delay = asked(self.line.path, delay)
        inside = (delay >= 0) & (delay <= self.line.longest * (1 + 1e-5))
        if self.line.kind == "bits":
            return inside & bits.read(self.kept.value, self._row(delay), self.line.units, at)
        if self.line.kind == "step":
            return jnp.where(inside, self._rows(self.kept.value, self._row(delay), at), jnp.nan)
        return jnp.where(inside, self._between(delay, at, curves.VALUE, self._fresh), jnp.nan)

    def slope(self, delay: Any, at: Any = None) -> Array:
        """The derivative ``delay`` ms ago, per ms: what neutral equations read.

        Raises
        ------
        ModelError
            For a line that keeps no derivative: one of spikes, of a noisy or jumping state, or ``read="step"``.
        """
        if not self.line.points:
            raise ModelError(
                f"`{self.line.path}.slope`: this line holds values only ({self.line.kind}); a derivative needs a state "
                f"that is smooth, bn.history('{self.line.of}', ..., read='cubic')."
            )
        delay = asked(self.line.path + SLOPE, delay)
        inside = (delay > 0) & (delay <= self.line.longest * (1 + 1e-5))
        return jnp.where(inside, self._between(delay, at, curves.SLOPE, self._fresh_slope), jnp.nan)

    def with_now(self, flags: Array) -> tuple[Array, Array]:
        """The ring of a line of spikes, for a hook at the end of a step: with those of this step, and its number."""
        step = self.moment.step + 1
        return self.kept.value.at[self.line.row(step)].set(bits.ring_row(flags != 0)), step

    # --- where in the ring -------------------------------------------------------------------------------------

    def _steps(self, delay: Array) -> Array:
        """Position in steps, counted from the newest row; positive within the step that is being made."""
        return (self.moment.ahead - delay) / self.moment.dt

    def _row(self, delay: Array) -> Array:
        """The row that a clock of this step length tells: the last before that moment; of spikes, the nearest."""
        if self.line.kind == "bits":
            back = jnp.floor(self.moment.ahead / self.moment.dt + 1e-3) - jnp.round(delay / self.moment.dt)
        else:
            steps = self._steps(delay)
            back = jnp.floor(steps + jnp.maximum(1e-3, _blur(steps)))
        return self.line.row(self.moment.step + jnp.clip(back, 1 - self.line.rows, 0).astype(jnp.int32))

    def _rows(self, kept: Array, row: Array, at: Any) -> Array:
        if at is not None:
            return kept.reshape(kept.shape[0], -1)[row, at]
        if row.ndim == 0:
            return kept[row]
        shape = jnp.broadcast_shapes(row.shape, kept.shape[1:])
        return kept[(jnp.broadcast_to(row, shape), *jnp.ogrid[tuple(slice(n) for n in kept.shape[1:])])]

    def _between(self, delay: Array, at: Any, curve: curves.Curve, fresh: Callable) -> Array:
        """Read between two rows, or between the newest and the stage of the step that asks."""
        steps = self._steps(delay)
        blur = _blur(steps)
        # on a row: a step that begins looks ahead of it, a step that ends looks back; slopes may differ
        back = jnp.where(self.moment.ahead > 0, jnp.ceil(steps - blur) - 1, jnp.floor(steps + blur))
        back = jnp.clip(back, 1 - self.line.rows, -1)
        left = self.moment.step + back.astype(jnp.int32)
        newest = jnp.full_like(left, self.moment.step)

        def rows(name: str, step: Array) -> Array:
            return self._rows(self.kept[name], self.line.row(step), at)

        def slope_at(m: int) -> Array:
            """The slope at a row beside ``left``, on the side from which it is seen."""
            if m <= 0:
                return rows("slope", left + m)
            if self.line.neutral:
                return rows("end", left + m)
            # a run begins with a kink: the step that ends there ends with a slope of its own
            begin = self._rows(self.kept.begin[None], jnp.zeros_like(left), at)
            return jnp.where(left == -m, begin, rows("slope", left + m))

        x0, x1, part = rows("value", left), rows("value", left + 1), steps - back
        if self.line.points:
            slope, ends = rows("slope", newest), (x0, x1, slope_at(0), slope_at(1), self.moment.dt)
            old = curve.cubic(part, *ends)
            if self.line.points > 2:
                missed = {m: self._missed(m, rows("value", left + m), slope_at(m), ends) for m in self._beside()}
                r = curves.mended(missed, partial(self._inside, left), self.line.points)
                old = old + curve.mending(part, r, self.moment.dt)
        else:
            slope, old = None, x0 + part * (x1 - x0)
        now = self._rows(jnp.asarray(self.now)[None], jnp.zeros_like(left), at)
        young = jnp.maximum(self.moment.ahead - delay, 0.0)
        return jnp.where(steps > 0, fresh(young, rows("value", newest), slope, now), old)

    def _beside(self) -> set[int]:
        """The rows beside the two of the cubic that a longer curve looks at."""
        return {m for others in curves.neighbours(self.line.points) for m in others}

    def _missed(self, m: int, x: Array, f: Array, ends: tuple[Array, ...]) -> tuple[Array, Array]:
        """By how much the cubic, drawn on to row ``m``, misses its value, and its slope times the step."""
        return x - curves.VALUE.cubic(m, *ends), (f - curves.SLOPE.cubic(m, *ends)) * self.moment.dt

    def _inside(self, left: Array, first: int, last: int) -> Array:
        """Where a curve may lead through the rows ``left + first`` to ``left + last``.

        They are in the ring, on one side of the begin of the run, and none beside the two of the cubic is the newest,
        whose slope is a guess while it is being found.
        """
        held = left + first > self.moment.step + 1 - self.line.rows
        known = left + last < self.moment.step + int(last == 1)
        return held & known & jnp.where(left < 0, left + last <= 0, left + first >= 0)

    def _fresh(self, young: Array, x: Array, f: Array | None, now: Array) -> Array:
        """Within the step that is being made: a parabola from its begin to the stage that asks."""
        whole = jnp.where(self.moment.ahead > 0, self.moment.ahead, 1.0)
        if f is None:
            return x + (now - x) * (young / whole)
        return x + f * young + (now - x - f * whole) * (young / whole) ** 2

    def _fresh_slope(self, young: Array, x: Array, f: Array, now: Array) -> Array:
        whole = jnp.where(self.moment.ahead > 0, self.moment.ahead, 1.0)
        return f + 2 * (now - x - f * whole) * young / whole**2


def _blur(steps: Array) -> Array:
    """By how much rounding may have moved a position."""
    return 8 * jnp.finfo(steps.dtype).eps * (1 + jnp.abs(steps))


# --- what was asked ------------------------------------------------------------------------------------------------

SLOPE = ".slope"
"""What the path of a line ends with where its slope was read."""

_watched: ContextVar[dict | None] = ContextVar("watched", default=None)


def asked(path: str, delay: Any) -> Array:
    """The delay as an array, noted when somebody watches."""
    delay = jnp.asarray(delay, float_dtype())
    if (watch := _watched.get()) is not None:
        watch.setdefault(path, []).append((jnp.min(delay), jnp.max(delay)))
    return delay


@contextmanager
def watched() -> Iterator[dict[str, list[tuple[Array, Array]]]]:
    """Collect the shortest and the longest delay of every read, by the path of the line."""
    found: dict[str, list[tuple[Array, Array]]] = {}
    token = _watched.set(found)
    try:
        yield found
    finally:
        _watched.reset(token)
