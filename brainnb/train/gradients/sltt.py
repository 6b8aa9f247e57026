"""Spatial learning through time: credit goes from stage to stage, not from moment to moment."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend import core as jex

from brainnb.core.errors import ModelError
from brainnb.core.record import Record
from brainnb.run.system import System

from ..batches import Batch
from ..problem import Problem
from ..rules import register
from ..select import Free
from .descent import Descent, Gradient, slope

Edges = set[tuple[int, int]]
"""Pairs of numbers of states: the first acts on the second."""


@register("sltt")
class SLTT(Gradient):
    """Back-propagation along the paths through space alone: through the stages of a network, not through its past.

    States that act on each other in a loop, be it within a unit (leak, reset, adaptation) or among units (recurrent
    weights, an output that is fed back), are a stage.  **Cut** is every path from a state of a step to one of the same
    stage in the next.  **Kept** are the paths of one moment, and those from a stage to a later one: from spikes to the
    filter that reads them, from a layer to the next, with the step of delay that they take.  Stages are found in the
    traced step of the model, so any model can be learned; one whose states are all in one loop keeps the paths of each
    moment alone, as with ``window=1``.  What travels in delay lines is cut.

    It learns what can be learned from the present: cheaper than back-propagation through time where that is enough, as
    for inputs that last, and blind to memory.

    References
    ----------
    Meng et al. 2023, arXiv:2302.14311, eqs. 8-10.
    """

    def begin(self, problem: Problem) -> Descent:
        if problem.memory is not None:
            raise ModelError(
                f"sltt: the integrator {problem.unroll.method.label!r} remembers earlier steps, and sltt cuts what comes "
                f"from them. Use method='bptt', or an integrator that remembers nothing."
            )
        return super().begin(problem)

    def slope(self, problem: Problem, free: Free, batch: Batch, key: Array) -> tuple[tuple[Array, dict], Free]:
        one = jax.tree.map(lambda x: x[0], batch)
        system = problem.system(problem.selection.model, one.inputs)
        kept = between_stages(problem.unroll.method, system, problem.begin(system, key), problem.dt)
        unroll = dataclasses.replace(problem.unroll, method=Spatial(problem.unroll.method, kept))
        return slope(dataclasses.replace(problem, unroll=unroll), free, batch, key)


@dataclasses.dataclass(frozen=True)
class Spatial:
    """A method whose steps pass gradients between stages only; ``kept`` holds, for a state, the states it hears."""

    of: Any
    kept: tuple[tuple[int, tuple[int, ...]], ...]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("of", "kept"):
            raise AttributeError(name)
        return getattr(self.of, name)

    def step(self, field: Callable, t: Array, s: Record, dt: Array) -> Record:
        return self.cut(lambda s: self.of.step(field, t, s, dt), s)

    def step_noise(self, field: Callable, diffusion: Callable, t: Array, s: Record, dt: Array, w: Any) -> Record:
        return self.cut(lambda s: self.of.step_noise(field, diffusion, t, s, dt, w), s)

    def cut(self, step: Callable[[Record], Record], s: Record) -> Record:
        """The next state, each of its parts hearing only what it may."""
        old, tree = jax.tree.flatten(s)
        still = [jax.lax.stop_gradient(x) for x in old]
        new = jax.tree.leaves(step(jax.tree.unflatten(tree, still)))
        for heard in dict.fromkeys(heard for _, heard in self.kept):
            some = [old[k] if k in heard else x for k, x in enumerate(still)]
            other = jax.tree.leaves(step(jax.tree.unflatten(tree, some)))
            for k, own in self.kept:
                if own == heard:
                    new[k] = other[k]
        return jax.tree.unflatten(tree, new)


def between_stages(method: Any, system: System, s: Record, dt: Array) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """For every state, the states of earlier stages that it hears."""
    key, now = jax.random.key(0), jnp.zeros_like(dt)
    field = acts(lambda s: method.step(system.field, now, s, dt) if not system.lines else s, s)
    jumps = acts(lambda s: system.on_step(now, s, key)[0] if not system.lines else s, s)
    count = len(jax.tree.leaves(s))
    stage = stages(field | jumps, count)
    heard = {q: tuple(sorted(p for p, to in field if to == q and stage[p] != stage[q])) for q in range(count)}
    return tuple((q, ps) for q, ps in heard.items() if ps)


def acts(step: Callable[[Record], Record], s: Record) -> Edges:
    """Which states act on which in a function from state to state."""
    jaxpr = jax.make_jaxpr(step)(s).jaxpr
    return {(p, q) for q, ps in enumerate(sources(jaxpr)) for p in ps}


def sources(jaxpr: Any) -> list[frozenset[int]]:
    """For every result, the numbers of the arguments that it is computed from."""
    known: dict[Any, frozenset[int]] = {v: frozenset([k]) for k, v in enumerate(jaxpr.invars)}

    def of(x: Any) -> frozenset[int]:
        return frozenset() if isinstance(x, jex.Literal) else known.get(x, frozenset())

    for eqn in jaxpr.eqns:
        given = [of(x) for x in eqn.invars]
        inner = next((eqn.params[n] for n in ("jaxpr", "call_jaxpr") if n in eqn.params), None)
        inner = getattr(inner, "jaxpr", inner)
        calls = eqn.primitive.name not in ("scan", "while", "cond") and inner is not None
        if calls and len(inner.invars) == len(given):
            found = [frozenset().union(*(given[k] for k in ks)) for ks in sources(inner)]
        else:  # a loop or a choice: everything acts on everything
            found = [frozenset().union(*given)] * len(eqn.outvars)
        known.update(zip(eqn.outvars, found, strict=True))
    return [of(x) for x in jaxpr.outvars]


def stages(edges: Edges, count: int) -> np.ndarray:
    """The number of the stage of every state: states that reach each other share one."""
    reach = np.eye(count, dtype=bool)
    for p, q in edges:
        reach[p, q] = True
    for k in range(count):
        reach |= reach[:, k : k + 1] & reach[k : k + 1, :]
    return np.argmax(reach & reach.T, axis=1)
