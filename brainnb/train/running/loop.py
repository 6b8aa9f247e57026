"""The compiled loop over updates: as many at once as a moment holds, and nothing that is not finite gets through."""

import functools
import time
from collections.abc import Callable, Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.lax import dynamic_update_index_in_dim as put

from brainnb.core import xla
from brainnb.run import cache

from ..problem import Problem
from ..rules import Carry, Report, Rule
from ..select import norm
from .history import START

TARGET_SECONDS = 0.1
"""Length of a chunk of updates: Stop and the view answer between two."""

CAPACITY = 512
"""Most updates of a chunk."""


class Progress(eqx.Module):
    """Where a training run stands: everything that a checkpoint must hold."""

    carry: Carry
    step: Array
    key: Array
    best: dict[str, Array]
    best_loss: Array
    best_step: Array


def begun(rule: Rule, problem: Problem, key: Array) -> Progress:
    """A run before its first update."""
    carry = rule.begin(problem)
    best = values(rule, problem, carry)
    now = Progress(carry, jnp.int32(0), jax.random.key_data(key), best, jnp.asarray(jnp.inf, float), jnp.int32(0))
    return jax.tree.map(lambda x: jnp.asarray(x, x.dtype), now)  # no weak types: the first update is like all others


def values(rule: Rule, problem: Problem, carry: Carry) -> dict[str, Array]:
    """What is learned, as the model holds it."""
    known = rule.model(problem, carry).parameters()
    return {path: known[path].value for path in problem.selection.paths}


@functools.cache
def program(split: bool) -> Callable[..., tuple[Progress, dict, Array]]:
    """The compiled :func:`chunk`; made at the first use, when it is known what this XLA can be asked for."""
    return jax.jit(chunk, donate_argnums=3, compiler_options=xla.split() if split else None)


def chunk(
    rule: Rule, problem: Problem, now: Progress, rows: dict[str, Array], n: Array
) -> tuple[Progress, dict, Array]:
    """Up to ``n`` updates, what they reported, and how many there were; ends at the first that is not finite."""
    cache.count_trace()

    def goes_on(state: tuple) -> Array:
        _, _, done, fine = state
        return (done < n) & fine

    def update(state: tuple) -> tuple:
        now, rows, done, _ = state
        order, noise = jax.random.split(jax.random.wrap_key_data(now.key))
        batch = problem.source.batch(order, now.step)
        carry, report = rule.update(problem, now.carry, batch, jax.random.fold_in(noise, now.step))
        old = values(rule, problem, now.carry) if report.values is None else report.values
        told = columns(report, old)
        rows = {name: put(rows[name], value.astype(rows[name].dtype), done, 0) for name, value in told.items()}
        fine = functools.reduce(jnp.logical_and, (jnp.isfinite(x) for name, x in told.items() if counts(name)))
        better = fine & (report.loss < now.best_loss)
        after = Progress(
            chosen(fine, carry, now.carry),
            now.step + fine,
            now.key,
            chosen(better, old, now.best),
            jnp.where(better, report.loss, now.best_loss).astype(now.best_loss.dtype),
            jnp.where(better, now.step, now.best_step),
        )
        return after, rows, done + 1, fine

    now, rows, done, fine = jax.lax.while_loop(goes_on, update, (now, rows, jnp.int32(0), jnp.bool_(True)))
    return now, rows, jnp.stack([done, fine.astype(jnp.int32)])


def chosen(first: Array, a: Any, b: Any) -> Any:
    """One of two trees."""
    return jax.tree.map(lambda x, y: jnp.where(first, x, y), a, b)


def columns(report: Report, learned: dict[str, Array]) -> dict[str, Array]:
    """What an update reports, one number a name; of what is learned the number itself, or the length of an array."""
    told = {"loss": report.loss} | report.metrics
    told |= {f"gradient {path}": x for path, x in report.gradient.items()}
    told |= {f"change {path}": x for path, x in report.change.items()}
    told |= {f"value {path}": x.reshape(()) if x.size == 1 else norm(x) for path, x in learned.items()}
    return told if report.starts is None else told | {f"{START} {k}": x for k, x in enumerate(report.starts)}


def counts(name: str) -> bool:
    """Whether a run ends when this is not finite: one lost start of several is no reason."""
    return not name.startswith(START)


@jax.jit
def told(rule: Rule, problem: Problem, now: Progress) -> dict[str, Array]:
    """What one update would report."""
    key = jax.random.wrap_key_data(now.key)
    report = rule.update(problem, now.carry, problem.source.batch(key, now.step), key)[1]
    return columns(report, values(rule, problem, now.carry))


class Chunks:
    """The host's side of the loop: how long the next chunk may be, and the rows of the last."""

    def __init__(self, rule: Rule, problem: Problem, now: Progress):
        self.rule, self.problem, self.now = rule, problem, now
        self.chunk = program(rule.large(problem))
        self.rows = {
            name: jnp.zeros(CAPACITY) for name in jax.eval_shape(told, rule, problem, now)
        }  # mistakes show here
        self.speed: float | None = None

    def run(self, most: int) -> tuple[dict[str, np.ndarray], bool]:
        """Some updates, at most ``most``: their reports and whether all were finite."""
        n = max(1, min(most, CAPACITY, int(TARGET_SECONDS * self.speed) if self.speed else 1))
        begun = time.perf_counter()
        self.now, self.rows, told = jax.block_until_ready(
            self.chunk(self.rule, self.problem, self.now, self.rows, np.int32(n))
        )
        done, fine = (int(x) for x in told)
        if self.speed is not None or n > 1:
            self.speed = done / max(time.perf_counter() - begun, 1e-6)
        else:
            self.speed = 1.0 / TARGET_SECONDS  # the first one also compiled: it says nothing
        # cut on the host: there every length would compile a cut of its own
        return {name: np.asarray(x)[:done].copy() for name, x in self.rows.items()}, bool(fine)

    def measure(self) -> None:
        """Let the newest model compete for the best: the update that tells its loss is not kept."""
        now = self.now
        after, self.rows, _ = self.chunk(self.rule, self.problem, now, self.rows, np.int32(1))
        self.now = Progress(now.carry, now.step, now.key, after.best, after.best_loss, after.best_step)


class OnHost:
    """Updates that are ordinary Python, one at a time."""

    speed = None

    def __init__(self, rule: Rule, problem: Problem, now: Progress):
        self.rule, self.problem, self.now = rule, problem, now

    def run(self, most: int) -> tuple[dict[str, np.ndarray], bool]:
        """One update: its report and whether all of it was finite."""
        now, key = self.now, jax.random.wrap_key_data(self.now.key)
        order, noise = jax.random.split(key)
        batch = self.problem.source.batch(order, now.step)
        carry, report = self.rule.update(self.problem, now.carry, batch, jax.random.fold_in(noise, now.step))
        learned = values(self.rule, self.problem, carry) if report.values is None else report.values
        told = {name: np.asarray([x], float) for name, x in columns(report, learned).items()}
        fine = all(np.isfinite(x).all() for name, x in told.items() if counts(name))
        if fine:
            better = told["loss"][0] < float(now.best_loss)
            self.now = Progress(
                carry,
                now.step + 1,
                now.key,
                learned if better else now.best,
                jnp.minimum(now.best_loss, report.loss.astype(now.best_loss.dtype)),
                jnp.where(better, now.step + 1, now.best_step),
            )
        return told, fine

    def measure(self) -> None:
        """The loss of such an update is that of the model after it: nothing is left to measure."""


def pieces(chunks: Chunks | OnHost, steps: int) -> Iterator[tuple[dict[str, np.ndarray], bool]]:
    """Chunks until ``steps`` updates were made or one was not finite."""
    while (done := int(chunks.now.step)) < steps:
        rows, fine = chunks.run(steps - done)
        yield rows, fine
        if not fine:
            return
