"""A membrane with named channels."""

from collections.abc import Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from brainnb.channels.group import at_rest, channels_of, derivatives, named, total_current
from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model
from brainnb.core.record import Inputs, Record


class Cell(Model):
    r"""A single compartment: capacitance, channels, injected current.

    .. math:: C \dot V = I + \sum_k I_k(V)

    Channels come as a mapping, ``Cell({"Na": SodiumHH1952(), "leak": Leak()})``, or as parts of a subclass,
    ``Na: Channel = bn.part(SodiumHH1952)``; a :class:`~brainnb.channels.ChannelGroup` nests them to any depth.
    A run starts with every gate settled at the initial voltage.

    Inputs and observables
    ----------------------
    ``I`` : injected current, inward positive.

    Examples
    --------
    >>> import brainnb as bn
    >>> from brainnb.channels import Leak, PotassiumHH1952, SodiumHH1952
    >>> cell = Cell({"Na": SodiumHH1952(), "K": PotassiumHH1952(), "leak": Leak()})
    >>> list(cell.parameters())[:3]
    ['C', 'Na.g_max', 'Na.E']
    """

    default_method: ClassVar[str] = "strang"

    channels: Record = eqx.field(default_factory=dict, converter=named)
    C: Param = param(1.0, "uF/cm2", "membrane capacitance", bounds=(0.1, 10))
    V = state(-65.0, "mV", "membrane potential", bounds=(-100, 60))
    I = input(0.0, "uA/cm2", "injected current", bounds=(-10, 30))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        at = Inputs(V=s.V)
        # the reciprocal is done once for a run: a lone neuron waits for every division
        return dict(V=(u.I + total_current(self, t, s, at)) * (1.0 / self.C)) | derivatives(self, t, s, at)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        gates = at_rest(self, s.V)
        return s.merge({name: broadcast(s[name], gates[name]) for name in channels_of(self)})


def broadcast(s: Record, values: Mapping[str, Any]) -> Record:
    """``s`` with ``values`` laid over it in the shapes of ``s``."""
    return s.merge(
        {
            k: broadcast(s[k], v) if isinstance(v, Mapping) else jnp.broadcast_to(v, s[k].shape)
            for k, v in values.items()
        }
    )
