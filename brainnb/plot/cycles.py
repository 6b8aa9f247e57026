"""Pictures of a limit cycle: the states over a turn, and what a push does at each phase."""

import json
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from . import page, palette

PRC = "prc_"


def states(ds: Any) -> list[str]:
    """What of a result runs over the phase and is no response."""
    return [str(name) for name, x in ds.data_vars.items() if x.dims == ("phase",) and not str(name).startswith(PRC)]


def cycle(ds: Any, *variables: str, axes: Any = None) -> Any:
    """Draw states over one turn, a row each; the phase is 0 at the peak of the first state.

    Returns
    -------
    array of matplotlib Axes
    """
    names = list(variables) or states(ds)[: page.MOST_LINES]
    rows = np.atleast_1d(page.axes(axes, rows=len(names)))
    for i, (ax, name) in enumerate(zip(rows, names, strict=True)):
        colour, dash = palette.style(i)
        ax.plot(ds.phase, ds[name], color=colour, linestyle=dash, linewidth=1.8)
        ax.set(ylabel=page.label(ds[name]))
        page.clean(ax)
    rows[0].set_title(f"period {float(ds.period):.4g} {ds.period.attrs.get('units', '')}", fontsize="medium")
    rows[-1].set(xlabel="phase", xlim=(0, 1))
    for ax in rows:
        page.clean(ax)
    return rows


def phase_response(ds: Any, *variables: str, axes: Any = None) -> Any:
    """Draw phase response curves, a row each, over the line of no effect: above it a push brings the next peak forward.

    Returns
    -------
    array of matplotlib Axes
    """
    found = [str(name) for name in ds.data_vars if str(name).startswith(PRC)][: page.MOST_LINES]
    names = [name if name.startswith(PRC) else PRC + name for name in variables] or found
    rows = np.atleast_1d(page.axes(axes, rows=len(names)))
    for i, (ax, name) in enumerate(zip(rows, names, strict=True)):
        colour, dash = palette.style(i)
        ax.axhline(0.0, color=palette.GREY["light"], linewidth=0.8)
        ax.plot(ds.phase, ds[name], color=colour, linestyle=dash, linewidth=1.8)
        ax.set(ylabel=page.label(ds[name]))
        page.clean(ax)
    rows[-1].set(xlabel="phase", xlim=(0, 1))
    return rows


def isochrons(ds: Any, lines: int = 16, ax: Any = None) -> Any:
    """Draw the asymptotic phase of a plane in a closed circle of colours, lines of equal phase and the cycle itself.

    Parameters
    ----------
    ds : Dataset
        Of :func:`brainnb.analysis.isochrons`.
    lines : int
        Isochrons, evenly spread over the period; 0 for none.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    if ds.attrs.get("analysis") != "isochrons":
        raise ModelError("isochrons: a result of bn.analysis.isochrons was expected.")
    x, y = json.loads(ds.attrs["axes"])
    ax = page.axes(ax, width=6.4, height=4.8)
    across, up, phase = ds[x].values, ds[y].values, ds.phase.values.T
    shown = ax.pcolormesh(across, up, phase, cmap="twilight", vmin=0, vmax=1, alpha=0.6, rasterized=True)
    for k in range(lines):
        apart = (phase - k / lines + 0.5) % 1.0 - 0.5
        near = np.where(np.abs(apart) < 0.25, apart, np.nan)  # not where the phase jumps from 1 to 0
        if np.nanmin(near, initial=1.0) < 0 < np.nanmax(near, initial=-1.0):
            ax.contour(across, up, near, levels=[0.0], colors=[palette.INK["light"]], linewidths=0.7)
    cycle = ds[f"cycle_{x}"].values, ds[f"cycle_{y}"].values
    ax.plot(*cycle, color=palette.LIGHT, linewidth=3.6)
    ax.plot(*cycle, color=palette.INK["light"], linewidth=1.8, label="limit cycle")
    ax.set(xlabel=page.label(ds[x]), ylabel=page.label(ds[y]), xlim=across[[0, -1]], ylim=up[[0, -1]])
    page.clean(ax)
    ax.figure.colorbar(shown, ax=ax, label="asymptotic phase")
    page.legend(ax)
    return ax
