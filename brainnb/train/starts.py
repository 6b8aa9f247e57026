"""Several starts at once: the same rule from many points, in one compiled program, and the best of them."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from .batches import Batch
from .problem import Problem
from .rules import Carry, Report, Rule
from .select import Free, Selection
from .transforms import Between, Log, Signed, Transform


class Several(eqx.Module):
    """Where all starts stand, and which had the least loss."""

    each: Carry
    losses: Array
    best: Array


class Starts(Rule):
    """A rule from ``count`` starts at once; ``bn.fit(..., starts=32)`` makes it.

    The first start is the model as it is, the others are drawn by :func:`drawn`.  All see the same trials and the same
    noise.  The loss that is told is the least of them, with the metrics and lengths of that start; ``history.start_loss``
    holds all.  A start that is lost (a loss that is not finite) stays where it was and does not end the run.

    Raises
    ------
    ModelError
        For rules that are solved on the host: they find the same from everywhere.
    """

    of: Rule
    count: int = eqx.field(static=True)
    spread: float | None
    seed: Array

    def __check_init__(self) -> None:
        if self.of.on_host:
            raise ModelError(
                f"starts={self.count}: {type(self.of).__name__} works on the host, one start at a time; "
                "'bptt', 'lbfgs', 'levenberg_marquardt' and every rule in compiled code take several."
            )

    @property
    def in_order(self) -> bool:
        """As the rule itself."""
        return self.of.in_order

    def steps(self, problem: Problem) -> int:
        return self.of.steps(problem)

    def record(self, model: Model, paths: tuple[str, ...]) -> tuple[str, ...]:
        return self.of.record(model, paths)

    def begin(self, problem: Problem) -> Several:
        free = drawn(problem.selection, jax.random.key(self.seed), self.count, self.spread)

        def one(free: Free) -> Carry:
            model = problem.selection.with_values(free)
            there = Selection(model, problem.selection.masks, problem.selection.ways, problem.selection.tied)
            return self.of.begin(dataclasses.replace(problem, selection=there))

        return Several(jax.vmap(one)(free), jnp.full(self.count, jnp.inf), jnp.int32(0))

    def update(self, problem: Problem, carry: Several, batch: Batch, key: Array) -> tuple[Several, Report]:
        def one(carry: Carry) -> tuple[Carry, Report]:
            after, report = self.of.update(problem, carry, batch, key)
            if report.values is None:
                known = self.of.model(problem, carry).parameters()
                report = report._replace(values={p: known[p].value for p in problem.selection.paths})
            told = [report.loss, *report.metrics.values(), *report.gradient.values(), *report.change.values()]
            fine = jnp.isfinite(jnp.stack([jnp.asarray(x, float) for x in told])).all()
            after = jax.tree.map(lambda new, old: jnp.where(fine, new, old), after, carry)
            return after, report._replace(loss=jnp.where(fine, report.loss, jnp.nan))

        after, reports = jax.vmap(one)(carry.each)
        best = jnp.nanargmin(reports.loss)
        told = jax.tree.map(lambda x: x[best], reports)
        losses = reports.loss.astype(carry.losses.dtype)
        return Several(after, losses, best.astype(jnp.int32)), told._replace(starts=losses)

    def model(self, problem: Problem, carry: Several) -> Model:
        return self.of.model(problem, jax.tree.map(lambda x: x[carry.best], carry.each))

    def models(self, problem: Problem, carry: Several) -> list[Model]:
        """The model of every start."""
        return [self.of.model(problem, jax.tree.map(lambda x, k=k: x[k], carry.each)) for k in range(self.count)]


def drawn(selection: Selection, key: Array, count: int, spread: float | None = None) -> Free:
    r"""Free numbers of ``count`` starts, the first being the model as it is.

    Without ``spread``, values with two bounds are drawn evenly between them (evenly in their logarithm, with the
    transform ``"log"``), and all others as with ``spread=1``.  With it, free numbers are :math:`u_0 + \sigma s\, \xi`
    with :math:`\xi` normal and :math:`s` 1 where a transform makes a scale of factors, else the root mean square of the
    start (1 when all of it is zero).
    """
    known = selection.model.parameters()
    start, found = selection.start(), {}
    for number, (path, way) in enumerate(selection.ways.items()):
        low, high = known[path].bounds
        u, own = start[path], jax.random.fold_in(key, number)
        shape = (count, *u.shape)
        if spread is None and isinstance(way, Between):
            new = way.free(jax.random.uniform(own, shape, u.dtype, way.low, way.high))
        elif spread is None and isinstance(way, Log) and low and high:
            new = jax.random.uniform(own, shape, u.dtype, jnp.log(low), jnp.log(high))
        else:
            noise = (1.0 if spread is None else spread) * jax.random.normal(own, shape, u.dtype)
            if type(way) is Transform:
                size = jnp.sqrt(jnp.mean(u**2))
                new = u + noise * jnp.where(size > 0, size, 1.0)
            else:
                new = u * jnp.exp(noise) if isinstance(way, Signed) else u + noise
        found[path] = new.at[0].set(u).astype(u.dtype)
    return found
