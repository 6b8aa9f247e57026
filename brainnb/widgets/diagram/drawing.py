"""A diagram as named curves, and the words at special points.

``slow`` is where the slow variable stands still, ``trajectory`` the way of the model in the diagram, ``time`` holds its times and the state of the second trace.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ...plot.bifurcation import WORDS, top
from ..curves.packed import ends, joined, packed, padded, spread
from ..decimate import min_max
from ..picture import Picture

KINDS = ("fold", "hopf", "branch_point", "cycle_fold", "period_doubling", "torus", "homoclinic", "snic")
CURVES = (
    "rest:unstable", "rest:stable", "cycle:unstable", "cycle:stable", "slow", "here", "trajectory", "time", "start",
    *(f"special:{kind}" for kind in KINDS),
)  # fmt: skip
"""What is sent, in this order."""

MOST = 800
"""Points of a trajectory at most."""
DOTS = 300
"""Dots of all cycles of one kind at most."""
ROUND_CYCLES = ("cycle_fold", "period_doubling", "torus", "homoclinic", "snic")


class Way(NamedTuple):
    """A trajectory in the diagram: where it is at each time, and a second state for the lower trace."""

    time: np.ndarray
    x: np.ndarray
    y: np.ndarray
    second: np.ndarray


def draw(ds: Any, var: str, way: Way, value: float | None, partial: bool) -> Picture:
    """The curves of a diagram with a trajectory, which stays at one ``value`` of the parameter or moves across."""
    found = curves(ds, var)
    low, high = padded(ends([*(points[1] for name, points in found.items() if name != "slow"), way.y]))
    found["here"] = np.array([[value, value], [low, high]]) if value is not None else np.zeros((2, 0))
    keep = min_max(way.y, MOST) if len(way.y) else np.arange(0)
    found["trajectory"] = np.stack([way.x, way.y])[:, keep]
    found["time"] = np.stack([way.time, way.second])[:, keep]
    found["start"] = found["trajectory"][:, : 0 if value is None else 1]
    return packed(
        found, CURVES, across=tuple(map(float, ds.attrs["range"])), begin=float(way.time[0]) if len(way.time) else 0.0,
        end=float(way.time[-1]) if len(way.time) else 1.0, words=words(ds, var), partial=partial,
        spans=[(low, high), padded(ends([way.y]), least=0.2 * (high - low)), padded(ends([way.second]), least=_least(way.second))],
    )  # fmt: skip


def _least(values: np.ndarray) -> float:
    """A tenth of what a state is: less of a change is not seen."""
    return 0.1 * max(map(abs, ends([values])))


def curves(ds: Any, var: str) -> dict[str, np.ndarray]:
    """Branches and special points: name -> points (2, n)."""
    across, param = ds[ds.attrs["parameter"]].values, ds.attrs["parameter"]
    rests: dict[bool, list] = {True: [], False: []}
    rims: dict[bool, list] = {True: [np.zeros((2, 0))], False: [np.zeros((2, 0))]}
    for k, kind in enumerate(ds.branch_kind.values):
        n = int(np.isfinite(across[k]).sum())
        stable = ds.stable.values[k, :n]
        if kind == "equilibrium":
            line = np.stack([across[k, :n], ds[var].values[k, :n]])
            edges = [0, *(np.flatnonzero(np.diff(stable)) + 1), n]
            points = [line[:, :1], *(_edge(ds, var, k, line, row) for row in edges[1:-1]), line[:, n:]]
            for i, (first, last) in enumerate(pairwise(edges)):
                piece = np.concatenate([points[i], line[:, first:last], points[i + 1]], axis=1)
                rests[bool(stable[first])].append(piece)
        elif kind == "cycle":
            for end in ("min", "max"):
                rim = np.stack([across[k, :n], ds[f"{var}_{end}"].values[k, :n]])
                for good in (True, False):
                    rims[good].append(rim[:, stable == good])
    found = {f"rest:{'stable' if good else 'unstable'}": joined(lines) for good, lines in rests.items()}
    for good, parts in rims.items():
        dots = np.concatenate(parts, axis=1)
        found[f"cycle:{'stable' if good else 'unstable'}"] = dots[:, spread(dots.shape[1], DOTS)]
    if f"slow_nullcline_{var}" in ds:
        found["slow"] = np.stack([ds[f"slow_nullcline_{name}"].values for name in (param, var)])
    places, kinds = special(ds, var, param), ds.special_kind.values
    return found | {f"special:{kind}": places[:, kinds == kind] for kind in KINDS}


def _edge(ds: Any, var: str, branch: int, line: np.ndarray, row: int) -> np.ndarray:
    """Where stability changes before ``row``: at the special point that lies there, else half way."""
    steps = np.where(ds.special_branch.values == branch, np.abs(ds.special_step.values + 0.5 - row), np.inf)
    if steps.size and steps.min() < 2:
        i = int(steps.argmin())
        return np.array([[float(ds.special_value[i])], [float(ds[f"special_{var}"][i])]])
    return (line[:, row - 1 : row] + line[:, row : row + 1]) / 2


def special(ds: Any, var: str, param: str) -> np.ndarray:
    """Where special points are drawn: those of cycles on the upper rim."""
    heights = ds[f"special_{var}"].values.astype(float).copy()
    for i, kind in enumerate(ds.special_kind.values):
        if kind in ROUND_CYCLES and f"{var}_max" in ds:
            heights[i] = top(ds, i, f"{var}_max", param, heights[i])
    return np.stack([ds.special_value.values.astype(float), heights])


def words(ds: Any, var: str) -> Mapping[str, list]:
    """The words beside the special points, each place once."""
    places = special(ds, var, ds.attrs["parameter"])
    found: dict[tuple, str] = {}
    for kind, x, y in zip(ds.special_kind.values, *places, strict=True):
        if kind in KINDS and np.isfinite([x, y]).all():
            found.setdefault((float(f"{x:.9g}"), float(f"{y:.9g}"), str(kind)), WORDS[str(kind)])
    return {"x": [k[0] for k in found], "y": [k[1] for k in found], "text": list(found.values())}
