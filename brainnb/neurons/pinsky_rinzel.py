"""The Pinsky–Rinzel neuron: soma and dendrite of a pyramidal cell of CA3."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.channels.base import exprel_rate, relax, settled
from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.units import empirical

REST = -60.0
"""Potential (mV) that the paper counts from."""


@empirical
def rates_m(V: Any) -> tuple[Any, Any]:
    r"""Sodium activation: $0.32 (13.1 - v) / (e^{(13.1 - v)/4} - 1)$, $0.28 (v - 40.1) / (e^{(v - 40.1)/5} - 1)$ per ms."""
    v = V - REST
    return 0.32 * exprel_rate(v - 13.1, 4.0), 0.28 * exprel_rate(40.1 - v, 5.0)


@empirical
def rates_h(V: Any) -> tuple[Any, Any]:
    r"""Sodium inactivation: $0.128 e^{(17 - v)/18}$, $4 / (1 + e^{(40 - v)/5})$ per ms."""
    v = V - REST
    return 0.128 * jnp.exp((17.0 - v) / 18.0), 4.0 / (1.0 + jnp.exp((40.0 - v) / 5.0))


@empirical
def rates_n(V: Any) -> tuple[Any, Any]:
    r"""Delayed rectifier: $0.016 (35.1 - v) / (e^{(35.1 - v)/5} - 1)$, $0.25 e^{0.5 - 0.025 v}$ per ms."""
    v = V - REST
    return 0.016 * exprel_rate(v - 35.1, 5.0), 0.25 * jnp.exp(0.5 - 0.025 * v)


@empirical
def rates_m_Ca(V: Any) -> tuple[Any, Any]:
    r"""Calcium: $1.6 / (1 + e^{-0.072 (v - 65)})$, $0.02 (v - 51.1) / (e^{(v - 51.1)/5} - 1)$ per ms."""
    v = V - REST
    return 1.6 / (1.0 + jnp.exp(-0.072 * (v - 65.0))), 0.02 * exprel_rate(51.1 - v, 5.0)


@empirical
def rates_c(V: Any) -> tuple[Any, Any]:
    r"""Potassium of the C type: below v = 50 mV $e^{(v - 10)/11 - (v - 6.5)/27} / 18.975$, and together $2 e^{(6.5 - v)/27}$ per ms."""
    v = V - REST
    both = 2.0 * jnp.exp((6.5 - v) / 27.0)
    low = jnp.minimum(v, 50.0)  # the branch that is not taken must not overflow
    alpha = jnp.where(v <= 50.0, jnp.exp((low - 10.0) / 11.0 - (low - 6.5) / 27.0) / 18.975, both)
    return alpha, jnp.maximum(both - alpha, 0.0)  # 18.975 is rounded


@empirical
def rates_q(Ca: Any) -> tuple[Any, Any]:
    r"""Afterhyperpolarisation: $\min(2 \cdot 10^{-5} Ca, 0.01)$, 0.001 per ms."""
    return jnp.minimum(2e-5 * Ca, 0.01), 0.001


@empirical
def calcium(current: Any, Ca: Any) -> Any:
    r"""Derivative of calcium, $-0.13 I_{Ca} - 0.075\, Ca$ per ms, for an outward positive current."""
    return 0.13 * current - 0.075 * Ca


class PinskyRinzel(Model):
    r"""Pinsky–Rinzel: soma and dendrite of a pyramidal cell in CA3, which burst together and not alone.

    .. math::

        C \dot V_s &= g_L (E_L - V_s) + g_{Na} m_\infty^2 h (E_{Na} - V_s) + g_K n (E_K - V_s)
            + \frac{g_c (V_d - V_s) + I}{p} \\
        C \dot V_d &= g_L (E_L - V_d) + g_{Ca} m_{Ca}^2 (E_{Ca} - V_d) + \big[g_{AHP}\, q + g_C\, c\, \chi(Ca)\big] (E_K - V_d)
            + \frac{g_c (V_s - V_d) + I_d}{1 - p} \\
        \dot{Ca} &= 0.13\, g_{Ca} m_{Ca}^2 (E_{Ca} - V_d) - 0.075\, Ca, \qquad \chi = \min(Ca / 250, 1)

    It explains bursts as a ping-pong: sodium spikes of the soma ignite a calcium spike of the dendrite, which drives
    the soma.  Weak coupling gives spikes of the soma alone, strong coupling one cell without bursts.  It is the least
    model of a dendrite and has no geometry.

    Inputs and observables
    ----------------------
    ``I`` and ``I_d`` : current into soma and dendrite, per area of the whole cell, inward positive.

    Notes
    -----
    The paper counts potentials from rest; here they are absolute, with rest near -60 mV.  ``Ca`` has no unit in the paper.
    Spikes are upward crossings of -30 mV by ``V_s``.  Widespread code takes a difference of exponentials in $\alpha_c$, which turns
    $\beta_c$ negative, or leaves the gate c out of its current; here $\alpha_c$ is continuous at -10 mV.

    References
    ----------
    Pinsky & Rinzel 1994, doi:10.1007/BF00962717, eqs. 1-5 and table 1.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(PinskyRinzel(), T=1000, dt=0.05, I=0.75)
    >>> ds.bn.spike_count("V_s", threshold=-30, start=500).item()
    3
    """

    default_method: ClassVar[str] = "rk4"

    C: Param = param(3.0, "uF/cm2", "membrane capacitance", bounds=(0.5, 5))
    p: Param = param(0.5, "1", "part of the area that is soma", bounds=(0.05, 0.95))
    g_c: Param = param(2.1, "mS/cm2", "conductance between soma and dendrite", bounds=(0, 20))
    g_L: Param = param(0.1, "mS/cm2", "leak conductance", bounds=(0, 1))
    E_L: Param = param(-60.0, "mV", "leak reversal potential", bounds=(-80, -40))
    g_Na: Param = param(30.0, "mS/cm2", "maximal sodium conductance, soma", bounds=(0, 100))
    E_Na: Param = param(60.0, "mV", "sodium reversal potential", bounds=(20, 80))
    g_K: Param = param(15.0, "mS/cm2", "maximal conductance of the delayed rectifier, soma", bounds=(0, 60))
    E_K: Param = param(-75.0, "mV", "potassium reversal potential", bounds=(-110, -60))
    g_Ca: Param = param(10.0, "mS/cm2", "maximal calcium conductance, dendrite", bounds=(0, 30))
    E_Ca: Param = param(80.0, "mV", "calcium reversal potential", bounds=(40, 160))
    g_AHP: Param = param(
        0.8, "mS/cm2", "maximal conductance of the slow afterhyperpolarisation, dendrite", bounds=(0, 4)
    )
    g_C: Param = param(
        15.0, "mS/cm2", "maximal conductance of the calcium-dependent potassium current, dendrite", bounds=(0, 40)
    )

    V_s = state(-64.6, "mV", "potential of the soma", bounds=(-80, 60))
    V_d = state(-64.5, "mV", "potential of the dendrite", bounds=(-80, 60))
    h = state(0.999, "1", "sodium inactivation (1 is open)", bounds=(0, 1))
    n = state(0.001, "1", "activation of the delayed rectifier", bounds=(0, 1))
    m_Ca = state(0.009, "1", "calcium activation (s in the paper)", bounds=(0, 1))
    c = state(0.007, "1", "activation of the calcium-dependent potassium current", bounds=(0, 1))
    q = state(0.01, "1", "activation of the slow afterhyperpolarisation", bounds=(0, 1))
    Ca = state(0.2, "1", "calcium in the dendrite", bounds=(0, 1000))
    I = input(0.0, "uA/cm2", "current into the soma", bounds=(-1, 5))
    I_d = input(0.0, "uA/cm2", "current into the dendrite", bounds=(-1, 5))

    @preset
    def pinsky_rinzel_1994(cls) -> Self:
        """Bursts, for I = 0.15 to 1.5 uA/cm2; tonic from 2 (Pinsky & Rinzel 1994)."""
        return cls()

    @preset
    def weakly_coupled(cls) -> Self:
        """g_c = 0.1: the soma spikes alone, for I = 0.75 uA/cm2 (Pinsky & Rinzel 1994)."""
        return cls(g_c=0.1)

    @preset
    def strongly_coupled(cls) -> Self:
        """g_c = 10.5: single spikes, for I = 0.75 uA/cm2 (Pinsky & Rinzel 1994)."""
        return cls(g_c=10.5)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        m = settled(*rates_m(s.V_s))
        soma = (
            self.g_L * (self.E_L - s.V_s)
            + self.g_Na * m**2 * s.h * (self.E_Na - s.V_s)
            + self.g_K * s.n * (self.E_K - s.V_s)
        )
        I_Ca = self.g_Ca * s.m_Ca**2 * (self.E_Ca - s.V_d)
        g_K = self.g_AHP * s.q + self.g_C * s.c * jnp.minimum(s.Ca / 250.0, 1.0)
        dendrite = self.g_L * (self.E_L - s.V_d) + I_Ca + g_K * (self.E_K - s.V_d)
        between = self.g_c * (s.V_d - s.V_s)
        return dict(
            V_s=(soma + (between + u.I) / self.p) / self.C,
            V_d=(dendrite + (u.I_d - between) / (1.0 - self.p)) / self.C,
            h=relax(*rates_h(s.V_s), s.h),
            n=relax(*rates_n(s.V_s), s.n),
            m_Ca=relax(*rates_m_Ca(s.V_d), s.m_Ca),
            c=relax(*rates_c(s.V_d), s.c),
            q=relax(*rates_q(s.Ca), s.q),
            Ca=calcium(I_Ca, s.Ca),
        )
