"""When two runs are the same run: everything that decides their numbers, and how two of them differ."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np

from brainnb.core.fields import float_dtype
from brainnb.core.record import Record, flat
from brainnb.inputs.base import Stimulus

from .dataset import describe
from .step import recording_step

LOOSE = ("jax", "device")
"""Entries that may differ: numbers then agree to rounding, no longer to the last bit."""


def fingerprint(prepared: Any) -> dict[str, Any]:
    """What decides the numbers of a run, as JSON holds it."""
    run, system = prepared.run, prepared.system
    return {
        "model": type(prepared.model).__name__,
        "parameter": {p: value(v.value) for p, v in prepared.model.parameters().items()},
        "input": {n: drive(d) for n, d in system.drives.items()},
        "record": [{path: value(system.picks[path])} if path in system.picks else path for path in run.plan.paths],
        "method": run.plan.method.label,
        "dt": run.dt,
        "every": run.every,
        "T": run.records * run.every * run.dt,
        "start": prepared.start,
        "size": list(prepared.size),
        "seed": prepared.seed,
        "precision": np.dtype(float_dtype()).name,
        "init": digest(*(np.asarray(x) for x in flat(run.state).values())),
        "equations": equations(prepared),
        "jax": jax.__version__,
        "device": jax.default_backend(),
    }


def drive(d: Any) -> Any:
    """What an input is given."""
    if not isinstance(d, Stimulus):
        return value(d)
    return {"stimulus": type(d).__name__} | {p: value(v.value) for p, v in d.parameters().items()}


def value(x: Any) -> Any:
    """A value to read, and for long arrays a digest that tells two of them apart."""
    host = np.asarray(x)
    return describe(host) | {"digest": digest(host)} if host.size > 64 else describe(host)


def equations(prepared: Any) -> str:
    """A digest of what one step computes; changes when a hook is written differently."""
    run, plan = prepared.run, prepared.run.plan
    offset, dt, _ = run.scalars()

    def step(system: Any, s: Record, i: Any, offset: Any, dt: Any, key: Any) -> Any:
        return recording_step(plan.method, plan.paths, system, s, i, offset, dt, key)

    traced = jax.make_jaxpr(step)(prepared.system, run.state, np.int32(0), offset, dt, run.key)
    text = re.sub(r"0x[0-9a-f]+", "", str(traced))  # addresses differ between processes
    return digest(np.frombuffer(text.encode(), np.uint8), *(np.asarray(c) for c in traced.consts))


def digest(*arrays: np.ndarray) -> str:
    """Sixteen characters that differ when a bit differs."""
    found = hashlib.blake2b(digest_size=8)
    for x in arrays:
        found.update(f"{x.dtype}{x.shape}".encode())
        found.update(np.ascontiguousarray(x).data)
    return found.hexdigest()


def differences(stored: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Where two runs differ, one phrase each: ``parameter `C` is 1.0 in the store, 2.0 now``."""
    if stored.get("jax") != now["jax"]:
        stored = {**stored, "equations": now["equations"]}  # another JAX writes the same equations differently
    found = list(_differ(stored, now, ""))
    # a step with other inputs or states also has other equations: the cause is enough
    return [phrase for phrase in found if not phrase.startswith("the equations")] or found


def _differ(stored: Mapping[str, Any], now: Mapping[str, Any], kind: str) -> Iterator[str]:
    for name in dict.fromkeys((*now, *stored)):
        old, new = stored.get(name), now.get(name)
        if old == new or name in LOOSE:
            continue
        if not kind and name in ("parameter", "input") and isinstance(old, dict) and isinstance(new, dict):
            yield from _differ(old, new, name)
        elif name == "equations":
            yield "the equations of the model differ (a hook was changed)"
        elif name == "init":
            yield "the initial state differs"
        else:
            yield f"{f'{kind} `{name}`' if kind else name} is {_shown(old)} in the store, {_shown(new)} now"


def _shown(x: Any) -> str:
    if isinstance(x, dict) and "digest" in x:
        return f"an array of shape {tuple(x['shape'])}, {x['min']:g} to {x['max']:g}"
    return str(x)
