"""A phase plane as named curves."""

from typing import Any

import numpy as np

from ..curves.packed import MOST, ends, joined, packed, padded, spread
from ..picture import Picture

ARROWS = 14

NULLCLINES, POINTS = ("nullcline:0", "nullcline:1"), ("stable", "unstable", "saddle")
CURVES = (
    "arrows", *NULLCLINES, "separatrix:stable", "separatrix:unstable", "threshold", "reset", "trajectory", "time",
    "start", *POINTS,
)  # fmt: skip
"""What is sent, in this order; ``time`` holds the times of the trajectory, twice."""


def draw(ds: Any, axes: tuple[str, ...]) -> Picture:
    """The curves of a plane."""
    found = curves(ds, *axes)
    times = found["time"][0]
    return packed(
        found, CURVES, across=_ends(ds[axes[0]]), begin=0.0, end=float(np.nanmax(times)) if times.size else 1.0,
        spans=[_ends(ds[axes[1]]), *map(_over_time, found["trajectory"], (ds[axis] for axis in axes))],
    )  # fmt: skip


def _over_time(values: np.ndarray, axis: Any) -> tuple[float, float]:
    """The range of a trace; at rest still a fifth of the plane's."""
    low, high = _ends(axis)
    return padded(ends([values]), least=0.2 * (high - low))


def curves(ds: Any, x: str, y: str) -> dict[str, np.ndarray]:
    """Name -> points (2, n)."""
    found = {"arrows": arrows(ds, x, y)}
    for name, axis in zip(NULLCLINES, (x, y), strict=True):
        found[name] = joined([
            ds[f"nullcline_{axis}"].values[ds[f"component_{axis}"].values == i].T
            for i in range(int(ds[f"component_{axis}"].values.max(initial=-1)) + 1)
        ])  # fmt: skip
    for kind in ("stable", "unstable"):
        rows = np.flatnonzero(ds.separatrix_kind.values == kind)
        found[f"separatrix:{kind}"] = joined(
            [ended(np.stack([ds[f"separatrix_{a}"].values[i] for a in (x, y)])) for i in rows]
        )
    for name in ("threshold", "reset"):
        found[name] = _level(ds, name, x, y) if name in ds else np.zeros((2, 0))
    times = ds.trajectory_time.values[0]
    good = np.flatnonzero(np.isfinite(times))
    good = good[spread(len(good), 2 * MOST)]
    found["trajectory"] = np.stack([ds[f"trajectory_{a}"].values[0][good] for a in (x, y)])
    found["time"] = np.stack([times[good]] * 2)
    found["start"] = found["trajectory"][:, :1]
    places = np.stack([ds[f"point_{a}"].values for a in (x, y)])
    words = ds.stability.values
    kinds = np.array(["saddle" if w.startswith("saddle") else "stable" if w.startswith("stable") else "unstable" for w in words], object)  # fmt: skip
    return found | {name: places[:, kinds == name] for name in POINTS}


def arrows(ds: Any, x: str, y: str) -> np.ndarray:
    """Arrows as one broken line: shaft and head of each."""
    pick = [np.linspace(0, ds.sizes[a] - 1, ARROWS + 2).astype(int)[1:-1] for a in (x, y)]
    width = np.array([np.ptp(ds[a].values) for a in (x, y)])
    at = np.stack(np.meshgrid(*(ds[a].values[i] for a, i in zip((x, y), pick, strict=True)), indexing="ij"), -1)
    move = np.stack([ds[f"d{a}"].values[np.ix_(*pick)] for a in (x, y)], -1) / width
    size = np.hypot(move[..., 0], move[..., 1])
    good = np.isfinite(size)
    slow = 0.05 * np.quantile(size[good], 0.25) if good.any() else 1.0
    at, move = at[good], move[good] / np.maximum(size[good] + slow, 1e-300)[:, None]
    along = 0.7 / ARROWS * move
    side = along[:, ::-1] * [-1, 1]
    tail, tip = -along / 2, along / 2
    line = [tail, tip, tip - 0.35 * along + 0.2 * side, tip, tip - 0.35 * along - 0.2 * side, tail * np.nan]
    return (at[:, None] + np.stack(line, 1) * width).reshape(-1, 2).T


def ended(line: np.ndarray) -> np.ndarray:
    """A line without the NaN behind its end."""
    return line[:, np.isfinite(line).all(0)]


def _level(ds: Any, name: str, x: str, y: str) -> np.ndarray:
    level = np.broadcast_to(ds[name].values, ds.sizes["threshold_vertex"])
    across = ds[name].attrs["axis"] == x
    along = ds[f"threshold_{y if across else x}"].values
    return np.stack([level, along] if across else [along, level])


def _ends(x: Any) -> tuple[float, float]:
    return float(x.values[0]), float(x.values[-1])
