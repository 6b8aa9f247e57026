"""The Hodgkin–Huxley neuron in one class."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.channels.base import relax, thermal_factor
from brainnb.channels.hodgkin_huxley_1952 import alpha_h, alpha_m, alpha_n, beta_h, beta_m, beta_n
from brainnb.core.fields import Param, input, observable, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record


class HodgkinHuxley(Model):
    r"""The Hodgkin–Huxley neuron: the squid giant axon, space-clamped.

    .. math::

        C \dot V = g_{Na} m^3 h (E_{Na} - V) + g_K n^4 (E_K - V) + g_L (E_L - V) + I \\
        \dot x = \phi\,[\alpha_x(V)(1 - x) - \beta_x(V)\, x], \quad x \in \{m, h, n\}, \qquad
        \phi = 3^{(T_C - 6.3)/10}

    It explains the action potential and its threshold, refractoriness, rebound, and the jump of the firing rate
    at onset (class II).  It has no adaptation and no bursts: see :class:`~brainnb.neurons.AdEx` or compose a
    :class:`~brainnb.neurons.Cell`.

    Inputs and observables
    ----------------------
    ``I`` : injected current density, inward positive.

    Notes
    -----
    Voltages are absolute (rest -65.0 mV); the paper counts from rest with the opposite sign. ``E_L`` is the value that
    balances the currents at rest exactly (the paper rounds it). With the default method
    the period at 10 uA/cm2 is 0.5 % off at dt = 0.1 ms and 0.02 % off at 0.02 ms.

    References
    ----------
    Hodgkin & Huxley 1952, doi:10.1113/jphysiol.1952.sp004764, eqs. 26 and 12-24.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(HodgkinHuxley(), T=200, dt=0.02, I=10)
    >>> ds.bn.spike_count().item()
    14
    """

    default_method: ClassVar[str] = "strang"

    C: Param = param(1.0, "uF/cm2", "membrane capacitance", bounds=(0.5, 5))
    g_Na: Param = param(120.0, "mS/cm2", "maximal sodium conductance", bounds=(0, 300))
    E_Na: Param = param(50.0, "mV", "sodium reversal potential", bounds=(20, 80))
    g_K: Param = param(36.0, "mS/cm2", "maximal potassium conductance", bounds=(0, 100))
    E_K: Param = param(-77.0, "mV", "potassium reversal potential", bounds=(-100, -50))
    g_L: Param = param(0.3, "mS/cm2", "leak conductance", bounds=(0, 3))
    E_L: Param = param(-54.387, "mV", "leak reversal potential", bounds=(-80, -30))
    temperature: Param = param(6.3, "degC", "temperature; speeds the gates threefold per 10 degrees", bounds=(0, 30))

    V = state(-65.0, "mV", "membrane potential", bounds=(-90, 60))
    m = state(0.0529, "1", "sodium activation", bounds=(0, 1))
    h = state(0.5961, "1", "sodium inactivation (1 is open)", bounds=(0, 1))
    n = state(0.3177, "1", "potassium activation", bounds=(0, 1))
    I = input(0.0, "uA/cm2", "injected current", bounds=(-10, 30))

    I_Na = observable("uA/cm2", "sodium current, inward positive")
    I_K = observable("uA/cm2", "potassium current, inward positive")
    I_L = observable("uA/cm2", "leak current, inward positive")

    @preset
    def squid_1952(cls) -> Self:
        """The squid giant axon at 6.3 °C (Hodgkin & Huxley 1952)."""
        return cls()

    @preset
    def squid_warm(cls) -> Self:
        """The axon at 18.5 °C, where its propagated spike was compared (Hodgkin & Huxley 1952, fig. 15)."""
        return cls(temperature=18.5)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        I_Na, I_K, I_L = self.currents(s)
        speed = thermal_factor(self.temperature, 6.3)
        return dict(
            V=(I_Na + I_K + I_L + u.I) * (1.0 / self.C),  # done once: a lone neuron waits for every division
            m=speed * relax(alpha_m(s.V), beta_m(s.V), s.m),
            h=speed * relax(alpha_h(s.V), beta_h(s.V), s.h),
            n=speed * relax(alpha_n(s.V), beta_n(s.V), s.n),
        )

    def currents(self, s: Record) -> tuple[Array, Array, Array]:
        """Sodium, potassium and leak current, inward positive (uA/cm2)."""
        return (
            self.g_Na * s.m**3 * s.h * (self.E_Na - s.V),
            self.g_K * s.n**4 * (self.E_K - s.V),
            self.g_L * (self.E_L - s.V),
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        I_Na, I_K, I_L = self.currents(s)
        return {}, dict(I_Na=I_Na, I_K=I_K, I_L=I_L)
