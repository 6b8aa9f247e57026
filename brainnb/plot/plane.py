"""The state plane: one variable against another, time along the line."""

from typing import Any

from brainnb.core.errors import UnknownName, unknown_message

from . import page, palette


def plane(ds: Any, x: str = "V", y: str = "w", ax: Any = None) -> Any:
    """Draw the path through the plane of two variables; a ring marks its start, a dot its end.

    Returns
    -------
    matplotlib Axes
    """
    for name in (x, y):
        if name not in ds.data_vars:
            raise UnknownName(unknown_message("variable", name, map(str, ds.data_vars), where="this result"))
    ax = page.axes(ax, width=4.8, height=4.2)
    pairs = zip(page.lines_of(ds[x], "time"), page.lines_of(ds[y], "time"), strict=True)
    for i, ((where, across), (_, up)) in enumerate(pairs):
        colour, dash = palette.style(i)
        ax.plot(across, up, color=colour, linestyle=dash, linewidth=1.8, label=where)
        ax.plot(across[0], up[0], "o", color=colour, markerfacecolor="none", markersize=8)
        ax.plot(across[-1], up[-1], "o", color=colour, markersize=8)
    ax.set(xlabel=page.label(ds[x]), ylabel=page.label(ds[y]))
    page.clean(ax)
    page.legend(ax, page.left_out(ds[x], "time"))
    return ax
