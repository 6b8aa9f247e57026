"""Blocks of points: a part of a sweep, stepped as one program, here or on a worker."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from brainnb.core import xla
from brainnb.core.checks import as_array, kind
from brainnb.core.errors import ModelError, UnknownName, unknown_message
from brainnb.core.explain import in_words
from brainnb.core.fields import float_dtype
from brainnb.core.model import Model
from brainnb.core.record import Record

from . import limits, past
from .designs import Points
from .grid import Grid, at_point, axes
from .interrupt import held_back
from .loop import Plan, Run, stepped
from .simulate import prepare
from .stack import Stack, model_axis
from .step import begin, recording_step
from .system import System

MEMORY_BYTES = 2**30
"""Recorded bytes that one block of points may take before the grid is cut."""

CLOSE_POINTS = 256
"""Points of a reduced sweep that one CPU device steps at once: states of many more leave its nearest cache, and their
recording all others (2500 Hodgkin-Huxley cells at once took about twice as long as 256)."""

REGISTER_BYTES = 64
"""Of the widest vector register of today's processors."""


@dataclasses.dataclass(frozen=True)
class Job:
    """Everything that says what a sweep computes, nothing that belongs to one process."""

    model: Model | Stack
    values: Mapping[str, Any]
    given: Mapping[str, Any]
    options: Mapping[str, Any]
    reduce: Callable[[Mapping[str, Array]], Mapping[str, Array]] | None = None


class Blocks:
    """A sweep that is checked and ready: the grid, and a compiled program that runs ``at_once`` points of it.

    Parameters
    ----------
    job : Job
    at_once : callable
        Points run at once, from how many there are, how many memory holds, and how many are enough to fill a register.
    devices : tuple of jax.Device
        The points of a block are spread over them.
    """

    def __init__(self, job: Job, at_once: Callable[[int, int, int], int], devices: tuple[Any, ...]):
        self.job = job
        stack = job.model if isinstance(job.model, Stack) else None
        model = job.model if stack is None else stack.models[0]
        models = None if stack is None else model_axis(stack)
        found = axes(model, job.given, job.values, models)
        self.grid = Grid(found, isinstance(job.values, Points), models)
        self.base = prepare(model, given=job.given, **job.options)
        if job.reduce is None and (twice := [p for p in self.base.run.plan.paths if p in self.grid.names()]):
            raise ModelError(
                f"sweep: `{twice[0]}` is swept, so the result has it as a coordinate; leave it out of record=."
            )
        self.fresh = job.options["init"] is None
        of_point = self.base.run.plan.row_bytes * self.base.run.records + past.bytes_of(self.base.run.state)
        fits = MEMORY_BYTES // max(1, of_point)
        self.mesh = Mesh(np.array(devices[: len(self.grid)]), "p") if len(devices) > 1 and len(self.grid) > 1 else None
        share = 1 if self.mesh is None else self.mesh.size
        if job.reduce is not None and jax.default_backend() == "cpu":
            fits = min(fits, CLOSE_POINTS * share)
        units = max((np.size(x) for x in jax.tree.leaves(self.base.run.state)), default=1)
        enough = max(1, lanes() // max(1, units))
        wanted = max(1, min(len(self.grid), at_once(len(self.grid), max(1, fits), enough)))
        self.at_once = -(-wanted // share) * share  # as many on every device
        self.width = whole_registers(self.at_once // share) * share
        self.plan = self.base.run.plan.with_batch(self.width)
        self.structure = (self.plan, jax.tree.structure((self.base.system, self.base.run.state)))

    def room(self) -> dict[str, np.ndarray] | None:
        """Memory for the whole recording, time first, which the blocks share; None when each of them is reduced."""
        if self.job.reduce is not None:
            return None
        return self.base.run.plan.with_batch(len(self.grid)).recording(self.base.run.records)

    def check_memory(self) -> None:
        """Refuse a sweep whose result this machine cannot hold; a worker holds one block only."""
        run = self.base.run
        records = 1 if self.job.reduce else run.records  # what reduce leaves of a point is small
        limits.check_memory(len(self.grid) * records, run.plan.row_bytes, type(self.base.model).__name__)

    def block(
        self, index: np.ndarray, going: Callable[[float], bool], room: dict[str, np.ndarray] | None = None
    ) -> tuple[dict, float, bool]:
        """Run the points with these numbers; ``going`` is told how far, and ends the block by answering False.

        ``room`` is where they are recorded, time first; without it they have memory of their own.

        Returns
        -------
        rows : mapping of path to array
            Points first, then time (unless reduced), then units.
        reached : float
            How far it came, 1 at the end.
        stopped : bool
            Whether somebody asked to stop.
        """
        padded = np.concatenate([index, np.repeat(index[-1:], self.width - len(index))])  # one shape, one program
        run = self.run(padded, room)
        done, stopped = 0, False
        try:
            with held_back() as pressed:
                for done, _ in run.pieces():
                    if stopped := not going(done / run.records) or pressed():
                        break
        except KeyboardInterrupt:
            stopped = True
        rows = {p: by_point(x, len(index), done) for p, x in run.room.items()}
        return rows if self.job.reduce is None else reduced(self.job.reduce, rows), done / run.records, stopped

    def outline(self) -> dict[str, Any]:
        """Names, shapes and types of the rows of a block; finds mistakes in ``reduce`` without running anything."""
        shape = (self.width, self.base.run.records)
        rows = {c.path: jax.ShapeDtypeStruct((*shape, *c.shape), c.dtype) for c in self.base.run.plan.columns}
        return rows if self.job.reduce is None else reduced(self.job.reduce, rows, jax.eval_shape)

    def begun(self, index: np.ndarray) -> tuple[Any, Record]:
        """What is swept at some points, and the states they start from (which may depend on it)."""
        base = self.base
        swept = self.grid.columns(index)
        if self.fresh:
            states = begin_batched(base.size, base.system, swept, np.uint32(base.seed), np.int32(index))
        else:
            states = jax.tree.map(lambda x: np.broadcast_to(x, (self.width, *np.shape(x))), base.run.state)
        if self.mesh is None:
            return swept, states
        return jax.device_put((swept, states), NamedSharding(self.mesh, P("p")))

    def run(self, index: np.ndarray, room: dict[str, np.ndarray] | None = None) -> Run:
        """The run of one block."""
        base, run = self.base, self.base.run
        swept, states = self.begun(index)

        def chunk(state: Record, *rest: Any) -> tuple[Record, dict]:
            with limits.told_leaks(type(base.model).__name__):
                return program()(self.plan, self.mesh, base.system, swept, state, *rest)

        room = room or self.plan.recording(run.records)
        new = Run(chunk, self.plan, states, run.first, run.offset, run.dt, run.every, run.records, run.key, room=room)
        return new if self.mesh is None else dataclasses.replace(new, layout=NamedSharding(self.mesh, P(None, "p")))


def whole_registers(points: int) -> int:
    """A few points more where the rest would not fill a vector register: numbers one by one take longer than all at once."""
    rest = points % lanes()
    return points + lanes() - rest if rest > lanes() // 4 else points


def lanes() -> int:
    """Numbers in one vector register."""
    return REGISTER_BYTES // np.dtype(float_dtype()).itemsize


@partial(jax.jit, static_argnums=0)
def begin_batched(size: tuple[int, ...], system: System, swept: Any, seed: Array, index: Array) -> Record:
    """Initial states of a block; ``index`` says how many where nothing differs between the points."""
    return jax.vmap(lambda v, i: begin(size, at_point(system, v), seed)[0])(swept, index)


@cache
def program() -> Callable[..., tuple[Record, dict]]:
    """The compiled :func:`chunk_batched`; made at the first use, when it is known what this XLA can be asked for."""
    return jax.jit(chunk_batched, static_argnums=(0, 1), donate_argnums=5, compiler_options=xla.wide())


def chunk_batched(plan: Plan, mesh: Mesh | None, *arguments: Any) -> tuple[Record, dict]:
    """One chunk of a block, on every device its share of the points: none needs to hear of the others."""
    chunk = partial(chunk_of_points, plan)
    if mesh is not None:
        each, all_ = P("p"), P()
        rows = P(None, "p")
        given = (all_, each, each, rows, *[all_] * (len(arguments) - 4))
        chunk = jax.shard_map(chunk, mesh=mesh, in_specs=given, out_specs=(each, rows), check_vma=False)
    return chunk(*arguments)


def chunk_of_points(
    plan: Plan,
    system: System,
    swept: Any,
    s: Record,
    rows: dict[str, Array],
    first: Array,
    offset: Array,
    dt: Array,
    every: Array,
    n: Array,
    key: Array,
) -> tuple[Record, dict]:
    """One chunk of some points; time comes first, so that a record is one piece of memory."""
    weights = jax.vmap(lambda v, s: past.tables(plan.method, at_point(system, v), s, dt))(swept, s)

    def step(i: Array, s: Record) -> tuple[Record, dict[str, Array]]:
        def at(v: Any, s: Record, weights: Any) -> tuple[Record, dict[str, Array]]:
            return recording_step(plan.method, plan.paths, at_point(system, v), s, i, offset, dt, key, weights)

        return jax.vmap(at)(swept, s, weights)

    return stepped(plan, step, s, rows, first, every, n)


def computed(function: Callable, rows: Any) -> dict[str, np.ndarray]:
    """Call and bring home, as arrays that can be written to."""
    return {name: np.array(x) for name, x in function(rows).items()}


def reduced(reduce: Callable, rows: Mapping[str, Any], call: Callable = computed) -> dict[str, Any]:
    """What ``reduce`` makes of every point; its mistakes come back in words."""
    try:
        return call(partial(_reduced, reduce), rows)
    except (UnknownName, ModelError):
        raise
    except KeyError as error:
        raise UnknownName("reduce: " + unknown_message("recorded path", str(error.args[0]), rows)) from error
    except Exception as error:
        words = in_words(error)
        if words is None:
            raise
        raise ModelError(f"reduce {words}.") from error


@partial(jax.jit, static_argnums=0)
def _reduced(reduce: Callable, rows: Mapping[str, Array]) -> Mapping[str, Array]:
    def one(rows: Mapping[str, Array]) -> dict[str, Array]:
        out = reduce(Record(rows))
        if not isinstance(out, Mapping):
            raise ModelError(
                f"reduce returned {kind(out)}; a dict of name to value was expected: "
                f"`return {{'mean': rows['V'].mean()}}`."
            )
        return {str(name): as_array(f"reduce: `{name}`", x) for name, x in out.items()}

    return jax.vmap(one)(rows)


def by_point(x: np.ndarray, points: int, done: int) -> np.ndarray:
    """A recording with time first as one with points first; records that a stop left out are NaN (counters: 0)."""
    x[done:] = np.nan if x.dtype.kind == "f" else 0
    return np.moveaxis(x, 0, 1)[:points]
