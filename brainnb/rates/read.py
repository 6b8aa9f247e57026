"""What networks with a readout share."""

from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import input, observable, part
from brainnb.core.model import Model
from brainnb.core.record import Record

from .readout import Readout


class Read(Model):
    """A network that is read: channels in, ``N`` units with a state each, and a readout of their features."""

    readouts: ClassVar[dict[str, tuple[str, str]]] = {"readout": ("features", "out")}

    readout: Readout = part(Readout, weight=((0.0,),))

    I = input(0.0, "1", "what comes in", bounds=(-1, 1))
    out = observable("1", "what is read")
    features = observable("1", "what the readout reads")

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge({name: jnp.broadcast_to(s[name][..., None], (*size, self._units)) for name in self.states()})

    @property
    def _units(self) -> int:
        return self.N
