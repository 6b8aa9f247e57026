"""The plan of a run: what is recorded, and how; checked once for each structure."""

from typing import Any

import jax
import numpy as np

from brainnb.core.fields import float_dtype
from brainnb.core.model import Model
from brainnb.core.record import Record

from . import cache, limits, options
from .loop import Column, Plan, stages_pay
from .record import asked, picked, selection
from .step import abstract_step, seen_now
from .system import System


def find_plan(system: System, state: Record, method: Any, record: Any, strided: bool) -> tuple[Plan, Record]:
    """The plan of a run, and the neurons of what is recorded in part: checked once for each structure, then found."""
    leaves, tree = jax.tree.flatten((system, state))
    record = asked(record)
    structure = (tree, tuple((x.shape, x.dtype) for x in leaves), method)
    key = (*structure, record, strided)
    try:
        found = cache.plans.get(key)
    except TypeError:  # an unhashable record= or method=: explained below
        structure, key, found = None, None, None
    if found is None:
        chosen, seen = outline(structure, system, state, method)
        paths = selection(record, system.model, state.model, system.drives, seen)
        rows = jax.eval_shape(
            lambda s, seen: seen_now(system, s, seen, np.zeros((), float_dtype()), paths), state, seen
        )
        picks = Record(picked(record, {p: x.shape for p, x in rows.items()}))
        columns = tuple(column(system.model, p, rows[p], picks.get(p), strided) for p in paths)
        found = Plan(chosen, columns, strided, staged=stages_pay(state)), picks
        if key is not None:
            cache.plans.set(key, found)
    return found


def outline(structure: Any, system: System, state: Record, method: Any) -> tuple[Any, Any]:
    """The method, and the shapes of the observables: the same whatever is recorded."""
    found = None if structure is None else cache.plans.get(structure)
    if found is None:
        with limits.watched_hooks(type(system.model).__name__):
            chosen = options.method(method, system, state)
            _, seen = abstract_step(chosen, system, state)
        found = chosen, seen
        if structure is not None:
            cache.plans.set(structure, found)
    return found


def column(model: Model, path: str, like: Any, pick: np.ndarray | None, strided: bool) -> Column:
    """How one path is recorded: flags as booleans, or their number since the last record."""
    flag = like.shape and model.is_flag(path)
    shape = like.shape if pick is None else (len(pick), *like.shape[1:])
    return Column(path, shape, ("uint16" if strided else "bool") if flag else like.dtype.name)
