"""The leaky integrate-and-fire neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike
from brainnb.inputs.edges import reached

NEVER = -1e9
"""Time of the last spike of a neuron that has not fired yet (ms)."""


class LIF(Model):
    r"""Leaky integrate-and-fire: a membrane that forgets, a threshold, a reset.

    .. math::

        \tau \dot V = V_{rest} - V + R I, \qquad
        V \ge V_{th}: \; \text{spike}, \; V \to V_{reset} \text{ for } t_{ref}

    It explains rheobase, the firing rate as a function of current, and why rates saturate at $1 / t_{ref}$; networks
    of it explain irregular firing.  It has no spike shape, no adaptation and no threshold that depends on history:
    see :class:`~brainnb.neurons.AdEx`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (pA), inward positive.  ``spike`` : 1 at the step in which the threshold was reached.

    Notes
    -----
    For input that is constant within a step the default method is exact: the only error of a spike time is that spikes
    fall on the time grid.  With constant input the rate is
    $1 / (t_{ref} + \tau \ln\frac{R I + V_{rest} - V_{reset}}{R I + V_{rest} - V_{th}})$ above rheobase.
    ``t_ref`` acts in whole steps.  Training goes through the surrogate slope of the spike.
    With ``R = 0.1`` Gohm a current of 100 pA drives the membrane by 10 mV.
    Defaults are the cells of the COBA network benchmark.

    References
    ----------
    Lapicque 1907, translated: doi:10.1007/s00422-007-0189-6; defaults: Brette et al. 2007,
    doi:10.1007/s10827-007-0038-6, appendix B, benchmark 1; Vogels & Abbott 2005, doi:10.1523/JNEUROSCI.3508-05.2005.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(LIF(), T=1000, dt=0.1, I=200, record=["spike"])
    >>> int(ds.spike.sum())
    53
    """

    default_method: ClassVar[str] = "exponential_euler"

    tau: Param = param(20.0, "ms", "membrane time constant", bounds=(1, 100))
    R: Param = param(0.1, "Gohm", "input resistance", bounds=(0.001, 2))
    V_rest: Param = param(-60.0, "mV", "resting potential", bounds=(-100, 20))
    V_th: Param = param(-50.0, "mV", "threshold", bounds=(-80, 40))
    V_reset: Param = param(-60.0, "mV", "potential after a spike", bounds=(-100, 20))
    t_ref: Param = param(5.0, "ms", "refractory time", bounds=(0, 50))

    V = state(-60.0, "mV", "membrane potential", bounds=(-80, -40))
    t_last = state(NEVER, "ms", "time of the last spike", discrete=True)
    I = input(0.0, "pA", "injected current", bounds=(-200, 600))

    @preset
    def vogels_abbott_2005(cls) -> Self:
        """Cell of the self-sustained network (Vogels & Abbott 2005, doi:10.1523/JNEUROSCI.3508-05.2005)."""
        return cls()

    @preset
    def wang_2002_pyramidal(cls) -> Self:
        """Pyramidal cell of the decision network (Wang 2002, doi:10.1016/S0896-6273(02)01092-9)."""
        return cls(tau=20.0, R=0.04, V_rest=-70.0, V_th=-50.0, V_reset=-55.0, t_ref=2.0)

    @preset
    def wang_2002_interneuron(cls) -> Self:
        """Interneuron of the decision network (Wang 2002, doi:10.1016/S0896-6273(02)01092-9)."""
        return cls(tau=10.0, R=0.05, V_rest=-70.0, V_th=-50.0, V_reset=-55.0, t_ref=1.0)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(V=jnp.broadcast_to(self.V_rest, s.V.shape)))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        free = reached(t, s.t_last + self.t_ref)
        return dict(V=jnp.where(free, (self.V_rest - s.V + self.R * u.I) / self.tau, 0.0))

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        fired = spike(s.V - self.V_th)
        # a product, not a where: the surrogate slope passes through the reset
        V = (1.0 - fired) * s.V + fired * self.V_reset
        return dict(V=V, t_last=jnp.where(fired > 0, t, s.t_last)), dict(spike=fired)
