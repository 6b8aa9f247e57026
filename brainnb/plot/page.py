"""What every picture shares: fresh axes, labels with units, selections that stay legible."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import palette

MOST_LINES = 6
"""More lines than this are not told apart; the picture then says which it shows."""

_SPELLED = {"degC": "°C", "uA": "µA", "uF": "µF", "uS": "µS", "us": "µs", "um": "µm"}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unit_text(unit: str) -> str:
    """A declared unit as a reader expects it: ``uA/cm2`` is µA/cm²; nothing when dimensionless.

    Examples
    --------
    >>> unit_text("uA/cm2"), unit_text("1")
    ('µA/cm²', '')
    """
    if unit == "1":
        return ""
    named = re.sub(r"[A-Za-z]+", lambda m: _SPELLED.get(m.group(), m.group()), unit)
    return re.sub(r"(?<=[A-Za-zµ°])(?:\*\*)?(-?\d+)", lambda m: m.group(1).translate(_RAISED), named)


def plain(text: Any) -> str:
    """Text that Matplotlib draws as it is, never as mathematics."""
    return str(text).replace("$", r"\$")


def label(x: Any, name: str | None = None) -> str:
    """Axis label of an array: name and unit, ``V (mV)``."""
    unit = unit_text(x.attrs.get("units", "1"))
    return plain(f"{name or x.name} ({unit})" if unit else name or x.name)


def axes(ax: Any = None, rows: int = 1, width: float = 7.0, height: float | None = None) -> Any:
    """``ax`` itself, or new axes of a size that survives a projector (an array when ``rows`` > 1)."""
    import matplotlib.pyplot as plt

    if ax is not None:
        return ax
    height = height or (3.2 if rows == 1 else 1.2 + 1.5 * rows)
    _, new = plt.subplots(rows, 1, sharex=True, figsize=(width, height), layout="constrained")
    return new


def clean(ax: Any) -> Any:
    """Quiet frame, ink that is readable on the figure's background."""
    from matplotlib.colors import to_hex

    name = palette.theme(to_hex(ax.get_figure(root=True).get_facecolor()))
    ink = palette.INK[name]
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(ink)
    ax.tick_params(colors=ink, labelcolor=ink)
    for text in (ax.xaxis.label, ax.yaxis.label, ax.title):
        text.set_color(ink)
    return ax


def legend(ax: Any, note: str = "") -> None:
    """A legend beside the data where there is more than one line; ``note`` says what is left out."""
    handles, names = ax.get_legend_handles_labels()
    if len(handles) > 1:
        drawn = ax.legend(
            handles, names, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, title=note or None
        )
        for text in (*drawn.get_texts(), drawn.get_title()):
            text.set_color(ax.xaxis.label.get_color())


def lines_of(x: Any, along: str) -> Iterator[tuple[str, Any]]:
    """The one-dimensional lines of ``x`` along a dimension, each with its name; evenly chosen when many."""
    others = [d for d in x.dims if d != along]
    points = list(np.ndindex(*(x.sizes[d] for d in others)))
    chosen = np.unique(np.linspace(0, len(points) - 1, min(len(points), MOST_LINES)).round().astype(int))
    for i in chosen:
        at = dict(zip(others, points[i], strict=True))
        yield ", ".join(place(x, d, at[d]) for d in others), x.isel(at)


def place(x: Any, dim: str, i: int) -> str:
    """Where a line was cut: ``I = 5 µA/cm²``, or ``neuron 3``."""
    if dim not in x.coords:
        return f"{dim} {i}"
    coordinate = x[dim]
    unit = unit_text(coordinate.attrs.get("units", "1"))
    return plain(f"{dim} = {coordinate.values[i]:g}{' ' + unit if unit else ''}")


def left_out(x: Any, along: str) -> str:
    """``6 of 50 shown``, or nothing."""
    total = int(np.prod([x.sizes[d] for d in x.dims if d != along], dtype=int))
    return f"{MOST_LINES} of {total} shown" if total > MOST_LINES else ""
