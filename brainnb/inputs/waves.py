"""Periodic stimuli."""

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param
from brainnb.core.record import Record

from .base import SAME, Stimulus


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
