"""Bifurcation diagrams: what rests and what oscillates over a parameter, and where that changes."""

from itertools import pairwise
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, UnknownName, unknown_message

from . import page, palette

BLUE, VERMILION, GREEN, PINK = palette.CYCLE
WORDS = {
    "fold": "fold",
    "hopf": "Hopf",
    "branch_point": "branch point",
    "cycle_fold": "fold of cycles",
    "period_doubling": "period doubling",
    "torus": "torus",
    "homoclinic": "homoclinic",
    "snic": "SNIC",
    "cusp": "cusp",
    "bogdanov_takens": "Bogdanov–Takens",
    "bautin": "Bautin",
    "zero_hopf": "zero-Hopf",
    "double_hopf": "double Hopf",
    "cycle_cusp": "cusp of cycles",
    "resonance_1_1": "1:1 resonance",
    "resonance_1_2": "1:2 resonance",
    "resonance_1_3": "1:3 resonance",
    "resonance_1_4": "1:4 resonance",
    "fold_flip": "fold-flip",
    "fold_torus": "fold-torus",
    "flip_torus": "flip-torus",
    "neutral_homoclinic": "neutral homoclinic",
    "saddle_node_homoclinic": "saddle-node homoclinic",
}
MARKS = {
    "fold": ("s", VERMILION),
    "hopf": ("D", GREEN),
    "branch_point": ("X", PINK),
    "cycle_fold": ("^", VERMILION),
    "period_doubling": ("P", PINK),
    "torus": ("*", PINK),
    "homoclinic": ("v", GREEN),
    "snic": ("h", GREEN),
}
CURVES = {
    "fold_curve": (BLUE, "solid", "fold"),
    "hopf_curve": (VERMILION, "dashed", "Hopf"),
    "cycle_fold_curve": (GREEN, "dashdot", "fold of cycles"),
    "period_doubling_curve": (PINK, "dotted", "period doubling"),
    "torus_curve": (PINK, (0, (5, 1, 1, 1, 1, 1)), "torus"),
    "homoclinic_curve": (GREEN, (0, (1, 1)), "homoclinic"),
}


def bifurcation(ds: Any, var: str | None = None, ax: Any = None) -> Any:
    """Draw a result of :func:`brainnb.bifurcation`: a diagram, or with two parameters the curves in their plane.

    Stable resting points are a thick line, unstable ones a thin dashed line; the extremes of stable cycles are filled
    dots, those of unstable ones rings.  Special points carry their name.

    Parameters
    ----------
    ds : Dataset
    var : str, optional
        The state on the vertical axis; the first one when left out.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    if "branch_kind" not in ds.variables:
        raise ModelError("bifurcation: this result has no branches; draw one of bn.bifurcation(model, 'I', (lo, hi)).")
    ax = page.axes(ax, width=6.4, height=4.2)
    if var is None and any(str(kind).endswith("_curve") for kind in ds.branch_kind.values):
        return _plane(ds, ax)
    param, var = ds.attrs["parameter"], var or states(ds)[0]
    if var not in states(ds):
        raise UnknownName(unknown_message("state", var, states(ds), where="this diagram"))
    named: set[str] = set()
    for k, kind in enumerate(ds.branch_kind.values):
        across, stable = ds[param].values[k], ds.stable.values[k]
        if kind == "equilibrium":
            _line(ax, across, ds[var].values[k], stable, named)
        elif kind == "cycle":
            for side in ("min", "max"):
                _dots(ax, across, ds[f"{var}_{side}"].values[k], stable, named)
    _special(ds, ax, var)
    ax.set(xlabel=page.label(ds[param]), ylabel=page.label(ds[var]))
    page.clean(ax)
    page.legend(ax)
    return ax


def states(ds: Any) -> list[str]:
    """States that have one number each."""
    return [
        name.removeprefix("special_")
        for name, x in ds.data_vars.items()
        if str(name).startswith("special_") and name.removeprefix("special_") in ds.data_vars and x.dims == ("special",)
    ]


def _line(ax: Any, across: np.ndarray, up: np.ndarray, stable: np.ndarray, named: set[str]) -> None:
    """A branch of resting points; each piece reaches to the next one, so that no gap is drawn."""
    n = int(np.isfinite(across).sum())
    edges = [0, *(np.nonzero(np.diff(stable[:n].astype(int)))[0] + 1), n]
    for first, last in pairwise(edges):
        piece = slice(first, min(last + 1, n))
        good = bool(stable[first])
        look = dict(linestyle="solid", linewidth=2.4) if good else dict(linestyle="dashed", linewidth=1.2)
        ax.plot(across[piece], up[piece], color=BLUE, label=_once(named, "stable" if good else "unstable"), **look)


def _dots(ax: Any, across: np.ndarray, up: np.ndarray, stable: np.ndarray, named: set[str]) -> None:
    for good in (True, False):
        here = np.isfinite(across) & (stable == good)
        if here.any():
            name = "stable cycle" if good else "unstable cycle"
            face = VERMILION if good else "none"
            ax.plot(
                across[here], up[here], "o", color=VERMILION, markerfacecolor=face, markersize=3.6,
                label=_once(named, name),
            )  # fmt: skip


def _once(named: set[str], name: str) -> str | None:
    """A name for the legend the first time, none afterwards."""
    if name in named:
        return None
    named.add(name)
    return name


def _special(ds: Any, ax: Any, var: str) -> None:
    param = ds.attrs["parameter"]
    drawn: set[tuple] = set()
    for i, kind in enumerate(ds.special_kind.values):
        if kind not in MARKS:
            continue
        marker, colour = MARKS[kind]
        x, y = float(ds.special_value[i]), float(ds[f"special_{var}"].values[i])
        if kind in ("cycle_fold", "period_doubling", "torus", "homoclinic", "snic") and f"{var}_max" in ds.data_vars:
            y = top(ds, i, f"{var}_max", param, y)
        ax.plot(x, y, marker, color=colour, markersize=7, markeredgecolor=palette.LIGHT, markeredgewidth=0.8, zorder=5)
        key = (kind, round(x, 9), round(y, 9))
        if key not in drawn:
            drawn.add(key)
            ax.annotate(WORDS[kind], (x, y), xytext=(5, 6), textcoords="offset points", fontsize=8, color=colour)


def top(ds: Any, i: int, name: str, param: str, y: float) -> float:
    """Where a special point of cycles is drawn: at the highest value of its cycle."""
    k = int(ds.special_branch[i])
    across, up = ds[param].values[k], ds[name].values[k]
    if not np.isfinite(across).any():
        return y
    step = int(ds.special_step[i])
    n = int(np.isfinite(across).sum())
    return float(up[step]) if 0 <= step < n else float(up[np.nanargmin(np.abs(across - float(ds.special_value[i])))])


def _plane(ds: Any, ax: Any) -> Any:
    """Both parameters: curves of special points, and the points where they meet."""
    first = ds.attrs["parameter"]
    second = ds.attrs["parameter2"]
    named: set[str] = set()
    for k, kind in enumerate(ds.branch_kind.values):
        if kind in CURVES:
            colour, dash, name = CURVES[kind]
            ax.plot(
                ds[first].values[k], ds[second].values[k], color=colour, linestyle=dash, linewidth=1.8,
                label=_once(named, name),
            )  # fmt: skip
    for i, kind in enumerate(ds.special_kind.values):
        if kind in MARKS:
            continue
        at = float(ds.special_value[i]), float(ds.special_value2[i])
        ax.plot(*at, "o", color=palette.INK["light"], markersize=6, markeredgecolor=palette.LIGHT, zorder=5)
        ax.annotate(WORDS[kind], at, xytext=(5, 6), textcoords="offset points", fontsize=8)
    ax.set(xlabel=page.label(ds[first]), ylabel=page.label(ds[second]))
    page.clean(ax)
    page.legend(ax)
    return ax
