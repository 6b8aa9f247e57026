"""The sentence under the picture: what happened, in words and numbers."""

from typing import Any

import numpy as np

from .panels import Panel, values
from .settings import with_unit


def sentence(ds: Any, panels: tuple[Panel, ...]) -> str:
    """``7 spikes, 68 Hz`` for what spikes; the range for what does not."""
    if not panels or not ds.sizes.get("time"):
        return "Nothing was recorded."
    time = ds["time"].values
    for panel in panels:
        if panel.kind == "spikes":
            return _spikes(np.flatnonzero(values(ds, panel.traces[0])), time)
    panel = next((p for p in panels if p.kind != "field"), panels[0])
    y = values(ds, panel.traces[0])
    if panel.kind == "field":
        name = panel.traces[0].label
        return f"{name} between {np.nanmin(y):.4g} and {with_unit(float(f'{np.nanmax(y):.4g}'), panel.unit)}"
    finite = np.isfinite(y)
    y = y if finite.all() else y[finite]
    if not len(y):
        return "No finite value was recorded."
    if panel.unit == "mV":
        found = upstrokes(y, 0.0, -30.0) if y.max() > 0.0 else np.arange(0)
        if len(found):
            return _spikes(found, time)
    unit = panel.unit
    text = f"{panel.traces[0].label} between {y.min():.4g} and {with_unit(float(f'{y.max():.4g}'), unit)}"
    middle, swing = (y.max() + y.min()) / 2, y.max() - y.min()
    found = upstrokes(y, middle + swing / 6, middle - swing / 6)
    if len(found) > 1 and panel.unit != "mV":
        return f"{text}; {len(found)} cycles, one in {np.diff(time[found]).mean():.3g} ms"
    return f"{text}, at the end {with_unit(float(f'{y[-1]:.4g}'), unit)}"


def upstrokes(y: np.ndarray, high: float, low: float) -> np.ndarray:
    """Samples at which ``y`` rises above ``high``, counted again only after it fell below ``low``."""
    above = y > high
    rises = np.flatnonzero(above[1:] & ~above[:-1]) + 1
    if not len(rises):
        return rises
    lowest_before = np.minimum.reduceat(y[: rises[-1]], np.concatenate([[0], rises[:-1]]))  # since the rise before it
    return rises[lowest_before < low]


def _spikes(at: np.ndarray, time: np.ndarray) -> str:
    count = len(at)
    if count == 0:
        return "no spike"
    if count == 1:
        return f"1 spike, at {time[at[0]]:.4g} ms"
    if count == 2:
        return f"2 spikes, {time[at[1]] - time[at[0]]:.3g} ms apart"
    rate = 1000.0 * (count - 1) / (time[at[-1]] - time[at[0]])
    return f"{count} spikes, {rate:.3g} Hz"
