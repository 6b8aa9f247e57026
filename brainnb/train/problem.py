"""What is to be learned, as one function: free numbers and a batch in, a loss and what was seen out."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.delayed import Line
from brainnb.core.model import Model
from brainnb.core.record import Record
from brainnb.run import options, past
from brainnb.run.plan import find_plan
from brainnb.run.system import System, drives

from .batches import TIME, Batch, Source, check_names
from .losses import Loss
from .select import Free, Selection
from .unroll import Sampled, Unroll, best_block


class Problem(eqx.Module):
    """A model, what of it is learned, the trials and the loss.

    ``objective`` is plain array code: it is differentiated, compiled and mapped like any function of JAX.
    """

    selection: Selection
    source: Source
    given: Record
    loss: Loss
    metrics: Record
    dt: Array
    unroll: Unroll = eqx.field(static=True)
    size: tuple[int, ...] = eqx.field(static=True, default=())
    lines: tuple[Line, ...] = eqx.field(static=True, default=())
    memory: Any = eqx.field(static=True, default=None)
    start: Record | None = None

    def system(self, model: Model, inputs: Record) -> System:
        """The closed system of one trial."""
        given = Record({**self.given, **{n: Sampled(x) for n, x in inputs.items()}})
        return System(model, given, self.lines, self.memory)

    def begin(self, system: System, key: Array) -> Record:
        """The state in which a trial begins: that of the model, or the one that was given."""
        s = system.init(self.size, key)
        if self.start is None:
            return s
        return system.with_past(Record(model=self.start, drive=s.drive))

    def seen(self, model: Model, batch: Batch, key: Array) -> dict[str, Array]:
        """What a model does in a batch of trials: (trial, time, ...) by path, and at which ``time`` (ms)."""
        return self.runs(model, batch, key)[1] | {TIME: self.times()}

    def times(self) -> Array:
        """The time of each sample in ms, counted from the begin of a trial: the ends of the steps."""
        return self.dt * jnp.arange(1, self.unroll.steps + 1)

    def runs(self, model: Model, batch: Batch, key: Array) -> tuple[Record, dict[str, Array]]:
        """The state after each trial, and what was seen of it."""

        def trial(inputs: Record, key: Array) -> tuple[Record, dict[str, Array]]:
            begin, noise = jax.random.split(key)
            system = self.system(model, inputs)
            return self.unroll(system, self.begin(system, begin), self.dt, noise)

        return jax.vmap(trial)(batch.inputs, jax.random.split(key, batch.weight.shape[0]))

    def objective(self, free: Free, batch: Batch, key: Array) -> tuple[Array, dict[str, Array]]:
        """The loss at free numbers, and the metrics."""
        model = self.selection.with_values(free)
        seen = self.seen(model, batch, key)
        return self.loss(seen, batch, model), {n: m(seen, batch, model) for n, m in self.metrics.items()}


def problem(
    selection: Selection,
    source: Source,
    loss: Loss,
    metrics: Mapping[str, Loss],
    given: Mapping[str, Any],
    *,
    dt: float,
    method: Any,
    size: tuple[int, ...],
    block: Any,
    window: int | None,
    record: tuple[str, ...] = (),
    init: Any = None,
) -> Problem:
    """Check everything there is to check, before the first step."""
    model = selection.model
    batch = source.batch(jax.random.key(0), np.int32(0))
    check_names(model, batch)
    one = jax.tree.map(lambda x: x[0], batch)
    filled = drives(model, {n: x for n, x in given.items() if n not in batch.inputs})
    closed = System(model, Record({**filled, **{n: Sampled(x) for n, x in one.inputs.items()}}))
    options.check_concrete(closed)
    closed = past.prepared(closed, method, size, dt, batch.steps)
    state = closed.init(size, jax.random.key(0))
    start = None
    if init is not None:
        laid, _ = options.initial(state, init, model, size, dt, closed.memory and closed.memory[0])
        start = jax.tree.map(jnp.asarray, laid.model)
    wanted = (*loss.paths(), *(p for m in metrics.values() for p in m.paths()), *record)
    plan, _ = find_plan(closed, state, method, list(dict.fromkeys(wanted)) or None, False)
    return Problem(
        selection,
        source,
        Record({n: d for n, d in filled.items() if n not in batch.inputs}),
        loss,
        Record(metrics),
        jnp.asarray(dt, float),
        Unroll(plan.method, plan.paths, batch.steps, blocks(block, batch.steps), window),
        size,
        closed.lines,
        closed.memory,
        start,
    )


def blocks(memory: Any, steps: int) -> int:
    """Steps of a block, for what ``memory=`` asks."""
    if memory in ("sqrt", "all"):
        return best_block(steps) if memory == "sqrt" else 1
    return options.count(memory, "memory")
