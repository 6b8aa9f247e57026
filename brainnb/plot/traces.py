"""Traces over time, one row for each unit."""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, UnknownName, unknown_message

from . import page, palette

UNDECLARED = ""
"""Observables carry no unit; they are not mixed with dimensionless states."""


def traces(ds: Any, *variables: str, axes: Any = None) -> np.ndarray:
    """Draw variables over time; those with the same unit share a row, all rows share the time axis.

    Parameters
    ----------
    ds : Dataset
    *variables : str
        By default everything with a time axis, except spikes.
    axes : sequence of Axes, optional
        One for each row; new ones by default.

    Returns
    -------
    array of matplotlib Axes
    """
    rows = by_unit(ds, variables or default_variables(ds))
    drawn = np.atleast_1d(page.axes(axes, rows=len(rows)))
    if len(drawn) != len(rows):
        raise ModelError(f"traces: {len(rows)} rows are needed ({', '.join(rows)}), got {len(drawn)} axes.")
    for ax, (unit, names) in zip(drawn, rows.items(), strict=True):
        row(ax, ds, names, unit)
    drawn[-1].set_xlabel(page.label(ds.time))
    return drawn


def default_variables(ds: Any) -> list[str]:
    """Every continuous variable over time, in the order of the record."""
    found = [str(v) for v in ds.data_vars if "time" in ds[v].dims and str(v).rpartition(".")[2] != "spike"]
    if not found:
        raise ModelError("traces: nothing here has a time axis.")
    return found


def by_unit(ds: Any, names: Any) -> dict[str, list[str]]:
    """Names grouped by unit, in order of appearance."""
    rows: dict[str, list[str]] = {}
    for name in names:
        if name not in ds.data_vars:
            raise UnknownName(unknown_message("variable", name, map(str, ds.data_vars), where="this result"))
        rows.setdefault(ds[name].attrs.get("units", UNDECLARED), []).append(name)
    return rows


def row(ax: Any, ds: Any, names: list[str], unit: str) -> None:
    """All variables of one unit in one pair of axes."""
    i = 0
    for name in names:
        for where, line in page.lines_of(ds[name], "time"):
            colour, dash = palette.style(i)
            described = where if len(names) == 1 else f"{name}, {where}" if where else name
            ax.plot(ds.time, line, color=colour, linestyle=dash, linewidth=1.8, label=page.plain(described))
            i += 1
    shown = page.unit_text(unit)
    ax.set_ylabel(page.label(ds[names[0]]) if len(names) == 1 else shown or ", ".join(map(page.plain, names)))
    page.clean(ax)
    page.legend(ax, page.left_out(ds[names[0]], "time"))
