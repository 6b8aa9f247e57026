"""NaN and infinity: where they first appear, told as data."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from brainnb.core.record import Record, flat

from .loop import run_chunk
from .record import continuous_states


@dataclasses.dataclass(frozen=True)
class Bad:
    """The first record that is not finite: how many records before it are good, and the sentence about it."""

    keep: int
    sentence: str


def first_bad(prepared: Any, before: Record, piece: Mapping[str, np.ndarray], after: Record, done: int) -> Bad | None:
    """Look at a finished chunk; None when everything is finite."""
    model = prepared.model
    watched = continuous_states(model, after.model)
    state = flat(after.model)
    broken = not all(np.isfinite(state[p]).all() for p in watched)
    if not broken and all(np.isfinite(x).all() for p, x in piece.items() if _checked(p, watched, x)):
        return None
    records = len(next(iter(piece.values()))) if piece else 0
    rows = {p: x for p, x in piece.items() if _checked(p, watched, x)}
    missing = [p for p in watched if p not in rows]
    if broken and missing:
        rows |= _again(prepared, before, watched, done - records, records)
    firsts = {p: i for p, x in rows.items() if (i := _first(x)) is not None}
    path = min(firsts, key=firsts.__getitem__)
    at = firsts[path]
    run = prepared.run
    keep = done - records + at
    t = prepared.start + (keep + 1) * run.every * run.dt
    last = rows[path][at - 1] if at else flat(before.model).get(path, np.nan)
    word = "infinite" if np.isinf(np.asarray(rows[path][at])).any() else "NaN"
    return Bad(
        keep,
        f"NaN: `{path}` became {word} at t = {t:.10g} ms (last value {float(np.ravel(last)[0]):.4g}). "
        f"Try a smaller dt (now {run.dt:g} ms), method='exponential_euler', or check the parameters.",
    )


def _checked(path: str, watched: list[str], x: np.ndarray) -> bool:
    return x.dtype.kind == "f" and (path in watched or "." not in path)


def _first(x: np.ndarray) -> int | None:
    bad = ~np.isfinite(x.reshape(len(x), -1)).all(axis=1)
    return int(bad.argmax()) if bad.any() else None


def _again(prepared: Any, before: Record, paths: list[str], done: int, records: int) -> dict[str, np.ndarray]:
    """The failed chunk once more, with every state recorded."""
    run = prepared.run
    plan = dataclasses.replace(run.plan, paths=tuple(paths))
    first = np.int32(prepared.first + done * run.every)
    _, rows = run_chunk(plan, prepared.system, before, first, *run.scalars(), np.int32(records), run.key)
    return {p: np.asarray(x)[:records] for p, x in rows.items()}
