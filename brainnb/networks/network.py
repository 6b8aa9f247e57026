"""``Network``: populations and the projections between them, together one model."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import History, Input
from brainnb.core.history import at_path
from brainnb.core.model import Model
from brainnb.core.record import Inputs, Record, given_to
from brainnb.inputs.edges import reached
from brainnb.ops import kernels

from . import build
from .link import DelayedLink, Link, SpreadLink
from .population import Population
from .projection import Projection
from .shared import called


class Network(Model):
    r"""Populations of neurons and the synapses between them; a network is a model like any other.

    Parameters
    ----------
    populations : mapping of name to Population or Network
    projections : mapping of name to Projection
    seed : int
        Draws the synapses, and the parameters and first values that are given as distributions.  The ``seed=`` of a run
        draws its noise.

    Notes
    -----
    Everything has a path: ``"E.tau"``, ``"EE.weight"``, ``"EE.synapse.tau"``, ``"V1.E.V"``; inputs are given by path,
    ``inputs={"E.I": 200}``.  By default a run records the spikes.

    A step integrates cells and synapses together, then lets cells fire and reset, then delivers: a spike without delay
    is felt from the next step on, one with delay ``d`` is felt ``round(d / dt)`` steps later.  What reaches one cell
    at one moment is added in the order of the projections.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.Network(
    ...     populations={"E": bn.Population(bn.neurons.LIF(), 80), "I": bn.Population(bn.neurons.LIF(), 20)},
    ...     projections={
    ...         "EI": bn.Projection("E", "I", bn.connect.FixedProbability(0.2), bn.synapses.Exponential(tau=5), weight=20),
    ...         "IE": bn.Projection("I", "E", bn.connect.FixedProbability(0.2), bn.synapses.Exponential(tau=10), weight=-50),
    ...     },
    ... )
    >>> ds = bn.simulate(net, T=100, inputs={"E.I": 150})
    >>> ds["E.spike"].dims
    ('time', 'E_neuron')
    """

    cells: Record
    links: Record
    sizes: tuple[tuple[str, tuple[int, ...]], ...] = eqx.field(static=True)
    start: Record
    drives: tuple[tuple[str, float], ...] = eqx.field(static=True)

    default_record: ClassVar[str | None] = "*.spike"

    def __init__(
        self,
        populations: Mapping[str, Population | Model],
        projections: Mapping[str, Projection] | None = None,
        seed: int = 0,
    ):
        self.cells, self.sizes, self.start, self.drives = build.cells(populations, seed)
        build.check_names(populations, projections or {})
        self.links = build.links(self, projections or {}, seed)

    @property
    def default_method(self) -> str:
        """The method that its cells are known to need; couplings need one that sees how cells act on each other."""
        found = {cell.default_method for cell in self.cells.values()}
        if "strang" in found:
            return "strang"
        return "splitting" if all(link.sends for link in self.links.values()) else "rk4"

    # --- what it is made of ---------------------------------------------------------------------------------------

    def inputs(self) -> dict[str, Input]:
        parts = {**self.cells, **self.links}
        found = {f"{name}.{key}": d for name, part in parts.items() for key, d in part.inputs().items()}
        return found | {path: dataclasses.replace(found[path], default=value) for path, value in self.drives}

    def population(self, path: str) -> Model | None:
        """The cells at a path, ``"E"`` or ``"V1.E"``; None when there are none."""
        head, _, rest = path.partition(".")
        cell = self.cells.get(head)
        if rest:
            return cell.population(rest) if isinstance(cell, Network) else None
        return None if isinstance(cell, Network) else cell

    def axes_of(self, path: str) -> tuple[int, ...]:
        """The axes of the population at a path."""
        head, _, rest = path.partition(".")
        return self.cells[head].axes_of(rest) if rest else dict(self.sizes)[head]

    def number(self, path: str) -> int:
        """How many neurons the population at a path has."""
        return build.count(self.axes_of(path))

    def populations(self) -> Iterator[str]:
        """Paths of all populations, those inside networks too."""
        for name, cell in self.cells.items():
            if isinstance(cell, Network):
                yield from (f"{name}.{inner}" for inner in cell.populations())
            else:
                yield name

    def histories(self) -> dict[str, History]:
        """What is remembered so that it can arrive later: one line for all projections from a population."""
        reach: dict[str, float] = {}
        for link in self.links.values():
            if isinstance(link, DelayedLink | SpreadLink):
                of = f"{link.pre}.{link.reads}"
                reach[of] = max(reach.get(of, 0.0), link.longest)
        return {
            f"{of}_ago": History(of, longest, units=(self.number(of.rpartition(".")[0]),))
            for of, longest in reach.items()
        }

    def dimension(self, path: str) -> str | None:
        """The name of the axis of what is recorded at a path."""
        head, _, rest = path.partition(".")
        if head in self.cells:
            cell = self.cells[head]
            inner = cell.dimension(rest) if isinstance(cell, Network) else "neuron"
            return None if inner is None else f"{head}.{inner}" if isinstance(cell, Network) else f"{head}_{inner}"
        if head in self.links and (link := self.links[head]):
            site = {"synapse": link.align, "stp": "pre", "plasticity": link.site(rest)}.get(rest.partition(".")[0])
            return {"post": f"{link.post}_neuron", "pre": f"{link.pre}_neuron", "edge": f"{head}_synapse"}.get(site)
        return None

    def is_flag(self, path: str) -> bool:
        where, _, name = path.rpartition(".")
        cell = self.population(where) if where else None
        return name == "spike" and cell is not None and not getattr(cell, "counts", False)

    # --- the hooks ------------------------------------------------------------------------------------------------

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        if size:
            raise ModelError(
                "A network has the sizes of its populations; size= is for single models. For many networks use "
                "bn.sweep over a parameter, or seeds of the run."
            )
        keys = [None] * len(self.cells) if key is None else jax.random.split(key, len(self.cells))
        sizes = dict(self.sizes)
        found = {}
        for (name, cell), k in zip(self.cells.items(), keys, strict=True):
            inside = cell.init_state((build.count(sizes[name]),) if name in sizes else (), k)
            found[name] = inside.merge(_nested(self.start[name])) if name in self.start else inside
        return Record(found | {name: link.init_state((), None) for name, link in self.links.items()})

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        given = self._given(t, s, u)
        moving = {n: called("vector_field", cell, t, s[n], given_to(n, given)) for n, cell in self.cells.items()}
        return moving | {
            name: link.vector_field(t, s[name], given_to(name, given)) for name, link in self.links.items() if s[name]
        }

    def diffusion(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        given = self._given(t, s, u)
        found = {name: cell.diffusion(t, s[name], given_to(name, given)) for name, cell in self.cells.items()}
        return {name: noise for name, noise in found.items() if noise}

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        given, new, seen = self._given(t, s, u), {}, {}
        with kernels.in_step_of(self._synapses()):
            for i, (name, cell) in enumerate(self.cells.items()):
                own = jax.random.fold_in(key, i)
                new[name], seen[name] = called("on_step", cell, t, s[name], given_to(name, given), own)
            return self._delivered(t, overlaid(s, new), new, seen), seen

    def _synapses(self) -> int:
        """Synapses of all projections, also of those inside networks of the network."""
        inside = sum(cell._synapses() for cell in self.cells.values() if isinstance(cell, Network))
        return inside + sum(link.wiring.size for link in self.links.values())

    def _delivered(self, t: Array, s: Record, new: dict[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
        """``new`` after the spikes in ``seen`` have arrived."""
        for name, link in self.links.items():
            if not link.sends:
                continue
            sent = link.arriving(build.spikes_of(seen, link.pre), _line(s, link))
            fired = build.spikes_of(seen, link.post) if link.plasticity is not None else None
            post = at_path(s, link.post)
            V = post.V if link.jumps else None
            changed, V = called("on_events", link, t, s[name], sent, fired, V)
            if changed:
                s = overlaid(s, {name: changed})
                new[name] = changed
            if V is not None:
                heard = jnp.where(free(self.population(link.post), t, post), V, post.V)
                s = overlaid(s, _nested({f"{link.post}.V": heard}))
                new = laid(new, f"{link.post}.V", heard)
        return new

    def _given(self, t: Array, s: Record, u: Record) -> Inputs:
        """What every cell is given: from outside, and by the synapses onto it."""
        given = dict(u)
        for name, link in self.links.items():
            if link.flows:
                place = f"{link.post}.{link.to}"
                given[place] = given[place] + link.current(t, s[name], at_path(s, link.pre), at_path(s, link.post))
        return Inputs(given)


def free(cell: Model, t: Array, s: Record) -> Array | bool:
    """Which cells hear a jump: those that are not in their refractory time."""
    if "t_ref" in cell.parameters() and "t_last" in s:
        return reached(t, s.t_last + cell.t_ref)
    return True


def _line(s: Record, link: Link) -> Any:
    return at_path(s, f"{link.pre}.{link.reads}_ago") if isinstance(link, DelayedLink | SpreadLink) else None


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted path as nested mappings."""
    found: dict[str, Any] = {}
    for path, value in values.items():
        found = laid(found, path, value)
    return found


def laid(values: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Nested mappings with one value more, at a dotted path."""
    head, _, rest = path.partition(".")
    return {**values, head: laid(values.get(head, {}), rest, value) if rest else value}


def overlaid(s: Record, changes: Mapping[str, Any]) -> Record:
    """A Record with nested changes laid over it."""
    return Record(
        (k, (overlaid(v, changes[k]) if isinstance(v, Record) else changes[k]) if k in changes else v)
        for k, v in s.items()
    )
