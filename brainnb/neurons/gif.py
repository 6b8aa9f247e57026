"""The generalised integrate-and-fire neuron of Mihalas and Niebur."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, observable, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike

from .recorded import fires


class GIF(Model):
    r"""Generalised integrate-and-fire (Mihalas–Niebur): linear between spikes, a threshold that moves, currents after spikes.

    .. math::

        \dot V &= \frac{V_{rest} - V}{\tau} + I_1 + I_2 + I, \qquad \dot I_j = -k_j I_j, \qquad
        \dot V_{th} = a (V - V_{rest}) - b (V_{th} - V_\infty) \\
        V &\ge V_{th}: \; \text{spike}, \; I_j \to R_j I_j + A_j, \; V \to V_{reset}, \;
        V_{th} \to \max(V_{th}, V_{th,reset})

    It explains that linear equations with a moving threshold suffice for twenty firing patterns, and, being linear, fits
    data well.  It has no upstroke and no conductances.

    Inputs and observables
    ----------------------
    ``I`` : current divided by the capacitance (mV/ms, the paper's V/s).  ``recorded`` : spikes of a recording, 0 or 1 at each
    step: given, they and not its own reset the neuron; below 0, the default, it fires by itself.  ``spike`` : 1 at the step
    of a spike.  ``above`` : potential above the threshold (mV), before a spike resets it.

    Notes
    -----
    The defaults burst (panel M).  The presets are the panels A-T of the paper's figure 1; each names the current (mV/ms) that shows its pattern.  The
    paper gives ``a`` in 1/s: 5 is 0.005 here.  Times of the pulses are not in the paper; those of the replication are
    used.  Q needs $A_1 = 5$, $A_2 = -0.3$, and T needs $a = -80$ per s.  Spike times are exact up to the time grid.

    To fit it, give recorded spikes as ``recorded``: between them everything is linear, so that the voltage gives the currents, and
    :class:`~brainnb.train.AtThreshold` the threshold.  A slope through its own resets grows with every spike instead.

    References
    ----------
    Mihalaş & Niebur 2009, doi:10.1162/neco.2008.12-07-680, eqs. 2.1-2.2, table 1; replication: Detorakis 2017,
    doi:10.5281/zenodo.1003214.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(GIF.tonic_spiking(), T=200, dt=0.1, I=1.5, record=["spike"])
    >>> int(ds.spike.sum())
    9
    """

    default_method: ClassVar[str] = "rk4"

    tau: Param = param(20.0, "ms", "membrane time constant", bounds=(1, 100))
    V_rest: Param = param(-70.0, "mV", "resting potential", bounds=(-100, -40))
    V_reset: Param = param(-70.0, "mV", "potential after a spike", bounds=(-100, -40))
    V_inf: Param = param(-50.0, "mV", "threshold at rest", bounds=(-80, -20))
    V_th_reset: Param = param(-60.0, "mV", "lowest threshold after a spike", bounds=(-90, -20))
    a: Param = param(0.005, "1/ms", "how the threshold follows V", bounds=(-0.2, 0.1))
    b: Param = param(0.01, "1/ms", "rate at which the threshold returns", bounds=(0, 0.2))
    k_1: Param = param(0.2, "1/ms", "decay of the fast current", bounds=(0.01, 1))
    k_2: Param = param(0.02, "1/ms", "decay of the slow current", bounds=(0.001, 0.5))
    R_1: Param = param(0.0, "1", "part of the fast current that a spike leaves", bounds=(0, 1))
    R_2: Param = param(1.0, "1", "part of the slow current that a spike leaves", bounds=(0, 1))
    A_1: Param = param(10.0, "mV/ms", "fast current added by a spike", bounds=(-20, 20))
    A_2: Param = param(-0.6, "mV/ms", "slow current added by a spike", bounds=(-2, 2))

    V = state(-70.0, "mV", "membrane potential", bounds=(-90, -30))
    V_th = state(-50.0, "mV", "threshold", bounds=(-70, -20))
    I_1 = state(0.0, "mV/ms", "fast current after spikes", bounds=(-20, 20))
    I_2 = state(0.0, "mV/ms", "slow current after spikes", bounds=(-2, 2))
    I = input(0.0, "mV/ms", "current divided by the capacitance", bounds=(-4, 11))
    recorded = input(-1.0, "1", "recorded spikes that reset it; below 0 it fires by itself", bounds=(-2, 1))

    above = observable("mV", "potential above the threshold, before a spike resets it")

    @preset
    def tonic_spiking(cls) -> Self:
        """A: tonic spiking, for I = 1.5 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.0, A_1=0.0, A_2=0.0)

    @preset
    def class_1(cls) -> Self:
        """B: class 1, one late spike for I just above 1 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.0, A_1=0.0, A_2=0.0)

    @preset
    def spike_frequency_adaptation(cls) -> Self:
        """C: adaptation, for I = 2 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=0.0, A_2=0.0)

    @preset
    def phasic_spiking(cls) -> Self:
        """D: phasic spiking, for I = 1.5 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=0.0, A_2=0.0)

    @preset
    def accommodation(cls) -> Self:
        """E: accommodation, for I = 1.5 at once or by steps (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=0.0, A_2=0.0)

    @preset
    def threshold_variability(cls) -> Self:
        """F: threshold variability, for pulses of 1.5, -1.5, 1.5 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=0.0, A_2=0.0)

    @preset
    def rebound_spike(cls) -> Self:
        """G: rebound spike, after I = -3.5 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=0.0, A_2=0.0)

    @preset
    def class_2(cls) -> Self:
        """H: class 2, for I just above 2 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=0.0, A_2=0.0)

    @preset
    def integrator(cls) -> Self:
        """I: integrator, for pairs of pulses of 1.5 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=0.0, A_2=0.0)

    @preset
    def input_bistability(cls) -> Self:
        """J: input bistability, for I = 1.5, 1.7, 1.5, 1.7 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=0.0, A_2=0.0)

    @preset
    def hyperpolarization_spiking(cls) -> Self:
        """K: hyperpolarisation-induced spiking, for I = -1 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.03, A_1=0.0, A_2=0.0)

    @preset
    def hyperpolarization_bursting(cls) -> Self:
        """L: hyperpolarisation-induced bursting, for I = -1 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.03, A_1=10.0, A_2=-0.6)

    @preset
    def tonic_bursting(cls) -> Self:
        """M: tonic bursting, for I = 2 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=10.0, A_2=-0.6)

    @preset
    def phasic_bursting(cls) -> Self:
        """N: phasic bursting, for I = 1.5 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=10.0, A_2=-0.6)

    @preset
    def rebound_burst(cls) -> Self:
        """O: rebound burst, after I = -3.5 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=10.0, A_2=-0.6)

    @preset
    def mixed_mode(cls) -> Self:
        """P: a burst, then single spikes, for I = 2 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=5.0, A_2=-0.3)

    @preset
    def afterpotentials(cls) -> Self:
        """Q: afterpotentials, for I = 2 during 15 ms (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=5.0, A_2=-0.3)

    @preset
    def basal_bistability(cls) -> Self:
        """R: basal bistability, for two pulses of 5 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.0, A_1=8.0, A_2=-0.1)

    @preset
    def preferred_frequency(cls) -> Self:
        """S: preferred frequency, for pairs of pulses of 5 and 4 (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=0.005, A_1=-3.0, A_2=0.5)

    @preset
    def spike_latency(cls) -> Self:
        """T: spike latency, for I = 8 during 2 ms (Mihalaş & Niebur 2009, fig. 1)."""
        return cls(a=-0.08, A_1=0.0, A_2=0.0)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        start = dict(V=self.V_rest, V_th=self.V_inf)
        return s.merge({name: jnp.broadcast_to(value, s[name].shape) for name, value in start.items()})

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(
            V=(self.V_rest - s.V) / self.tau + s.I_1 + s.I_2 + u.I,
            V_th=self.a * (s.V - self.V_rest) - self.b * (s.V_th - self.V_inf),
            I_1=-self.k_1 * s.I_1,
            I_2=-self.k_2 * s.I_2,
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        above = s.V - s.V_th
        fired = fires(u.recorded, spike(above))
        kept = 1.0 - fired
        changed = dict(
            V=kept * s.V + fired * self.V_reset,
            V_th=kept * s.V_th + fired * jnp.maximum(s.V_th, self.V_th_reset),
            I_1=kept * s.I_1 + fired * (self.R_1 * s.I_1 + self.A_1),
            I_2=kept * s.I_2 + fired * (self.R_2 * s.I_2 + self.A_2),
        )
        return changed, dict(spike=fired, above=above)
