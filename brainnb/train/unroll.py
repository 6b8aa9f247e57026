"""A run that can be differentiated: the same step as in ``simulate``, over the samples of a trial."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param, state
from brainnb.core.record import Record
from brainnb.inputs.base import SAME, Stimulus
from brainnb.run import cache
from brainnb.run.step import recording_step
from brainnb.run.system import System


class Sampled(Stimulus):
    """One sample of an input for each step, held from its begin to its end, the jumps at the end included."""

    values: Param = param(None, SAME, "samples, one for each step")
    at = state(0, "1", "number of the sample", discrete=True)

    def value(self, t: Array, s: Record) -> Array:
        return self.values[jnp.minimum(s.at, self.values.shape[0] - 1)]

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return dict(at=s.at + 1), {}


@dataclasses.dataclass(frozen=True)
class Unroll:
    """The structure of a differentiable run: a new one compiles.

    ``block`` steps at a time are computed again on the way back instead of being kept, so that memory grows with the
    number of blocks and not with the number of steps; 1 keeps everything.  ``window`` steps are how far a gradient
    looks back, None for all.
    """

    method: Any
    paths: tuple[str, ...]
    steps: int
    block: int = 1
    window: int | None = None

    def stepping(self, system: System, s: Record, i: Array, dt: Array, key: Array) -> tuple[Record, dict[str, Array]]:
        """Step ``i``, and what is seen after it."""
        if self.window is not None:
            cut = (i > 0) & (i % self.window == 0)
            s = jax.tree.map(lambda x: jnp.where(cut, jax.lax.stop_gradient(x), x), s)
        return recording_step(self.method, self.paths, system, s, i, jnp.zeros_like(dt), dt, key)

    def __call__(self, system: System, s: Record, dt: Array, key: Array) -> tuple[Record, dict[str, Array]]:
        """The state after the last step, and what is seen (time, ...) by path."""
        cache.count_trace()

        def step(s: Record, i: Array) -> tuple[Record, dict[str, Array]]:
            return self.stepping(system, s, i, dt, key)

        if self.block <= 1:
            return jax.lax.scan(step, s, jnp.arange(self.steps))
        whole = self.steps // self.block * self.block
        numbers = jnp.arange(whole).reshape(-1, self.block)
        s, seen = jax.lax.scan(jax.checkpoint(lambda s, some: jax.lax.scan(step, s, some)), s, numbers)
        seen = {p: x.reshape(whole, *x.shape[2:]) for p, x in seen.items()}
        if whole == self.steps:
            return s, seen
        s, rest = jax.lax.scan(step, s, jnp.arange(whole, self.steps))
        return s, {p: jnp.concatenate([seen[p], rest[p]]) for p in seen}


def best_block(steps: int) -> int:
    """The block that keeps least: as many blocks as steps in each."""
    return max(1, math.isqrt(steps))
