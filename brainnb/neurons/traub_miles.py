"""Hippocampal pyramidal cells with the currents of Traub and Miles: composed of channels, and in point units."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.channels import Channel, Leak, PotassiumTraubMiles, SodiumTraubMiles
from brainnb.channels.base import relax, settled
from brainnb.channels.traub_miles_1991 import alpha_h, alpha_m, alpha_n, beta_h, beta_m, beta_n
from brainnb.core.fields import Param, input, param, part, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike

from .cell import Cell


class TraubMiles(Cell):
    r"""A pyramidal cell of three Traub–Miles channels, per area of membrane.

    .. math:: C \dot V = I + I_{Na} + I_K + I_{leak}

    It explains fast spikes whose rate starts near zero (class I), the excitatory cell of many models of
    rhythms.  It has no adaptation; one compartment stands for the whole cell.  For networks in pA and nS see
    :class:`~brainnb.neurons.TraubMilesPoint`.

    Inputs and observables
    ----------------------
    ``I`` : injected current density (uA/cm2), inward positive.  ``spike`` : 1 at the step in which V crossed ``V_spike``
    upwards.

    Notes
    -----
    The default is the cell of benchmark 3 of Brette et al. 2007 divided by its area of 20 000 um2. Both channels
    have a ``V_T``: ``replace({"*.V_T": -60})`` shifts them together.

    References
    ----------
    Traub & Miles 1991, *Neuronal Networks of the Hippocampus*; Brette et al. 2007, doi:10.1007/s10827-007-0038-6,
    appendix B; Ermentrout & Kopell 1998, doi:10.1073/pnas.95.3.1259.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(TraubMiles.rtm(), T=500, dt=0.05, I=1)
    >>> ds.bn.spike_count().item()
    22
    """

    Na: Channel = part(SodiumTraubMiles)
    K: Channel = part(PotassiumTraubMiles)
    leak: Channel = part(Leak, g_max=0.05, E=-60.0)
    V_spike: Param = param(-20.0, "mV", "potential whose upward crossing counts as a spike", bounds=(-50, 30))
    above = state(False, "1", "whether V is above V_spike", discrete=True)

    @preset
    def cobahh(cls) -> Self:
        """Cell of the COBAHH benchmark per area (Brette et al. 2007, doi:10.1007/s10827-007-0038-6)."""
        return cls()

    @preset
    def rtm(cls) -> Self:
        """Reduced Traub–Miles cell of gamma rhythms (Ermentrout & Kopell 1998, doi:10.1073/pnas.95.3.1259)."""
        return cls(
            Na=SodiumTraubMiles(g_max=100.0, E=50.0, V_T=-67.0),
            K=PotassiumTraubMiles(g_max=80.0, E=-100.0, V_T=-67.0),
            leak=Leak(g_max=0.1, E=-67.0),
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        return dict(above=self.V_spike <= s.V), dict(spike=jnp.where(s.above, 0.0, spike(s.V - self.V_spike)))


class TraubMilesPoint(Model):
    r"""The pyramidal cell of the COBAHH benchmark: Traub–Miles currents in pA, nS and pF.

    .. math::

        C \dot V = g_{Na} m^3 h (E_{Na} - V) + g_K n^4 (E_K - V) + g_L (E_L - V) + I, \qquad
        \dot y = \alpha_y(V - V_T)(1 - y) - \beta_y(V - V_T)\, y

    It explains what :class:`~brainnb.neurons.TraubMiles` explains, by the same equations, for a whole cell and with a
    spike that networks can count.  It cannot exchange its channels: use the other one for that.

    Inputs and observables
    ----------------------
    ``I`` : injected current (pA), inward positive.  ``spike`` : 1 at the step in which V crossed ``V_th`` upwards.

    Notes
    -----
    Gates start settled at the initial voltage. The benchmark's area is 20 000 um2: 200 pF are 1 uF/cm2.

    References
    ----------
    Brette et al. 2007, doi:10.1007/s10827-007-0038-6, appendix B, benchmark 3; Traub & Miles 1991.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(TraubMilesPoint(), T=500, dt=0.05, I=200, record=["spike"])
    >>> int(ds.spike.sum())
    23
    """

    default_method: ClassVar[str] = "strang"

    C: Param = param(200.0, "pF", "membrane capacitance", bounds=(10, 1000))
    g_Na: Param = param(20_000.0, "nS", "maximal sodium conductance", bounds=(0, 60_000))
    E_Na: Param = param(50.0, "mV", "sodium reversal potential", bounds=(20, 80))
    g_K: Param = param(6_000.0, "nS", "maximal potassium conductance", bounds=(0, 20_000))
    E_K: Param = param(-90.0, "mV", "potassium reversal potential", bounds=(-120, -60))
    g_L: Param = param(10.0, "nS", "leak conductance", bounds=(0, 100))
    E_L: Param = param(-60.0, "mV", "leak reversal potential", bounds=(-90, -40))
    V_T: Param = param(-63.0, "mV", "shifts the threshold", bounds=(-80, -40))
    V_th: Param = param(-20.0, "mV", "potential whose upward crossing counts as a spike", bounds=(-50, 30))

    V = state(-60.0, "mV", "membrane potential", bounds=(-100, 60))
    m = state(0.0269, "1", "sodium activation", bounds=(0, 1))
    h = state(0.9913, "1", "sodium inactivation (1 is open)", bounds=(0, 1))
    n = state(0.0604, "1", "potassium activation", bounds=(0, 1))
    above = state(False, "1", "whether V is above V_th", discrete=True)
    I = input(0.0, "pA", "injected current", bounds=(-200, 1000))

    @preset
    def cobahh(cls) -> Self:
        """Cell of the COBAHH benchmark (Brette et al. 2007, doi:10.1007/s10827-007-0038-6)."""
        return cls()

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        x = s.V - self.V_T
        gates = dict(
            m=settled(alpha_m(x), beta_m(x)), h=settled(alpha_h(x), beta_h(x)), n=settled(alpha_n(x), beta_n(x))
        )
        return s.merge({name: jnp.broadcast_to(gate, s[name].shape) for name, gate in gates.items()})

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        x = s.V - self.V_T
        sodium = self.g_Na * s.m**3 * s.h * (self.E_Na - s.V)
        potassium = self.g_K * s.n**4 * (self.E_K - s.V)
        leak = self.g_L * (self.E_L - s.V)
        return dict(
            V=(sodium + potassium + leak + u.I) * (1.0 / self.C),  # one division for a run, not two in every half step
            m=relax(alpha_m(x), beta_m(x), s.m),
            h=relax(alpha_h(x), beta_h(x), s.h),
            n=relax(alpha_n(x), beta_n(x), s.n),
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        above = self.V_th <= s.V
        return dict(above=above), dict(spike=jnp.where(s.above, 0.0, spike(s.V - self.V_th)))
