"""The exponential integrate-and-fire neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike
from brainnb.inputs.edges import reached

from .adex import STEEPEST
from .lif import NEVER


class ExpIF(Model):
    r"""Exponential integrate-and-fire: a leak and the upstroke of the sodium current.

    .. math::

        C \dot V = g_L (E_L - V) + g_L \Delta_T e^{(V - V_T)/\Delta_T} + I, \qquad
        V \ge V_{peak}: \; \text{spike}, \; V \to V_{reset} \text{ for } t_{ref}

    It explains how sharply spikes start and therefore how fast input a neuron can follow.  It has no adaptation: see
    :class:`~brainnb.neurons.AdEx`.

    Inputs and observables
    ----------------------
    ``I`` : injected current density (uA/cm2), inward positive.  ``spike`` : 1 at the step in which the peak was reached.

    Notes
    -----
    Rheobase is $g_L (V_T - E_L - \Delta_T)$, where V rests at $V_T$.  Above ``V_peak`` the right-hand side is held, and
    the exponent stops at 50.  Spike times depend on dt through the upstroke.

    References
    ----------
    Fourcaud-Trocmé et al. 2003, doi:10.1523/JNEUROSCI.23-37-11628.2003, eqs. 1-4; parameters fit a Wang–Buzsáki cell.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(ExpIF(), T=500, dt=0.05, I=0.4, record=["spike"])
    >>> int(ds.spike.sum())
    12
    """

    default_method: ClassVar[str] = "rk4"

    C: Param = param(1.0, "uF/cm2", "membrane capacitance", bounds=(0.5, 5))
    g_L: Param = param(0.1, "mS/cm2", "leak conductance", bounds=(0.01, 1))
    E_L: Param = param(-65.0, "mV", "leak reversal potential", bounds=(-90, -50))
    V_T: Param = param(-59.9, "mV", "potential where the upstroke takes off", bounds=(-80, -40))
    Delta_T: Param = param(3.48, "mV", "sharpness of the upstroke", bounds=(0.1, 10))
    V_peak: Param = param(-30.0, "mV", "potential that ends the upstroke", bounds=(-50, 60))
    V_reset: Param = param(-68.0, "mV", "potential after a spike", bounds=(-100, -50))
    t_ref: Param = param(1.7, "ms", "refractory time", bounds=(0, 50))

    V = state(-65.0, "mV", "membrane potential", bounds=(-80, -30))
    t_last = state(NEVER, "ms", "time of the last spike", discrete=True)
    I = input(0.0, "uA/cm2", "injected current", bounds=(-0.5, 3))

    @preset
    def fourcaud_trocme_2003(cls) -> Self:
        """Fit to an interneuron (Fourcaud-Trocmé et al. 2003, doi:10.1523/JNEUROSCI.23-37-11628.2003)."""
        return cls()

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(V=jnp.broadcast_to(self.E_L, s.V.shape)))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        V = jnp.minimum(s.V, self.V_peak)
        upstroke = self.Delta_T * jnp.exp(jnp.minimum((V - self.V_T) / self.Delta_T, STEEPEST))
        free = reached(t, s.t_last + self.t_ref)
        return dict(V=jnp.where(free, (self.g_L * (self.E_L - V + upstroke) + u.I) / self.C, 0.0))

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        fired = spike(s.V - self.V_peak)
        V = (1.0 - fired) * jnp.minimum(s.V, self.V_peak) + fired * self.V_reset
        return dict(V=V, t_last=jnp.where(fired > 0, t, s.t_last)), dict(spike=fired)
