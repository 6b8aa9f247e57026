"""The leaky integrate-and-fire neuron with a threshold that every spike raises."""

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


class ALIF(Model):
    r"""Adaptive leaky integrate-and-fire: every spike raises the threshold, which sinks back slowly.

    .. math::

        \tau \dot V = I - V, \qquad \tau_a \dot a = -a \\
        V \ge V_{th} + \beta a: \; \text{spike}, \; V \to V - V_{th} - (1 - k) \beta a, \; a \to a + 1

    It explains how a network of spiking neurons remembers for seconds: the raised threshold tells that the neuron has
    fired.  It is the neuron of trained spiking networks and has no units of its own; for adaptation as a current
    see :class:`~brainnb.neurons.LIFSFA`.

    Inputs and observables
    ----------------------
    ``I`` : drive, in the unit of V.  ``spike`` : 1 at the step in which the threshold was reached.

    Notes
    -----
    The reset subtracts the threshold: with ``keep`` = 0 the raised one (Bellec et al. 2018), with 1 only its
    resting value (2020), so that V keeps the rest.  The sources step time by 1 ms and differ in scale: 2018 filters the spikes with weight
    $1 - e^{-1/\tau_a}$, which makes its $\beta$ of 1.8 a rise by $1.8 / \tau_a$ a spike; in 2020 the drive is not divided by $\tau$.
    For ``t_ref`` after a spike V moves on and no spike is given.

    References
    ----------
    Bellec et al. 2018, arXiv:1803.09574, eqs. 1-2; Bellec et al. 2020, doi:10.1038/s41467-020-17236-y, eqs. 6-8.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(ALIF(), T=1000, dt=0.1, I=1, record=["spike"])
    >>> int(ds.spike.sum())
    29
    """

    default_method: ClassVar[str] = "exponential_euler"

    tau: Param = param(20.0, "ms", "membrane time constant", bounds=(1, 100))
    V_th: Param = param(0.6, "1", "threshold at rest", bounds=(0.001, 5))
    beta: Param = param(0.0174, "1", "rise of the threshold by one spike", bounds=(0, 1))
    tau_a: Param = param(2000.0, "ms", "time constant of adaptation", bounds=(10, 10000))
    keep: Param = param(1.0, "1", "part of the rise of the threshold that V keeps at a spike", bounds=(0, 1))
    t_ref: Param = param(5.0, "ms", "time without spikes after a spike", bounds=(0, 50))

    V = state(0.0, "1", "membrane potential", bounds=(-1, 2))
    a = state(0.0, "1", "adaptation: spikes that are not yet forgotten", bounds=(0, 50))
    t_last = state(NEVER, "ms", "time of the last spike", discrete=True)
    I = input(0.0, "1", "drive", bounds=(-1, 6))

    @preset
    def bellec_2018(cls) -> Self:
        """Of the network that learns sequential images (Bellec et al. 2018, arXiv:1803.09574)."""
        return cls(V_th=0.01, beta=1.8 / 700.0, tau_a=700.0, keep=0.0)

    @preset
    def bellec_2020(cls) -> Self:
        """Of the network that accumulates evidence (Bellec et al. 2020, doi:10.1038/s41467-020-17236-y)."""
        return cls()

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(V=(u.I - s.V) / self.tau, a=-s.a / self.tau_a)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        rise = self.beta * s.a
        fired = spike(s.V - self.V_th - rise) * reached(t, s.t_last + self.t_ref)
        V = s.V - fired * (self.V_th + (1.0 - self.keep) * rise)
        return dict(V=V, a=s.a + fired, t_last=jnp.where(fired > 0, t, s.t_last)), dict(spike=fired)
