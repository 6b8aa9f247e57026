"""What every synapse is made of: how it opens after an event, and what that does to the cell behind it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from jax import Array

from brainnb.core.model import Model
from brainnb.core.record import Record


class Kinetics(Model):
    r"""How a synapse opens and closes: states that decay by themselves and jump when something arrives.

    The states of a kinetics may belong to the postsynaptic neurons, the presynaptic ones or to single synapses; its
    equations are elementwise and do not know which.  Where it is :attr:`linear` in what arrives, all synapses onto one
    neuron share one state, because a sum of solutions is a solution; else all that leave one neuron do.

    Subclasses declare states with ``bn.state``, write :meth:`vector_field`, :meth:`arrive` and :meth:`gate`.
    """

    linear: ClassVar[bool] = True
    """Whether the response to two events is the sum of the responses: synapses onto one neuron then share a state."""

    onto: ClassVar[str | None] = None
    """The one state to which what arrives is simply added, if it is so."""

    jumps: ClassVar[bool] = False
    """Whether events move the potential of the cell itself."""

    def arrive(self, t: Array, s: Record, x: Array) -> Mapping[str, Any]:
        """Changed states when ``x`` arrives: the summed weights, or the events (1, or what was released), per site."""
        return {} if self.onto is None else {self.onto: s[self.onto] + x}

    def gate(self, t: Array, s: Record) -> Array:
        """How far it is open: what the output makes a current of."""
        raise NotImplementedError(f"{type(self).__name__} defines `gate(self, t, s)`: what its output reads.")

    def default_output(self) -> "Output":
        """What it does to the cell when nothing else is said."""
        from .outputs import Current

        return Current()


class Output(Model):
    """What an open synapse does to the cell: a current from the gate and the potential behind the synapse."""

    driving: ClassVar[str] = "1"
    """What the weight of such a synapse is multiplied by before it is a current: a unit, `"1"` or `"mV"`."""

    def current(self, g: Array, V: Array) -> Array:
        """Inward current of the gate ``g`` at the potential ``V``."""
        raise NotImplementedError(f"{type(self).__name__} defines `current(self, g, V)`.")
