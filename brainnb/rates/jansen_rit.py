"""The Jansen–Rit cortical column."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, input, observable, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.units import empirical

from .base import PER_MS, logistic


@empirical
def synapse(height: Any, speed: Any, rate: Any) -> Any:
    """What spikes at ``rate`` (Hz) add to the second derivative of a potential, mV/ms2."""
    return height * speed * PER_MS * rate


class JansenRit(Model):
    r"""Jansen–Rit: a cortical column of pyramidal cells and two kinds of interneurons, seen as EEG.

    .. math::

        \ddot y_0 &= A a\, S(y_1 - y_2) - 2 a \dot y_0 - a^2 y_0 \\
        \ddot y_1 &= A a\, [p + C_2 S(C_1 y_0)] - 2 a \dot y_1 - a^2 y_1 \\
        \ddot y_2 &= B b\, C_4 S(C_3 y_0) - 2 b \dot y_2 - b^2 y_2, \qquad
        S(v) = \frac{2 e_0}{1 + e^{r (v_0 - v)}}

    with $C_1 = C$, $C_2 = 0.8\,C$, $C_3 = C_4 = 0.25\,C$.

    It explains the alpha rhythm, spike-like waves and evoked potentials by three populations with two kinds of
    synapse.  It has no spikes and one column: propagation and volume conduction are outside.

    Inputs and observables
    ----------------------
    ``p`` : rate of the spikes that arrive from elsewhere (Hz).  ``eeg`` : $y_1 - y_2$ (mV), the potential of the
    pyramidal cells.

    Notes
    -----
    The second-order equations are written as pairs, ``y3, y4, y5`` being the slopes of ``y0, y1, y2``.  From zero,
    p = 120 Hz gives spike-like waves at 2.385 Hz, p = 220 Hz alpha at 10.94 Hz; between p = 90 and 137 Hz a small
    alpha rhythm exists beside rest or waves and is reached from other initial values.

    References
    ----------
    Jansen & Rit 1995, doi:10.1007/BF00199471, eq. 6 and section 2.3; bifurcations: Grimbert & Faugeras 2006,
    doi:10.1162/neco.2006.18.12.3052.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(JansenRit(), T=6000, dt=0.5, p=220, record=["eeg"])
    >>> round(float(ds.eeg[8000:].max()), 1)
    9.0
    """

    default_method: ClassVar[str] = "rk4"

    A: Param = param(3.25, "mV", "height of the excitatory potential", bounds=(0, 10))
    B: Param = param(22.0, "mV", "height of the inhibitory potential", bounds=(0, 60))
    a: Param = param(0.1, "1/ms", "rate of the excitatory synapse and its dendrite", bounds=(0.02, 0.5))
    b: Param = param(0.05, "1/ms", "rate of the inhibitory synapse and its dendrite", bounds=(0.01, 0.25))
    C: Param = param(135.0, "1", "number of synapses between the populations", bounds=(0, 1500))
    e_0: Param = param(2.5, "Hz", "half the highest firing rate", bounds=(0.1, 10))
    v_0: Param = param(6.0, "mV", "potential at which half the highest rate is reached", bounds=(0, 12))
    r: Param = param(0.56, "1/mV", "steepness of the firing rate", bounds=(0.1, 2))

    y0 = state(0.0, "mV", "potential that pyramidal cells cause in interneurons", bounds=(-0.05, 0.2))
    y1 = state(0.0, "mV", "excitatory potential of pyramidal cells", bounds=(-5, 50))
    y2 = state(0.0, "mV", "inhibitory potential of pyramidal cells", bounds=(-5, 40))
    y3 = state(0.0, "mV/ms", "slope of y0", bounds=(-0.02, 0.02))
    y4 = state(0.0, "mV/ms", "slope of y1", bounds=(-3, 3))
    y5 = state(0.0, "mV/ms", "slope of y2", bounds=(-2, 2))
    p = input(120.0, "Hz", "rate of the spikes from elsewhere", bounds=(-50, 400))
    eeg = observable("mV", "potential of the pyramidal cells")

    @preset
    def jansen_rit_1995(cls) -> Self:
        """The column with C = 135 (Jansen & Rit 1995, doi:10.1007/BF00199471)."""
        return cls()

    @preset
    def slow_waves(cls) -> Self:
        """C = 270: large slow waves of 5.1 Hz at p = 220 Hz (Jansen & Rit 1995, fig. 3)."""
        return cls(C=270.0)

    def rate(self, v: Any) -> Any:
        """Firing rate at a potential, Hz."""
        return 2.0 * self.e_0 * logistic(self.r * (v - self.v_0))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        a, b, C = self.a, self.b, self.C
        excited = u.p + 0.8 * C * self.rate(C * s.y0)
        inhibited = 0.25 * C * self.rate(0.25 * C * s.y0)
        return dict(
            y0=s.y3,
            y1=s.y4,
            y2=s.y5,
            y3=synapse(self.A, a, self.rate(s.y1 - s.y2)) - 2.0 * a * s.y3 - a**2 * s.y0,
            y4=synapse(self.A, a, excited) - 2.0 * a * s.y4 - a**2 * s.y1,
            y5=synapse(self.B, b, inhibited) - 2.0 * b * s.y5 - b**2 * s.y2,
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        return {}, dict(eeg=s.y1 - s.y2)
