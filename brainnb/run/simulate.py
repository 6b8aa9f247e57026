"""``simulate``: a model, a duration, a labelled result."""

import dataclasses
import functools
import os
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from brainnb.core.errors import NumericalFailure
from brainnb.core.fields import float_dtype
from brainnb.core.model import Model
from brainnb.core.record import Record

from . import dataset, limits, options, past, precision
from .failure import first_bad
from .interrupt import held_back
from .loop import Run, run_chunk
from .plan import find_plan
from .record import continuous_states
from .step import begin
from .system import System, drives

Progress = bool | Callable[[float], bool | None] | None


@precision.for_one_run
def simulate(
    model: Model,
    T: Any,
    dt: Any = 0.1,
    *,
    inputs: Mapping[str, Any] | None = None,
    record: str | Iterable[str] | None = None,
    every: int = 1,
    method: Any = None,
    seed: int = 0,
    size: int | tuple[int, ...] | None = None,
    init: Any = None,
    progress: Progress = None,
    store: str | os.PathLike | None = None,
    on_nan: str = "raise",
    **given: Any,
) -> Any:
    r"""Run a model and return what it did, with names and units.

    Parameters
    ----------
    model : Model
    T, dt : float or quantity
        Duration and step in ms (or ``"1 s"``); ``T`` is a whole number of steps.
    <input> : number, array, quantity, stimulus or function
        Each declared input by name, ``I=10``; numbers and stimuli of :mod:`brainnb.inputs` never recompile, a
        fresh function does.
    inputs : mapping
        The same by name, for names that are no Python identifiers.
    record : list of paths, optional
        States, inputs and observables, globs allowed.  By default every continuous state.  ``"E.V[:10]"`` keeps some
        neurons of a population (a number or a slice), with their numbers as coordinate of ``E.V_neuron``; another
        choice of as many compiles nothing.
    every : int
        Keep every so many steps.  ``spike`` counts the spikes in between; the rest is sampled.
    method : str, Integrator or diffrax solver, optional
        By default the one the model's family is known to need.
    seed : int
        Same seed, same noise.
    size : int, optional
        Number of independent units, dimension ``neuron``.
    init : Dataset, Record or mapping, optional
        A Dataset or state of an earlier run continues it (time and noise go on); a mapping sets the initial
        value of single states, ``init={"V": -70}``.
    progress : bool or callable, optional
        True draws a bar; a callable gets the finished fraction and stops the run by returning False.
    store : path, optional
        A folder on the disk that takes the recording while it is made, so that a run of any length needs little
        memory.  The same call goes on where a stopped or killed run ended, equal to the last bit; ``bn.open_run``
        shows what is there at any moment.
    precision : {"float32", "float64"}, optional
        Float type of this run only; the setting of JAX is left alone.  By default that of JAX, and
        double for a model in double precision, such as one that was fitted so.
    on_nan : {"raise", "keep"}
        What to do when a value stops being finite.  Either way everything before is kept: on the error as
        ``error.partial``, or in the result.

    Returns
    -------
    xarray.Dataset
        One variable per path over ``time`` (ms) and units; attrs hold model, parameters, inputs, method, dt,
        seed, version, wall time and ``status``.

    Raises
    ------
    ModelError, UnknownName, ValueError
        Before the first step, with the path, what was given, and what to write instead.
    NumericalFailure
        When a value becomes NaN or infinite, with the first time and variable, and the partial result.
    StoreError
        When the store holds another run, is in use, damaged, or the disk is full; what was written stays.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=50, dt=0.01, I=10)
    >>> ds.V.dims, ds.V.attrs["units"], int(ds.bn.spike_count())
    (('time',), 'mV', 4)
    """
    begun = perf_counter()
    given = options.merged_inputs(inputs, given)
    options.on_nan(on_nan)
    prepared = prepare(
        model,
        T,
        dt,
        given,
        record=record,
        every=every,
        method=method,
        seed=seed,
        size=size,
        init=init,
        kept=store is None,
    )
    report = options.reporter(progress)
    run = prepared.run
    with sink(store, prepared) as kept, held_back() as pressed:
        status = kept.ended or "finished"
        good = (run.done, run.state)  # moves in one assignment, so that an interrupt finds records and state in step
        try:
            for done, piece in run.pieces() if kept.ended is None else ():
                bad = first_bad(prepared, good[1], piece, run.state, good[0], done)
                kept.add(piece)
                if bad:
                    good, status = (bad.keep, good[1]), bad.sentence
                    break
                good = (done, run.state)
                kept.reach(*good)
                if (options.says_stop(report(done / run.records)) or pressed()) and done < run.records:
                    status = prepared.stopped_at(done)
                    break
        except KeyboardInterrupt:
            status = prepared.stopped_at(good[0])
        finally:
            report(None)
        result = kept.finish(*good, status, perf_counter() - begun)
    if status.startswith("NaN") and on_nan == "raise":
        raise NumericalFailure(
            f"{type(model).__name__}: {status} The result until then is in the error's .partial.", result
        )
    return result


class Prepared:
    """A run that is ready to start: system, plan, state, and how to label what comes out."""

    def __init__(self, system: System, run: Run, size: tuple[int, ...], seed: int):
        self.model, self.system, self.run, self.size, self.seed = system.model, system, run, size, seed
        self.first = run.first

    @property
    def start(self) -> float:
        """Time at which the run begins, ms."""
        return self.run.offset + self.first * self.run.dt

    @functools.cached_property
    def watched(self) -> list[str]:
        """The states that must stay finite: looked up once, asked after every chunk."""
        return continuous_states(self.model, self.run.state.model)

    def stopped_at(self, records: int) -> str:
        """The status of a run that was stopped."""
        run = self.run
        return f"stopped at t={self.start + records * run.every * run.dt:g} ms"

    def provenance(self, **more: Any) -> dict[str, Any]:
        """Where the numbers come from."""
        run = self.run
        return dataset.provenance(
            self.model,
            self.system.drives,
            method=run.plan.method.label,
            dt=run.dt,
            every=run.every,
            seed=self.seed,
            **more,
        )


class InMemory:
    """Takes the recording of a run in arrays of its full length; :class:`store.Stored` has the same methods.

    A system gives memory only to what is written, so a run that is stopped early has cost no more than it recorded.
    """

    ended: str | None = None

    def __init__(self, prepared: Prepared):
        self.prepared = prepared

    def __enter__(self) -> "InMemory":
        run = self.prepared.run
        run.room = run.plan.recording(run.records)
        return self

    def __exit__(self, *_: Any) -> None:
        return None

    def add(self, piece: dict[str, np.ndarray]) -> None:
        """The newest piece is in its place already."""

    def reach(self, done: int, state: Record) -> None:
        """Memory needs no word about what is safe."""

    def finish(self, records: int, state: Record, status: str, wall: float) -> Any:
        """The Dataset of the first ``records`` records."""
        prepared, run = self.prepared, self.prepared.run
        rows = {p: x[:records] for p, x in run.room.items()}
        time = dataset.time_coordinates(run.first, run.offset, run.dt, run.every, records)
        attrs = prepared.provenance(wall_time=round(wall, 6), status=status)
        if not status.startswith("NaN"):
            attrs["t_end"] = prepared.start + records * run.every * run.dt
            attrs[dataset.FINAL_STATE] = dataset.pack_state(state)
        picks = prepared.system.picks
        return dataset.build_again(run.plan, prepared.model, rows, time, prepared.size, attrs, picks=picks)


def sink(store: Any, prepared: Prepared) -> Any:
    """What takes the recording: memory, or a folder on the disk."""
    if store is None:
        return InMemory(prepared)
    from .store import Stored

    return Stored(store, prepared)


def prepare(
    model: Any,
    T: Any,
    dt: Any,
    given: Mapping[str, Any],
    *,
    record: Any = None,
    every: Any = 1,
    method: Any = None,
    seed: Any = 0,
    size: Any = None,
    init: Any = None,
    kept: bool = True,
) -> Prepared:
    """Check everything there is to check, before the first step; ``kept`` says that memory takes the recording."""
    options.check_model(model)
    dt = options.duration(dt, "dt")
    every = options.count(every, "every")
    steps = options.steps(T, dt, every)
    size = options.size(size)
    seed = options.seed(seed)
    system = System(model, drives(model, given))
    options.check_concrete(system)
    system = past.prepared(system, method, size, dt, steps + round(options.begin_of(init) / dt))
    if system.lines or system.memory:
        past.fits(system, size, dt)
    state, key = begin(size, system, np.uint32(seed))
    before, init = past.functions_of_time(init)
    state, start = options.initial(state, init, model, size, dt, system.memory and system.memory[0])
    if system.lines or system.memory:
        if init is not None and start == 0.0:
            state = past.filled(system, state, before, dt)
        past.check(system, state)
    first = round(start / dt)
    offset = start - first * dt if abs(start - first * dt) > 1e-9 * max(1.0, abs(start)) else 0.0
    limits.check_steps(first, steps, dt)
    limits.check_clock(start + steps * dt, dt, float_dtype(), type(model).__name__)
    plan, picks = find_plan(system, state, method, record, every > 1)
    system = dataclasses.replace(system, picks=picks)
    if kept:
        limits.check_memory(steps // every, plan.row_bytes, type(model).__name__)

    def chunk(state: Record, *rest: Any) -> tuple[Record, dict]:
        with limits.told_leaks(type(model).__name__):
            return run_chunk(plan, system, state, *rest)

    return Prepared(system, Run(chunk, plan, state, first, offset, dt, every, steps // every, key), size, seed)
