"""The compiled chunk and the host loop over it.

One chunk steps a system at most ``capacity`` records; how many is a traced number, so neither a new duration
nor a new parameter value compiles anything.  Between chunks the host reports, stops, and looks for NaN.
"""

import dataclasses
import functools
import math
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.lax import dynamic_update_index_in_dim as put

from brainnb.core import xla
from brainnb.core.errors import ModelError
from brainnb.core.record import Record, flat
from brainnb.ops import kernels

from . import cache, room
from .hoist import hoisted
from .narrow import narrowed
from .native import NativeStep, native
from .past import tables
from .staged import staged
from .step import recording_step
from .system import System

MANY = 256
"""From so many cells on a step is cut into kernels."""

TARGET_SECONDS = 0.02
"""Length of a chunk: short enough that Stop answers at once, long enough that the host costs nothing."""

ABANDONED: list = []
"""Memory that is never used again: what was writing into it when a run was cut off may still do so."""

BUFFER_BYTES = 32 * 2**20
"""Size of the recording that one chunk may hold."""

Step = Callable[[Array, Record], tuple[Record, dict[str, Array]]]


class Column(NamedTuple):
    """What is recorded under one path: its shape and type in one record."""

    path: str
    shape: tuple[int, ...]
    dtype: str


@dataclasses.dataclass(frozen=True)
class Plan:
    """Everything about a run that is structure: a new one compiles.

    A chunk has room for at least ``least`` records.  ``staged`` cuts the step into kernels, for many cells.
    """

    method: Any
    columns: tuple[Column, ...]
    strided: bool
    least: int = 1
    staged: bool = False

    @functools.cached_property
    def paths(self) -> tuple[str, ...]:
        """Paths of what is recorded."""
        return tuple(c.path for c in self.columns)

    @functools.cached_property
    def row_bytes(self) -> int:
        """Bytes of one record."""
        return sum(math.prod(c.shape) * np.dtype(c.dtype).itemsize for c in self.columns)

    @functools.cached_property
    def capacity(self) -> int:
        """Records one chunk may hold: a power of two, so that few sizes exist."""
        rows = max(1, BUFFER_BYTES // max(1, self.row_bytes))
        return max(self.least, int(min(2 ** int(np.log2(rows)), 32768)))

    def with_batch(self, batch: int) -> "Plan":
        """The plan for ``batch`` runs at once, in loops that are long enough as they are."""
        columns = tuple(c._replace(shape=(batch, *c.shape)) for c in self.columns)
        return dataclasses.replace(self, columns=columns, staged=False)

    def buffer(self, layout: Any = None) -> dict[str, Array]:
        """What a chunk is recorded into; each chunk takes over that of the one before."""
        return {c.path: jnp.zeros((self.capacity, *c.shape), c.dtype, device=layout) for c in self.columns}

    def recording(self, records: int) -> dict[str, np.ndarray]:
        """Arrays for so many records, unwritten: a system gives memory only to what is written."""
        return {c.path: room.array((records, *c.shape), c.dtype) for c in self.columns}


def stages_pay(state: Record) -> bool:
    """Whether there are so many cells that their step is cut into kernels, and a compiler that takes them."""
    return max((x.size for x in jax.tree.leaves(state)), default=0) >= MANY and bool(xla.alone())


def stepped(
    plan: Plan, step: Step, s: Record, rows: dict[str, Array], first: Array, every: Array, n: Array
) -> tuple[Record, dict[str, Array]]:
    """``n`` records from step ``first`` on, written into ``rows``; returns the next state and the rows."""
    cache.count_trace()
    after, seen = jax.eval_shape(step, first, s)
    _keeps_shape(s, after)
    if plan.staged:
        step = of_many(recorded(plan, step), first, s)
        if isinstance(step, NativeStep) and step.loop and not plan.strided:
            return step.repeated(first, s, rows, n)
    else:
        step = hoisted(step, first, s)

    def record(r: Array, carry: tuple[Record, dict]) -> tuple[Record, dict]:
        s, rows = carry
        s, now = stride(step, s, first + r * every, every, seen) if plan.strided else step(first + r, s)
        return s, {p: put(rows[p], now[p].astype(rows[p].dtype), r, 0) for p in rows}

    return jax.lax.fori_loop(0, n, record, (s, rows))


def of_many(step: Step, first: Array, s: Record) -> Step:
    """The step of many cells: by C++ where there is a compiler, else in the kernels that XLA does best."""
    step = hoisted(narrowed(step, first, s), first, s)
    return native(step, first, s) or staged(step, first, s)


def recorded(plan: Plan, step: Step) -> Step:
    """``step`` that gives what is seen as it is recorded."""
    if plan.strided:
        return step

    def cast(i: Array, s: Record) -> tuple[Record, dict[str, Array]]:
        s, now = step(i, s)
        return s, {c.path: now[c.path].astype(c.dtype) for c in plan.columns}

    return cast


def stride(step: Step, s: Record, begin: Array, every: Array, seen: dict) -> tuple[Record, dict[str, Array]]:
    """``every`` steps; spikes are counted over them, everything else is sampled at the last."""
    counts = {p: jnp.zeros(x.shape, x.dtype) for p, x in seen.items() if p.rpartition(".")[2] == "spike"}

    def inner(j: Array, carry: tuple[Record, dict]) -> tuple[Record, dict]:
        s, counts = carry
        s, now = step(begin + j, s)
        return s, {p: c + now[p].astype(c.dtype) for p, c in counts.items()}

    s, counts = jax.lax.fori_loop(0, every - 1, inner, (s, counts))
    s, now = step(begin + every - 1, s)
    return s, now | {p: c + now[p].astype(c.dtype) for p, c in counts.items()}


def _keeps_shape(before: Record, after: Record) -> None:
    same = jax.tree.map(lambda a, b: jnp.shape(a) == b.shape and jnp.result_type(a) == b.dtype, before, after)
    if changed := [path for path, ok in flat(same).items() if not ok]:
        raise ModelError(f"{', '.join(changed)} changes shape or type in a step; states keep both.")


def run_chunk(plan: Plan, *arguments: Any) -> tuple[Record, dict[str, Array]]:
    """One chunk of one system: ``system, state, rows, first, offset, dt, every, n, key``."""
    return program(plan.staged)(plan, *arguments)


@functools.cache
def program(staged: bool) -> Callable[..., tuple[Record, dict[str, Array]]]:
    """The compiled :func:`chunk`; made at the first use, when it is known what this XLA can be asked for."""
    options = xla.alone() if staged else None
    return jax.jit(chunk, static_argnums=0, donate_argnums=3, compiler_options=options)


def chunk(
    plan: Plan,
    system: System,
    s: Record,
    rows: dict[str, Array],
    first: Array,
    offset: Array,
    dt: Array,
    every: Array,
    n: Array,
    key: Array,
) -> tuple[Record, dict[str, Array]]:
    """``n`` records of one system, from step ``first`` on."""
    weights = tables(plan.method, system, s, dt)

    def step(i: Array, s: Record) -> tuple[Record, dict[str, Array]]:
        return recording_step(plan.method, plan.paths, system, s, i, offset, dt, key, weights)

    return stepped(plan, step, s, rows, first, every, n)


@dataclasses.dataclass
class Run:
    """Where a run stands: what the host loop needs between chunks.

    ``done`` records are there already (a run that is taken up again); no piece crosses a multiple of ``align``.
    Pieces are written into ``room``, arrays for the whole recording, when there is one.  ``layout`` is how a chunk's
    recording lies on several devices.
    """

    chunk: Callable[..., tuple[Record, dict[str, Array]]]
    plan: Plan
    state: Record
    first: int
    offset: float
    dt: float
    every: int
    records: int
    key: Array
    done: int = 0
    align: int = 2**31
    room: dict[str, np.ndarray] | None = None
    layout: Any = None

    def pieces(self) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """Records done so far and the newest piece of the recording, chunk by chunk; ``state`` moves along."""
        done = begin = self.done
        speed_key = (
            self.plan,
            jax.tree.structure(self.state),
            tuple(x.shape for x in jax.tree.leaves(self.state)),
        )
        speed = cache.speeds.get(speed_key)
        scalars, place = self.scalars(), (self.plan, self.layout, jax.config.jax_default_device)
        buffer = cache.buffers.take(place) or self.plan.buffer(self.layout)
        while done < self.records:
            n = min(self.records - done, self.plan.capacity, self._affordable(speed), self.align - done % self.align)
            begun = time.perf_counter()
            first = np.int32(self.first + done * self.every)
            sent = self._sent(buffer, slice(done, done + n))
            try:
                after = self.chunk(self.state, buffer, first, *scalars, np.int32(n), self.key)
                self.state, buffer = jax.block_until_ready(after)
            except BaseException:  # a second Ctrl-C: the loop may still be writing
                there = [came() for came in sent.values()]  # after that none goes there any more
                if any(there):
                    ABANDONED.append(self.room)
                raise
            came = {p for p, came in sent.items() if came()}
            spent = time.perf_counter() - begun
            if speed is not None or done > begin:  # the first chunk of a structure also compiles: it says nothing
                speed = n * self.every / max(spent, 1e-6)
                cache.speeds.set(speed_key, speed)
            else:
                speed = 0.0
            piece = {
                p: self.room[p][done : done + n] if p in came else self._home(p, np.asarray(buffer[p])[:n], done)
                for p in self.plan.paths
            }
            done += n
            if done == self.records:
                cache.buffers.give(place, buffer)
            yield done, piece

    def _sent(self, buffer: dict[str, Array], part: slice) -> dict[str, Callable[[], bool]]:
        """Rows that a loop in C++ may write where they belong, each with what tells whether it did."""
        if self.room is None or self.layout is not None or not self.plan.staged or self.plan.strided:
            return {}
        found = {}
        for path, rows in buffer.items():
            place = self.room[path][part]
            same = (rows.shape[1:], rows.dtype) == (place.shape[1:], place.dtype) and place.flags.c_contiguous
            if same and (came := kernels.send_home(rows, place)) is not None:
                found[path] = came
        return found

    def _home(self, path: str, rows: np.ndarray, done: int) -> np.ndarray:
        """Rows of a chunk as a copy: the next chunk is written over them."""
        if self.room is None:
            return np.array(rows)
        place = self.room[path][done : done + len(rows)]
        place[...] = rows if rows.shape == place.shape else rows[:, : place.shape[1]]  # less what fills the registers
        return place

    def scalars(self) -> tuple:
        dtype = jax.dtypes.canonicalize_dtype(float)
        return np.asarray(self.offset, dtype), np.asarray(self.dt, dtype), np.int32(self.every)

    def _affordable(self, speed: float | None) -> int:
        """Records in about ``TARGET_SECONDS``; a short probe while the speed is unknown."""
        if not speed:
            return max(1, 256 // self.every)
        return max(1, int(TARGET_SECONDS * speed) // self.every)
