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
from brainnb.core.record import Record, flat

from . import cache, limits


def begun(lines: tuple[Line, ...], s: Record) -> Record:
    """Every line as if the state had always been ``s``."""
    return Record({line.path: history.blank(line, _own(line, s)) for line in lines})


def _own(line: Line, s: Record) -> Any:
    return None if line.kind == "bits" else history.at_path(s, line.of)


def lines_for(system: Any, size: tuple[int, ...], dt: float, at_once: int = 1) -> tuple[Line, ...]:
    """The lines of the model of ``system``: found once for each structure."""
    leaves, tree = jax.tree.flatten(system)
    key = (tree, tuple(np.shape(x) for x in leaves), size, dt)
    if (found := cache.lines.get(key)) is None:
        found = history.lines(system.model, dt, size)
        found = history.lines(system.model, dt, size, _rough(system.remembering(found), size))
        cache.lines.set(key, found)
    return found


def _rough(system: Any, size: tuple[int, ...]) -> frozenset[str]:
    """Paths of the states that jump in ``on_step`` or are noisy: no smooth curve leads through them."""
    found: set[str] = set()

    def probe(key: Array) -> None:
        s = system.init(size, key)
        found.update(p.removeprefix("model.").partition("@")[0] for p in flat(system.diffusion(jnp.zeros(()), s)))
        changes, _ = system.model.on_step(jnp.zeros(()), system.seen(s, Moment()), system.given(jnp.zeros(()), s), key)
        found.update(flat(changes))

    jax.eval_shape(probe, jax.random.key(0))
    return frozenset(found)


def check(system: Any, state: Record, dt: float, size: tuple[int, ...]) -> None:
    """Refuse, before the first step, a line that no memory holds and a delay that its line does not."""
    name = type(system.model).__name__
    for line in system.lines:
        needed = sum(x.nbytes for x in jax.tree.leaves(state.past[line.path]))
        if (there := limits.memory()) is not None and needed > there / 2:
            raise ValueError(
                f"{name}: `{line.path}` remembers {line.longest:g} ms in steps of {dt:g} ms, which takes {needed / 1e9:.3g} GB; "
                f"this machine has {there / 1e9:.3g}. Declare a shorter line, or use a larger dt."
            )
    for path, (low, high) in _delays(system, state).items():
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
        new[line.path] = history.remembered(line, s.past[line.path], moment.step, _own(line, s.model), slope)
    return s.merge(dict(past=s.past.merge(new)))


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
        new[line.path] = history.remembered(line, s.past[line.path], step, flags != 0)
    return s.merge(dict(past=s.past.merge(new))) if new else s


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
                new[line.path] = history.filled(line, s.past[line.path], function, dt)
            except (TypeError, ValueError, jax.errors.JAXTypeError) as error:
                raise ModelError(
                    f"init[{path!r}]: a function of one time in ms, from 0 back, that uses jnp was expected; it answered: "
                    f"{str(error).splitlines()[0]}"
                ) from error
    return s.merge(dict(past=s.past.merge(new)))
