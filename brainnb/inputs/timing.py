"""Stimuli moved in time: later, for a while, again and again, one after the other."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, param
from brainnb.core.record import Record

from .base import Stimulus
from .composite import Composite, as_stimulus, named
from .edges import reached, rounding, since


class Delayed(Composite):
    r"""A stimulus f that comes later; written ``a.delayed(20)``.

    .. math:: I(t) = f(t - delay)

    Notes
    -----
    Before the delay the stimulus has the value that it has before its time 0: a step its baseline, a sine goes on
    to the left.  Noise and other stimuli with a state wait in their first state until the delay is over; with one
    delay per unit every unit has noise of its own.

    Examples
    --------
    >>> from brainnb.inputs import Pulse
    >>> late = Pulse(amplitude=5, start=10, duration=2).delayed(20)
    >>> [float(late(t)) for t in (10.0, 30.0, 32.0)]
    [0.0, 5.0, 0.0]
    """

    of: Stimulus = eqx.field(converter=lambda x: as_stimulus(x, "Delayed"))
    delay: Param = param(0.0, "ms", "shift to later times", bounds=(0, None))

    def times(self, t: Array) -> Mapping[str, Any]:
        return {"of": since(t, self.delay)}

    def value(self, t: Array, s: Record) -> Array:
        return self.of.value(since(t, self.delay), s.of)


class Lasting(Composite):
    r"""A stimulus f for a while, and 0 before and after; written ``a.lasting(100)``.

    .. math:: I(t) = f(t) \cdot [0 \le t < duration]

    Notes
    -----
    At t = 0 it is on, at ``t == duration`` off.

    Examples
    --------
    >>> from brainnb.inputs import Constant
    >>> window = Constant(level=3).lasting(10).delayed(5)
    >>> [float(window(t)) for t in (4.0, 5.0, 14.0, 15.0)]
    [0.0, 3.0, 3.0, 0.0]
    """

    of: Stimulus = eqx.field(converter=lambda x: as_stimulus(x, "Lasting"))
    duration: Param = param(100.0, "ms", "for how long", bounds=(0, None))

    def value(self, t: Array, s: Record) -> Array:
        on = reached(t, 0.0) & ~reached(t, self.duration)
        return jnp.where(on, self.of.value(t, s.of), 0.0)


class Repeated(Composite):
    r"""The beginning of a stimulus f again and again; written ``a.repeated(50)``.

    .. math:: I(t) = f(t \bmod period), \qquad t \ge 0

    Notes
    -----
    Noise and other stimuli with a state are not rewound: every round hears new noise.

    Examples
    --------
    >>> from brainnb.inputs import Pulse
    >>> train = Pulse(amplitude=5, start=10, duration=2).repeated(50)
    >>> [float(train(t)) for t in (10.0, 12.0, 60.0, 111.0)]
    [5.0, 0.0, 5.0, 5.0]
    """

    of: Stimulus = eqx.field(converter=lambda x: as_stimulus(x, "Repeated"))
    period: Param = param(100.0, "ms", "time from beginning to beginning", bounds=(1e-3, None))

    def value(self, t: Array, s: Record) -> Array:
        rounds = jnp.maximum(jnp.floor((t + rounding(t, 0.0)) / self.period), 0.0)
        return self.of.value(since(t, rounds * self.period), s.of)


class Sequence(Composite):
    r"""Stimuli one after the other, each for its duration and with its own time from 0.

    .. math::

        I(t) = I_k(t - t_k) \quad \text{for } t_k \le t < t_{k+1}, \qquad
        t_1 = 0, \; t_{k+1} = t_k + duration_k

    Parameters
    ----------
    pieces : list of (stimulus or number, duration), or mapping of name to such a pair
        Names become the first word of the paths; without them they are those of the classes.
    after : stimulus or number
        What follows the last piece, for ever.

    Notes
    -----
    The paths of a piece are ``name.duration`` and ``name.of.<number>``, those of what follows ``after.<number>``.
    Noise and other stimuli with a state wait in their first state until it is their turn.

    Examples
    --------
    >>> from brainnb.inputs import Ramp
    >>> protocol = Sequence([(0, 100), (Ramp(end_value=10, duration=50), 50), (10, 100)])
    >>> [round(float(protocol(t)), 3) for t in (99.0, 125.0, 200.0, 250.0)]
    [0.0, 5.0, 10.0, 0.0]
    >>> list(Sequence({"rest": (-65, 10), "test": (0, 20)}, after=-65).parameters())
    ['rest.duration', 'rest.of.level', 'test.duration', 'test.of.level', 'after.level']
    """

    pieces: Record = eqx.field(converter=lambda pieces: named(pieces, "Sequence", piece))
    after: Stimulus = eqx.field(default=0.0, converter=lambda x: as_stimulus(x, "Sequence: `after`"))

    def times(self, t: Array) -> Mapping[str, Any]:
        found, edge = {}, 0.0
        for name, part in self.pieces.items():
            found[name] = since(t, edge)
            edge = edge + part.duration
        return found | {"after": since(t, edge)}

    def value(self, t: Array, s: Record) -> Array:
        times, edge, found = self.times(t), 0.0, None
        for name, part in self.pieces.items():
            now = part.of.value(times[name], s[name].of)
            found = now if found is None else jnp.where(reached(t, edge), now, found)
            edge = edge + part.duration
        return jnp.where(reached(t, edge), self.after.value(times["after"], s.after), found)


def piece(given: Any, where: str) -> Lasting:
    """One piece of a sequence: a stimulus and its duration."""
    if isinstance(given, Lasting):
        return given
    if not isinstance(given, tuple | list) or len(given) != 2:
        shown = type(given).__name__ if isinstance(given, Stimulus) else repr(given)
        raise ModelError(f"{where} got {shown}; a pair (stimulus or number, duration in ms) was expected, (10, 100).")
    return Lasting(as_stimulus(given[0], where), given[1])
