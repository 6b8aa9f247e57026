"""The twenty firing patterns of Izhikevich 2004."""

from collections.abc import Mapping
from typing import Any, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param
from brainnb.core.model import preset
from brainnb.core.record import Record
from brainnb.core.units import empirical

from .izhikevich import SimpleModel


@empirical
def parabola(V: Any) -> Any:
    r"""$0.04 V^2$ mV/ms."""
    return 0.04 * V**2


class Izhikevich2004(SimpleModel):
    r"""Twenty firing patterns of one simple model, each a preset.

    .. math::

        \dot V = 0.04 V^2 + k_1 V + k_0 - w + I, \qquad \dot w = a [b (V - V_w) - \lambda w]

    It explains that one fast and one slow variable with a reset suffice for all that single cells were seen to do.
    The presets are the panels A-T of the paper's figure 1; the current that shows a pattern stands in each.  For
    networks and for the cell types of 2003 use :class:`~brainnb.neurons.Izhikevich`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (mV/ms).  ``spike`` : 1 at the step in which the peak was reached.

    Notes
    -----
    The patterns are properties of the author's numerical scheme: V first, then w with the new V, steps of 0.1 to
    0.5 ms; it is the default method, ``"sequential_euler"``, and each preset names its dt.  With a fine dt panels
    A to O and R keep their pattern (counts shift), but P, Q, S, T do not: P is not switched off, Q fires eight
    times, S once more, T runs away, because d < 0 lowers w without bound.  As in the author's program, G and L
    use $k_1 = 4.1, k_0 = 108$, and R a recovery without decay of its own ($\lambda = 0$, $V_w = -65$).

    References
    ----------
    Izhikevich 2004, doi:10.1109/TNN.2004.832719, fig. 1 and the author's program figure1.m.

    Examples
    --------
    >>> import brainnb as bn
    >>> I = bn.inputs.Step(amplitude=14, start=10.25)
    >>> ds = bn.simulate(Izhikevich2004.tonic_spiking(), T=100, dt=0.25, I=I, record=["spike"])
    >>> int(ds.spike.sum())
    5
    """

    a: Param = param(0.02, "1/ms", "rate of recovery", bounds=(-0.1, 1))
    b: Param = param(0.2, "1/ms", "sensitivity of recovery to V", bounds=(-1, 1))
    d: Param = param(6.0, "mV/ms", "recovery added by a spike", bounds=(-25, 12))
    k_1: Param = param(5.0, "1/ms", "linear coefficient of the parabola", bounds=(3, 6))
    k_0: Param = param(140.0, "mV/ms", "constant of the parabola", bounds=(100, 150))
    V_w: Param = param(0.0, "mV", "V at which recovery is driven to 0", bounds=(-80, 0))
    decay: Param = param(1.0, "1", "decay of recovery (1, or 0 in panel R)", bounds=(0, 1))
    V_0: Param = param(-70.0, "mV", "V at the start of a run", bounds=(-90, 0))

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        # without decay any w would stay: it starts where V is at rest
        driven, resting = self.b * (self.V_0 - self.V_w), self.own(self.V_0)
        w = jnp.where(self.decay > 0, driven, resting)
        return s.merge(dict(V=jnp.broadcast_to(self.V_0, s.V.shape), w=jnp.broadcast_to(w, s.w.shape)))

    def own(self, V: Array) -> Array:
        """What drives V without recovery and input."""
        return parabola(V) + self.k_1 * V + self.k_0

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(
            V=self.own(s.V) - s.w + u.I,
            w=self.a * (self.b * (s.V - self.V_w) - self.decay * s.w),
        )

    @preset
    def tonic_spiking(cls) -> Self:
        """A: I = 14, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls()

    @preset
    def phasic_spiking(cls) -> Self:
        """B: one spike at the onset of I = 0.5, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(b=0.25, V_0=-64.0)

    @preset
    def tonic_bursting(cls) -> Self:
        """C: I = 15, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(c=-50.0, d=2.0)

    @preset
    def phasic_bursting(cls) -> Self:
        """D: one burst at the onset of I = 0.6, dt 0.2 (Izhikevich 2004, fig. 1)."""
        return cls(b=0.25, c=-55.0, d=0.05, V_0=-64.0)

    @preset
    def mixed_mode(cls) -> Self:
        """E: a burst, then single spikes, I = 10, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(c=-55.0, d=4.0)

    @preset
    def frequency_adaptation(cls) -> Self:
        """F: spikes further and further apart, I = 30, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(a=0.01, d=8.0)

    @preset
    def class_1(cls) -> Self:
        """G: rate grows from 0 along the ramp 0.075 (t - 30), dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(b=-0.1, c=-55.0, k_1=4.1, k_0=108.0, V_0=-60.0)

    @preset
    def class_2(cls) -> Self:
        """H: rate jumps along the ramp -0.5 + 0.015 (t - 30), dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(a=0.2, b=0.26, d=0.0, V_0=-64.0)

    @preset
    def spike_latency(cls) -> Self:
        """I: a spike long after a pulse of 7.04 for 3 ms, dt 0.2 (Izhikevich 2004, fig. 1)."""
        return cls()

    @preset
    def subthreshold_oscillations(cls) -> Self:
        """J: ringing after the spike of a pulse of 2 for 5 ms, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(a=0.05, b=0.26, c=-60.0, d=0.0, V_0=-62.0)

    @preset
    def resonator(cls) -> Self:
        """K: answers the doublet of 40 ms, not of 20, pulses of 0.65, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(a=0.1, b=0.26, c=-60.0, d=-1.0, V_0=-62.0)

    @preset
    def integrator(cls) -> Self:
        """L: answers the doublet of 5 ms, not of 10, pulses of 9, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(b=-0.1, c=-55.0, k_1=4.1, k_0=108.0, V_0=-60.0)

    @preset
    def rebound_spike(cls) -> Self:
        """M: a spike after a pulse of -15 for 5 ms, dt 0.2 (Izhikevich 2004, fig. 1)."""
        return cls(a=0.03, b=0.25, c=-60.0, d=4.0, V_0=-64.0)

    @preset
    def rebound_burst(cls) -> Self:
        """N: a burst after a pulse of -15 for 5 ms, dt 0.2 (Izhikevich 2004, fig. 1)."""
        return cls(a=0.03, b=0.25, c=-52.0, d=0.0, V_0=-64.0)

    @preset
    def threshold_variability(cls) -> Self:
        """O: a pulse of 1 fires only after one of -6, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(a=0.03, b=0.25, c=-60.0, d=4.0, V_0=-64.0)

    @preset
    def bistability(cls) -> Self:
        """P: one pulse of 1.24 starts firing, another ends it, I = 0.24, dt 0.25 (Izhikevich 2004, fig. 1)."""
        return cls(a=0.1, b=0.26, c=-60.0, d=0.0, V_0=-61.0)

    @preset
    def depolarizing_afterpotential(cls) -> Self:
        """Q: V stays up after the spike of a pulse of 20 for 2 ms, dt 0.1 (Izhikevich 2004, fig. 1)."""
        return cls(a=1.0, c=-60.0, d=-21.0)

    @preset
    def accommodation(cls) -> Self:
        """R: fires on a fast ramp, not on a slow one, dt 0.5 (Izhikevich 2004, fig. 1)."""
        return cls(b=1.0, c=-55.0, d=4.0, V_w=-65.0, decay=0.0, V_0=-65.0)

    @preset
    def inhibition_induced_spiking(cls) -> Self:
        """S: fires while I falls from 80 to 75, dt 0.5 (Izhikevich 2004, fig. 1)."""
        return cls(a=-0.02, b=-1.0, c=-60.0, d=8.0, V_0=-63.8)

    @preset
    def inhibition_induced_bursting(cls) -> Self:
        """T: bursts while I falls from 80 to 75, dt 0.5 (Izhikevich 2004, fig. 1)."""
        return cls(a=-0.026, b=-1.0, c=-45.0, d=-2.0, V_0=-63.8)
