"""What a sweep has brought home: rows of points in any order, labelled once at the end."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from brainnb.core.errors import NumericalFailure

from . import dataset
from .blocks import Blocks


class Gathered:
    """Rows of all points; those that never came hold NaN (counters: 0)."""

    def __init__(self, points: int):
        self.points, self.rows, self.shared = points, {}, False
        self.there = np.zeros(points, bool)

    def share(self, rows: Mapping[str, np.ndarray]) -> None:
        """Blocks will write into these rows themselves."""
        self.rows, self.shared = dict(rows), True

    def add(self, index: np.ndarray, rows: Mapping[str, np.ndarray]) -> None:
        """Take the rows of the points with these numbers."""
        self.there[index] = True
        if len(index) == self.points:
            self.rows = dict(rows)  # in order: nothing to copy
            return
        if self.shared:
            return
        for name, x in rows.items():
            if name not in self.rows:
                self.rows[name] = np.empty((self.points, *x.shape[1:]), x.dtype)
            self.rows[name][index] = x

    def complete(self, outline: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The rows of all points; ``outline`` says what they look like where not one point came."""
        for name, x in outline.items():
            self.rows.setdefault(name, np.empty((self.points, *x.shape[1:]), x.dtype))
        for x in self.rows.values() if not self.there.all() else ():
            x[~self.there] = np.nan if x.dtype.kind == "f" else 0
        return self.rows

    def broken(self) -> int:
        """Points that came and hold NaN or infinity."""
        bad = np.zeros(self.points, bool)
        for x in self.rows.values():
            if x.dtype.kind == "f" and not np.isfinite(x).all():
                bad |= ~np.isfinite(x.reshape(self.points, -1)).all(axis=1)
        return int((bad & self.there).sum())


def label(work: Blocks, gathered: Gathered, wall: float, status: str, failed: Mapping[int, str]) -> tuple[Any, bool]:
    """The Dataset of a sweep, and whether something in it did not come out."""
    base, run, grid = work.base, work.base.run, work.grid
    rows = gathered.complete({} if gathered.rows else work.outline())
    over, beside = grid.dimensions()
    bad = gathered.broken()
    said = [f"{len(failed)} of {len(grid)} points failed"] if failed else []
    said += [f"{bad} of {len(grid)} points became NaN or infinite"] if bad else []
    if status == "finished" and said:
        status = "; ".join(said)
    attrs = dataset.provenance(
        base.model,
        base.system.drives,
        method=run.plan.method.label,
        dt=run.dt,
        every=run.every,
        seed=base.seed,
        wall_time=round(wall, 6),
        status=status,
    )
    if failed:
        attrs["failed"] = json.dumps([{"point": grid.point(i), "error": failed[i]} for i in sorted(failed)])
    if grid.models is not None:
        apart = {path: dataset.describe(x) for path, x in grid.models.apart.items()}
        attrs["parameters"] = json.dumps(json.loads(attrs["parameters"]) | apart)
        beside |= {path: ("model", x, describe(work, path)) for path, x in grid.models.apart.items() if x.ndim == 1}
    time = None
    if work.job.reduce is None:
        time = dataset.time_coordinates(base.first, run.offset, run.dt, run.every, run.records)
    shaped = {name: x.reshape(*grid.shape, *x.shape[1:]) for name, x in rows.items()}
    result = dataset.build_again(run.plan, base.model, shaped, time, base.size, attrs, over, base.system.picks)
    return (result.assign_coords(beside) if beside else result), bool(said)


def describe(work: Blocks, path: str) -> dict[str, str]:
    """Unit and meaning of a parameter."""
    return dataset.attributes(work.base.model, path)


def raised(work: Blocks, result: Any) -> NumericalFailure:
    """The error of ``on_nan="raise"``."""
    return NumericalFailure(
        f"{type(work.base.model).__name__}: {result.attrs['status']}. The whole result is in the error's .partial.",
        result,
    )
