"""What kinetic synapses share: a pulse of transmitter in the cleft after every spike."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param, state
from brainnb.core.record import Record
from brainnb.inputs.edges import reached

from .base import Kinetics, Output
from .outputs import Conductance

NEVER = -1e9
"""Time of the last pulse where none has come yet (ms)."""


class Pulsed(Kinetics):
    """Receptors that see a square pulse of transmitter after each spike; a spike during a pulse begins it anew.

    The response is no sum of responses, so such a synapse has one state for each presynaptic neuron.  With short-term
    plasticity the pulse is as high as what was released.  A pulse lasts whole steps.
    """

    linear: ClassVar[bool] = False

    T_max: Param = param(1.0, "mM", "transmitter in the cleft during a pulse", bounds=(0, 10))
    T_dur: Param = param(1.0, "ms", "length of a pulse", bounds=(0.01, 10))
    t_pulse = state(NEVER, "ms", "begin of the last pulse", discrete=True)
    released = state(0.0, "1", "height of the last pulse, 1 for a whole one", discrete=True)

    def transmitter(self, t: Array, s: Record) -> Array:
        """Concentration of transmitter at this moment."""
        return jnp.where(reached(t, s.t_pulse + self.T_dur), 0.0, s.released * self.T_max)

    def arrive(self, t: Array, s: Record, x: Array) -> Mapping[str, Any]:
        # a sum, not a where: the surrogate slope of the spike passes through
        return dict(t_pulse=jnp.where(x > 0, t, s.t_pulse), released=jnp.where(x > 0, 0.0, s.released) + x)


class TwoState(Pulsed):
    """Receptors that are open or closed; transmitter opens them."""

    alpha: Param = param(1.0, "1/(mM*ms)", "rate of opening", bounds=(0.01, 50))
    beta: Param = param(0.2, "1/ms", "rate of closing", bounds=(0.001, 10))
    g = state(0.0, "1", "fraction of open receptors", bounds=(0, 1))

    reversal: ClassVar[float] = 0.0
    """Reversal potential of the channel behind the receptor, mV."""

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(g=self.alpha * self.transmitter(t, s) * (1.0 - s.g) - self.beta * s.g)

    def gate(self, t: Array, s: Record) -> Array:
        return s.g

    def default_output(self) -> Output:
        return Conductance(E=self.reversal)
