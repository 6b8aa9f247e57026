"""Readouts that learn sample by sample while the network runs, and may feed back into it."""

import abc
from collections.abc import Callable
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

Noted = Any
"""What a rule notes of samples until it writes them into its memory: a pytree of arrays."""

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

    Trials follow each other, each from the network's own beginning.  :meth:`learn` is what a sample changes; a memory that is large
    is only read there, and written by :meth:`gathered` after every so many samples.
    """

    samples: int = eqx.field(static=True, default=100)
    every: int = eqx.field(static=True, default=1)

    in_order: ClassVar[bool] = True

    @property
    def gather(self) -> int:
        """Samples that are noted before the memory is written."""
        return self.samples

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

    def opened(self, memory: Memory) -> Any:
        """What is kept beside the weights as :meth:`learn` and :meth:`gathered` see it, in a stretch of samples."""
        return memory

    def closed(self, memory: Any, features: int) -> Memory:
        """The same as it is kept between stretches."""
        return memory

    def blank(self, w: Array, count: int) -> Noted:
        """Room to note as many samples as are learned between two writings."""
        return None

    @abc.abstractmethod
    def learn(self, w: Array, memory: Memory, noted: Noted, x: Array, error: Array) -> tuple[Array, Noted]:
        """Weights and notes after a sample with features ``x`` and ``error`` (outputs) before it."""

    def gathered(self, w: Array, memory: Memory, noted: Noted) -> tuple[Array, Memory]:
        """Weights and memory with what was noted."""
        return w, memory

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

    def update(self, problem: Problem, carry: Learner, batch: Batch, key: Array) -> tuple[Learner, Report]:
        read, model, dt = self.reading(problem), problem.selection.model, problem.dt
        number, stretch = carry.at // self.stretches(problem), carry.at % self.stretches(problem)
        trial = jax.tree.map(lambda x: x[number % x.shape[0]], batch)
        system = problem.system(model, trial.inputs)
        begin, noise = jax.random.split(jax.random.fold_in(key, number))
        fresh = problem.begin(system, begin)
        state = jax.tree.map(lambda new, old: jnp.where(stretch == 0, new, old), fresh, carry.state)
        wanted = target(problem, read, jax.tree.map(lambda x: x[None], trial))[0]

        def sample(at: tuple, memory: Memory, k: Array) -> tuple[tuple, tuple[Array, Array]]:
            s, fed, w, noted = at
            i = stretch * self.samples + k
            inside = i < problem.unroll.steps
            i = jnp.minimum(i, problem.unroll.steps - 1)
            own = problem.system(self.put(read, model, fed), trial.inputs)
            new, seen = recording_step(problem.unroll.method, (read.features, read.out), own, s, i, 0.0 * dt, dt, noise)
            x = read.columns(seen[read.features])
            error = x @ w - wanted[i]
            counts = inside & (trial.weight[i] > 0)
            learns = counts & (i % self.every == 0)
            learned, noted = jax.lax.cond(learns, lambda: self.learn(w, memory, noted, x, error), lambda: (w, noted))
            new = jax.tree.map(lambda a, b: jnp.where(inside, a, b), new, s)
            return (new, w, learned, noted), (jnp.mean(error**2), jnp.where(counts, 1.0, jnp.where(inside, TINY, 0.0)))

        def several(at: tuple, numbers: Array) -> tuple[tuple, tuple[Array, Array]]:
            s, fed, w, memory = at
            start = (s, fed, w, self.blank(w, -(-len(numbers) // self.every)))
            (s, fed, w, noted), told = jax.lax.scan(lambda at, k: sample(at, memory, k), start, numbers)
            return (s, fed, *self.gathered(w, memory, noted)), told

        start = (state, carry.fed, carry.w, self.opened(carry.memory))
        (state, fed, w, memory), told = in_pieces(several, start, self.samples, self.gather)
        memory = self.closed(memory, len(w))
        errors, weights = told  # a stretch without a moment that counts tells the error of all of them
        loss = jnp.sum(errors * weights) / jnp.sum(weights)
        change = {read.weight: jnp.sqrt(jnp.sum((w - carry.w) ** 2))}
        return Learner(fed, w, memory, state, carry.at + 1), Report(loss, self.health(memory), {}, change)

    def health(self, memory: Memory) -> dict[str, Array]:
        """What is watched of the memory."""
        return {}

    def model(self, problem: Problem, carry: Learner) -> Model:
        return self.put(self.reading(problem), problem.selection.model, carry.w)


def in_pieces(several: Callable[[Any, Array], tuple[Any, Any]], start: Any, count: int, most: int) -> tuple[Any, Any]:
    """``several`` over the numbers up to ``count``, at most so many at once; what it tells in one row."""
    whole = count // most * most
    at, told = jax.lax.scan(several, start, jnp.arange(whole).reshape(-1, most))
    told = jax.tree.map(lambda x: x.reshape(whole, *x.shape[2:]), told)
    if whole == count:
        return at, told
    at, rest = several(at, jnp.arange(whole, count))
    return at, jax.tree.map(lambda x, y: jnp.concatenate([x, y]), told, rest)


@register("lms")
class LMS(Online):
    r"""Least mean squares: :math:`W \leftarrow W - \eta\, x\, e^T` after every sample.

    Diverges above :math:`\eta = 2 / \lambda_{max}(\langle x x^T \rangle)`.

    References
    ----------
    Widrow & Hoff 1960 (IRE WESCON).
    """

    rate: float = 1e-3

    def remembered(self, features: int, outputs: int, dtype: jnp.dtype) -> Memory:
        return None

    def learn(self, w: Array, memory: Memory, noted: Noted, x: Array, error: Array) -> tuple[Array, Noted]:
        return w - self.rate * jnp.outer(x, error), noted
