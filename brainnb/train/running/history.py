"""The course of a training run in bounded memory: no early step is forgotten and no one-step spike is lost."""

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

CAPACITY = 4096
"""Buckets that are kept; when they are full, neighbours are joined."""


START = "start_loss"
"""The series of the losses of several starts: ``start_loss 0``, ``start_loss 1``, ..."""

KINDS = {"": "", "_min": "least ", "_max": "greatest "}
JOINT = {"value": "learned number, or length of a learned array"}
"""What a series over parameters is, where it is not the length of what it is named after."""


def said(name: str) -> dict[str, str]:
    """The label of a series."""
    return {"long_name": name, "units": "1"}


def joint_label(name: str) -> str:
    """The label of a series over parameters."""
    what, _, kind = name.partition("_")
    return JOINT.get(what, f"length of the {what}") + (f", {kind}" if kind else "")


class History:
    """Series over steps, in buckets of ``stride`` steps that keep first, last, least and greatest value.

    Every step has a bucket of its own until there are more than :data:`CAPACITY`; then two become one, and so on.
    It may be read while another thread adds to it.
    """

    def __init__(self, capacity: int = CAPACITY):
        self.capacity, self.stride, self.steps = capacity, 1, 0
        self.series: dict[str, np.ndarray] = {}
        self._lock = threading.RLock()

    def add(self, rows: Mapping[str, np.ndarray]) -> None:
        """The values of the steps that follow, one array of equal length for each series."""
        with self._lock:
            self._add(rows)

    def _add(self, rows: Mapping[str, np.ndarray]) -> None:
        count = len(next(iter(rows.values())))
        while -(-(self.steps + count) // self.stride) > self.capacity:
            self._join()
        at = np.arange(self.steps, self.steps + count) // self.stride
        for name, values in rows.items():
            first, last, least, greatest = self._room(name)
            values = np.asarray(values, float)
            new = np.isnan(first[at])
            first[at[new][::-1]] = values[new][::-1]
            last[at] = values
            np.fmin.at(least, at, values)
            np.fmax.at(greatest, at, values)
        self.steps += count

    def _room(self, name: str) -> np.ndarray:
        if name not in self.series:
            self.series[name] = np.full((4, self.capacity), np.nan)
        return self.series[name]

    def _join(self) -> None:
        self.stride *= 2
        for name, (first, last, least, greatest) in self.series.items():
            a, b = slice(0, None, 2), slice(1, None, 2)
            joined = np.stack(
                [
                    np.where(np.isnan(first[a]), first[b], first[a]),
                    np.where(np.isnan(last[b]), last[a], last[b]),
                    np.fmin(least[a], least[b]),
                    np.fmax(greatest[a], greatest[b]),
                ]
            )
            room = np.full((4, self.capacity), np.nan)
            room[:, : joined.shape[1]] = joined
            self.series[name] = room

    @property
    def buckets(self) -> int:
        """Buckets in use."""
        return -(-self.steps // self.stride)

    def last(self, name: str) -> float:
        """The newest value of a series, NaN before the first step."""
        with self._lock:
            return float(self.series[name][1, self.buckets - 1]) if self.steps and name in self.series else float("nan")

    def table(self, name: str) -> dict[str, np.ndarray]:
        """A series as arrays: ``step`` (last of its bucket), ``value``, ``least``, ``greatest``."""
        with self._lock:
            _, last, least, greatest = self.series[name][:, : self.buckets].copy()
            return {"step": self.steps_of_buckets(), "value": last, "least": least, "greatest": greatest}

    def steps_of_buckets(self) -> np.ndarray:
        """The last step in each bucket, counted from 1."""
        return np.minimum(np.arange(1, self.buckets + 1) * self.stride, self.steps)

    def dataset(self, attrs: Mapping[str, Any] | None = None) -> Any:
        """The history over ``step``.

        ``gradient`` and ``change`` are lengths over ``parameter`` and ``step``, ``value`` what was learned: the number, or
        the length of an array; ``start_loss`` is over ``start`` and ``step``.  Where a bucket holds several steps the
        value is its last, and ``<name>_min`` and ``<name>_max`` are beside it; the first step is always there.
        """
        with self._lock:
            return self._dataset(attrs)

    def _dataset(self, attrs: Mapping[str, Any] | None) -> Any:
        import xarray as xr

        thinned = self.stride > 1
        steps = self.steps_of_buckets()
        coords: dict[str, Any] = {"step": ("step", np.append(1, steps) if thinned else steps, said("update"))}
        variables, joint = {}, {}
        for name, found in self.series.items():
            first, last, least, greatest = found[:, : self.buckets]
            kinds = {"": last.copy()} | ({"_min": least.copy(), "_max": greatest.copy()} if thinned else {})
            for kind, values in kinds.items():
                values = np.append(first[:1], values) if thinned else values
                what, _, path = name.partition(" ")
                if path:
                    joint.setdefault(what + kind, {})[path] = values
                else:
                    variables[what + kind] = ("step", values, said((KINDS[kind] + what).replace("_", " ")))
        of_starts = {name: rows for name, rows in joint.items() if name.startswith(START)}
        for name, rows in of_starts.items():
            coords["start"] = ("start", [int(k) for k in rows], {"long_name": "start"})
            kind = name.removeprefix(START).strip("_")
            label = f"loss of each start, {kind}" if kind else "loss of each start"
            variables[name] = (("start", "step"), np.stack(list(rows.values())), said(label))
        others = {name: rows for name, rows in joint.items() if name not in of_starts}
        paths = list(dict.fromkeys(path for rows in others.values() for path in rows))
        for name, rows in others.items():
            coords["parameter"] = ("parameter", paths, {"long_name": "trained parameter"})
            untold = np.full(len(coords["step"][1]), np.nan)  # a rule may tell less of one than of another
            rows = np.stack([rows.get(path, untold) for path in paths])
            variables[name] = (("parameter", "step"), rows, said(joint_label(name)))
        return xr.Dataset(variables, coords, dict(attrs or {}))

    # --- as numbers to be saved ---------------------------------------------------------------------------------------

    def packed(self) -> tuple[dict[str, Any], list[np.ndarray]]:
        """What a file holds of it."""
        with self._lock:
            head = {"stride": self.stride, "steps": self.steps, "names": list(self.series), "capacity": self.capacity}
            return head, [found[:, : self.buckets].copy() for found in self.series.values()]

    @classmethod
    def unpacked(cls, head: Mapping[str, Any], arrays: list[np.ndarray]) -> "History":
        """The inverse of :meth:`packed`."""
        made = cls(head["capacity"])
        made.stride, made.steps = head["stride"], head["steps"]
        for name, found in zip(head["names"], arrays, strict=True):
            made._room(name)[:, : found.shape[1]] = found
        return made
