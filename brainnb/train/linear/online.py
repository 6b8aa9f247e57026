"""Readouts that learn sample by sample while the network runs, and may feed back into it."""

import abc
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.model import Model
from brainnb.core.record import Record
from brainnb.run.step import recording_step

from ..batches import Batch
from ..problem import Problem
from ..rules import Report, Rule, register
from .readouts import Reading, reading, target

Memory = Any
"""What a rule keeps beside the weights: a pytree of arrays."""

TINY = 1e-9
"""Weight, in the reported loss, of a moment that does not count."""


class Learner(eqx.Module):
    """A readout that learns: its weights (features, outputs), and what the rule keeps beside them.

    ``fed`` are the weights with which the output was made that the network hears: those before the last sample was
    learned from.  With the new ones it would hear almost the target, and never learn to live with its own errors.
    """

    fed: Array
    w: Array
    memory: Memory
    state: Record
    at: Array


class Online(Rule):
    """A readout that learns while the network runs; an update is a stretch of samples of one trial.

    Trials follow each other, each from the network's own beginning; :meth:`learn` is what a sample changes.
    """

    samples: int = eqx.field(static=True, default=100)
    every: int = eqx.field(static=True, default=1)

    in_order: ClassVar[bool] = True

    @property
    def branchless(self) -> bool:
        """Whether a sample of zeros changes nothing: then no branch is needed, at which the memory would be copied."""
        return False

    def steps(self, problem: Problem) -> int:
        """Updates in which every sample is seen once."""
        return self.stretches(problem) * problem.source.count

    def stretches(self, problem: Problem) -> int:
        """Updates of a trial."""
        return -(-problem.unroll.steps // self.samples)

    def record(self, model: Model, paths: tuple[str, ...]) -> tuple[str, ...]:
        read = reading(model, self.readout(paths))
        return (read.features, read.out)

    @abc.abstractmethod
    def remembered(self, features: int, outputs: int, dtype: jnp.dtype) -> Memory:
        """What is kept beside the weights, before the first sample."""

    @abc.abstractmethod
    def learn(self, w: Array, memory: Memory, x: Array, error: Array) -> tuple[Array, Memory]:
        """Weights and memory after a sample with features ``x`` and ``error`` (outputs) before it."""

    def begin(self, problem: Problem) -> Learner:
        read = self.reading(problem)
        w = read.take(problem.selection.model)
        system = problem.system(problem.selection.model, problem.source.trial(0).inputs)
        state = problem.begin(system, jax.random.key(0))
        return Learner(w, w, self.remembered(*w.shape, w.dtype), state, jnp.int32(0))

    def reading(self, problem: Problem) -> Reading:
        return reading(problem.selection.model, self.readout(problem.selection.paths))

    def readout(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Of what is trained, what belongs to the readout."""
        return paths

    def put(self, read: Reading, model: Model, w: Array) -> Model:
        """The model with these weights of its readout."""
        return read.put(model, w)

    def settled(self, w: Array, memory: Memory) -> Array:
        """The weights when also what waits in the memory is learned."""
        return w

    def update(self, problem: Problem, carry: Learner, batch: Batch, key: Array) -> tuple[Learner, Report]:
        read, model, dt = self.reading(problem), problem.selection.model, problem.dt
        number, stretch = carry.at // self.stretches(problem), carry.at % self.stretches(problem)
        trial = jax.tree.map(lambda x: x[number % x.shape[0]], batch)
        system = problem.system(model, trial.inputs)
        begin, noise = jax.random.split(jax.random.fold_in(key, number))
        fresh = problem.begin(system, begin)
        state = jax.tree.map(lambda new, old: jnp.where(stretch == 0, new, old), fresh, carry.state)
        wanted = target(problem, read, jax.tree.map(lambda x: x[None], trial))[0]

        def sample(at: tuple, k: Array) -> tuple[tuple, Array]:
            s, fed, w, memory = at
            i = stretch * self.samples + k
            inside = i < problem.unroll.steps
            i = jnp.minimum(i, problem.unroll.steps - 1)
            own = problem.system(self.put(read, model, fed), trial.inputs)
            new, seen = recording_step(problem.unroll.method, (read.features, read.out), own, s, i, 0.0 * dt, dt, noise)
            x = read.columns(seen[read.features])
            error = x @ w - wanted[i]
            counts = inside & (trial.weight[i] > 0)
            learns = counts & (i % self.every == 0)
            if self.every == 1 and self.branchless:
                learned, memory = self.learn(w, memory, jnp.where(learns, x, 0.0), jnp.where(learns, error, 0.0))
            else:
                learned, memory = jax.lax.cond(learns, lambda: self.learn(w, memory, x, error), lambda: (w, memory))
            new = jax.tree.map(lambda a, b: jnp.where(inside, a, b), new, s)
            return (new, w, learned, memory), (jnp.mean(error**2), jnp.where(counts, 1.0, jnp.where(inside, TINY, 0.0)))

        start = (state, carry.fed, carry.w, carry.memory)
        (state, fed, w, memory), told = jax.lax.scan(sample, start, jnp.arange(self.samples))
        errors, weights = told  # a stretch without a moment that counts tells the error of all of them
        loss = jnp.sum(errors * weights) / jnp.sum(weights)
        change = {read.weight: jnp.sqrt(jnp.sum((w - carry.w) ** 2))}
        return Learner(fed, w, memory, state, carry.at + 1), Report(loss, self.health(memory), {}, change)

    def health(self, memory: Memory) -> dict[str, Array]:
        """What is watched of the memory."""
        return {}

    def model(self, problem: Problem, carry: Learner) -> Model:
        w = self.settled(carry.w, carry.memory)
        return self.put(self.reading(problem), problem.selection.model, w)


@register("lms")
class LMS(Online):
    r"""Least mean squares: :math:`W \leftarrow W - \eta\, x\, e^T` after every sample.

    Diverges above :math:`\eta = 2 / \lambda_{max}(\langle x x^T \rangle)`.

    References
    ----------
    Widrow & Hoff 1960 (IRE WESCON).
    """

    rate: float = 1e-3

    @property
    def branchless(self) -> bool:
        return True

    def remembered(self, features: int, outputs: int, dtype: jnp.dtype) -> Memory:
        return jnp.zeros((), dtype)

    def learn(self, w: Array, memory: Memory, x: Array, error: Array) -> tuple[Array, Array]:
        return w - self.rate * jnp.outer(x, error), memory
