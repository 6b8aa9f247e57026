"""The adaptive exponential integrate-and-fire neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike

STEEPEST = 50.0
"""Largest exponent: the upstroke is then 1e21 mV/ms, so that any step ends beyond the peak."""


class AdEx(Model):
    r"""Adaptive exponential integrate-and-fire: a sharp upstroke and one adaptation current.

    .. math::

        C \dot V &= -g_L (V - E_L) + g_L \Delta_T e^{(V - V_T)/\Delta_T} - w + I \\
        \tau_w \dot w &= a (V - E_L) - w \\
        V &\ge V_{peak}: \; \text{spike}, \; V \to V_{reset}, \; w \to w + b

    It explains tonic firing, adaptation, bursting, delayed and irregular firing by four numbers, with parameters that
    can be measured.  It has no spike shape after the upstroke and no conductances: see
    :class:`~brainnb.neurons.HodgkinHuxley`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (pA), inward positive.  ``spike`` : 1 at the step in which the peak was reached.

    Notes
    -----
    Above ``V_peak`` the right-hand side is held at its value there and exponents stop at 50: below the peak nothing
    changes, and no stage of a method overflows or drags ``w`` along in the step of a spike.  Spike times depend on dt
    through the upstroke: with Euler at 0.1 ms the tonic cell fires every 9.9 ms instead of every 9.585 ms, at 0.01 ms
    every 9.6 ms; compare published patterns at a fine step.
    Defaults are those of Brette & Gerstner, with the cut at 20 mV.  The patterns are Naud et al.'s figure 1 (cut at
    0 mV); the table in that paper does not reproduce its figure, the values here are the corrected ones of Brian 2's
    example.  ``irregular`` is chaotic over most of 155 to 166 pA (exponent 0.31 per spike at 165 pA), but 160 pA lies in a
    window where the exact solution repeats after ten spikes; Euler steps of 0.1 ms hide that.

    References
    ----------
    Brette & Gerstner 2005, doi:10.1152/jn.00686.2005, eqs. 2-3; Naud et al. 2008, doi:10.1007/s00422-008-0264-7,
    eqs. 1-3.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(AdEx.tonic(), T=1000, dt=0.01, I=500, record=["spike"])
    >>> int(ds.spike.sum())
    103
    """

    default_method: ClassVar[str] = "euler"

    C: Param = param(281.0, "pF", "membrane capacitance", bounds=(10, 1000))
    g_L: Param = param(30.0, "nS", "leak conductance", bounds=(0.5, 100))
    E_L: Param = param(-70.6, "mV", "leak reversal potential", bounds=(-100, -40))
    V_T: Param = param(-50.4, "mV", "potential where the upstroke takes off", bounds=(-70, -30))
    Delta_T: Param = param(2.0, "mV", "sharpness of the upstroke", bounds=(0.1, 10))
    a: Param = param(4.0, "nS", "subthreshold adaptation", bounds=(-20, 50))
    b: Param = param(80.5, "pA", "adaptation added by a spike", bounds=(0, 500))
    tau_w: Param = param(144.0, "ms", "time constant of adaptation", bounds=(5, 1000))
    V_reset: Param = param(-70.6, "mV", "potential after a spike", bounds=(-100, -35))
    V_peak: Param = param(20.0, "mV", "potential that ends the upstroke", bounds=(-30, 60))

    V = state(-70.6, "mV", "membrane potential", bounds=(-80, 0))
    w = state(0.0, "pA", "adaptation current", bounds=(-100, 500))
    I = input(0.0, "pA", "injected current", bounds=(-500, 1500))

    @preset
    def brette_gerstner_2005(cls) -> Self:
        """A regular-spiking pyramidal cell, for I = 650 to 1500 pA (Brette & Gerstner 2005)."""
        return cls()

    @preset
    def tonic(cls) -> Self:
        """Tonic firing, for I = 500 pA (Naud et al. 2008, fig. 1)."""
        return cls.naud_2008(C=200.0, g_L=10.0, E_L=-70.0, a=2.0, tau_w=30.0, b=0.0, V_reset=-58.0)

    @preset
    def adapting(cls) -> Self:
        """Firing that slows down, for I = 500 pA (Naud et al. 2008, fig. 1)."""
        return cls.naud_2008(C=200.0, g_L=12.0, E_L=-70.0, a=2.0, tau_w=300.0, b=60.0, V_reset=-58.0)

    @preset
    def initial_burst(cls) -> Self:
        """A burst, then single spikes, for I = 400 pA (Naud et al. 2008, fig. 1)."""
        return cls.naud_2008(C=130.0, g_L=18.0, E_L=-58.0, a=4.0, tau_w=150.0, b=120.0, V_reset=-50.0)

    @preset
    def bursting(cls) -> Self:
        """Regular bursts, for I = 210 pA (Naud et al. 2008, fig. 1)."""
        return cls.naud_2008(C=200.0, g_L=10.0, E_L=-58.0, a=2.0, tau_w=120.0, b=100.0, V_reset=-46.0)

    @preset
    def delayed_accelerating(cls) -> Self:
        """Firing that starts late and speeds up, for I = 300 pA (Naud et al. 2008, fig. 1)."""
        return cls.naud_2008(C=200.0, g_L=12.0, E_L=-70.0, a=-10.0, tau_w=300.0, b=0.0, V_reset=-58.0)

    @preset
    def delayed_bursting(cls) -> Self:
        """Bursts that start late, for I = 110 pA (Naud et al. 2008, fig. 1)."""
        return cls.naud_2008(C=100.0, g_L=10.0, E_L=-65.0, a=-10.0, tau_w=90.0, b=30.0, V_reset=-47.0)

    @preset
    def transient(cls) -> Self:
        """One spike, then rest, for I = 180 pA (Naud et al. 2008, fig. 1)."""
        return cls.naud_2008(C=100.0, g_L=10.0, E_L=-65.0, a=10.0, tau_w=90.0, b=100.0, V_reset=-47.0)

    @preset
    def irregular(cls) -> Self:
        """Irregular firing, for I = 160 pA as published, chaotic at 165 pA (Naud et al. 2008, fig. 1)."""
        return cls.naud_2008(C=100.0, g_L=12.0, E_L=-60.0, a=-11.0, tau_w=130.0, b=30.0, V_reset=-48.0)

    @classmethod
    def naud_2008(cls, **values: Any) -> Self:
        """What the patterns of Naud et al. 2008 share; the rest by keyword."""
        return cls(V_T=-50.0, Delta_T=2.0, V_peak=0.0, **values)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(V=jnp.broadcast_to(self.E_L, s.V.shape)))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        V = jnp.minimum(s.V, self.V_peak)
        upstroke = self.g_L * self.Delta_T * jnp.exp(jnp.minimum((V - self.V_T) / self.Delta_T, STEEPEST))
        return dict(
            V=(self.g_L * (self.E_L - V) + upstroke - s.w + u.I) / self.C,
            w=(self.a * (V - self.E_L) - s.w) / self.tau_w,
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        fired = spike(s.V - self.V_peak)
        V = jnp.minimum(s.V, self.V_peak)  # a step may overshoot the peak by any amount, even to infinity
        return dict(V=(1.0 - fired) * V + fired * self.V_reset, w=s.w + fired * self.b), dict(spike=fired)
