"""NaN and infinity: where they first appear, told as data."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from brainnb.core.record import Record, flat

from . import past
from .loop import Column, run_chunk


@dataclasses.dataclass(frozen=True)
class Bad:
    """The first record that is not finite: how many records before it are good, and the sentence about it."""

    keep: int
    sentence: str


def first_bad(
    prepared: Any, before: Record, piece: Mapping[str, np.ndarray], after: Record, begun: int, done: int
) -> Bad | None:
    """Look at a finished chunk, records ``begun`` to ``done``; None when everything is finite."""
    run, begin = prepared.run, before
    watched = prepared.watched
    rows = {p: x for p, x in piece.items() if _checked(p, watched, x)}
    unseen = [p for p in watched if p not in rows or p in prepared.system.picks]
    state = flat(after.model)
    if all(np.isfinite(x).all() for x in (*rows.values(), *(state[p] for p in unseen))):  # what is seen ends with it
        return None
    broken = not all(np.isfinite(state[p]).all() for p in watched)
    if broken and unseen:
        rows |= _again(prepared, before, watched, begun, done - begun, run.every)
    path, at = _earliest(rows)
    last = rows[path][at - 1] if at else flat(before.model).get(path, np.nan)
    worst, keep = rows[path][at], begun + at
    step = (keep + 1) * run.every
    if run.every > 1 and broken:  # which of the steps of that record it was
        if at:
            before, _ = run_chunk(
                run.plan, prepared.system, before, run.plan.buffer(), *_scalars(prepared, begun, run.every, at)
            )
        fine = _again(prepared, before, watched, keep, run.every, 1)
        path, at = _earliest(fine)
        last = fine[path][at - 1] if at else flat(before.model)[path]
        worst, step = fine[path][at], keep * run.every + at + 1
    word = "infinite" if np.isinf(worst).any() else "NaN"
    unit = getattr(prepared.model.declaration(path), "unit", "1")
    shown = f"{float(np.ravel(last)[0]):.4g}" + ("" if unit == "1" else f" {unit}")
    why = _delay(prepared, begin, begun * run.every, step - 1) if broken else None
    why = why or f"Try a smaller dt (now {run.dt:g} ms), {_other(run.plan.method)}or check the parameters."
    return Bad(
        keep,
        f"NaN: `{path}` became {word} at t = {prepared.start + step * run.dt:.10g} ms (last value {shown}). {why}",
    )


def _delay(prepared: Any, before: Record, begun: int, last: int) -> str | None:
    """What the step ``last``, the first that failed, read from outside of a delay line."""
    run = prepared.run
    if not prepared.system.lines:
        return None
    if last > begun:
        _, *rest = _scalars(prepared, 0, 1, last - begun)
        first = np.int32(prepared.first + begun)
        before, _ = run_chunk(run.plan, prepared.system, before, run.plan.buffer(), first, *rest)
    return past.left(prepared.system, before, prepared.first + last, run.offset, run.dt)


def _other(method: Any) -> str:
    return "" if getattr(method, "elementwise", False) else "method='exponential_euler', "


def _checked(path: str, watched: list[str], x: np.ndarray) -> bool:
    return x.dtype.kind == "f" and (path in watched or "." not in path)


def _earliest(rows: Mapping[str, np.ndarray]) -> tuple[str, int]:
    """The path that is first not finite, and at which row."""
    firsts = {}
    for path, x in rows.items():
        bad = ~np.isfinite(x.reshape(len(x), -1)).all(axis=1)
        if bad.any():
            firsts[path] = int(bad.argmax())
    path = min(firsts, key=firsts.__getitem__)
    return path, firsts[path]


def _scalars(prepared: Any, done: int, every: int, n: int) -> tuple:
    """The traced arguments of a chunk that begins ``done`` records into the run."""
    run = prepared.run
    offset, dt, _ = run.scalars()
    return np.int32(prepared.first + done * run.every), offset, dt, np.int32(every), np.int32(n), run.key


def _again(
    prepared: Any, before: Record, paths: list[str], done: int, records: int, every: int
) -> dict[str, np.ndarray]:
    """Part of the run once more, from a known state, with every state recorded."""
    plan = prepared.run.plan
    states = flat(before.model)
    columns = tuple(Column(p, np.shape(states[p]), states[p].dtype.name) for p in paths)
    plan = dataclasses.replace(plan, columns=columns, strided=every > 1, least=2 ** (records - 1).bit_length())
    whole = dataclasses.replace(prepared.system, picks=Record())
    _, seen = run_chunk(plan, whole, before, plan.buffer(), *_scalars(prepared, done, every, records))
    return {p: np.asarray(x)[:records] for p, x in seen.items()}
