"""Gradients forward in time: what every number does to the state travels with the run, and nothing is kept of the past."""

from abc import abstractmethod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.record import Record

from ..batches import Batch
from ..problem import Problem
from ..rules import register
from ..select import Free
from .descent import Gradient

Wish = dict[str, Array]
"""The derivative of the loss in everything that was seen, (trial, time, ...) by path."""

MOST = 2**28
"""Numbers that an exact forward gradient may carry along."""


class Forward(Gradient):
    """A gradient in two runs: one finds what the loss wants of every moment, the other what the parameters do to it.

    Any loss will do.  Of the course only what the loss reads is kept.
    """

    def slope(self, problem: Problem, free: Free, batch: Batch, key: Array) -> tuple[tuple[Array, dict], Free]:
        found = wished(problem, free, batch, key)
        return found[0], jax.tree.map(jnp.add, found[1], self.through_time(problem, free, batch, key, found[2]))

    @abstractmethod
    def through_time(self, problem: Problem, free: Free, batch: Batch, key: Array, wish: Wish) -> Free:
        """The part of the gradient that leads through what was seen."""


@jax.jit
def wished(problem: Problem, free: Free, batch: Batch, key: Array) -> tuple[tuple[Array, dict], Free, Wish]:
    """The loss and the metrics, the slope of the loss in the parameters themselves, and what it wants of the course."""
    seen = problem.seen(problem.selection.with_values(free), batch, key)

    def judged(free: Free, seen: dict[str, Array]) -> tuple[Array, dict[str, Array]]:
        model = problem.selection.with_values(free)
        return problem.loss(seen, batch, model), {n: m(seen, batch, model) for n, m in problem.metrics.items()}

    told, (own, wish) = jax.value_and_grad(judged, (0, 1), has_aux=True, allow_int=True)(free, seen)
    return told, own, {p: x for p, x in wish.items() if p != "time" and x.dtype != jax.dtypes.float0}


@register("rtrl")
class RTRL(Forward):
    r"""Real-time recurrent learning: the exact gradient, forward in time, in memory that does not grow with it.

    .. math::

        \frac{d s^t}{d\theta} = \frac{\partial s^t}{\partial s^{t-1}} \frac{d s^{t-1}}{d\theta}
            + \frac{\partial s^t}{\partial \theta}, \qquad
        \frac{dE}{d\theta} = \sum_t \frac{\partial E}{\partial y^t} \frac{d y^t}{d\theta}

    It equals back-propagation through time to rounding, surrogate slopes included.  The price is the matrix of every
    state by every learned number, in every trial: for small networks, long runs, and fits of few parameters.
    ``method="diagonal"`` is its approximation for large ones.

    Raises
    ------
    ModelError
        When that matrix has more than 2\ :sup:`28` numbers.

    References
    ----------
    Williams & Zipser 1989, doi:10.1162/neco.1989.1.2.270.
    """

    def begin(self, problem: Problem) -> Any:
        batch = jax.eval_shape(problem.source.batch, jax.random.key(0), np.int32(0))
        one = jax.tree.map(lambda x: jnp.zeros(x.shape[1:], x.dtype), batch)
        system = problem.system(problem.selection.model, one.inputs)
        state = jax.eval_shape(problem.begin, system, jax.random.key(0))
        states = sum(int(np.prod(x.shape)) for x in jax.tree.leaves(state) if np.issubdtype(x.dtype, np.floating))
        numbers = sum(x.size for x in jax.tree.leaves(problem.selection.start()))
        trials = batch.weight.shape[0]
        if states * numbers * trials > MOST:
            raise ModelError(
                f"rtrl carries {states:,} states x {numbers:,} learned numbers x {trials} trials = {states * numbers * trials:,} "
                f"numbers, {MOST:,} at most. method='bptt' finds the same gradient; method='diagonal' goes forward and "
                "keeps to each unit; batch= makes it fewer trials."
            )
        return super().begin(problem)

    def through_time(self, problem: Problem, free: Free, batch: Batch, key: Array, wish: Wish) -> Free:
        return jax.jacfwd(lambda free: granted(problem, free, batch, key, wish))(free)


def granted(problem: Problem, free: Free, batch: Batch, key: Array, wish: Wish) -> Array:
    """What was seen, times what was wished of it, summed while it runs."""
    model = problem.selection.with_values(free)
    step = problem.unroll.stepping

    def trial(inputs: Record, key: Array, wish: Wish) -> Array:
        begin, noise = jax.random.split(key)
        system = problem.system(model, inputs)

        def one(at: tuple, now: tuple) -> tuple[tuple, None]:
            s, total = at
            i, wish = now
            s, seen = step(system, s, i, problem.dt, noise)
            return (s, total + sum((jnp.sum(wish[p] * seen[p]) for p in wish), jnp.zeros(()))), None

        start = (problem.begin(system, begin), jnp.zeros(()))
        return jax.lax.scan(one, start, (jnp.arange(problem.unroll.steps), wish))[0][1]

    return jnp.sum(jax.vmap(trial)(batch.inputs, jax.random.split(key, batch.weight.shape[0]), wish))
