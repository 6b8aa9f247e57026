"""The generalised leaky integrate-and-fire neurons of the Allen Institute, GLIF 1 to 5."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, observable, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike
from brainnb.inputs.edges import reached

from .lif import NEVER
from .recorded import fires

NO_RULES = dict(f_V=0.0, V_add=0.0, theta_add=0.0)
NO_CURRENTS = dict(A_1=0.0, A_2=0.0)


class GLIF(Model):
    r"""Generalised leaky integrate-and-fire, GLIF 1 to 5: each level adds one mechanism to a leaky membrane.

    .. math::

        C \dot V &= -g_L (V - E_L) + I + I_1 + I_2, \qquad \dot I_j = -k_j I_j \\
        \dot\theta_s &= -b_s \theta_s, \qquad \dot\theta_v = a_v (V - E_L) - b_v \theta_v \\
        V &\ge V_{th} + \theta_s + \theta_v: \; \text{spike, and after } t_{ref} \\
        I_j &\to A_j + r_j I_j e^{-k_j t_{ref}}, \quad \theta_s \to \theta_s e^{-b_s t_{ref}} + \Delta\theta_s, \quad
        V \to E_L + f_V (V - E_L) + \Delta V

    Level 1 is a leaky integrator with a fixed reset, $f_V = \Delta\theta_s = A_j = a_v = 0$; 2 has a threshold that spikes raise, and a
    reset that remembers V; 3 currents after spikes; 4 both; 5, the default, also a threshold that follows V.  What a level does not
    have is zero: do not learn it.

    It explains how much of a neuron's spike times each mechanism predicts: in Table 2 of the paper the medians are 70.2, 67.7, 72.4,
    75.9 and 77.6 % at 10 ms.  The equations are linear between spikes and no noise is needed; it has no spike shape.

    Inputs and observables
    ----------------------
    ``I`` : injected current (pA), inward positive.  ``recorded`` : spikes of a recording, 0 or 1 at each step: given, they
    and not its own reset the neuron; below 0, the default, it fires by itself.  ``spike`` : 1 at the step of a spike.
    ``above`` : potential above the threshold (mV), before a spike resets it.

    Notes
    -----
    During ``t_ref`` everything stands still, at the values it has at its end, as in NEST's ``glif_psc``.  ``t_ref`` acts in whole steps.
    The defaults are NEST's, of a cell in mouse visual cortex.  It is fitted like :class:`GIF`, with its spikes as ``recorded``.

    References
    ----------
    Teeter et al. 2018, doi:10.1038/s41467-017-02717-4.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(GLIF.glif_4(), T=500, dt=0.01, I=300.0, record=["spike"])
    >>> int(ds.spike.sum())
    10
    """

    default_method: ClassVar[str] = "exponential_euler"

    C: Param = param(58.72, "pF", "membrane capacitance", bounds=(1, 1000))
    g_L: Param = param(9.43, "nS", "leak conductance", bounds=(0.1, 100))
    E_L: Param = param(-78.85, "mV", "leak reversal potential", bounds=(-100, -40))
    V_th: Param = param(-51.68, "mV", "threshold at rest", bounds=(-80, 0))
    t_ref: Param = param(3.75, "ms", "refractory time", bounds=(0, 20))
    f_V: Param = param(0.2, "1", "part of V - E_L that a spike leaves", bounds=(0, 1))
    V_add: Param = param(18.51, "mV", "potential added by a spike", bounds=(-30, 50))
    theta_add: Param = param(0.37, "mV", "threshold added by a spike", bounds=(0, 40))
    b_s: Param = param(0.009, "1/ms", "rate at which that is forgotten", bounds=(0, 1))
    a_v: Param = param(0.005, "1/ms", "how the threshold follows V", bounds=(-0.1, 0.1))
    b_v: Param = param(0.09, "1/ms", "rate at which that is forgotten", bounds=(0, 1))
    k_1: Param = param(0.003, "1/ms", "decay of the first current after spikes", bounds=(0.0001, 1))
    k_2: Param = param(0.1, "1/ms", "decay of the second current", bounds=(0.0001, 1))
    A_1: Param = param(-9.18, "pA", "first current added by a spike", bounds=(-1000, 500))
    A_2: Param = param(-198.94, "pA", "second current added by a spike", bounds=(-1000, 500))
    r_1: Param = param(1.0, "1", "part of the first current that a spike leaves", bounds=(0, 1))
    r_2: Param = param(1.0, "1", "part of the second current that a spike leaves", bounds=(0, 1))

    V = state(-78.85, "mV", "membrane potential", bounds=(-90, -40))
    I_1 = state(0.0, "pA", "first current after spikes", bounds=(-500, 100))
    I_2 = state(0.0, "pA", "second current after spikes", bounds=(-500, 100))
    theta_s = state(0.0, "mV", "threshold raised by spikes", bounds=(0, 20))
    theta_v = state(0.0, "mV", "threshold raised by voltage", bounds=(-5, 10))
    t_last = state(NEVER, "ms", "time of the last spike", discrete=True)
    I = input(0.0, "pA", "injected current", bounds=(-100, 1500))
    recorded = input(-1.0, "1", "recorded spikes that reset it; below 0 it fires by itself", bounds=(-2, 1))

    above = observable("mV", "potential above the threshold, before a spike resets it")

    @preset
    def glif_1(cls) -> Self:
        """Leaky integrate-and-fire (Teeter et al. 2018)."""
        return cls(**NO_RULES, **NO_CURRENTS, a_v=0.0)

    @preset
    def glif_2(cls) -> Self:
        """With biologically defined reset rules: the threshold rises, the reset remembers (Teeter et al. 2018)."""
        return cls(**NO_CURRENTS, a_v=0.0)

    @preset
    def glif_3(cls) -> Self:
        """With currents after spikes (Teeter et al. 2018)."""
        return cls(**NO_RULES, a_v=0.0)

    @preset
    def glif_4(cls) -> Self:
        """With currents after spikes and reset rules (Teeter et al. 2018)."""
        return cls(a_v=0.0)

    @preset
    def glif_5(cls) -> Self:
        """With all that, and a threshold that follows the voltage (Teeter et al. 2018)."""
        return cls()

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(V=jnp.broadcast_to(self.E_L, s.V.shape)))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        free = reached(t, s.t_last + self.t_ref) * 1.0
        currents = u.I + s.I_1 + s.I_2
        return dict(
            V=free * (currents - self.g_L * (s.V - self.E_L)) / self.C,
            I_1=-free * self.k_1 * s.I_1,
            I_2=-free * self.k_2 * s.I_2,
            theta_s=-free * self.b_s * s.theta_s,
            theta_v=free * (self.a_v * (s.V - self.E_L) - self.b_v * s.theta_v),
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        free = reached(t, s.t_last + self.t_ref) * 1.0
        above = s.V - self.V_th - s.theta_s - s.theta_v
        fired = fires(u.recorded, free * spike(above))
        kept = 1.0 - fired
        changed = dict(
            V=self.E_L + self.f_V * (s.V - self.E_L) + self.V_add,
            I_1=self.A_1 + self.r_1 * s.I_1 * jnp.exp(-self.k_1 * self.t_ref),
            I_2=self.A_2 + self.r_2 * s.I_2 * jnp.exp(-self.k_2 * self.t_ref),
            theta_s=s.theta_s * jnp.exp(-self.b_s * self.t_ref) + self.theta_add,
        )
        changed = {name: kept * s[name] + fired * value for name, value in changed.items()}
        return changed | dict(t_last=jnp.where(fired > 0, t, s.t_last)), dict(spike=fired, above=above)
