"""``sweep``: one model over a grid of values, run at once."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from time import perf_counter
from typing import Any

import jax
import numpy as np
from jax import Array

from brainnb.core.checks import as_array, kind
from brainnb.core.errors import ModelError, NumericalFailure, UnknownName, unknown_message
from brainnb.core.explain import in_words
from brainnb.core.model import Model
from brainnb.core.record import Record
from brainnb.core.xla import WIDE

from . import dataset, grid, limits, options, precision
from .designs import Points
from .interrupt import held_back
from .loop import Plan, Run, stepped
from .past import tables
from .simulate import Prepared, Progress, prepare, with_batch
from .step import begin, recording_step
from .system import System

MEMORY_BYTES = 2**30
"""Recorded bytes that one block of points may take before the grid is cut."""


@precision.for_one_run
def sweep(
    model: Model,
    values: Mapping[str, Any] | None = None,
    T: Any = None,
    dt: Any = 0.1,
    *,
    inputs: Mapping[str, Any] | None = None,
    record: str | Iterable[str] | None = None,
    every: int = 1,
    method: Any = None,
    seed: int = 0,
    size: int | tuple[int, ...] | None = None,
    init: Any = None,
    reduce: Callable[[Mapping[str, Array]], Mapping[str, Array]] | None = None,
    chunk: int | None = None,
    progress: Progress = None,
    on_nan: str = "keep",
    **given: Any,
) -> Any:
    """Run a model at every point of a grid; equal to a loop over :func:`simulate`.

    Parameters
    ----------
    model : Model
    values : mapping of path to values
        Parameters by dotted or glob path, inputs by name, numbers of a stimulus (``"I.amplitude"``); one
        dimension each, in this order.  From :mod:`brainnb.run.designs` come points that are no grid (zipped, random,
        Latin hypercube); they lie on the one dimension ``point``.
    T, dt, inputs, record, every, method, seed, size, init, progress
        As in :func:`simulate`.  Every point has the same seed.
    reduce : callable, optional
        Turns the recording of one point (mapping of path to array over time) into a mapping of name to array;
        runs compiled, and the time dimension is then gone.
    chunk : int, optional
        Points run at once; by default as many as fit the memory budget.
    precision : {"float32", "float64"}, optional
        Float type of this run only; the setting of JAX is left alone.  By default that of the session.
    on_nan : {"keep", "raise"}
        Points that diverge hold NaN; ``attrs["status"]`` counts them.

    Returns
    -------
    xarray.Dataset
        Dimensions: the swept paths, then ``time`` and units.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.sweep(bn.neurons.HodgkinHuxley(), {"I": [0, 5, 10, 20]}, T=200, dt=0.05, record=["V"])
    >>> ds.V.dims, ds.bn.spike_count().values.tolist()
    (('I', 'time'), [0, 1, 14, 18])
    """
    begun = perf_counter()
    options.check_model(model)
    options.duration(T, "T")
    options.on_nan(on_nan)
    given = options.merged_inputs(inputs, given)
    if reduce is not None and not callable(reduce):
        raise ModelError(
            f"reduce={reduce!r}: a function of the recording was expected, lambda rows: {{'mean': rows['V'].mean()}}."
        )
    axes = grid.axes(model, given, values)
    listed = isinstance(values, Points)
    points = grid.points(axes, listed)
    base = prepare(model, T, dt, given, record=record, every=every, method=method, seed=seed, size=size, init=init)
    reduced_to = 1 if reduce else base.run.records  # what reduce leaves of a point is small
    limits.check_memory(len(points) * reduced_to, base.run.plan.row_bytes, type(model).__name__)
    at_once = block_size(base, len(points), chunk)
    plan = with_batch(base.run.plan, at_once)
    report = options.reporter(progress)
    blocks: list[dict[str, np.ndarray]] = []
    status = "finished"
    for start in range(0, len(points), at_once):
        chosen = points[start : start + at_once]
        padded = chosen + chosen[-1:] * (at_once - len(chosen))  # one shape, one compilation
        run = batch_run(base, plan, grid.columns(axes, padded), at_once, fresh=init is None)
        pieces = []
        fraction = start / len(points)
        try:
            with held_back() as pressed:
                for done, piece in run.pieces():
                    pieces.append(piece)
                    fraction = (start + len(chosen) * done / run.records) / len(points)
                    if (options.says_stop(report(fraction)) or pressed()) and fraction < 1:
                        status = f"stopped at {fraction:.0%}"
                        break
        except KeyboardInterrupt:
            pieces = pieces or [run.nothing()]
            status = f"stopped at {fraction:.0%}"
        rows = {p: by_point([piece[p] for piece in pieces], len(chosen), run.records) for p in plan.paths}
        blocks.append(rows if reduce is None else reduced(reduce, rows))
        if status != "finished":
            break
    report(None)
    layout = grid.dimensions(axes, listed)
    return label(base, layout, len(points), blocks, reduce is not None, perf_counter() - begun, status, on_nan)


def block_size(base: Prepared, points: int, chunk: int | None) -> int:
    """Points run at once."""
    if chunk is not None:
        return min(points, options.count(chunk, "chunk"))
    return max(1, min(points, MEMORY_BYTES // max(1, base.run.plan.row_bytes * base.run.records)))


def batch_run(base: Prepared, plan: Plan, swept: Any, size: int, fresh: bool) -> Run:
    """The run of one block of points."""
    run = base.run
    if fresh:
        states = begin_batched(base.size, base.system, swept, np.uint32(base.seed))
    else:
        states = jax.tree.map(lambda x: np.broadcast_to(x, (size, *np.shape(x))), run.state)

    def chunk(state: Record, *rest: Any) -> tuple[Record, dict]:
        with limits.told_leaks(type(base.model).__name__):
            return chunk_batched(plan, base.system, swept, state, *rest)

    return Run(chunk, plan, states, run.first, run.offset, run.dt, run.every, run.records, run.key)


@partial(jax.jit, static_argnums=0)
def begin_batched(size: tuple[int, ...], system: System, swept: Any, seed: Array) -> Record:
    """Initial states of a block: they may depend on what is swept."""
    return jax.vmap(lambda v: begin(size, grid.at_point(system, v), seed)[0])(swept)


@partial(jax.jit, static_argnums=0, compiler_options=WIDE)
def chunk_batched(
    plan: Plan,
    system: System,
    swept: Any,
    s: Record,
    first: Array,
    offset: Array,
    dt: Array,
    every: Array,
    n: Array,
    key: Array,
) -> tuple[Record, dict]:
    """One chunk of a block of points; time comes first, so that a record is one piece of memory."""

    weights = jax.vmap(lambda v, s: tables(plan.method, grid.at_point(system, v), s, dt))(swept, s)

    def step(i: Array, s: Record) -> tuple[Record, dict[str, Array]]:
        def at(values: Any, s: Record, weights: Any) -> tuple[Record, dict[str, Array]]:
            return recording_step(
                plan.method, plan.paths, grid.at_point(system, values), s, i, offset, dt, key, weights
            )

        return jax.vmap(at)(swept, s, weights)

    return stepped(plan, step, s, first, every, n)


def reduced(reduce: Callable, rows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What ``reduce`` makes of every point; its mistakes come back in words."""
    try:
        return {name: np.asarray(x) for name, x in _reduced(reduce, rows).items()}
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


def by_point(pieces: list[np.ndarray], points: int, records: int) -> np.ndarray:
    """Pieces with time first as one array with points first; records that a stop left out are NaN."""
    x = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    x = np.moveaxis(x, 0, 1)[:points]
    if missing := records - x.shape[1]:
        fill = np.nan if x.dtype.kind == "f" else 0
        x = np.concatenate([x, np.full((points, missing, *x.shape[2:]), fill, x.dtype)], axis=1)
    return x


def label(
    base: Prepared,
    layout: tuple,
    points: int,
    blocks: list[dict[str, np.ndarray]],
    reduced: bool,
    wall: float,
    status: str,
    on_nan: str,
) -> Any:
    """The Dataset of a sweep; points that were not reached hold NaN."""
    shape, leading, beside = layout
    rows = {}
    bad = 0
    for name in blocks[0]:
        x = blocks[0][name] if len(blocks) == 1 else np.concatenate([block[name] for block in blocks])
        if x.dtype.kind == "f":
            bad = max(bad, int((~np.isfinite(x.reshape(len(x), -1)).all(axis=1)).sum()))
        if len(x) < points:
            fill = np.full((points - len(x), *x.shape[1:]), np.nan if x.dtype.kind == "f" else 0, x.dtype)
            x = np.concatenate([x, fill])
        rows[name] = x.reshape(*shape, *x.shape[1:])
    if bad and status == "finished":
        status = f"{bad} of {points} points became NaN or infinite"
    run = base.run
    attrs = dataset.provenance(
        base.model,
        base.system.drives,
        method=run.plan.method.label,
        dt=run.dt,
        every=run.every,
        seed=base.seed,
        wall_time=round(wall, 6),
        status=status,
    )
    time = None if reduced else dataset.time_coordinates(base.first, run.offset, run.dt, run.every, run.records)
    result = dataset.build(base.model, rows, time, base.size, attrs, leading)
    result = result.assign_coords(beside) if beside else result
    if bad and on_nan == "raise":
        raise NumericalFailure(
            f"{type(base.model).__name__}: {status}. The whole result is in the error's .partial.", result
        )
    return result
