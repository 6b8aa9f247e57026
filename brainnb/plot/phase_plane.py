"""The phase plane as it is drawn on a board: field, nullclines, resting points, separatrices, threshold."""

import json
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from . import page, palette

ARROWS = 21
"""Arrows along each side of the plane."""

FIRST, SECOND = palette.CYCLE[0], palette.CYCLE[1]
"""Colours of the two nullclines, blue and vermilion; separatrices are green, trajectories pink."""

SEPARATRIX, TRAJECTORY = palette.CYCLE[2], palette.CYCLE[3]


def phase_plane(ds: Any, ax: Any = None, legend: bool = True) -> Any:
    """Draw what :func:`brainnb.phase_plane` found.

    Arrows point where the state goes, nullclines are where one state stands still.  Stable points are filled, unstable
    ones open, saddles half; dashed lines are their separatrices.

    Returns
    -------
    matplotlib Axes
    """
    if ds.attrs.get("analysis") != "phase_plane":
        raise ModelError("phase_plane: a result of bn.phase_plane was expected.")
    axes = json.loads(ds.attrs["axes"])
    ax = page.axes(ax, width=6.4, height=4.8)
    (line if len(axes) == 1 else plane)(ax, ds, *axes)
    page.clean(ax)
    if legend:
        page.legend(ax)
    return ax


def basins(ds: Any, ax: Any = None) -> Any:
    """Draw what :func:`brainnb.analysis.basins` found: each start in the colour of where it ends.

    Returns
    -------
    matplotlib Axes
    """
    from matplotlib.colors import ListedColormap

    if ds.attrs.get("analysis") != "basins":
        raise ModelError("basins: a result of bn.analysis.basins was expected.")
    x, y = json.loads(ds.attrs["axes"])
    ax = page.axes(ax, width=6.4, height=4.8)
    colours = [palette.GREY["light"], palette.LIGHT, *(palette.style(i)[0] for i in range(ds.sizes["attractor"]))]
    shown = ds.basin.values.T + 2
    ax.pcolormesh(ds[x].values, ds[y].values, shown, cmap=ListedColormap(colours), vmin=-0.5, vmax=len(colours) - 0.5, alpha=0.45)  # fmt: skip
    for i, kind in enumerate(ds.attractor_kind.values):
        at = float(ds[f"attractor_{x}"][i]), float(ds[f"attractor_{y}"][i])
        name = f"{kind}: {float(ds.share[i]):.0%}"
        ax.plot(*at, "o" if kind == "resting point" else "s", color=palette.style(i)[0], markersize=9, label=name, linestyle="none")  # fmt: skip
    for code, word in ((-2, "undecided"), (-1, "escapes")):
        if (ds.basin.values == code).any():
            ax.plot([], [], "s", color=colours[code + 2], markeredgecolor=palette.GREY["light"], label=word)
    ax.set(xlabel=page.label(ds[x]), ylabel=page.label(ds[y]))
    page.clean(ax)
    page.legend(ax)
    return ax


def plane(ax: Any, ds: Any, x: str, y: str) -> None:
    """Two states against each other."""
    ink = _ink(ax)
    arrows(ax, ds, x, y)
    for axis, colour, dash in ((x, FIRST, "solid"), (y, SECOND, (0, (6, 2)))):
        curve, ids = ds[f"nullcline_{axis}"].values, ds[f"component_{axis}"].values
        cut = np.flatnonzero(np.diff(ids)) + 1
        broken = np.insert(curve, cut, np.nan, axis=0)
        ax.plot(*broken.T, color=colour, linestyle=dash, linewidth=2.4, label=f"{page.plain(axis)} stands still")
    if "separatrix_time" in ds and ds.sizes["separatrix"]:
        for i, (across, up) in enumerate(zip(ds[f"separatrix_{x}"].values, ds[f"separatrix_{y}"].values, strict=True)):
            kind = str(ds.separatrix_kind.values[i])
            dash = (0, (4, 2)) if kind == "stable" else (0, (1, 1.5))
            new = kind not in ds.separatrix_kind.values[:i]
            name = f"{kind} manifold of the saddle" if new else None
            ax.plot(across, up, color=SEPARATRIX, linestyle=dash, linewidth=1.6, label=name, zorder=2.5)
    if "trajectory_time" in ds:
        for i, (across, up) in enumerate(zip(ds[f"trajectory_{x}"].values, ds[f"trajectory_{y}"].values, strict=True)):
            jumps = np.flatnonzero(np.diff(ds.trajectory_time.values[i]) == 0) + 1  # a reset is no motion
            across, up = np.insert(across, jumps, np.nan), np.insert(up, jumps, np.nan)
            ax.plot(across, up, color=TRAJECTORY, linewidth=1.6, label=None if i else "trajectory", zorder=2.6)
            ax.plot(across[0], up[0], "s", color=TRAJECTORY, markersize=5, zorder=2.6)
    thresholds(ax, ds, x, y, ink)
    marks(ax, ds, ds[f"point_{x}"].values, ds[f"point_{y}"].values, ink)
    ax.set(xlim=_ends(ds[x]), ylim=_ends(ds[y]), xlabel=page.label(ds[x]), ylabel=page.label(ds[y]))


def line(ax: Any, ds: Any, x: str) -> None:
    """One state alone: its derivative over itself; to the right where it grows."""
    ink = _ink(ax)
    values, slope = ds[x].values, ds[f"d{x}"].values
    ax.axhline(0, color=ink, linewidth=0.8)
    ax.plot(values, slope, color=FIRST, linewidth=2.4, label=f"d{page.plain(x)}/dt")
    at = np.linspace(0, len(values) - 1, ARROWS + 2).astype(int)[1:-1]
    for sign, marker in ((1, ">"), (-1, "<")):
        here = at[np.sign(slope[at]) == sign]
        ax.plot(values[here], 0 * here, marker, color=palette.GREY["light"], markersize=5, alpha=0.7, linestyle="none")
    for name, colour, dash in (("threshold", SECOND, "dashed"), ("reset", SEPARATRIX, "dotted")):
        if name in ds:
            ax.axvline(float(ds[name].values.ravel()[0]), color=colour, linestyle=dash, linewidth=1.6, label=name)
    marks(ax, ds, ds[f"point_{x}"].values, np.zeros(ds.sizes["point"]), ink)
    ax.set(xlim=_ends(ds[x]), xlabel=page.label(ds[x]), ylabel=page.label(ds[f"d{x}"]))


def arrows(ax: Any, ds: Any, x: str, y: str) -> None:
    """Where the state goes from points of a lattice; arrows are as long as each other but where the state hardly moves."""
    pick = [np.linspace(0, ds.sizes[a] - 1, ARROWS + 2).astype(int)[1:-1] for a in (x, y)]
    u, v = (ds[f"d{a}"].values[np.ix_(*pick)] / np.ptp(ds[a].values) for a in (x, y))
    size = np.hypot(u, v)
    slow = 0.05 * np.quantile(size[np.isfinite(size)], 0.25) if np.isfinite(size).any() else 1.0
    length = 1.0 / np.maximum(size + slow, 1e-300)
    good = np.isfinite(u * v)
    across, up = np.meshgrid(ds[x].values[pick[0]], ds[y].values[pick[1]], indexing="ij")
    ax.quiver(
        across[good], up[good], (u * length)[good], (v * length)[good], color=palette.GREY["light"], alpha=0.55,
        pivot="mid", scale=1.25 * ARROWS, width=0.0026, headwidth=4.5, zorder=1,
    )  # fmt: skip


def marks(ax: Any, ds: Any, across: np.ndarray, up: np.ndarray, ink: str) -> None:
    """Resting points: filled where stable, open where unstable, half where a saddle."""
    paper = ax.get_facecolor()
    for i, word in enumerate(ds.stability.values):
        stable, saddle = word.startswith("stable"), word.startswith("saddle")
        fill = "left" if saddle else "full" if stable else "none"
        ax.plot(
            across[i], up[i], "D" if saddle else "o", color=ink, fillstyle=fill, markerfacecoloralt=paper, markersize=9,
            markeredgecolor=ink, markeredgewidth=1.6, zorder=4, clip_on=False,
            label=word if word not in ds.stability.values[:i] else None, linestyle="none",
        )  # fmt: skip


def thresholds(ax: Any, ds: Any, x: str, y: str, ink: str) -> None:
    """Threshold and reset of a model that spikes."""
    for name, dash in (("threshold", (0, (8, 2))), ("reset", "dotted")):
        if name not in ds:
            continue
        level = np.broadcast_to(ds[name].values, ds.sizes["threshold_vertex"])
        other = y if ds[name].attrs["axis"] == x else x
        along = ds[f"threshold_{other}"].values
        pair = (level, along) if other == y else (along, level)
        ax.plot(*pair, color=ink, linestyle=dash, linewidth=1.3, label=name, zorder=2)


def _ends(x: Any) -> tuple[float, float]:
    return float(x.values[0]), float(x.values[-1])


def _ink(ax: Any) -> str:
    from matplotlib.colors import to_hex

    return palette.INK[palette.theme(to_hex(ax.get_figure(root=True).get_facecolor()))]
