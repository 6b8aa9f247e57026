"""Periodic stimuli."""

import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, param, static
from brainnb.core.record import Record

from .base import SAME, Stimulus
from .edges import reached, since


class Sine(Stimulus):
    r"""A sine around a mean.

    .. math:: I(t) = mean + amplitude \cdot \sin\Big(\frac{2 \pi f t}{1000} + phase\Big),
              \qquad f \text{ in Hz}, \; t \text{ in ms}

    Smooth in every parameter.

    Examples
    --------
    >>> sine = Sine(mean=1, amplitude=2, frequency=10)
    >>> [round(float(sine(t)), 3) for t in (0.0, 25.0, 75.0)]
    [1.0, 3.0, -1.0]
    """

    mean: Param = param(0.0, SAME, "value around which it swings")
    amplitude: Param = param(5.0, SAME, "largest distance from the mean")
    frequency: Param = param(10.0, "Hz", "cycles per second", bounds=(0, 1000))
    phase: Param = param(0.0, "rad", "phase at t = 0", bounds=(-6.3, 6.3))

    def value(self, t: Array, s: Record) -> Array:
        cycles = self.frequency * 1e-3 * t
        return self.mean + self.amplitude * jnp.sin(2.0 * jnp.pi * cycles + self.phase)


class Square(Stimulus):
    r"""A square wave around a mean.

    .. math::

        I(t) = mean + amplitude \cdot \begin{cases} +1 & \text{in the first part } duty \text{ of each cycle} \\
        -1 & \text{in the rest} \end{cases}

    Notes
    -----
    At the edges the new value holds.  Edges are sharp: only ``mean`` and ``amplitude`` have a derivative.

    Examples
    --------
    >>> square = Square(mean=1, amplitude=2, frequency=10, duty=0.25)
    >>> [float(square(t)) for t in (0.0, 24.9, 25.0, 99.9, 100.0)]
    [3.0, 3.0, -1.0, -1.0, 3.0]
    """

    mean: Param = param(0.0, SAME, "value around which it jumps")
    amplitude: Param = param(5.0, SAME, "distance of both values from the mean")
    frequency: Param = param(10.0, "Hz", "cycles per second", bounds=(0, 1000))
    duty: Param = param(0.5, "1", "part of a cycle in which it is up", bounds=(0, 1))
    phase: Param = param(0.0, "rad", "phase at t = 0", bounds=(-6.3, 6.3))

    def value(self, t: Array, s: Record) -> Array:
        up = part_of_cycle(self, t) < self.duty
        return self.mean + jnp.where(up, self.amplitude, -self.amplitude)


class Triangle(Stimulus):
    r"""A triangular wave around a mean; with ``rise=1`` or ``rise=0`` a sawtooth.

    .. math::

        I(t) = mean + amplitude \cdot \begin{cases} 2 c / rise - 1 & c < rise \\
        1 - 2 (c - rise) / (1 - rise) & c \ge rise \end{cases}
        \qquad c = \text{part of the cycle that is over}

    Notes
    -----
    It begins at its lowest value.

    Examples
    --------
    >>> triangle = Triangle(mean=0, amplitude=2, frequency=10)
    >>> [round(float(triangle(t)), 3) for t in (0.0, 25.0, 50.0, 100.0)]
    [-2.0, 0.0, 2.0, -2.0]
    """

    mean: Param = param(0.0, SAME, "value around which it swings")
    amplitude: Param = param(5.0, SAME, "largest distance from the mean")
    frequency: Param = param(10.0, "Hz", "cycles per second", bounds=(0, 1000))
    rise: Param = param(0.5, "1", "part of a cycle in which it rises", bounds=(0, 1))
    phase: Param = param(0.0, "rad", "phase at t = 0", bounds=(-6.3, 6.3))

    def value(self, t: Array, s: Record) -> Array:
        over = part_of_cycle(self, t)
        up = 2.0 * over / jnp.where(self.rise > 0.0, self.rise, 1.0) - 1.0
        down = 1.0 - 2.0 * (over - self.rise) / jnp.where(self.rise < 1.0, 1.0 - self.rise, 1.0)
        return self.mean + self.amplitude * jnp.where(over < self.rise, up, down)


class Chirp(Stimulus):
    r"""A sine whose frequency moves from one value to another, known as ZAP in electrophysiology.

    .. math::

        I(t) = mean + amplitude \cdot \sin\Big(\frac{2 \pi}{1000} \int_{0}^{\tau} f(r)\,dr\Big), \quad
        \tau = t - start, \qquad
        f(\tau) = f_0 + (f_1 - f_0)\, \frac{\tau}{duration} \;\text{ or }\;
        f_0 \Big(\frac{f_1}{f_0}\Big)^{\tau / duration}

    The response of a membrane to it shows at one glance at which frequency it resonates.

    Parameters
    ----------
    course : {"linear", "exponential"}
        How the frequency moves; exponentially it spends equal times in equal octaves.

    Notes
    -----
    Before ``start`` and from ``start + duration`` on it is at its mean.  With ``"exponential"`` a frequency below
    0.001 Hz counts as that.

    References
    ----------
    Puil, Gimbarzevsky & Miura 1986, doi:10.1152/jn.1986.55.5.995; Hutcheon & Yarom 2000,
    doi:10.1016/S0166-2236(00)01547-2.

    Examples
    --------
    >>> chirp = Chirp(amplitude=1, start_frequency=0, end_frequency=20, duration=1000)
    >>> [round(float(chirp(t)), 3) for t in (0.0, 50.0, 100.0, 1000.0)]
    [0.0, 0.156, 0.588, 0.0]
    """

    mean: Param = param(0.0, SAME, "value around which it swings")
    amplitude: Param = param(5.0, SAME, "largest distance from the mean")
    start_frequency: Param = param(1.0, "Hz", "cycles per second at the beginning", bounds=(0, 1000))
    end_frequency: Param = param(50.0, "Hz", "cycles per second at the end", bounds=(0, 1000))
    start: Param = param(0.0, "ms", "moment at which it begins", bounds=(0, None))
    duration: Param = param(1000.0, "ms", "length", bounds=(1e-3, None))
    course: str = static("linear")

    def __check_init__(self) -> None:
        if self.course not in COURSES:
            raise ModelError(f"Chirp: course={self.course!r}; 'linear' or 'exponential' was expected.")

    def value(self, t: Array, s: Record) -> Array:
        on = reached(t, self.start) & ~reached(t, self.start + self.duration)
        part = jnp.clip((t - self.start) / self.duration, 0.0, 1.0)
        cycles = 1e-3 * self.duration * COURSES[self.course](self.start_frequency, self.end_frequency, part)
        return self.mean + jnp.where(on, self.amplitude * jnp.sin(2.0 * jnp.pi * cycles), 0.0)


def linear_cycles(first: Array, last: Array, part: Array) -> Array:
    """Integral of the frequency over a part of the chirp, as a share of its duration."""
    return part * (first + 0.5 * (last - first) * part)


def exponential_cycles(first: Array, last: Array, part: Array) -> Array:
    """The same for a frequency that grows by equal factors in equal times."""
    first = jnp.maximum(first, LOWEST_FREQUENCY)
    rate = jnp.log(jnp.maximum(last, LOWEST_FREQUENCY) / first)
    flat = jnp.abs(rate) < 1e-4  # equal frequencies: the limit of the quotient
    quotient = jnp.expm1(rate * part) / jnp.where(flat, 1.0, rate)
    return first * jnp.where(flat, part * (1.0 + 0.5 * rate * part), quotient)


LOWEST_FREQUENCY = 1e-3
COURSES = {"linear": linear_cycles, "exponential": exponential_cycles}


def part_of_cycle(wave: Stimulus, t: Array) -> Array:
    """How much of the present cycle is over, 0 to 1; a moment that is an edge up to rounding has crossed it."""
    cycles = since(wave.frequency * 1e-3 * t, -wave.phase / (2.0 * jnp.pi))
    return cycles - jnp.floor(cycles)
