"""Pulses with a shape, and bursts of rectangular ones."""

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param
from brainnb.core.record import Record

from .base import SAME, Stimulus
from .edges import latest, reached


class GaussianPulse(Stimulus):
    r"""A smooth bump.

    .. math:: I(t) = baseline + amplitude \cdot e^{-(t - center)^2 / 2 sd^2}

    Smooth in time and in every parameter.

    Examples
    --------
    >>> bump = GaussianPulse(amplitude=10, center=20, sd=5)
    >>> [round(float(bump(t)), 3) for t in (20.0, 25.0, 60.0)]
    [10.0, 6.065, 0.0]
    """

    amplitude: Param = param(10.0, SAME, "height above the baseline")
    center: Param = param(20.0, "ms", "moment of the peak", bounds=(0, None))
    sd: Param = param(5.0, "ms", "standard deviation: half the width at 61 % of the height", bounds=(1e-3, None))
    baseline: Param = param(0.0, SAME, "value far from the peak")

    def value(self, t: Array, s: Record) -> Array:
        return self.baseline + self.amplitude * jnp.exp(-0.5 * ((t - self.center) / self.sd) ** 2)


class AlphaPulse(Stimulus):
    r"""One synaptic current: it rises and decays with the same time constant.

    .. math:: I(t) = baseline + amplitude\, \frac{r}{\tau}\, e^{1 - r / \tau}, \qquad r = \max(t - start, 0)

    Notes
    -----
    The peak is at ``start + tau``, the area above the baseline $e \cdot amplitude \cdot \tau$.

    Reference: Rall 1967, doi:10.1152/jn.1967.30.5.1138.

    Examples
    --------
    >>> epsc = AlphaPulse(amplitude=10, start=5, tau=2)
    >>> [round(float(epsc(t)), 3) for t in (5.0, 7.0, 9.0)]
    [0.0, 10.0, 7.358]
    """

    amplitude: Param = param(10.0, SAME, "height of the peak above the baseline")
    start: Param = param(10.0, "ms", "moment of onset", bounds=(0, None))
    tau: Param = param(2.0, "ms", "time from onset to peak", bounds=(1e-3, 1000))
    baseline: Param = param(0.0, SAME, "value before and long after")

    def value(self, t: Array, s: Record) -> Array:
        r = jnp.maximum(t - self.start, 0.0) / self.tau
        return self.baseline + self.amplitude * r * jnp.exp(1.0 - r)


class Bursts(Stimulus):
    r"""Groups of rectangular pulses, at regular intervals.

    .. math::

        I(t) = baseline + amplitude \cdot [0 \le t - t_{jk} < duration], \qquad
        t_{jk} = start + j \cdot burst\_period + k \cdot period, \quad j < bursts, \; k < count

    As it stands: theta bursts, four pulses at 100 Hz five times a second, known to induce long-term potentiation.

    Notes
    -----
    ``bursts`` and ``count`` are traced like the other numbers (fractions are rounded down).  A burst ends where the
    next begins.  Edges are sharp: only ``amplitude`` and ``baseline`` have a derivative.

    Reference: Larson, Wong & Lynch 1986, doi:10.1016/0006-8993(86)90579-2.

    Examples
    --------
    >>> train = Bursts(amplitude=5, start=10, count=2, period=10, duration=1, burst_period=200)
    >>> [float(train(t)) for t in (10.0, 20.0, 30.0, 210.0, 220.5)]
    [5.0, 5.0, 0.0, 5.0, 5.0]
    """

    amplitude: Param = param(10.0, SAME, "height of the pulses above the baseline")
    start: Param = param(10.0, "ms", "onset of the first pulse", bounds=(0, None))
    bursts: Param = param(10.0, "1", "number of bursts", bounds=(0, 10_000))
    burst_period: Param = param(200.0, "ms", "time from burst to burst", bounds=(1e-3, None))
    count: Param = param(4.0, "1", "number of pulses in a burst", bounds=(0, 10_000))
    period: Param = param(10.0, "ms", "time from pulse to pulse in a burst", bounds=(1e-3, None))
    duration: Param = param(1.0, "ms", "length of each pulse", bounds=(0, None))
    baseline: Param = param(0.0, SAME, "value between the pulses")

    def value(self, t: Array, s: Record) -> Array:
        burst = self.start + latest(t, self.start, self.burst_period, self.bursts) * self.burst_period
        onset = burst + latest(t, burst, self.period, self.count) * self.period
        some = (self.bursts >= 1.0) & (self.count >= 1.0)
        on = reached(t, onset) & ~reached(t, onset + self.duration) & some
        return self.baseline + jnp.where(on, self.amplitude, 0.0)
