"""The raster: every spike a tick, every run or unit a row."""

from typing import Any

import numpy as np

from brainnb.measures import spike_times

from . import page, palette


def raster(ds: Any, var: str | None = None, threshold: float | None = None, ax: Any = None) -> Any:
    """Draw spikes over time; rows are units, or the values of a sweep.

    Parameters are those of :func:`brainnb.measures.spike_times`.

    Returns
    -------
    matplotlib Axes
    """
    times = spike_times(ds, var, threshold)
    over = times.dims[:-1]
    rows = times.values.reshape(-1, times.sizes["spikes"])
    which, _ = np.nonzero(np.isfinite(rows))
    named = len(over) == 1 and over[0] in times.coords
    heights = times[over[0]].values if named else np.arange(len(rows))
    ax = page.axes(ax, height=1.6 if len(rows) == 1 else 3.2)
    gap = np.diff(np.sort(heights)).min() if len(heights) > 1 else 1.0
    y, x = heights[which], rows[np.isfinite(rows)]
    ax.vlines(x, y - 0.4 * gap, y + 0.4 * gap, color=palette.CYCLE[0], linewidth=1.4)
    ax.set_xlim(float(ds.time.values[0]), float(ds.time.values[-1]))
    ax.set_ylim(heights.min() - 0.6 * gap, heights.max() + 0.6 * gap)
    ax.set(xlabel=page.label(ds.time), ylabel=page.label(times[over[0]]) if named else " × ".join(over) or "spikes")
    if len(rows) == 1:
        ax.set_yticks([])
    return page.clean(ax)
