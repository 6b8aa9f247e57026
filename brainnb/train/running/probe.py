"""What a model does now, while it learns: one trial in full, and how active its units are in some."""

import dataclasses
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import UnknownName
from brainnb.run.plan import find_plan

from ..batches import Batch, Drawn
from ..losses import CrossEntropy, Scaled, Traced, terms
from ..problem import Problem
from ..rules import Rule
from .loop import Progress, values

TRIALS = 8
"""Trials over which the activity of units is judged."""
CHANNELS, UNITS = 4, 100
"""Outputs, and units of a raster, that are shown at most."""


class Pair(NamedTuple):
    """An output and what it should be: the path, the name of its target, and whether the target is a class."""

    path: str
    target: str
    classes: bool


class Probed(NamedTuple):
    """What was seen: outputs and targets (time, channel) by path, spikes (time, unit), and the numbers that are learned.

    ``activity`` holds for every path ``least``, ``greatest`` and ``mean`` of each unit.
    """

    time: np.ndarray
    did: dict[str, np.ndarray]
    wanted: dict[str, np.ndarray]
    spikes: dict[str, np.ndarray]
    activity: dict[str, dict[str, np.ndarray]]
    learned: dict[str, np.ndarray]


class Probe:
    """Looks at the model of a run; compiled once.

    Parameters
    ----------
    rule : Rule
    problem : Problem
    """

    def __init__(self, rule: Rule, problem: Problem):
        self.rule, self.problem = rule, problem
        batch = self.trials(0)
        self._number, self._trials = 0, batch
        self.pairs = pairs(problem, batch)
        known = tuple(dict.fromkeys([*(p.path for p in self.pairs), *problem.unroll.paths]))
        self.active = active_paths(problem, batch)
        paths = tuple(dict.fromkeys([*known, *(path for path, _ in self.active)]))
        unroll = dataclasses.replace(problem.unroll, paths=paths, block=1, window=None)
        self._posed = dataclasses.replace(problem, unroll=unroll)

    @property
    def count(self) -> int | None:
        """How many trials there are to look at; None for a task that makes fresh ones."""
        source = self.problem.source
        return None if isinstance(source, Drawn) else source.count

    def trials(self, number: int) -> Batch:
        """The trials from ``number`` on."""
        source = self.problem.source
        numbers = np.arange(number, number + TRIALS)
        if isinstance(source, Drawn):
            return _drawn(source, numbers)
        numbers = numbers[: source.count] % source.count
        return jax.tree.map(lambda x: x[numbers], source.trials)

    def __call__(self, now: Progress, number: int = 0) -> Probed:
        """What the model of ``now`` does, trial ``number`` in full."""
        if number != self._number:  # kept: beside a run that computes every call waits its turn
            self._number, self._trials = number, self.trials(number)
        found = _probed(self.rule, self._posed, now, self._trials, tuple(self.pairs), tuple(self.active))
        did, wanted, spikes, activity, learned = jax.tree.map(np.asarray, found)
        time = np.arange(1, self.problem.unroll.steps + 1) * float(self.problem.dt)
        return Probed(time, did, wanted, spikes, activity, learned)


@jax.jit
def _drawn(source: Drawn, numbers: np.ndarray) -> Batch:
    return jax.vmap(lambda n: source.task.trial(jax.random.fold_in(jax.random.key(0), n)))(numbers)


@functools.partial(jax.jit, static_argnums=(4, 5))
def _probed(
    rule: Rule,
    problem: Problem,
    now: Progress,
    batch: Batch,
    pairs: tuple[Pair, ...],
    active: tuple[tuple[str, bool], ...],
) -> tuple[dict, dict, dict, dict, dict]:
    model = rule.model(problem, now.carry)
    seen = problem.seen(model, batch, jax.random.wrap_key_data(now.key))
    did, wanted, spikes, activity = {}, {}, {}, {}
    counts = batch.weight[0] > 0
    for pair in pairs:
        y = flat(seen[pair.path][0])
        if pair.classes:
            label = jnp.broadcast_to(batch.targets[pair.target][0].astype(jnp.int32), y.shape[:1])
            target, y = jax.nn.one_hot(label, y.shape[1]), jax.nn.softmax(y)
        else:
            target = jnp.broadcast_to(flat(batch.targets[pair.target][0]), y.shape)
        did[pair.path] = y[:, :CHANNELS]
        wanted[pair.path] = jnp.where(counts[:, None], target, jnp.nan)[:, :CHANNELS]
    for path, is_spike in dict(active).items():
        x = seen[path].astype(float).reshape(*seen[path].shape[:2], -1)
        late = x[:, x.shape[1] // 4 :]  # without the way in from the first state
        whole = x if is_spike else late
        activity[path] = {"least": late.min((0, 1)), "greatest": whole.max((0, 1)), "mean": x.mean((0, 1))}
        if is_spike:
            spikes[path] = x[0][:, spread(x.shape[2])] > 0
        elif not pairs:
            did[path] = x[0][:, :CHANNELS]
    return did, wanted, spikes, activity, values(rule, problem, now.carry)


def flat(x: Array) -> Array:
    """A course (time, ...) as (time, channel)."""
    return x.reshape(x.shape[0], -1)


def spread(count: int) -> np.ndarray:
    """At most :data:`UNITS` of so many units, evenly."""
    return np.arange(count) if count <= UNITS else (np.arange(UNITS) * count) // UNITS


def pairs(problem: Problem, batch: Batch) -> list[Pair]:
    """The outputs that the loss compares with a target over time or with a class."""
    found = []
    for term in terms(problem.loss):
        term = term.of if isinstance(term, Scaled) else term
        if isinstance(term, Traced):
            pair = Pair(term.path, term.target or term.path, isinstance(term, CrossEntropy))
            timed = batch.targets[pair.target].ndim > 1
            if (timed or pair.classes) and pair.path not in [p.path for p in found]:
                found.append(pair)
    return found


def active_paths(problem: Problem, batch: Batch) -> list[tuple[str, bool]]:
    """Whose activity can be judged: spikes, else rates; and which of the two it is."""
    model = problem.selection.model
    system = problem.system(model, jax.tree.map(lambda x: x[0], batch).inputs)
    state = problem.begin(system, jax.random.key(0))
    for pattern in ("*spike", "*rate"):
        try:
            plan, _ = find_plan(system, state, problem.unroll.method, [pattern], False)
        except UnknownName:
            continue
        return [(path, pattern == "*spike") for path in plan.paths]
    return []
