"""Stimuli made of levels and edges: constant, step, pulse, train of pulses, ramp."""

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param
from brainnb.core.record import Record

from .base import SAME, Stimulus
from .edges import latest, reached


class Constant(Stimulus):
    r"""The same value at all times.

    .. math:: I(t) = level

    A plain number does the same; the class is for explorers that switch between stimuli.

    Examples
    --------
    >>> float(Constant(level=10)(3.0))
    10.0
    """

    level: Param = param(0.0, SAME, "value at all times")

    def value(self, t: Array, s: Record) -> Array:
        return self.level


class Step(Stimulus):
    r"""A step up or down that stays.

    .. math:: I(t) = baseline + amplitude \cdot [t \ge start]

    Notes
    -----
    At ``t == start`` the step is on.  It is exact in ``amplitude`` and ``baseline``; the edge is sharp, so the
    derivative with respect to ``start`` is 0.  A method whose stages look ahead (RK4, Heun) sees the edge in the
    last stage of the step before it.

    Examples
    --------
    >>> step = Step(amplitude=10, start=5)
    >>> [float(step(t)) for t in (4.9, 5.0, 100.0)]
    [0.0, 10.0, 10.0]
    """

    amplitude: Param = param(10.0, SAME, "height of the step above the baseline")
    start: Param = param(10.0, "ms", "moment of the step", bounds=(0, None))
    baseline: Param = param(0.0, SAME, "value before the step")

    def value(self, t: Array, s: Record) -> Array:
        return self.baseline + jnp.where(reached(t, self.start), self.amplitude, 0.0)


class Pulse(Stimulus):
    r"""One rectangular pulse.

    .. math:: I(t) = baseline + amplitude \cdot [start \le t < start + duration]

    Notes
    -----
    At ``t == start`` the pulse is on, at ``t == start + duration`` off: it covers ``duration / dt`` steps.
    Edges are sharp: derivatives with respect to ``start`` and ``duration`` are 0.

    Examples
    --------
    >>> pulse = Pulse(amplitude=20, start=10, duration=1)
    >>> [float(pulse(t)) for t in (9.9, 10.0, 10.9, 11.0)]
    [0.0, 20.0, 20.0, 0.0]
    """

    amplitude: Param = param(10.0, SAME, "height of the pulse above the baseline")
    start: Param = param(10.0, "ms", "moment of onset", bounds=(0, None))
    duration: Param = param(5.0, "ms", "length of the pulse", bounds=(0, None))
    baseline: Param = param(0.0, SAME, "value outside the pulse")

    def value(self, t: Array, s: Record) -> Array:
        on = reached(t, self.start) & ~reached(t, self.start + self.duration)
        return self.baseline + jnp.where(on, self.amplitude, 0.0)


class Pulses(Stimulus):
    r"""A regular train of rectangular pulses.

    .. math::

        I(t) = baseline + amplitude \cdot [0 \le t - t_k < duration], \qquad
        t_k = start + k \cdot period, \quad k = 0 \ldots count - 1

    Notes
    -----
    ``count`` is traced like the other numbers (a fraction is rounded down), so a slider may change it.  Onsets are
    on, offsets off; edges are sharp: only ``amplitude`` and ``baseline`` have a derivative.

    Examples
    --------
    >>> train = Pulses(amplitude=5, start=10, period=20, duration=2, count=3)
    >>> [float(train(t)) for t in (10.0, 12.0, 30.0, 51.0, 70.0)]
    [5.0, 0.0, 5.0, 5.0, 0.0]
    """

    amplitude: Param = param(10.0, SAME, "height of the pulses above the baseline")
    start: Param = param(10.0, "ms", "onset of the first pulse", bounds=(0, None))
    period: Param = param(20.0, "ms", "time from onset to onset", bounds=(1e-3, None))
    duration: Param = param(2.0, "ms", "length of each pulse", bounds=(0, None))
    count: Param = param(5.0, "1", "number of pulses", bounds=(0, 10_000))
    baseline: Param = param(0.0, SAME, "value between the pulses")

    def value(self, t: Array, s: Record) -> Array:
        onset = self.start + latest(t, self.start, self.period, self.count) * self.period
        on = reached(t, onset) & ~reached(t, onset + self.duration) & (self.count >= 1.0)
        return self.baseline + jnp.where(on, self.amplitude, 0.0)


class Ramp(Stimulus):
    r"""A straight line from one value to another, held before and after.

    .. math::

        I(t) = start\_value + (end\_value - start\_value)\,
               \mathrm{clip}\Big(\frac{t - start}{duration}, 0, 1\Big)

    Continuous in time and in every parameter.

    Examples
    --------
    >>> ramp = Ramp(start_value=0, end_value=20, start=50, duration=100)
    >>> [float(ramp(t)) for t in (0.0, 100.0, 1000.0)]
    [0.0, 10.0, 20.0]
    """

    start_value: Param = param(0.0, SAME, "value until the ramp begins")
    end_value: Param = param(10.0, SAME, "value from the end of the ramp on")
    start: Param = param(0.0, "ms", "moment at which the ramp begins", bounds=(0, None))
    duration: Param = param(100.0, "ms", "length of the ramp", bounds=(1e-3, None))

    def value(self, t: Array, s: Record) -> Array:
        done = jnp.clip((t - self.start) / self.duration, 0.0, 1.0)
        return self.start_value + (self.end_value - self.start_value) * done
