"""The Wang–Buzsáki interneuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.channels.base import exprel_rate, relax, settled
from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike
from brainnb.core.units import empirical


@empirical
def alpha_m(V: Any) -> Any:
    r"""$0.1 (V + 35) / (1 - e^{-(V + 35)/10})$ per ms."""
    return 0.1 * exprel_rate(V + 35.0, 10.0)


@empirical
def beta_m(V: Any) -> Any:
    r"""$4 e^{-(V + 60)/18}$ per ms."""
    return 4.0 * jnp.exp(-(V + 60.0) / 18.0)


@empirical
def alpha_h(V: Any) -> Any:
    r"""$0.07 e^{-(V + 58)/20}$ per ms."""
    return 0.07 * jnp.exp(-(V + 58.0) / 20.0)


@empirical
def beta_h(V: Any) -> Any:
    r"""$1 / (1 + e^{-(V + 28)/10})$ per ms."""
    return 1.0 / (1.0 + jnp.exp(-(V + 28.0) / 10.0))


@empirical
def alpha_n(V: Any) -> Any:
    r"""$0.01 (V + 34) / (1 - e^{-(V + 34)/10})$ per ms."""
    return 0.01 * exprel_rate(V + 34.0, 10.0)


@empirical
def beta_n(V: Any) -> Any:
    r"""$0.125 e^{-(V + 44)/80}$ per ms."""
    return 0.125 * jnp.exp(-(V + 44.0) / 80.0)


class WangBuzsaki(Model):
    r"""Wang–Buzsáki: a fast-spiking interneuron of the hippocampus.

    .. math::

        C \dot V = g_{Na} m_\infty^3(V) h (E_{Na} - V) + g_K n^4 (E_K - V) + g_L (E_L - V) + I \\
        \dot x = \phi\,[\alpha_x(V)(1 - x) - \beta_x(V)\, x], \quad x \in \{h, n\}

    It explains brief spikes with a small afterhyperpolarisation, rates that start near zero (class I) and, by
    inhibitory synapses, gamma oscillations.  It has no adaptation; sodium activates at once.

    Inputs and observables
    ----------------------
    ``I`` : injected current density, inward positive.  ``spike`` : 1 at the step in which V crossed ``V_spike`` upwards.

    Notes
    -----
    Rest is lost in a saddle-node at I = 0.160086 uA/cm2; above it the rate is 8.6 Hz at 0.2 and 59.7 Hz at 1 uA/cm2.
    The run starts with the gates settled at the initial voltage.

    References
    ----------
    Wang & Buzsáki 1996, doi:10.1523/JNEUROSCI.16-20-06402.1996, eqs. 1 and the rates of its methods.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(WangBuzsaki(), T=500, dt=0.05, I=1)
    >>> ds.bn.spike_count().item()
    30
    """

    default_method: ClassVar[str] = "strang"

    C: Param = param(1.0, "uF/cm2", "membrane capacitance", bounds=(0.5, 5))
    g_Na: Param = param(35.0, "mS/cm2", "maximal sodium conductance", bounds=(0, 100))
    E_Na: Param = param(55.0, "mV", "sodium reversal potential", bounds=(20, 80))
    g_K: Param = param(9.0, "mS/cm2", "maximal potassium conductance", bounds=(0, 40))
    E_K: Param = param(-90.0, "mV", "potassium reversal potential", bounds=(-110, -60))
    g_L: Param = param(0.1, "mS/cm2", "leak conductance", bounds=(0, 1))
    E_L: Param = param(-65.0, "mV", "leak reversal potential", bounds=(-80, -50))
    phi: Param = param(5.0, "1", "speed of the gates; lower means a deeper afterhyperpolarisation", bounds=(0.5, 15))
    V_spike: Param = param(0.0, "mV", "potential whose upward crossing counts as a spike", bounds=(-40, 30))

    V = state(-64.0, "mV", "membrane potential", bounds=(-90, 60))
    h = state(0.78, "1", "sodium inactivation (1 is open)", bounds=(0, 1))
    n = state(0.09, "1", "potassium activation", bounds=(0, 1))
    above = state(False, "1", "whether V is above V_spike", discrete=True)
    I = input(0.0, "uA/cm2", "injected current", bounds=(-1, 10))

    @preset
    def wang_buzsaki_1996(cls) -> Self:
        """The interneuron with phi = 5 (Wang & Buzsáki 1996)."""
        return cls()

    @preset
    def slow_gates(cls) -> Self:
        """phi = 3.33: a deeper afterhyperpolarisation (Wang & Buzsáki 1996, fig. 3)."""
        return cls(phi=3.33)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(h=settled(alpha_h(s.V), beta_h(s.V)), n=settled(alpha_n(s.V), beta_n(s.V))))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        m = settled(alpha_m(s.V), beta_m(s.V))
        sodium = self.g_Na * m**3 * s.h * (self.E_Na - s.V)
        potassium = self.g_K * s.n**4 * (self.E_K - s.V)
        return dict(
            V=(sodium + potassium + self.g_L * (self.E_L - s.V) + u.I) / self.C,
            h=self.phi * relax(alpha_h(s.V), beta_h(s.V), s.h),
            n=self.phi * relax(alpha_n(s.V), beta_n(s.V), s.n),
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        return dict(above=self.V_spike <= s.V), dict(spike=jnp.where(s.above, 0.0, spike(s.V - self.V_spike)))
