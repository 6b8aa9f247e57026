"""The Connor–Stevens neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.channels.base import exprel_rate, relax
from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.units import empirical


@empirical
def gates(V: Any, m: Any, h: Any, n: Any, a: Any, b: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Derivatives of the five gates, per ms."""
    alpha_m, beta_m = 0.38 * exprel_rate(V + 29.7, 10.0), 15.2 * jnp.exp(-0.0556 * (V + 54.7))
    alpha_h, beta_h = 0.266 * jnp.exp(-0.05 * (V + 48.0)), 3.8 / (1.0 + jnp.exp(-0.1 * (V + 18.0)))
    alpha_n, beta_n = 0.02 * exprel_rate(V + 45.7, 10.0), 0.25 * jnp.exp(-0.0125 * (V + 55.7))
    a_inf = (0.0761 * jnp.exp(0.0314 * (V + 94.22)) / (1.0 + jnp.exp(0.0346 * (V + 1.17)))) ** (1.0 / 3.0)
    tau_a = 0.3632 + 1.158 / (1.0 + jnp.exp(0.0497 * (V + 55.96)))
    b_inf = (1.0 + jnp.exp(0.0688 * (V + 53.3))) ** -4
    tau_b = 1.24 + 2.678 / (1.0 + jnp.exp(0.0624 * (V + 50.0)))
    return (
        relax(alpha_m, beta_m, m),
        relax(alpha_h, beta_h, h),
        relax(alpha_n, beta_n, n),
        (a_inf - a) / tau_a,
        (b_inf - b) / tau_b,
    )


class ConnorStevens(Model):
    r"""Connor–Stevens: Hodgkin–Huxley currents and a transient potassium current, the A-current.

    .. math::

        C \dot V = g_{Na} m^3 h (E_{Na} - V) + g_K n^4 (E_K - V) + g_A a^3 b (E_A - V) + g_L (E_L - V) + I

    It explains how an A-current lets a neuron fire slowly (class I) and delays its first spike after inhibition.  It has
    one compartment and no adaptation.

    Inputs and observables
    ----------------------
    ``I`` : injected current density, inward positive.

    Notes
    -----
    The form of Dayan & Abbott.  Without the A-current (``g_A = 0``) it fires at 156 Hz without input: another ``E_L``
    must then be chosen.  The run starts at rest, -67.978 mV.

    References
    ----------
    Connor, Walter & McKown 1977, doi:10.1016/S0006-3495(77)85598-7; Dayan & Abbott 2001, *Theoretical Neuroscience*,
    appendix of chapter 6.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(ConnorStevens(), T=500, dt=0.02, I=10)
    >>> ds.bn.spike_count().item() in (16, 17)
    True
    """

    default_method: ClassVar[str] = "strang"

    C: Param = param(1.0, "uF/cm2", "membrane capacitance", bounds=(0.5, 5))
    g_Na: Param = param(120.0, "mS/cm2", "maximal sodium conductance", bounds=(0, 300))
    E_Na: Param = param(55.0, "mV", "sodium reversal potential", bounds=(20, 80))
    g_K: Param = param(20.0, "mS/cm2", "maximal potassium conductance", bounds=(0, 100))
    E_K: Param = param(-72.0, "mV", "potassium reversal potential", bounds=(-100, -50))
    g_A: Param = param(47.7, "mS/cm2", "maximal conductance of the A-current", bounds=(0, 150))
    E_A: Param = param(-75.0, "mV", "reversal potential of the A-current", bounds=(-100, -50))
    g_L: Param = param(0.3, "mS/cm2", "leak conductance", bounds=(0, 3))
    E_L: Param = param(-17.0, "mV", "leak reversal potential", bounds=(-80, 0))

    V = state(-67.97812, "mV", "membrane potential", bounds=(-90, 60))
    m = state(0.0101, "1", "sodium activation", bounds=(0, 1))
    h = state(0.9659, "1", "sodium inactivation (1 is open)", bounds=(0, 1))
    n = state(0.1559, "1", "potassium activation", bounds=(0, 1))
    a = state(0.5404, "1", "activation of the A-current", bounds=(0, 1))
    b = state(0.2885, "1", "inactivation of the A-current (1 is open)", bounds=(0, 1))
    I = input(0.0, "uA/cm2", "injected current", bounds=(-10, 30))

    @preset
    def connor_1977(cls) -> Self:
        """The crab axon in the form of Dayan & Abbott (Connor, Walter & McKown 1977)."""
        return cls()

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        sodium = self.g_Na * s.m**3 * s.h * (self.E_Na - s.V)
        potassium = self.g_K * s.n**4 * (self.E_K - s.V) + self.g_A * s.a**3 * s.b * (self.E_A - s.V)
        m, h, n, a, b = gates(s.V, s.m, s.h, s.n, s.a, s.b)
        return dict(V=(sodium + potassium + self.g_L * (self.E_L - s.V) + u.I) / self.C, m=m, h=h, n=n, a=a, b=b)
