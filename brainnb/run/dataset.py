"""The only place where arrays become Datasets: names, dimensions, units, provenance."""

import binascii
import dataclasses
import functools
import json
import math
import weakref
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import jax
import numpy as np

from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.core.record import Record, flat
from brainnb.inputs.base import Stimulus

from . import cache

SCHEMA = 1
FINAL_STATE = "final_state"


def times(first: int, offset: float, dt: float, every: int, records: int) -> np.ndarray:
    """Times of the records in ms, free of the noise of repeated addition: 0.3 and not 0.30000000000000004."""
    step, begin = Fraction(repr(dt)) * every, Fraction(repr(offset)) + first * Fraction(repr(dt))
    over = math.lcm(step.denominator, begin.denominator)
    if over <= 10**9 and abs(begin + records * step) * over < 2**53:  # whole numbers, exact until they are divided
        whole = np.arange(1, records + 1, dtype=np.float64)
        whole *= int(step * over)
        whole += int(begin * over)
        whole /= over
        return whole
    return np.round(offset + (first + np.arange(1, records + 1, dtype=np.float64) * every) * dt, 9)


@functools.lru_cache(maxsize=64)
def time_coordinates(first: int, offset: float, dt: float, every: int, records: int) -> Any:
    """The time axis as xarray coordinates; its index is built once and shared by equal runs."""
    import pandas as pd
    import xarray as xr

    found = times(first, offset, dt, every, records)
    found.flags.writeable = False
    index = xr.indexes.PandasIndex(pd.Index(found, copy=False), "time")
    variable = xr.Variable(("time",), found, {"units": "ms", "long_name": "time"})
    return xr.Coordinates({"time": variable}, indexes={"time": index})


def attributes(model: Model, path: str) -> dict[str, str]:
    """``units`` and ``long_name`` of a recorded path; observables carry none but ``spike``."""
    declaration = model.declaration(path)
    if declaration is not None:
        return {"units": declaration.unit, "long_name": declaration.doc}
    if path.rpartition(".")[2] == "spike":
        return {"units": "1", "long_name": "spikes since the last record"}
    return {}


def dims(path: str, shape: tuple[int, ...], size: tuple[int, ...], own: str | None = None) -> tuple[str, ...]:
    """Dimension names of one record: ``neuron`` for the units of a run with ``size=``; ``own`` is what the model calls it."""
    if own is not None and shape:
        return (own,) if len(shape) == 1 else tuple(f"{own}_{i}" for i in range(len(shape)))
    if shape == size:
        return ("neuron",) if len(shape) == 1 else tuple(f"neuron_{i}" for i in range(len(shape)))
    if size and shape[: len(size)] == size:
        return dims(path, size, size) + tuple(f"{path}_{i}" for i in range(len(shape) - len(size)))
    return tuple(f"{path}_{i}" for i in range(len(shape)))


def inner_dims(
    model: Model, path: str, shape: tuple[int, ...], size: tuple[int, ...], in_part: bool
) -> tuple[str, ...]:
    """Dimension names of one record of a model's path; some neurons of a population lie on an axis of their own."""
    if in_part:
        return (part_dim(model, path), *(f"{path}_{i}" for i in range(1, len(shape))))
    return dims(path, shape, size, model.dimension(path))


def part_dim(model: Model, path: str) -> str:
    """The axis of what is recorded in part: ``E.V_neuron`` beside the ``E_neuron`` of all."""
    own = model.dimension(path) or ""
    return f"{path}_{'synapse' if own.endswith('_synapse') else 'neuron'}"


def with_numbers(coords: Any, numbers: Mapping[str, Any]) -> Any:
    """Coordinates, and on each axis of what was recorded in part the numbers of its neurons."""
    import pandas as pd
    import xarray as xr

    variables = {name: x.variable for name, x in coords.items()}
    indexes = dict(coords.xindexes)
    for name, found in numbers.items():
        found = np.asarray(found, np.int64)
        variables[name] = xr.Variable((name,), found, {"long_name": f"number of the {name.rpartition('_')[2]}"})
        indexes[name] = xr.indexes.PandasIndex(pd.Index(found), name)
    return xr.Coordinates(variables, indexes=indexes)


def build_again(
    plan: Any,
    model: Model,
    rows: Mapping[str, np.ndarray],
    time: Any,
    size: tuple[int, ...],
    attrs: Mapping[str, Any],
    leading: Mapping[str, tuple[np.ndarray, dict]] | None = None,
    picks: Mapping[str, np.ndarray] | None = None,
) -> Any:
    """:func:`build` for a run whose labels are known from an equal one: a slider moves values, never labels.

    Runs of equal structure share the object ``plan``, those of equal length the object ``time``.
    """
    key = id(plan), id(time), size, tuple((p, x.shape) for p, x in rows.items()), _axes(leading or {})
    known = cache.labels.get(key)
    if known is None:
        empty = {p: np.broadcast_to(np.zeros((), x.dtype), x.shape) for p, x in rows.items()}
        # plan and time are kept with it, so that no other objects have their ids
        known = plan, time, build(model, empty, time, size, {}, leading, picks)
        cache.labels.set(key, known)
    result = known[2].copy(data=rows)
    result.attrs = dict(attrs)
    return result


def _axes(leading: Mapping[str, tuple[np.ndarray, dict]]) -> tuple:
    """What tells the axes of two sweeps apart."""
    return tuple(
        (name, x.tobytes() if x.dtype.kind in "fiub" else tuple(x.tolist()), *more.values())
        for name, (x, more) in leading.items()
    )


def build(
    model: Model,
    rows: Mapping[str, np.ndarray],
    time: Any,
    size: tuple[int, ...],
    attrs: Mapping[str, Any],
    leading: Mapping[str, tuple[np.ndarray, dict]] | None = None,
    picks: Mapping[str, np.ndarray] | None = None,
) -> Any:
    """A labelled Dataset.

    Parameters
    ----------
    rows : mapping of path to array
        Shape (leading dims..., time, unit dims...).
    time : xarray.Coordinates or None
        From :func:`time_coordinates`; None when time was reduced.
    leading : mapping of dim name to (values, attrs)
        Swept dimensions that come before time.
    picks : mapping of path to array of int
        The neurons of what was recorded in part; their numbers become a coordinate.
    """
    import xarray as xr

    leading = dict(leading or {})
    over = (*leading,) if time is None else (*leading, "time")
    picks = {} if time is None else dict(picks or {})  # what `reduce` made of neurons is not theirs any more
    variables = {}
    for path, x in rows.items():
        inner = inner_dims(model, path, x.shape[len(over) :], size, path in picks)
        variables[path] = xr.Variable((*over, *inner), x, attributes(model, path), fastpath=True)
    coords = time if not leading else _with_leading(time, leading)
    if picks:
        coords = with_numbers(coords, {part_dim(model, path): x for path, x in picks.items() if path in rows})
    return xr.Dataset(variables, coords, dict(attrs))


def _with_leading(time: Any, leading: Mapping[str, tuple[np.ndarray, dict]]) -> Any:
    """Coordinates of a sweep; indexes are given, so that xarray has nothing to align."""
    import xarray as xr

    coords = {name: xr.Variable((name,), values, meta) for name, (values, meta) in leading.items()}
    indexes = {name: xr.indexes.PandasIndex(values, name) for name, (values, _) in leading.items()}
    if time is not None:
        coords |= {"time": time["time"].variable}
        indexes |= {"time": time.xindexes["time"]}
    return xr.Coordinates(coords, indexes=indexes)


def describe(value: Any) -> Any:
    """A value as JSON can hold it: numbers, short arrays, stimuli with their parameters."""
    if isinstance(value, Stimulus):
        return described(value)
    host = np.asarray(value)
    if host.ndim == 0:
        return float(str(host[()]))  # the shortest number that is this value at its own precision
    if host.size <= 64:
        return [describe(x) for x in host]
    return _summary(value, host)


_summaries: dict[int, dict[str, Any]] = {}


def _summary(value: Any, host: np.ndarray) -> dict[str, Any]:
    """Shape and bounds; of an array of JAX, which nobody writes to, once: each run of a large network asks again."""
    found = _summaries.get(id(value))
    if found is None:
        found = {"shape": list(host.shape), "min": describe(host.min()), "max": describe(host.max())}
        if isinstance(value, jax.Array):
            _summaries[id(value)] = found
            weakref.finalize(value, _summaries.pop, id(value), None).atexit = False
    return found


def described(stimulus: Model) -> dict[str, Any]:
    """A stimulus by its class, structure, numbers and parts; those that it is made of are nested."""
    static = [f.name for f in dataclasses.fields(stimulus) if f.metadata.get("static")]
    structure = {name: getattr(stimulus, name) for name in static}
    return {
        "stimulus": type(stimulus).__name__,
        **{name: getattr(x, "__name__", x) if callable(x) else x for name, x in structure.items()},
        **{p: describe(v.value) for p, v in stimulus.parameters().items() if "." not in p},
        **{name: described(part) for name, part in stimulus.parts().items()},
    }


def provenance(model: Model, drives: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """What a reader needs to make the run again."""
    from brainnb import __version__

    return {
        "model": type(model).__name__,
        "parameters": json.dumps({p: describe(v.value) for p, v in model.parameters().items()}),
        "inputs": json.dumps({n: describe(d) for n, d in drives.items()}),
        **more,
        "brainnb_version": __version__,
        "schema": SCHEMA,
    }


def pack_state(s: Record) -> str:
    """The final state as text, so that a saved result can be continued."""
    packed = []
    for path, x in flat(s).items():
        host = np.ascontiguousarray(x)
        values = binascii.b2a_base64(host, newline=False).decode()  # no letter that JSON would have to look at
        packed.append(f'{json.dumps(path)}: ["{_name(host.dtype)}", {json.dumps(np.shape(x))}, "{values}"]')
    return "{" + ", ".join(packed) + "}"


_name = functools.cache(str)  # NumPy puts the name of a type together anew, letter by letter


def unpack_state(text: str, like: Record, where: str) -> Record:
    """The state in ``text`` in the structure of ``like``; refuses one of another model or size.

    Stimuli may differ between the runs: one that the earlier run did not have starts fresh.
    """
    packed = {
        path: np.frombuffer(binascii.a2b_base64(data), dtype=dtype).reshape(shape)
        for path, (dtype, shape, data) in json.loads(text).items()
    }
    expected, given = flat(like.model), {p[6:]: x for p, x in packed.items() if p.startswith("model.")}
    if given.keys() != expected.keys():
        raise ModelError(
            f"init: the earlier run has the states {', '.join(sorted(given))}; {where} has {', '.join(sorted(expected))}."
        )
    for path, host in given.items():
        if host.shape != np.shape(expected[path]):
            raise ModelError(
                f"init: `{path}` has shape {host.shape} in the earlier run; this run needs {np.shape(expected[path])}: "
                f"run with the same size=."
            )
    packed = {p: _longer(x, flat(like).get(p)) if p.startswith("past.memory") else x for p, x in packed.items()}
    fresh = {p: x for p, x in flat(like).items() if p not in packed or np.shape(packed[p]) != np.shape(x)}
    return _nest(like, packed | fresh, "")


def _longer(x: np.ndarray, like: Any) -> np.ndarray:
    """A memory of all that happened goes on in a longer ring; one of a shorter window has the same rows anyway."""
    if like is None or not x.ndim or x.shape[0] >= np.shape(like)[0]:
        return x
    return np.concatenate([x, np.zeros((np.shape(like)[0] - len(x), *x.shape[1:]), x.dtype)])


def _nest(like: Record, values: Mapping[str, Any], prefix: str) -> Record:
    return Record(
        (k, _nest(v, values, f"{prefix}{k}.") if isinstance(v, Record) else values[prefix + k]) for k, v in like.items()
    )
