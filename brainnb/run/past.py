"""What a run remembers: the delay lines of its model, written step by step."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core import history
from brainnb.core.errors import ModelError, unknown_message
from brainnb.core.history import Line, Moment
from brainnb.core.orders import orders
from brainnb.core.record import Record, flat
from brainnb.integrators.base import shape_of

from . import cache, limits, options


def prepared(system: Any, method: Any, size: tuple[int, ...], dt: float, steps: int) -> Any:
    """The system with the lines and the memory that a run up to step ``steps`` needs; itself when it needs none."""
    delayed, fractional = history.remembers(system.model), orders(system.model)
    if not delayed and not fractional:
        return system
    memory = None
    if fractional:
        chosen = options.fractional_method(method, system.model)
        memory = chosen, chosen.rows(steps, dt)
    system = system.remembering((), memory)
    return system.remembering(lines_for(system, size, dt), memory) if delayed else system


def begun(system: Any, s: Record) -> Record:
    """Every line as if the state had always been ``s``; the memory of a fractional method that has just begun."""
    past = {"lines": Record({line.path: history.blank(line, _own(line, s.model)) for line in system.lines})}
    if system.memory:
        method, rows = system.memory
        like = shape_of(system.field, jnp.zeros(()), Record({**s, "past": Record(past)}))
        past["memory"] = method.begun(Record(model=s.model, drive=s.drive), like, rows)
    return Record(past)


def tables(method: Any, system: Any, s: Record, dt: Array) -> Any:
    """The weights of a fractional method, the same for every step of a run; None for all other methods."""
    if system.memory is None:
        return None
    return method.tables(joint_orders(system), s.past.memory.ring, system.memory[1], dt)


def joint_orders(system: Any) -> dict[str, Any]:
    """Fractional orders by their paths in the joint state."""
    return {f"model.{path}": alpha for path, alpha in orders(system.model).items()}


def _own(line: Line, s: Record) -> Any:
    return None if line.kind == "bits" else history.at_path(s, line.of)


def lines_for(system: Any, size: tuple[int, ...], dt: float) -> tuple[Line, ...]:
    """The lines of the model of ``system``: found once for each structure."""
    leaves, tree = jax.tree.flatten(system)
    key = (tree, tuple(np.shape(x) for x in leaves), size, dt)
    if (found := cache.lines.get(key)) is None:
        found = history.lines(system.model, dt, size)
        found = history.lines(system.model, dt, size, _rough(system.remembering(found, system.memory), size))
        cache.lines.set(key, found)
    return found


def _rough(system: Any, size: tuple[int, ...]) -> frozenset[str]:
    """Paths of the states that jump in ``on_step`` or are noisy: no smooth curve leads through them."""
    found: set[str] = set()

    def probe(key: Array) -> None:
        s = system.init(size, key)
        t = jnp.zeros(())
        found.update(path.removeprefix("model.") for path in flat(system.diffusion(t, s)))
        system.on_step(t, s, key)  # mistakes are told here
        changes, _ = system.model.on_step(t, system.seen(s, Moment()), system.given(t, s), key)
        found.update(flat(changes))

    jax.eval_shape(probe, jax.random.key(0))
    return frozenset(found)


def check(system: Any, state: Record, dt: float) -> None:
    """Refuse, before the first step, a line that no memory holds and a delay that its line does not."""
    name = type(system.model).__name__
    for line in system.lines:
        what = f"`{line.path}` remembers {line.longest:g} ms in steps of {dt:g} ms"
        _fits(state.past.lines[line.path], f"{name}: {what}", "Declare a shorter line, or use a larger dt.")
    if system.memory:
        method, rows = system.memory
        what = f"method={method.label!r} remembers {rows:,} steps"
        _fits(
            state.past.memory,
            f"{name}: {what}",
            "Use method=bn.integrators.GrunwaldLetnikov(memory=...), or a larger dt.",
        )
    for path, (low, high) in _delays(system, state).items() if system.lines else ():
        line = next(line for line in system.lines if line.path == path)
        low, high = float(low), float(high)
        if low < 0:
            raise ModelError(
                f"{name} reads `{path}({low:g})`: that is {-low:g} ms in the future; a delay is at least 0 ms."
            )
        if high > line.longest * (1 + 1e-5):
            raise ModelError(
                f"{name} reads `{path}({high:g})`, but the line holds {line.longest:g} ms; declare a longer one, "
                f"bn.history('{line.of.rpartition('.')[2]}', {high:g})."
            )


def _fits(kept: Record, what: str, instead: str) -> None:
    needed, there = sum(x.nbytes for x in jax.tree.leaves(kept)), limits.memory()
    if there is not None and needed > there / 4:
        raise ValueError(f"{what}, which takes {needed / 1e9:.3g} GB; this machine has {there / 1e9:.3g}. {instead}")


@jax.jit
def _delays(system: Any, s: Record) -> dict[str, tuple[Array, Array]]:
    """The shortest and the longest delay that the hooks ask of every line at the begin."""
    cache.count_trace()
    t = jnp.zeros(())
    with history.watched() as found:
        system.field(t, s)
        system.diffusion(t, s)
        system.on_step(t, s, jax.random.key(0))
    return {p: (jnp.stack([x for x, _ in d]).min(), jnp.stack([x for _, x in d]).max()) for p, d in found.items()}


def written(system: Any, s: Record, t: Array, moment: Moment) -> Record:
    """The joint state with this moment written into the lines."""
    slopes = system.field(t, s, moment).get("model", {})
    new = {}
    for line in system.lines:
        if line.kind == "bits":
            continue
        slope = history.at_path(slopes, line.of) if line.kind == "cubic" else None
        new[line.path] = history.remembered(line, s.past.lines[line.path], moment.step, _own(line, s.model), slope)
    return s.merge(dict(past=dict(lines=new)))


def noted(system: Any, s: Record, seen: Mapping[str, Any], step: Array) -> Record:
    """The joint state with what ``on_step`` reported written into the lines that keep it."""
    new = {}
    for line in system.lines:
        if line.kind != "bits":
            continue
        values = flat(seen)
        name = type(system.model).__name__
        if line.of not in values:
            raise ModelError(
                f"`{line.path}` remembers `{line.of}`: "
                + unknown_message("observable", line.of, values, where=f"{name}.on_step")
            )
        flags = values[line.of]
        if jnp.shape(flags) != line.units:
            raise ModelError(
                f"`{line.path}` remembers `{line.of}`, which {name}.on_step reports with shape {jnp.shape(flags)}; one flag for each "
                f"unit was expected, {line.units}."
            )
        new[line.path] = history.remembered(line, s.past.lines[line.path], step, flags != 0)
    return s.merge(dict(past=dict(lines=new))) if new else s


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
    return s.merge(dict(past=dict(lines=new)))
