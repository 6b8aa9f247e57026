"""The Chay–Keizer cell: a pancreatic cell whose bursts calcium ends."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.channels.base import exprel_rate, relax
from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.units import empirical

PHI = 3.0**1.37
"""How much faster the gates are than at 6.3 degrees."""
PER_CURRENT = 3.0 / (8.9e-4 * 96487.0)
"""Calcium (uM per ms) by a current of 1 uA/cm2 into the sphere of the cell."""


@empirical
def rates_m(V: Any) -> tuple[Any, Any]:
    """Calcium activation: Hodgkin and Huxley's rates of m, from -50 mV, per ms."""
    v = V + 50.0
    return PHI * 0.1 * exprel_rate(v - 25.0, 10.0), PHI * 4.0 * jnp.exp(-v / 18.0)


@empirical
def rates_h(V: Any) -> tuple[Any, Any]:
    """Calcium inactivation: Hodgkin and Huxley's rates of h, from -50 mV, per ms."""
    v = V + 50.0
    return PHI * 0.07 * jnp.exp(-v / 20.0), PHI / (1.0 + jnp.exp((30.0 - v) / 10.0))


@empirical
def rates_n(V: Any) -> tuple[Any, Any]:
    """Potassium activation: Hodgkin and Huxley's rates of n, from -30 mV, per ms."""
    v = V + 30.0
    return PHI * 0.01 * exprel_rate(v - 10.0, 10.0), PHI * 0.125 * jnp.exp(-v / 80.0)


@empirical
def calcium(current: Any, Ca: Any, f: Any, k_Ca: Any) -> Any:
    r"""$f\,(3 I_{Ca} / r F - k_{Ca}\, Ca)$ uM per ms."""
    return f * (PER_CURRENT * current - k_Ca * Ca)


class ChayKeizer(Model):
    r"""Chay–Keizer: bursts of a pancreatic beta cell, ended by the calcium that they let in.

    .. math::

        C \dot V &= 2 g_{Ca} m^3 h (E_{Ca} - V) + \Big[g_K n^4 + g_{KCa} \frac{Ca}{1 + Ca}\Big] (E_K - V)
            + g_L (E_L - V) + I \\
        \dot{Ca} &= f \Big(\frac{3}{r F}\, g_{Ca} m^3 h (E_{Ca} - V) - k_{Ca}\, Ca\Big)

    It explains slow bursts by one slow variable: calcium opens a potassium current that ends the burst, and is pumped
    out in the pause.  Faster removal (``k_Ca``, what glucose does) lengthens the bursts until the cell fires
    continuously.  It has one compartment and no store of calcium.

    Inputs and observables
    ----------------------
    ``I`` : injected current density (uA/cm2), inward positive.

    Notes
    -----
    The form of Sherman's file, with calcium in uM and the calcium current twice in the voltage.  A period lasts 12 s;
    spikes are small, count upward crossings of -35 mV.  The default method is stable at 0.1 ms but makes the period a tenth too
    long; ``method="rk4"`` at 0.05 ms meets it to 1e-6.

    References
    ----------
    Chay & Keizer 1983, doi:10.1016/S0006-3495(83)84384-7.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(ChayKeizer(), T=2000, dt=0.05)
    >>> ds.bn.spike_count("V", threshold=-35).item() > 100
    True
    """

    default_method: ClassVar[str] = "strang"

    C: Param = param(1.0, "uF/cm2", "membrane capacitance", bounds=(0.5, 5))
    g_Ca: Param = param(6.5, "mS/cm2", "maximal calcium conductance", bounds=(0, 20))
    E_Ca: Param = param(100.0, "mV", "calcium reversal potential", bounds=(50, 150))
    g_K: Param = param(12.0, "mS/cm2", "maximal potassium conductance", bounds=(0, 40))
    E_K: Param = param(-75.0, "mV", "potassium reversal potential", bounds=(-110, -60))
    g_KCa: Param = param(
        0.09, "mS/cm2", "maximal conductance of the potassium current that calcium opens", bounds=(0, 0.5)
    )
    g_L: Param = param(0.04, "mS/cm2", "leak conductance", bounds=(0, 0.5))
    E_L: Param = param(-40.0, "mV", "leak reversal potential", bounds=(-80, -20))
    f: Param = param(0.004, "1", "part of the calcium that is free", bounds=(0.0005, 0.05))
    k_Ca: Param = param(0.04, "1/ms", "rate at which calcium is pumped out", bounds=(0.005, 0.1))

    V = state(-54.774, "mV", "membrane potential", bounds=(-70, 0))
    m = state(0.027532, "1", "calcium activation", bounds=(0, 1))
    h = state(0.086321, "1", "calcium inactivation (1 is open)", bounds=(0, 1))
    n = state(0.00044035, "1", "potassium activation", bounds=(0, 1))
    Ca = state(0.10749, "umol/l", "free calcium", bounds=(0, 2))
    I = input(0.0, "uA/cm2", "injected current", bounds=(-1, 1))

    @preset
    def chay_keizer_1983(cls) -> Self:
        """Bursts of 3 s every 12 s (Chay & Keizer 1983, in Sherman's constants)."""
        return cls()

    @preset
    def continuous(cls) -> Self:
        """k_Ca = 0.06: spikes without pauses, as in high glucose (Chay & Keizer 1983)."""
        return cls(k_Ca=0.06)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        I_Ca = self.g_Ca * s.m**3 * s.h * (self.E_Ca - s.V)
        g_K = self.g_K * s.n**4 + self.g_KCa * bound(s.Ca)
        return dict(
            V=(2.0 * I_Ca + g_K * (self.E_K - s.V) + self.g_L * (self.E_L - s.V) + u.I) / self.C,
            m=relax(*rates_m(s.V), s.m),
            h=relax(*rates_h(s.V), s.h),
            n=relax(*rates_n(s.V), s.n),
            Ca=calcium(I_Ca, s.Ca, self.f, self.k_Ca),
        )


@empirical
def bound(Ca: Any) -> Any:
    r"""$Ca / (1 + Ca)$: half at 1 uM."""
    return Ca / (1.0 + Ca)
