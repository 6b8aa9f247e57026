"""A number of each run against what was swept: the f–I curve and its relatives."""

from typing import Any

from brainnb import measures
from brainnb.core.errors import ModelError, UnknownName, unknown_message

from . import page, palette

MEASURES = {"rate": measures.rate, "period": measures.period, "spike_count": measures.spike_count}


def curve(ds: Any, quantity: str = "rate", ax: Any = None, **how: Any) -> Any:
    """Draw a measured quantity over the first swept dimension; others become lines.

    Parameters
    ----------
    ds : Dataset
        Of a sweep.
    quantity : str
        ``"rate"`` (Hz), ``"period"`` (ms), ``"spike_count"``, or a variable that has no time axis.
    **how
        For the measures: ``var=``, ``threshold=``, ``start=``.

    Returns
    -------
    matplotlib Axes
    """
    across = swept(ds)
    if not across:
        raise ModelError("curve: nothing was swept here; run bn.sweep(model, {'I': values}, T=...) for a curve.")
    if quantity in MEASURES:
        y = MEASURES[quantity](ds, **how)
    elif quantity in ds.data_vars and "time" not in ds[quantity].dims:
        y = ds[quantity]
    else:
        known = [*MEASURES, *(str(v) for v in ds.data_vars if "time" not in ds[v].dims)]
        raise UnknownName(unknown_message("quantity", quantity, known, where="this result"))
    ax = page.axes(ax)
    x = ds[across[0]]
    for i, (where, line) in enumerate(page.lines_of(y, across[0])):
        colour, dash = palette.style(i)
        marker = "o" if x.size <= 40 else None
        ax.plot(x, line, color=colour, linestyle=dash, linewidth=1.8, marker=marker, markersize=4, label=where)
    ax.set(xlabel=page.label(x), ylabel=page.label(y, y.attrs.get("long_name")))
    page.clean(ax)
    page.legend(ax, page.left_out(y, across[0]))
    return ax


def swept(ds: Any) -> list[str]:
    """Dimensions that carry swept values."""
    return [str(d) for d in ds.dims if d in ds.coords and d != "time"]
