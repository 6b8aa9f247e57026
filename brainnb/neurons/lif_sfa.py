"""The leaky integrate-and-fire neuron with a current that every spike adds."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike
from brainnb.inputs.edges import reached

from .lif import NEVER


class LIFSFA(Model):
    r"""Leaky integrate-and-fire with spike-frequency adaptation: every spike adds a slow current that holds V down.

    .. math::

        \tau \dot V = V_{rest} - V - \beta a + R I, \qquad \tau_a \dot a = -a \\
        V \ge V_{th}: \; \text{spike}, \; V \to V_{reset} \text{ for } t_{ref}, \; a \to a + 1

    It explains firing that slows down under a constant current, as after-hyperpolarising currents make it do.  The
    threshold stays where it is: for one that moves see :class:`~brainnb.neurons.ALIF`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (pA), inward positive.  ``spike`` : 1 at the step in which the threshold was reached.

    Notes
    -----
    The steady interval is the root of one equation, since everything between spikes is linear.  ``t_ref`` acts in
    whole steps and holds V, while ``a`` goes on.

    References
    ----------
    Benda & Herz 2003, doi:10.1162/089976603322385063; form and time constant: Bellec et al. 2020,
    doi:10.1038/s41467-020-17236-y, supplementary note on the LIF neuron with adaptation.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(LIFSFA(), T=1000, dt=0.1, I=300, record=["spike"])
    >>> int(ds.spike.sum())
    18
    """

    default_method: ClassVar[str] = "rk4"

    tau: Param = param(20.0, "ms", "membrane time constant", bounds=(1, 100))
    R: Param = param(0.1, "Gohm", "input resistance", bounds=(0.001, 2))
    V_rest: Param = param(-70.0, "mV", "resting potential", bounds=(-100, 20))
    V_th: Param = param(-60.0, "mV", "threshold", bounds=(-80, 40))
    V_reset: Param = param(-70.0, "mV", "potential after a spike", bounds=(-100, 20))
    t_ref: Param = param(5.0, "ms", "refractory time", bounds=(0, 50))
    beta: Param = param(1.6, "mV", "drop of the resting potential by one spike", bounds=(0, 20))
    tau_a: Param = param(2000.0, "ms", "time constant of adaptation", bounds=(10, 10000))

    V = state(-70.0, "mV", "membrane potential", bounds=(-80, -40))
    a = state(0.0, "1", "adaptation: spikes that are not yet forgotten", bounds=(0, 50))
    t_last = state(NEVER, "ms", "time of the last spike", discrete=True)
    I = input(0.0, "pA", "injected current", bounds=(-200, 1200))

    @preset
    def bellec_2020(cls) -> Self:
        """Adaptation that lasts seconds (after Bellec et al. 2020, doi:10.1038/s41467-020-17236-y)."""
        return cls()

    @preset
    def regular_spiking(cls) -> Self:
        """Adaptation within 100 ms, as a pyramidal cell has it (time scale: Benda & Herz 2003)."""
        return cls(tau_a=100.0, beta=4.0)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(V=jnp.broadcast_to(self.V_rest, s.V.shape)))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        free = reached(t, s.t_last + self.t_ref)
        slope = (self.V_rest - s.V - self.beta * s.a + self.R * u.I) / self.tau
        return dict(V=jnp.where(free, slope, 0.0), a=-s.a / self.tau_a)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        fired = spike(s.V - self.V_th)
        V = (1.0 - fired) * s.V + fired * self.V_reset
        return dict(V=V, a=s.a + fired, t_last=jnp.where(fired > 0, t, s.t_last)), dict(spike=fired)
