"""A projection inside a network: its synapses as a model, with their states, and what they send."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from brainnb import ops
from brainnb.core import delayed
from brainnb.core.fields import Declaration, Input, Param, param
from brainnb.core.model import Model, Parameter
from brainnb.core.paths import split
from brainnb.core.record import Record, given_to
from brainnb.ops import Wiring
from brainnb.synapses import Kinetics, Output


class Link(Model):
    """The synapses of one projection; made by :class:`Network` from a :class:`Projection`.

    Its parts are those of the synapse: ``"EE.synapse.tau"``, ``"EE.output.E"``, ``"EE.stp.U"``; ``"EE.weight"`` is its
    own.
    """

    weight: Param = param(None, "1", "weight of each synapse")
    synapse: Model
    output: Output
    stp: Any
    plasticity: Any
    wiring: Wiring
    start: Record
    pre: str = eqx.field(static=True)
    post: str = eqx.field(static=True)
    to: str = eqx.field(static=True)
    align: str = eqx.field(static=True)
    binary: bool = eqx.field(static=True)
    unit: str = eqx.field(static=True)

    # --- what it says of itself ---------------------------------------------------------------------------------

    def parameters(self, prefix: str = "") -> dict[str, Parameter]:
        found = super().parameters(prefix)
        if self.plasticity is not None:  # the weights are a state then; this is where they begin
            found[f"{prefix}weight"] = found[f"{prefix}weight"]._replace(doc="weight of each synapse at the begin")
        return {path: v._replace(unit=self._unit(path.removeprefix(prefix), v.unit)) for path, v in found.items()}

    def declaration(self, path: str) -> Declaration | None:
        found = super().declaration(path)
        return None if found is None else dataclasses.replace(found, unit=self._unit(path, found.unit))

    def _unit(self, path: str, unit: str) -> str:
        """Weights and what sums them up are in the unit of this projection."""
        head, rest = split(path)
        own = path == "weight" or (head == "synapse" and self.align == "post" and rest in type(self.synapse).states())
        own = own or (head == "plasticity" and self.plasticity is not None and rest in self.plasticity.weighed)
        return self.unit if own and unit == "1" else unit

    def inputs(self) -> dict[str, Input]:
        return {f"{name}.{key}": d for name, part in self.parts().items() for key, d in part.inputs().items()}

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        pre, post = self.wiring.shape
        sites = {"post": (post,), "pre": (pre,), "edge": (self.wiring.size,)}[self.align]
        found = {"synapse": self.synapse.init_state(size + sites).merge(self.start)}
        if not isinstance(self.synapse, Kinetics):
            found["synapse"] = Record()
        if self.stp is not None:
            found["stp"] = self.stp.init_state((*size, pre))
        if self.plasticity is not None:
            found["plasticity"] = self.plasticity.begun(self.wiring, self.weight)
        return Record(found) | {n: Record() for n in self.parts() if n not in found}

    reads: ClassVar[str] = "spike"
    """What of the presynaptic cells reaches the others."""

    @property
    def jumps(self) -> bool:
        """Whether events move the potential itself."""
        return getattr(self.synapse, "jumps", False)

    @property
    def sends(self) -> bool:
        """Whether spikes pass it; couplings work without."""
        return isinstance(self.synapse, Kinetics)

    @property
    def flows(self) -> bool:
        """Whether it makes a current."""
        return not self.jumps

    def site(self, path: str) -> str:
        """Whose a state of the plasticity rule is: ``"pre"``, ``"post"`` or ``"edge"``."""
        return self.plasticity.site(path.rpartition(".")[2]) if self.plasticity is not None else ""

    # --- what it does ---------------------------------------------------------------------------------------------

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return {
            name: getattr(self, name).vector_field(t, s[name], given_to(name, u))
            for name in ("synapse", "stp", "plasticity")
            if s.get(name)
        }

    def current(self, t: Array, s: Record, pre: Record, post: Record) -> Array:
        """The current into every postsynaptic neuron; ``pre`` and ``post`` are the states of the two populations."""
        if not isinstance(self.synapse, Kinetics):
            return self.synapse.current(self.wired(s), pre, post)
        gate = self.synapse.gate(t, s.synapse)
        if self.align == "pre":
            gate = ops.product(gate * self._factor(), self.wired(s))
        elif self.align == "edge":
            gate = ops.synapse_to_post(self._flat(s) * gate, self.wiring)
        return self.output.current(gate, post.get("V", 0.0))

    def wired(self, s: Record) -> Wiring:
        """The wiring with its weights of this moment; one whose weights are drawn has them, and ours is a factor."""
        if not hasattr(self.wiring, "weight"):
            return self.wiring
        return self.wiring.with_weight(s.plasticity.weight if self.plasticity is not None else self.weight)

    def _flat(self, s: Record) -> Array:
        return jnp.reshape(s.plasticity.weight, -1) if self.plasticity is not None else jnp.ravel(self.weight)

    # --- when spikes arrive ---------------------------------------------------------------------------------------

    def arriving(self, spikes: Array, past: Any) -> Array:
        """What arrives now of what was sent: the spikes of this moment."""
        return spikes

    def on_events(self, t: Array, s: Record, sent: Array, fired: Array, V: Array | None) -> tuple[dict, Array | None]:
        """The states after ``sent`` has arrived and ``fired`` of the postsynaptic cells, and their potential if it jumps."""
        new: dict[str, Any] = {}
        wiring, x = self.wired(s), sent
        if self.stp is not None:
            x, new["stp"] = self.stp.release(t, s.stp, sent)
        if not self.synapse.jumps:
            new["synapse"] = self._opened(t, s.synapse, x, wiring)
        if self.plasticity is not None:
            new["plasticity"] = self.plasticity.on_events(t, s.plasticity, wiring, sent, fired)
        return new, self.summed(x, wiring, V) if self.jumps else None

    def summed(self, x: Any, wiring: Wiring, onto: Array | None = None) -> Array:
        """What every postsynaptic neuron receives."""
        if isinstance(x, InFlight):
            return ops.event_product_delayed(*x, wiring, onto)
        if not hasattr(wiring, "weight"):
            return ops.event_product(x * self._factor(), wiring, onto=onto)
        return ops.event_product(x, wiring, onto=onto, flags=self.binary and self.stp is None)

    def _factor(self) -> Array | float:
        """What multiplies weights that are drawn and not stored."""
        return 1.0 if hasattr(self.wiring, "weight") else self.weight

    def _opened(self, t: Array, s: Record, x: Array, wiring: Wiring) -> Mapping[str, Any]:
        if self.align == "pre":
            return self.synapse.arrive(t, s, x)
        if self.align == "edge":
            return self.synapse.arrive(t, s, ops.pre_to_synapse(x, wiring))
        if (name := self.synapse.onto) is not None:  # in place: no array between the spikes and the state
            return {name: self.summed(x, wiring, s[name])}
        return self.synapse.arrive(t, s, self.summed(x, wiring))


class InFlight(NamedTuple):
    """Spikes that have not arrived: the ring they wait in, its newest step, and the length of a step."""

    line: Array
    step: Array
    dt: Array


class SpreadLink(Link):
    """Synapses with delays of their own, which belong to the wiring."""

    longest: float = eqx.field(static=True)

    def arriving(self, spikes: Array, past: Any) -> InFlight:
        return InFlight(*past.with_now(spikes), past.moment.dt)


class DelayedLink(Link):
    """Synapses whose spikes take their time, the same for all of them."""

    delay: Param = param(None, "ms", "time until a spike arrives")
    longest: float = eqx.field(static=True)

    def parameters(self, prefix: str = "") -> dict[str, Parameter]:
        found = super().parameters(prefix)
        return found | {f"{prefix}delay": found[f"{prefix}delay"]._replace(bounds=(0.0, self.longest))}

    def declaration(self, path: str) -> Declaration | None:
        found = super().declaration(path)
        return dataclasses.replace(found, bounds=(0.0, self.longest)) if path == "delay" else found

    def wired(self, s: Record) -> Wiring:
        wiring = super().wired(s)
        return wiring.with_delay(self.delay) if isinstance(wiring, ops.DelayedCSR) else wiring

    def arriving(self, spikes: Array, past: Any) -> Any:
        if isinstance(self.wiring, ops.DelayedCSR):
            delayed.asked(past.line.path, self.delay)
            return InFlight(*past.with_now(spikes), past.moment.dt)
        sent = past(self.delay).astype(spikes.dtype)
        return jnp.where(jnp.round(self.delay / past.moment.dt) > 0, sent, spikes)
