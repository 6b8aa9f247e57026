"""What every plasticity rule is: weights with bounds, traces of the neurons, and what a spike changes."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.core.fields import Param, float_dtype, param, state
from brainnb.core.model import Model
from brainnb.core.record import Record
from brainnb.ops import Wiring

Changes = Mapping[str, Any]


class Plasticity(Model):
    """A rule that changes the weight of every synapse; ``plasticity=`` of a projection takes it.

    The weights are a state then, ``"EE.plasticity.weight"``; ``"EE.weight"`` is where they begin.  They stay between
    ``w_min`` and ``w_max``, in whose difference amplitudes are counted, so that one rule serves weights in any unit.

    Subclasses declare traces as states and name in ``sites`` whose they are, write :meth:`vector_field` for their decay
    and :meth:`on_events` for the moment of spikes, with :func:`~brainnb.ops.update_on_pre` and
    :func:`~brainnb.ops.update_on_post`, which touch only the synapses of neurons that fired.
    """

    sites: ClassVar[Mapping[str, str]] = {}
    """Whose a state is: ``"pre"``, ``"post"``, ``"edge"`` (the synapses; what is not named) or ``"one"`` for all."""

    weighed: ClassVar[tuple[str, ...]] = ("weight", "w_min", "w_max")
    """Parameters and states in the unit of the weight."""

    w_min: Param = param(0.0, "1", "smallest weight", bounds=(-1000, 1000))
    w_max: Param = param(1.0, "1", "largest weight", bounds=(-1000, 1000))
    weight = state(0.0, "1", "weight of each synapse", discrete=True)

    def __check_init__(self) -> None:
        low, high = self.w_min, self.w_max
        if is_traced(low) or is_traced(high):
            return
        for name, x in (("w_min", low), ("w_max", high)):
            if jnp.ndim(x):
                raise ModelError(f"{type(self).__name__}: {name} is one number for all synapses, got shape {x.shape}.")
        if not float(low) < float(high):
            raise OutOfBounds(f"{type(self).__name__}: w_min = {float(low):g} is not below w_max = {float(high):g}.")

    def on_events(self, t: Array, s: Record, wiring: Wiring, sent: Array, fired: Array) -> Changes:
        """Changed states when the spikes ``sent`` arrive and the postsynaptic neurons ``fired`` spike.

        ``wiring`` carries the weights of this moment.
        """
        raise NotImplementedError(f"{type(self).__name__} defines `on_events(self, t, s, wiring, sent, fired)`.")

    # --- what links ask -------------------------------------------------------------------------------------------

    def site(self, name: str) -> str:
        """Whose the state of this name is."""
        return self.sites.get(name, "edge")

    def begun(self, wiring: Wiring, weight: Array) -> Record:
        """The states of a projection at the begin of a run: the weights it was given, no traces."""
        pre, post = wiring.shape
        shapes = {"pre": (pre,), "post": (post,), "edge": (wiring.size,), "one": ()}
        found = {
            name: jnp.full(shapes[self.site(name)], d.default, float_dtype()) for name, d in type(self).states().items()
        }
        return Record(found | {"weight": jnp.broadcast_to(weight, (wiring.size,)).astype(float_dtype())})

    def check(self, weight: Array) -> None:
        """Refuse weights at which the rule would not hold them."""
        if is_traced(weight) or is_traced(self.w_min) or not jnp.size(weight):
            return
        low, high, host = float(self.w_min), float(self.w_max), np.asarray(weight)
        outside = host[(host < host.dtype.type(low)) | (host > host.dtype.type(high))]
        if outside.size:
            name = type(self).__name__
            raise OutOfBounds(
                f"weight = {float(outside.flat[0]):g} is outside [{low:g}, {high:g}], where {name} keeps weights; "
                f"say where it may go, {name}(w_min=..., w_max=...)."
            )

    # --- what rules share -------------------------------------------------------------------------------------------

    @property
    def limits(self) -> dict[str, Array]:
        """What a rule reads to keep weights in their bounds."""
        return dict(low=self.w_min, high=self.w_max, span=self.w_max - self.w_min)


def kept(w: Array, change: Array, of: Mapping[str, Array]) -> Array:
    """A weight after a change that is counted in the span of its bounds."""
    return jnp.clip(w + of["span"] * change, of["low"], of["high"])


def traced(trace: Array, events: Array, all_pairs: Any = 1.0) -> Array:
    """A trace after events: 1 more, or with ``all_pairs = 0`` just 1, so that only the last event counts."""
    return trace * (1.0 - (1.0 - all_pairs) * jnp.minimum(events, 1.0)) + events
