"""Pictures of a limit cycle: the states over a turn, and what a push does at each phase."""

from typing import Any

import numpy as np

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
