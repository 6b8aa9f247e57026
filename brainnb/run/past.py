"""What a run remembers: the delay lines of its model, written step by step."""

import inspect
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb import integrators
from brainnb.core import delayed, history
from brainnb.core.curves import curve_for
from brainnb.core.delayed import SLOPE, Line, Moment
from brainnb.core.errors import ModelError, unknown_message
from brainnb.core.fields import float_dtype
from brainnb.core.orders import orders
from brainnb.core.record import Record, flat
from brainnb.integrators import Fractional
from brainnb.integrators.base import advance, shape_of

from . import cache, fractional, limits


def prepared(system: Any, method: Any, size: tuple[int, ...], dt: float, steps: int) -> Any:
    """The system with the lines and the memory that a run up to step ``steps`` needs; itself when it needs none."""
    slow = orders(system.model)
    if slow:
        chosen = fractional.method(method, system.model)
    else:
        chosen = integrators.get(system.model.default_method if method is None else method)
    remembers = getattr(chosen, "remembers", False) and (slow or not isinstance(chosen, Fractional))
    if remembers:
        system = system.remembering((), (chosen, chosen.rows(steps, dt)))
    if not history.remembers(system.model):
        return system
    return system.remembering(lines_for(system, size, dt, curve_for(chosen.order)), system.memory)


def begun(system: Any, s: Record) -> Record:
    """Every line as if the state had always been ``s``; the memory of a method that has just begun."""
    past = {"lines": Record({line.path: history.blank(line, _own(line, s.model)) for line in system.lines})}
    if system.memory:
        method, rows = system.memory
        like = shape_of(system.field, jnp.zeros(()), Record({**s, "past": Record(past)}))
        past["memory"] = method.begun(Record(model=s.model, drive=s.drive), like, rows)
    return Record(past)


def tables(method: Any, system: Any, s: Record, dt: Array) -> Any:
    """The weights of a fractional method, the same for every step of a run; None for all other methods."""
    if not isinstance(method, Fractional):
        return None
    return method.tables(joint_orders(system), s.past.memory.ring, system.memory[1], dt)


def joint_orders(system: Any) -> dict[str, Any]:
    """Fractional orders by their paths in the joint state."""
    return {f"model.{path}": alpha for path, alpha in orders(system.model).items()}


def _own(line: Line, s: Record) -> Any:
    return None if line.kind == "bits" else history.at_path(s, line.of)


def lines_for(system: Any, size: tuple[int, ...], dt: float, curve: str) -> tuple[Line, ...]:
    """The lines of the model of ``system``, whose smooth states are read from a ``curve``: found once for each structure."""
    leaves, tree = jax.tree.flatten(system)
    key = (tree, tuple(np.shape(x) for x in leaves), size, dt, curve)
    if (found := cache.lines.get(key)) is None:
        found = history.lines(system.model, dt, size)
        _counted(found, dt, type(system.model).__name__)
        rough, read = _rough(system.remembering(found, system.memory), size)
        found = history.lines(system.model, dt, size, rough, read, curve=curve)
        cache.lines.set(key, found)
    return found


def _counted(found: tuple[Line, ...], dt: float, name: str) -> None:
    for line in found:
        if line.rows > limits.MAX_STEPS:
            raise ValueError(
                f"{name}: `{line.path}` remembers {line.longest:g} ms in steps of {dt:g} ms; a line holds at most "
                f"{limits.MAX_STEPS:,} steps. Declare a shorter one, or use a larger dt."
            )


def at_rest() -> Moment:
    """Before the first step, in the types of a step: what a step traces later is then what was traced here."""
    begin = Moment()
    return Moment(np.int32(begin.step), *(np.asarray(x, float_dtype()) for x in begin[1:]))


def _rough(system: Any, size: tuple[int, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Paths of the states that jump in ``on_step`` or are noisy: no smooth curve leads through them; and what is read."""
    rough: set[str] = set()

    def probe(key: Array) -> None:
        s = system.init(size, key)
        t, now = jnp.zeros(()), at_rest()
        new, seen = system.on_step(t, s, key, now)
        noted(system, new, seen, now)  # mistakes are told here
        system.field(t, s, now)
        rough.update(path.removeprefix("model.") for path in flat(system.diffusion(t, s)))
        before = flat(s.model)
        rough.update(path for path, x in flat(new.model).items() if x is not before[path])

    with delayed.watched() as read:
        jax.eval_shape(probe, jax.random.key(0))
    return frozenset(rough), frozenset(read)


# --- what is refused before the first step -------------------------------------------------------------------------


def fits(system: Any, size: tuple[int, ...], dt: float) -> None:
    """Refuse a line or a memory that this machine cannot hold, before there is one."""
    from .step import begin

    leaves, tree = jax.tree.flatten(system)
    key = (tree, tuple(np.shape(x) for x in leaves), size, float_dtype())
    if (shapes := cache.pasts.get(key)) is None:
        # the trace with which the run then begins
        shapes = jax.eval_shape(partial(begin, size), system, np.uint32(0))[0]["past"]
        cache.pasts.set(key, shapes)
    name = type(system.model).__name__
    for line in system.lines:
        what = f"`{line.path}` remembers {line.longest:g} ms in steps of {dt:g} ms"
        _fits(shapes.lines[line.path], f"{name}: {what}", "Declare a shorter line, or use a larger dt.")
    if system.memory and isinstance(system.memory[0], Fractional):
        method, rows = system.memory
        what = f"method={method.label!r} remembers {rows:,} steps"
        instead = "Use method=bn.integrators.GrunwaldLetnikov(memory=...), or a larger dt."
        _fits(shapes.memory, f"{name}: {what}", instead)


def bytes_of(state: Record) -> int:
    """Memory that the past of one run takes while it runs."""
    return COPIES * sum(x.nbytes for x in jax.tree.leaves(state.get("past", ())))


def _fits(kept: Record, what: str, instead: str) -> None:
    needed = sum(math.prod(x.shape) * x.dtype.itemsize for x in jax.tree.leaves(kept))
    there = limits.memory()
    if there is not None and needed > there / COPIES:
        raise ValueError(
            f"{what}, which takes {needed / 1e9:.3g} GB and while it runs up to {COPIES} times that; this machine has "
            f"{there / 1e9:.3g}. {instead}"
        )


COPIES = 4
"""How often a past may stand in memory: before and after a chunk, in its tables, and packed into the result."""


def check(system: Any, state: Record) -> None:
    """Refuse, before the first step, a delay that its line does not hold."""
    if system.lines and (said := beyond(system, state)):
        raise ModelError(said)


def beyond(system: Any, state: Record, t: float = 0.0) -> str | None:
    """The sentence about a delay that lies outside its line in this state; None when all are inside."""
    name = type(system.model).__name__
    try:
        found = _delays(system, state, np.asarray(t, float_dtype()))
    except jax.errors.UnexpectedTracerError:  # read inside jit, vmap or a loop of the hook: told by NaN, if ever
        return None
    for path, bounds in found.items():
        line = next(line for line in system.lines if line.path == path.removesuffix(SLOPE))
        low, high = (float(x) for x in bounds)
        read = f"{name} reads `{path}({{:g}})`".format
        if low < 0:
            return f"{read(low)}: that is {-low:g} ms in the future; a delay is at least 0 ms."
        if low == 0 and path.endswith(SLOPE):
            return f"{read(low)}: a derivative that depends on itself; the delay of a slope is more than 0 ms."
        if high > line.longest * (1 + 1e-5):
            return (
                f"{read(high)}, but the line holds {line.longest:g} ms; declare a longer one, "
                f"bn.history('{line.of.rpartition('.')[2]}', {high:g})."
            )
    return None


def left(system: Any, s: Record, step: int, offset: float, dt: float) -> str | None:
    """The sentence about a delay that leaves its line in this step, looked for at its begin and at its end."""
    dtype = float_dtype()
    moment = Moment(np.int32(step), np.asarray(0.0, dtype), np.asarray(dt, dtype))
    end = _next(system, s, np.asarray(offset + step * dt, dtype), moment)
    return beyond(system, s, offset + step * dt) or beyond(system, end, offset + (step + 1) * dt)


@jax.jit
def _next(system: Any, s: Record, t: Array, moment: Moment) -> Record:
    """Roughly the state at the end of a step: enough to see where its delays lead."""
    cache.count_trace()
    s = written(system, s, t, moment)
    return advance(s, system.field(t, s, moment), moment.dt)


@jax.jit
def _delays(system: Any, s: Record, t: Array) -> dict[str, tuple[Array, Array]]:
    """The shortest and the longest delay that the hooks ask of every line in this state."""
    cache.count_trace()
    with delayed.watched() as found:
        system.field(t, s, at_rest())
        system.diffusion(t, s)
        system.on_step(t, s, jax.random.key(0), at_rest())
    return {p: (jnp.stack([x for x, _ in d]).min(), jnp.stack([x for _, x in d]).max()) for p, d in found.items()}


# --- what a step writes --------------------------------------------------------------------------------------------


def written(system: Any, s: Record, t: Array, moment: Moment) -> Record:
    """The joint state with this moment written into the lines: first the values, which the slopes may need."""
    own = {line: history.at_path(s.model, line.of) for line in system.lines if line.kind != "bits"}
    s = _kept(s, {line.path: history.placed(line, s.past.lines[line.path], moment, x) for line, x in own.items()})
    smooth = [line for line in own if line.points]
    if not smooth:
        return s
    begins = system.field(t, s, moment)["model"]
    before = Moment(moment.step - 1, moment.dt, moment.dt)  # the same moment, as the end of the step before
    ends = system.field(t, s, before)["model"] if any(line.neutral for line in smooth) else None
    new = {}
    for line in smooth:
        slope, end = (x if x is None else history.at_path(x, line.of) for x in (begins, ends))
        new[line.path] = history.sloped(line, s.past.lines[line.path], moment.step, slope, end)
    return _kept(s, new)


def _kept(s: Record, new: Mapping[str, Record]) -> Record:
    return s.merge(dict(past=dict(lines=new))) if new else s


def noted(system: Any, s: Record, seen: Mapping[str, Any], moment: Moment) -> Record:
    """The joint state with the spikes of this moment written into the lines that keep them."""
    values, name, new = flat(seen), type(system.model).__name__, {}
    for line in system.lines:
        if line.kind != "bits":
            continue
        said = f"`{line.path}` remembers `{line.of}`"
        if line.of not in values:
            raise ModelError(f"{said}: " + unknown_message("observable", line.of, values, where=f"{name}.on_step"))
        flags = values[line.of]
        if jnp.result_type(flags).kind == "f" and line.of.rpartition(".")[2] != "spike":
            raise ModelError(
                f"{said}, which {name}.on_step reports as a number; of what is reported only flags (`spike`, True or "
                f"False) are remembered: make it a state."
            )
        if jnp.shape(flags) != line.units:
            raise ModelError(
                f"{said}, which {name}.on_step reports with shape {jnp.shape(flags)}; one flag for each unit was "
                f"expected, {line.units}."
            )
        new[line.path] = history.placed(line, s.past.lines[line.path], moment, flags != 0)
    return _kept(s, new)


def functions_of_time(init: Any) -> tuple[dict[str, Callable], Any]:
    """The pasts that ``init`` gives as functions, and ``init`` with their values at the begin instead."""
    if not isinstance(init, Mapping) or hasattr(init, "data_vars"):
        return {}, init
    values = flat(init)
    found = {path: x for path, x in values.items() if callable(x) and not hasattr(x, "__array__")}
    for path, function in found.items():
        _takes_time(function, path)
    return found, {path: function(0.0) if (function := found.get(path)) else x for path, x in values.items()}


def _takes_time(function: Callable, path: str) -> None:
    try:
        inspect.signature(function).bind(0.0)
    except (TypeError, ValueError):
        raise ModelError(
            f"init[{path!r}]: a function of one time was expected, `lambda t: ...`, with t in ms."
        ) from None


def filled(system: Any, s: Record, before: Mapping[str, Callable], dt: float) -> Record:
    """The joint state whose past is that of its initial values, or a function of time."""
    s = system.with_past(s)
    new = {}
    for path, function in before.items():
        lines = [line for line in system.lines if line.of == path]
        if not lines:
            raise ModelError(
                f"init: `{path}` is given as a function of time, but {type(system.model).__name__} keeps no history of it; give the "
                f"value at the begin."
            )
        for line in lines:
            try:
                new[line.path] = history.filled(line, s.past.lines[line.path], function, dt)
            except (TypeError, ValueError, jax.errors.JAXTypeError) as error:
                raise ModelError(
                    f"init[{path!r}]: a function of one time in ms, from 0 back, that uses jnp was expected; it answered: "
                    f"{str(error).splitlines()[0]}"
                ) from error
    return _kept(s, new)
