"""The Plant cell: a pacemaker of Aplysia whose bursts two slow variables turn in a circle."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.channels.base import exprel_rate, relax, settled
from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.units import empirical

COLD = 12.5
"""How much slower the gates are than those of the squid."""


@empirical
def squid(V: Any) -> Any:
    """The voltage at which a gate of the squid stands where one of this cell does at ``V``, from rest."""
    return (127.0 * V + 8265.0) / 105.0


@empirical
def rates_m(V: Any) -> tuple[Any, Any]:
    """Sodium activation, per ms (of the squid: only their ratio counts)."""
    v = squid(V)
    return 0.1 * exprel_rate(v - 50.0, 10.0), 4.0 * jnp.exp((25.0 - v) / 18.0)


@empirical
def rates_h(V: Any) -> tuple[Any, Any]:
    """Sodium inactivation, per ms."""
    v = squid(V)
    return 0.07 / COLD * jnp.exp((25.0 - v) / 20.0), 1.0 / COLD / (1.0 + jnp.exp((55.0 - v) / 10.0))


@empirical
def rates_n(V: Any) -> tuple[Any, Any]:
    """Potassium activation, per ms."""
    v = squid(V)
    return 0.01 / COLD * exprel_rate(v - 55.0, 10.0), 0.125 / COLD * jnp.exp((45.0 - v) / 80.0)


@empirical
def opened(V: Any) -> Any:
    r"""$1 / (1 + e^{0.15 (-50 - V)})$: the slow inward current."""
    return 1.0 / (1.0 + jnp.exp(0.15 * (-50.0 - V)))


@empirical
def bound(Ca: Any) -> Any:
    r"""$Ca / (0.5 + Ca)$."""
    return Ca / (0.5 + Ca)


class Plant(Model):
    r"""Plant: parabolic bursts, whose spikes come slowly, then fast, then slowly again.

    .. math::

        C \dot V &= g_{Na} m_\infty^3 h (E_{Na} - V) + g_{Ca} x (E_{Ca} - V)
            + \Big[g_K n^4 + g_{KCa} \frac{Ca}{0.5 + Ca}\Big] (E_K - V) + g_L (E_L - V) + I \\
        \dot x &= \frac{x_\infty(V) - x}{\tau_x}, \qquad \dot{Ca} = \rho\,(K_c x (E_{Ca} - V) - Ca)

    It explains how two slow variables make a cell burst where rest and spiking never exist side by side: a slow inward current
    (``x``) starts the spikes, the calcium that it lets in ends them, and both go around in a circle.  For bursts by one slow
    variable, with spiking and rest side by side, see :class:`~brainnb.neurons.ChayKeizer`.

    Inputs and observables
    ----------------------
    ``I`` : injected current density (uA/cm2), inward positive.

    Notes
    -----
    Sodium activation is instantaneous.  The gates are those of Hodgkin and Huxley on a stretched axis, and 12.5 times
    slower.  A period lasts 10.8 s; a first run of 20 s settles it.  Calcium is counted in units of its own.

    References
    ----------
    Plant 1981, doi:10.1007/BF00275821; the constants as in Keener & Sneyd 2009, *Mathematical Physiology*,
    doi:10.1007/978-0-387-75847-3; taken apart in Rinzel & Lee 1987, doi:10.1007/BF00275501.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(Plant(), T=12000, dt=0.2)
    >>> ds.bn.spike_count("V", threshold=-20).item() > 4
    True
    """

    default_method: ClassVar[str] = "rk4"

    C: Param = param(1.0, "uF/cm2", "membrane capacitance", bounds=(0.5, 5))
    g_Na: Param = param(4.0, "mS/cm2", "maximal sodium conductance", bounds=(0, 10))
    E_Na: Param = param(30.0, "mV", "sodium reversal potential", bounds=(0, 60))
    g_Ca: Param = param(0.004, "mS/cm2", "maximal conductance of the slow inward current", bounds=(0, 0.02))
    E_Ca: Param = param(140.0, "mV", "calcium reversal potential", bounds=(80, 180))
    g_K: Param = param(0.3, "mS/cm2", "maximal potassium conductance", bounds=(0, 2))
    E_K: Param = param(-75.0, "mV", "potassium reversal potential", bounds=(-110, -60))
    g_KCa: Param = param(
        0.03, "mS/cm2", "maximal conductance of the potassium current that calcium opens", bounds=(0, 0.1)
    )
    g_L: Param = param(0.003, "mS/cm2", "leak conductance", bounds=(0, 0.02))
    E_L: Param = param(-40.0, "mV", "leak reversal potential", bounds=(-80, -20))
    tau_x: Param = param(235.0, "ms", "time constant of the slow inward current", bounds=(50, 10000))
    rho: Param = param(0.0003, "1/ms", "rate at which calcium is taken up", bounds=(0.00005, 0.003))
    K_c: Param = param(
        0.0085, "1/mV", "calcium that stands with the slow inward current, by its drive", bounds=(0, 0.02)
    )

    V = state(-70.0, "mV", "membrane potential", bounds=(-80, 40))
    n = state(0.012925, "1", "potassium activation", bounds=(0, 1))
    h = state(0.61732, "1", "sodium inactivation (1 is open)", bounds=(0, 1))
    x = state(0.5, "1", "activation of the slow inward current", bounds=(0, 1))
    Ca = state(0.6, "1", "free calcium", bounds=(0, 1.5))
    I = input(0.0, "uA/cm2", "injected current", bounds=(-0.1, 0.5))

    @preset
    def plant_1981(cls) -> Self:
        """Bursts of 7 spikes every 10.8 s (Plant 1981, in the constants of Keener & Sneyd 2009)."""
        return cls()

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        inward = self.g_Na * settled(*rates_m(s.V)) ** 3 * s.h * (self.E_Na - s.V)
        slow = self.g_Ca * s.x * (self.E_Ca - s.V)
        outward = (self.g_K * s.n**4 + self.g_KCa * bound(s.Ca)) * (self.E_K - s.V)
        return dict(
            V=(inward + slow + outward + self.g_L * (self.E_L - s.V) + u.I) / self.C,
            n=relax(*rates_n(s.V), s.n),
            h=relax(*rates_h(s.V), s.h),
            x=(opened(s.V) - s.x) / self.tau_x,
            Ca=self.rho * (self.K_c * s.x * (self.E_Ca - s.V) - s.Ca),
        )
