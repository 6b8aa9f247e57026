"""The Morris–Lecar neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record


class MorrisLecar(Model):
    r"""Morris–Lecar: calcium spikes in two variables, with conductances.

    .. math::

        C \dot V &= g_{Ca} m_\infty(V) (E_{Ca} - V) + g_K w (E_K - V) + g_L (E_L - V) + I \\
        \dot w &= \phi \cosh\Big(\frac{V - V_3}{2 V_4}\Big) (w_\infty(V) - w) \\
        m_\infty &= \tfrac12 \Big[1 + \tanh \frac{V - V_1}{V_2}\Big], \qquad
        w_\infty = \tfrac12 \Big[1 + \tanh \frac{V - V_3}{V_4}\Big]

    It explains how the same currents give firing that jumps on (Hopf), starts arbitrarily slowly (SNIC), or coexists
    with rest (homoclinic): three presets, one phase plane.  Its spikes are broad calcium spikes of a muscle fibre;
    for sodium spikes see :class:`~brainnb.neurons.HodgkinHuxley`.

    Inputs and observables
    ----------------------
    ``I`` : injected current density (uA/cm2), inward positive.

    Notes
    -----
    Activation of calcium is instantaneous, as in the paper's reduced system. Parameters are Rinzel & Ermentrout's,
    with $E_{Ca} = 120$ mV (Morris & Lecar use 100 mV and shift other values).  In the sets of Prescott et al. the calcium
    current stands for sodium; half activation of potassium, ``V_3``, alone makes the three classes of excitability.

    References
    ----------
    Morris & Lecar 1981, doi:10.1016/S0006-3495(81)84782-0, eqs. 2 and 9; Rinzel & Ermentrout 1998, in Koch & Segev,
    *Methods in Neuronal Modeling*, 2nd ed., chapter 7, table 7.1; Prescott, De Koninck & Sejnowski 2008,
    doi:10.1371/journal.pcbi.1000198.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(MorrisLecar.snic(), T=1000, dt=0.1, I=45)
    >>> ds.bn.spike_count().item()
    10
    """

    default_method: ClassVar[str] = "rk4"

    C: Param = param(20.0, "uF/cm2", "membrane capacitance", bounds=(1, 50))
    g_Ca: Param = param(4.4, "mS/cm2", "maximal calcium conductance", bounds=(0, 30))
    E_Ca: Param = param(120.0, "mV", "calcium reversal potential", bounds=(50, 150))
    g_K: Param = param(8.0, "mS/cm2", "maximal potassium conductance", bounds=(0, 30))
    E_K: Param = param(-84.0, "mV", "potassium reversal potential", bounds=(-120, -60))
    g_L: Param = param(2.0, "mS/cm2", "leak conductance", bounds=(0, 10))
    E_L: Param = param(-60.0, "mV", "leak reversal potential", bounds=(-90, -20))
    V_1: Param = param(-1.2, "mV", "half activation of calcium", bounds=(-20, 20))
    V_2: Param = param(18.0, "mV", "width of calcium activation", bounds=(5, 40))
    V_3: Param = param(2.0, "mV", "half activation of potassium", bounds=(-40, 30))
    V_4: Param = param(30.0, "mV", "width of potassium activation", bounds=(5, 50))
    phi: Param = param(0.04, "1/ms", "rate of potassium activation", bounds=(0.001, 0.5))

    V = state(-60.86, "mV", "membrane potential", bounds=(-80, 60))
    w = state(0.0149, "1", "potassium activation", bounds=(0, 1))
    I = input(0.0, "uA/cm2", "injected current", bounds=(-20, 250))

    @preset
    def hopf(cls) -> Self:
        """Firing starts at a finite rate, near I = 94 (Rinzel & Ermentrout 1998, table 7.1, Hopf)."""
        return cls()

    @preset
    def snic(cls) -> Self:
        """Firing starts arbitrarily slowly, at I = 40 (Rinzel & Ermentrout 1998, table 7.1, SNLC)."""
        return cls(g_Ca=4.0, V_3=12.0, V_4=17.4, phi=0.067)

    @preset
    def homoclinic(cls) -> Self:
        """Firing and rest coexist, from I = 35 on (Rinzel & Ermentrout 1998, table 7.1, homoclinic)."""
        return cls(g_Ca=4.0, V_3=12.0, V_4=17.4, phi=0.23)

    @preset
    def prescott_class_1(cls) -> Self:
        """Class 1, fires slowly from I = 37 on (Prescott et al. 2008, doi:10.1371/journal.pcbi.1000198)."""
        return cls.prescott_2008(V_3=0.0)

    @preset
    def prescott_class_2(cls) -> Self:
        """Class 2, fires fast or not at all, from I = 45 (Prescott et al. 2008, doi:10.1371/journal.pcbi.1000198)."""
        return cls.prescott_2008(V_3=-13.0)

    @preset
    def prescott_class_3(cls) -> Self:
        """Class 3, one spike at the onset of I = 60 (Prescott et al. 2008, doi:10.1371/journal.pcbi.1000198)."""
        return cls.prescott_2008(V_3=-21.0)

    @classmethod
    def prescott_2008(cls, **values: Any) -> Self:
        """What the classes of Prescott et al. share: a fast sodium current in place of calcium; the rest by keyword."""
        fast = dict(C=2.0, g_Ca=20.0, E_Ca=50.0, g_K=20.0, E_K=-100.0, g_L=2.0, E_L=-70.0, V_4=10.0, phi=0.15)
        return cls(**fast, **values)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        m_inf = 0.5 * (1.0 + jnp.tanh((s.V - self.V_1) / self.V_2))
        w_inf = 0.5 * (1.0 + jnp.tanh((s.V - self.V_3) / self.V_4))
        calcium = self.g_Ca * m_inf * (self.E_Ca - s.V)
        potassium = self.g_K * s.w * (self.E_K - s.V)
        leak = self.g_L * (self.E_L - s.V)
        return dict(
            V=(calcium + potassium + leak + u.I) / self.C,
            w=self.phi * jnp.cosh((s.V - self.V_3) / (2.0 * self.V_4)) * (w_inf - s.w),
        )
