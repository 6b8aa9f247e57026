"""One step of a system: noise, the method's step, jumps, and what is seen of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.delayed import Moment
from brainnb.core.record import Record, flat
from brainnb.integrators import Fractional
from brainnb.integrators.wiener import draw

from . import cache, past
from .system import BEGIN, System


def one_step(
    method: Any, system: System, s: Record, step: Array, offset: Array, dt: Array, key: Array, tables: Any = None
) -> tuple[Record, Record]:
    """One step from ``t = offset + step * dt``; returns the next state and the observables.

    ``tables`` are the weights of a fractional method (:func:`past.tables`), which a loop computes once.
    """
    t = offset + step * dt
    k_noise, k_step = jax.random.split(jax.random.fold_in(key, step))
    noise = jax.eval_shape(system.diffusion, t, s)
    field, diffusion, begin = partial(traced_field, system), system.diffusion, t
    if system.lines:
        s = past.written(system, s, t, Moment(step, 0.0, dt))
        field, diffusion, begin = (
            since(field, t, step, dt),
            since(system.diffusion, t, step, dt),
            jnp.zeros_like(t),
        )
    if noise:
        w = draw(noise, dt, k_noise, method.area, method.generator)
        new = method.step_noise(field, diffusion, begin, s, dt, w)
    elif isinstance(method, Fractional):
        tables = past.tables(method, system, s, dt) if tables is None else tables
        new = method.step_fractional(field, begin, s, dt, step, past.joint_orders(system), tables)
    else:
        new = method.step(field, begin, s, dt)
    after, seen = system.on_step(t + dt, new, k_step, Moment(step, dt, dt) if system.lines else BEGIN, began=t)
    if system.memory:
        after = method.noted(new, after)
    return past.noted(system, after, seen, Moment(step + 1, 0.0, dt)) if system.lines else after, seen


@partial(jax.jit, inline=True)
def traced_field(system: System, t: Array, s: Record, moment: Moment = BEGIN) -> Record:
    """:meth:`System.field`, whose hooks are called once however often a method asks for slopes."""
    return system.field(t, s, moment)


@partial(jax.jit, static_argnums=0, inline=True)
def traced_step(method: Any, system: System, s: Record, step: Array, *rest: Any) -> tuple[Record, Record]:
    """:func:`one_step`, whose hooks are called once for each structure: the plan and the loop share one trace."""
    return one_step(method, system, s, step, *rest)


def since(hook: Callable, t: Array, step: Array, dt: Array) -> Callable:
    """A hook as a function of the time since the step began: delays count from there, exact at any age of the run."""
    return lambda ahead, s: hook(t + ahead, s, Moment(step, ahead, dt))


def abstract_step(method: Any, system: System, s: Record) -> tuple[Record, Record]:
    """Shapes of the next state and the observables; this one trace is where mistakes in hooks show."""
    number = jax.ShapeDtypeStruct((), jax.dtypes.canonicalize_dtype(float))
    index = jax.ShapeDtypeStruct((), np.int32)

    return jax.eval_shape(partial(traced_step, method), system, s, index, number, number, jax.random.key(0), None)


def seen_now(system: System, s: Record, seen: Record, t: Array, paths: tuple[str, ...]) -> dict[str, Array]:
    """The recorded values by path."""
    values = flat(s.model) | flat(seen)
    missing = [p for p in paths if p not in values]
    if missing:
        given = system.given(t, s)
        values |= {p: given[p] for p in missing}
    return {p: values[p][system.picks[p]] if p in system.picks else values[p] for p in paths}


@partial(jax.jit, static_argnums=0)
def begin(size: tuple[int, ...], system: System, seed: Array) -> tuple[Record, Array]:
    """Initial state and the key of the noise: one dispatch instead of one for every state."""
    cache.count_trace()
    key, init_key = jax.random.split(jax.random.key(seed))
    return system.init(size, init_key), key


def recording_step(
    method: Any,
    paths: tuple[str, ...],
    system: System,
    s: Record,
    i: Array,
    offset: Array,
    dt: Array,
    key: Array,
    tables: Any = None,
) -> tuple[Record, dict[str, Array]]:
    """Step ``i`` and what is recorded of it."""
    new, seen = traced_step(method, system, s, i, offset, dt, key, tables)
    return new, seen_now(system, new, seen, offset + (i + 1) * dt, paths)
