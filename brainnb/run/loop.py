"""The compiled chunk and the host loop over it.

One chunk steps a system at most ``capacity`` records; how many is a traced number, so neither a new duration
nor a new parameter value compiles anything.  Between chunks the host reports, stops, and looks for NaN.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.record import Record, flat
from brainnb.integrators.base import advance

from . import cache
from .system import System

TARGET_SECONDS = 0.03
"""Length of a chunk: short enough that Stop answers at once, long enough that the host costs nothing."""

BUFFER_BYTES = 32 * 2**20


@dataclasses.dataclass(frozen=True)
class Plan:
    """Everything about a run that is structure: a new one compiles."""

    method: Any
    paths: tuple[str, ...]
    row_bytes: int
    capacity: int
    strided: bool


def one_step(
    plan_method: Any, system: System, s: Record, step: Array, offset: Array, dt: Array, key: Array
) -> tuple[Record, Record]:
    """One step from ``t = offset + step * dt``; returns the next state and the observables."""
    t = offset + step * dt
    k_noise, k_step = jax.random.split(jax.random.fold_in(key, step))
    noise = system.diffusion(t, s)
    new = plan_method.step(system.field, t, s, dt)
    if noise:
        leaves, tree = jax.tree.flatten(noise)
        draws = [
            amplitude * jax.random.normal(k, jnp.shape(amplitude), amplitude.dtype)
            for amplitude, k in zip(leaves, jax.random.split(k_noise, len(leaves)), strict=True)
        ]
        new = advance(new, jax.tree.unflatten(tree, draws), jnp.sqrt(dt))
    return system.on_step(t + dt, new, k_step)


def abstract_step(method: Any, system: System, s: Record) -> tuple[Record, Record]:
    """Shapes of the next state and the observables; this one trace is where mistakes in hooks show."""
    number = jax.ShapeDtypeStruct((), jax.dtypes.canonicalize_dtype(float))
    index = jax.ShapeDtypeStruct((), np.int32)

    def step(s: Record, i: Array, offset: Array, dt: Array) -> tuple[Record, Record]:
        return one_step(method, system, s, i, offset, dt, jax.random.key(0))

    return jax.eval_shape(step, s, index, number, number)


def seen_now(system: System, s: Record, seen: Record, t: Array, paths: tuple[str, ...]) -> dict[str, Array]:
    """The recorded values by path."""
    values = flat(s.model) | flat(seen)
    missing = [p for p in paths if p not in values]
    if missing:
        given = system.given(t, s)
        values |= {p: given[p] for p in missing}
    return {p: values[p] for p in paths}


@partial(jax.jit, static_argnums=0)
def begin(size: tuple[int, ...], system: System, seed: Array) -> tuple[Record, Array]:
    """Initial state and the key of the noise: one dispatch instead of one for every state."""
    cache.count_trace()
    key, init_key = jax.random.split(jax.random.key(seed))
    return system.init(size, init_key), key


def is_count(path: str) -> bool:
    """Spikes are counted between records; everything else is sampled at them."""
    return path.rpartition(".")[2] == "spike"


def run_one(
    plan: Plan,
    system: System,
    s: Record,
    first: Array,
    offset: Array,
    dt: Array,
    every: Array,
    n: Array,
    key: Array,
) -> tuple[Record, dict[str, Array]]:
    """``n`` records from step ``first`` on; returns the next state and the recording (``capacity`` rows)."""
    cache.count_trace()

    def step(i: Array, s: Record) -> tuple[Record, dict[str, Array]]:
        new, seen = one_step(plan.method, system, s, i, offset, dt, key)
        return new, seen_now(system, new, seen, offset + (i + 1) * dt, plan.paths)

    shapes = jax.eval_shape(step, first, s)
    same = jax.tree.map(lambda a, b: a.shape == b.shape and a.dtype == b.dtype, jax.eval_shape(lambda: s), shapes[0])
    if not all(jax.tree.leaves(same)):
        changed = [p for p, ok in flat(same).items() if not ok]
        raise ModelError(
            f"{type(system.model).__name__}: {', '.join(changed)} changes shape or type in a step; states keep both."
        )
    rows = {p: jnp.zeros((plan.capacity, *x.shape), x.dtype) for p, x in shapes[1].items()}

    def record(r: Array, carry: tuple[Record, dict]) -> tuple[Record, dict]:
        s, rows = carry
        if plan.strided:
            begin = first + r * every
            counts = {p: jnp.zeros(x.shape, x.dtype) for p, x in shapes[1].items() if is_count(p)}

            def inner(j: Array, carry: tuple[Record, dict]) -> tuple[Record, dict]:
                s, counts = carry
                s, seen = step(begin + j, s)
                return s, {p: c + seen[p].astype(c.dtype) for p, c in counts.items()}

            s, counts = jax.lax.fori_loop(0, every - 1, inner, (s, counts))
            s, seen = step(begin + every - 1, s)
            seen |= {p: c + seen[p].astype(c.dtype) for p, c in counts.items()}
        else:
            s, seen = step(first + r, s)
        return s, {p: rows[p].at[r].set(seen[p]) for p in rows}

    return jax.lax.fori_loop(0, n, record, (s, rows))


run_chunk = jax.jit(run_one, static_argnums=0)


@dataclasses.dataclass
class Run:
    """Where a run stands: what the host loop needs between chunks."""

    chunk: Callable[..., tuple[Record, dict[str, Array]]]
    plan: Plan
    state: Record
    first: int
    offset: float
    dt: float
    every: int
    records: int
    key: Array
    time_axis: int = 0

    def pieces(self) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """Records done so far and the newest piece of the recording, chunk by chunk; ``state`` moves along."""
        done = 0
        speed_key = (
            self.plan,
            jax.tree.structure(self.state),
            tuple(x.shape for x in jax.tree.leaves(self.state)),
        )
        speed = cache.speeds.get(speed_key)
        scalars = self.scalars()
        while done < self.records:
            n = min(self.records - done, self.plan.capacity, self._affordable(speed))
            begun = time.perf_counter()
            first = np.int32(self.first + done * self.every)
            self.state, rows = jax.block_until_ready(self.chunk(self.state, first, *scalars, np.int32(n), self.key))
            spent = time.perf_counter() - begun
            if speed is not None or done:  # the first chunk of a structure also compiles: it says nothing
                speed = n * self.every / max(spent, 1e-6)
                cache.speeds.set(speed_key, speed)
            else:
                speed = 0.0
            done += n
            at = (slice(None),) * self.time_axis + (slice(0, n),)
            yield done, {p: np.asarray(x)[at] for p, x in rows.items()}

    def scalars(self) -> tuple:
        dtype = jax.dtypes.canonicalize_dtype(float)
        return np.asarray(self.offset, dtype), np.asarray(self.dt, dtype), np.int32(self.every)

    def _affordable(self, speed: float | None) -> int:
        """Records in about ``TARGET_SECONDS``; a short probe while the speed is unknown."""
        if not speed:
            return max(1, 256 // self.every)
        return max(1, int(TARGET_SECONDS * speed) // self.every)


def capacity(bytes_per_record: int, batch: int = 1) -> int:
    """Records one chunk may hold: a power of two, so that few sizes exist."""
    rows = max(1, BUFFER_BYTES // max(1, bytes_per_record * batch))
    return int(min(2 ** int(np.log2(rows)), 32768))
