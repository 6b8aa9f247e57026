"""From what was asked for (populations, projections) to cells and links: drawn once, checked, named in every message."""

import zlib
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb import ops
from brainnb.core.errors import ModelError, OutOfBounds, UnknownName, unknown_message
from brainnb.core.fields import Declaration
from brainnb.core.model import Model
from brainnb.core.record import Record
from brainnb.synapses import Kinetics

from . import connect
from .connect.edges import Edges, count
from .init import as_initialiser
from .link import DelayedLink, Link, SpreadLink
from .population import Population
from .projection import Projection

LONGEST = 20.0
"""How long a slider may make a delay when nothing else is said, ms."""

WEIGHT_UNITS = {
    ("pA", "mV"): "nS",
    ("nA", "mV"): "uS",
    ("uA/cm2", "mV"): "mS/cm2",
    ("1", "mV"): "1/mV",
    ("mV", "mV"): "1",
}


# --- names ---------------------------------------------------------------------------------------------------------


def check_names(populations: Mapping[str, Any], projections: Mapping[str, Any]) -> None:
    """Names make paths: identifiers, each used once."""
    if not isinstance(projections, Mapping):
        raise ModelError("Network: projections= takes a mapping, {'EI': bn.Projection('E', 'I', ...)}.")
    for name in (*populations, *projections):
        if not isinstance(name, str) or not name.isidentifier():
            raise ModelError(
                f"Network: the name {name!r} becomes part of paths such as 'E.V'; letters, digits and _ only."
            )
        if hasattr(Model, name) or name in ("cells", "links", "sizes", "start", "populations"):
            raise ModelError(f"Network: `{name}` is used by every network itself; choose another name.")
    if clash := [name for name in projections if name in populations]:
        raise ModelError(f"Network: `{clash[0]}` is the name of a population and of a projection; rename one.")


# --- populations ---------------------------------------------------------------------------------------------------


def cells(populations: Any, seed: Any) -> tuple[Record, tuple, Record, tuple]:
    """Models, sizes, first values and default drives of all populations."""
    if not isinstance(populations, Mapping):
        raise ModelError("Network: populations= takes a mapping, {'E': bn.Population(bn.neurons.LIF(), 100)}.")
    if not populations:
        raise ModelError("Network: no population was given; populations={'E': bn.Population(bn.neurons.LIF(), 100)}.")
    models, sizes, start, drives = {}, [], {}, {}
    for name, given in populations.items():
        own = seeds(seed, name)
        if isinstance(given, Population):
            models[name] = given.built(name, own)
            sizes.append((name, given.axes))
            drives |= given.drives(name)
            if given.init:
                start[name] = Record(given.start(name, own))
        elif isinstance(given, Model) and hasattr(given, "cells"):
            models[name] = given
        else:
            hint = (
                f"bn.Population({type(given).__name__}(...), 100)" if isinstance(given, Model) else "bn.Population(...)"
            )
            raise ModelError(f'Network: population "{name}" is {type(given).__name__}; write {hint}.')
    return Record(models), tuple(sizes), Record(start), tuple(drives.items())


def seeds(seed: Any, name: str) -> tuple[int, ...]:
    """A seed for everything of one name: what is added beside it does not change what it draws."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ModelError(f"Network: seed={seed!r}; a whole number that is not negative was expected.")
    return int(seed), zlib.crc32(str(name).encode())


# --- projections ---------------------------------------------------------------------------------------------------


def links(network: Any, projections: Mapping[str, Projection], seed: int) -> Record:
    """The links of all projections."""
    return Record({name: link(network, name, p, seeds(seed, name)) for name, p in projections.items()})


def link(network: Any, name: str, p: Projection, seed: tuple[int, ...]) -> Link:
    """The link of one projection."""
    where = f'Projection "{name}"'
    if not isinstance(p, Projection):
        raise ModelError(
            f"{where}: got {type(p).__name__}; write bn.Projection('E', 'I', connector, synapse, weight=...)."
        )
    for end in (p.pre, p.post):
        if network.population(end) is None:
            known = list(network.populations())
            raise UnknownName(f"{where}: " + unknown_message("population", end, known, where="the network"))
    try:
        wiring, edges = wired(p, network.axes_of(p.pre), network.axes_of(p.post), (*seed, 0))
        own = isinstance(p.connect, ops.Wiring) and p.weight is None
        weight = getattr(wiring, "weight", jnp.ones(())) if own else each(p.weight, edges, (*seed, 1), "weight", wiring)
        spread = isinstance(wiring, ops.DelayedCSR)
        delay = (
            wiring.delay if spread else None if p.delay is None else each(p.delay, edges, (*seed, 2), "delay", wiring)
        )
        output = p.output or (p.synapse.default_output() if isinstance(p.synapse, Kinetics) else None)
        if p.plasticity is not None:
            p.plasticity.check(weight)
        common = dict(
            weight=weight, synapse=p.synapse, output=output, stp=p.stp, plasticity=p.plasticity, pre=p.pre, post=p.post,
            to=p.to, align=p.alignment, unit=unit(network, p, output),
            binary=not getattr(network.population(p.pre), "counts", False),
        )  # fmt: skip
        wiring, weight = placed(wiring, edges, weight, delay, p)
        common |= dict(weight=weight, start=begun(p, wiring, (*seed, 3)))
        return Link(wiring=wiring, **common) if delay is None else late(wiring, delay, p.longest, common)
    except (ModelError, OutOfBounds, UnknownName) as error:
        text = str(error)
        raise type(error)(text if text.startswith(where) else f"{where}: {text}") from None


def wired(p: Projection, pre: tuple, post: tuple, seed: tuple) -> tuple[Any, Edges | None]:
    """A wiring that is a rule, or the edges that were drawn."""
    if isinstance(p.connect, ops.Wiring):
        return given(p, count(pre), count(post)), None
    connector = connect.as_connector(p.connect)
    plain = (
        p.plasticity is None
        and p.align != "edge"
        and np.ndim(p.weight) == 0
        and isinstance(p.weight, int | float | str)
    )
    if plain and isinstance(connector, connect.OneToOne) and count(pre) == count(post):
        return ops.OneToOne(1.0, count(pre)), None
    if plain and isinstance(connector, connect.AllToAll) and p.delay_is_one:
        return ops.AllToAll(1.0, (count(pre), count(post)), connector.self_connections), None
    return None, connector.connect(pre, post, seed)


def given(p: Projection, pre: int, post: int) -> Any:
    """A wiring that was made before."""
    if p.connect.shape != (pre, post):
        raise ModelError(f"the wiring is one of {p.connect.shape} neurons; the populations have {(pre, post)}.")
    if p.delay is not None and isinstance(p.connect, ops.DelayedCSR):
        raise ModelError("delay= is given, but the wiring has delays of its own; leave one out.")
    if p.plasticity is not None and p.connect.columns is None:
        raise ModelError(
            "a plasticity rule needs to find the synapses onto a neuron; give wiring.to_csr().with_columns()."
        )
    return p.connect


def placed(wiring: Any, edges: Edges | None, weight: Array, delay: Array | None, p: Projection) -> tuple[Any, Array]:
    """The edges in the storage that suits the projection, and the weights in its order."""
    if wiring is not None:
        return (wiring.with_weight(1.0) if hasattr(wiring, "weight") else wiring), weight
    shape, plain = (edges.n_pre, edges.n_post), p.plasticity is None and p.stp is None and p.alignment == "post"
    if delay is not None and jnp.ndim(delay):
        if not plain:
            raise ModelError(
                "a delay for each synapse goes with static synapses whose states belong to the postsynaptic neurons; with "
                "stp=, plasticity= or align= give one delay for all."
            )
        made = ops.DelayedCSR.from_edges(edges.pre, edges.post, weight, delay, shape, p.resolution)
        return made.with_weight(1.0), made.weight
    if delay is not None and plain:
        return ops.DelayedCSR(1.0, edges.post, edges.indptr, delay, shape), weight
    made = ops.CSR(1.0, edges.post, edges.indptr, shape)
    return (made.with_columns() if p.plasticity is not None else made), weight


def each(given: Any, edges: Edges | None, seed: tuple, name: str, wiring: Any) -> Array:
    """One number for all synapses, or one for each."""
    declaration = Declaration(
        0.0, "ms" if name == "delay" else "1", "", (0.0, None) if name == "delay" else (None, None)
    )
    if isinstance(given, int | float | np.number | str) or hasattr(given, "magnitude") or edges is None:
        return declaration.convert(given, path=name)
    if np.ndim(given) == 0 and isinstance(given, np.ndarray | jnp.ndarray):
        return declaration.convert(given, path=name)
    return declaration.convert(as_initialiser(given).on(edges, seed), path=name)


def late(wiring: Any, delay: Array, longest: float | None, common: dict) -> Link:
    """A link whose spikes take their time."""
    most = float(jnp.max(delay)) if jnp.size(delay) else 0.0
    if longest is None:
        longest = max(LONGEST, most)
    if most > longest:
        raise OutOfBounds(f"delay = {most:g} ms is longer than longest={longest:g} ms; give a longer one.")
    if jnp.ndim(delay):
        return SpreadLink(wiring=wiring, longest=float(jnp.max(wiring.delay)), **common)
    return DelayedLink(wiring=wiring, delay=delay, longest=float(longest), **common)


def begun(p: Projection, wiring: Any, seed: tuple) -> Record:
    """First values of the states of the synapse that are given."""
    states = type(p.synapse).states()
    number = {"pre": wiring.shape[0], "post": wiring.shape[1], "edge": wiring.size}[p.alignment]
    found = {}
    for i, (name, given) in enumerate(p.init.items()):
        if name not in states:
            raise UnknownName(unknown_message("state", name, states, where=type(p.synapse).__name__))
        found[name] = states[name].convert(as_initialiser(given)((number,), (*seed, i)), path=f"init of {name}")
    return Record(found)


def unit(network: Any, p: Projection, output: Any) -> str:
    """The unit of the weight, from the input that takes the current."""
    post = network.population(p.post)
    if getattr(p.synapse, "jumps", False):
        if (found := post.declaration("V")) is None:
            raise ModelError(f"a Delta synapse moves `V`, and {type(post).__name__} has none.")
        return found.unit
    takes = post.inputs()
    if p.to not in takes:
        raise UnknownName(unknown_message("input", p.to, takes, where=type(post).__name__) + " Say which with to=.")
    driving = output.driving if isinstance(p.synapse, Kinetics) else coupled(network, p)
    if driving == "mV" and "V" not in type(post).states():
        raise ModelError(
            f"{type(output or p.synapse).__name__} reads the potential `V` of the cell, and {type(post).__name__} has none."
        )
    found = takes[p.to].unit
    if found == driving:
        return WEIGHT_UNITS.get((found, driving), "1" if driving != "1" else found)
    return found if driving == "1" else WEIGHT_UNITS.get((found, driving), f"{found}/({driving})")


def coupled(network: Any, p: Projection) -> str:
    """The unit of the state by which cells are coupled; refused where one has no such state."""
    of, ends = p.synapse.of, (p.pre, p.post) if p.synapse.both else (p.pre,)
    for end in ends:
        known = type(network.population(end)).states()
        if of not in known:
            raise UnknownName(f'population "{end}": ' + unknown_message("state", of, known, where="its model"))
    return network.population(p.pre).declaration(of).unit


# --- what hooks ask ------------------------------------------------------------------------------------------------


def spikes_of(seen: Mapping[str, Any], path: str) -> Array:
    """The spikes of the population at a path, among what its cells report."""
    found: Any = seen
    for name in path.split("."):
        found = found[name]
    if "spike" not in found:
        raise ModelError(
            f'Population "{path}" reports no `spike` that a projection could send: say at which level of which state a '
            f"smooth cell fires, bn.Population(model, n, threshold={{'V': 0.5}}), use a cell that fires by itself (LIF, "
            f"AdEx), or return dict(spike=bn.spike(s.V - self.V_th)) as second result of its on_step."
        )
    return found["spike"]
