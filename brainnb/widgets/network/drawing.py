"""A network's activity as a few tens of kilobytes: curves as any picture has them, then the raster.

Block: the curves as in :mod:`brainnb.widgets.picture`, each on an axis of its own (``header["axes"]``), padded to four
bytes; then the raster, population by population from the bottom.  While there are few spikes every one is sent: for
each column of time how many (uint16), then their neurons (uint16).  Of more than :data:`MOST_SPIKES`, one bit says
whether a cell of the raster holds any: as fine as a screen, so nothing that could be seen is lost.
"""

from typing import Any

import numpy as np

from ..decimate import min_max
from ..panels import Panel, Trace
from ..picture import Picture
from .activity import Activity, Curve, Spikes
from .layout import Band

MOST_SPIKES = 22_000
"""Two bytes each: 44 kB; the bits of the grid take as much."""

COLUMNS = 2000
"""Of time, while every spike is sent."""

GRID = (1000, 352)
"""Columns and rows, where spikes are too many."""

TRACE_POINTS = 900
SLOTS = 4
"""Neurons whose potential can be shown at a time."""


def panels(bands: tuple[Band, ...], wired: bool = True) -> tuple[Panel, ...]:
    """The figures, with one trace for each curve; ``wired``: some neurons are connected."""
    paths = [b.path for b in bands]
    each = tuple(Trace(p, None, p) for p in paths)
    watched = [b for b in bands if b.unit is not None]
    found = [Panel("raster", "neurons", "1", ()), Panel("rate", "rate", "Hz", each)]
    if watched:
        unit = watched[0].unit
        found.append(Panel("trace", "V", unit, tuple(Trace(f"chosen {i}", i, f"chosen {i}") for i in range(SLOTS))))
        found.append(Panel("histogram", "time", "%", tuple(Trace(b.path, None, b.path) for b in watched)))
    found.append(Panel("spectrum", "power", "Hz²/Hz", each))
    return (*found, Panel("matrix", "wiring", "1", ())) if wired else tuple(found)


def draw(activity: Activity, T: float, chosen: tuple[tuple[int, int], ...], shown: tuple[Panel, ...]) -> Picture:
    """The picture of an activity in a run of ``T`` ms; ``chosen`` are (population, neuron)."""
    curves: list[Curve | None] = []
    numbers: list[np.ndarray | None] = []
    for panel in shown:
        for number, trace in enumerate(panel.traces):
            curve, kept = _curve(activity, panel, number, trace, T, chosen)
            curves.append(curve)
            numbers.append(kept)
    counts = [0 if c is None else len(k) for c, k in zip(curves, numbers, strict=True)]
    levels = [np.zeros(0, "<f4") if c is None else c.y[k].astype("<f4") for c, k in zip(curves, numbers, strict=True)]
    places = [np.zeros(0, "<u2") if k is None else k.astype("<u2") for k in numbers]
    block = b"".join(x.tobytes() for x in places)
    block += b"\0" * (-len(block) % 4) + b"".join(x.tobytes() for x in levels)
    raster, packed = draw_raster(activity, T)
    header = {
        "counts": counts,
        "axes": [[0.0, 1.0] if c is None else [c.start, c.step] for c in curves],
        "start": activity.begin,
        "step": activity.spacing,
        "end": activity.begin + T,
        "reached": activity.end,
        "spans": _spans(shown, levels),
        "lines": len(block),
        "raster": raster,
    }
    return Picture(header, block + packed)


def only_lines(picture: Picture) -> Picture:
    """The curves that are kept for comparison, without the raster."""
    header = {name: x for name, x in picture.header.items() if name != "raster"}
    return Picture(header, picture.block[: picture.header["lines"]])


def _curve(
    activity: Activity, panel: Panel, number: int, trace: Trace, T: float, chosen: tuple[tuple[int, int], ...]
) -> tuple[Curve | None, np.ndarray | None]:
    """A curve and the samples of it that are sent."""
    if panel.kind == "trace":
        if number >= len(chosen) or (y := activity.trace(*chosen[number])) is None or not len(y):
            return None, None
        stride = -(-len(y) // 65_536)
        kept = min_max(y[::stride], TRACE_POINTS)
        return Curve(activity.begin + activity.spacing, activity.spacing * stride, y[::stride]), kept
    i = next(k for k, band in enumerate(activity.bands) if band.path == trace.variable)
    if panel.kind == "rate":
        curve = activity.rate(i, activity.bin_width(T))
    else:
        curve = activity.spectrum(i) if panel.kind == "spectrum" else activity.histogram(i)
    return curve, None if curve is None else np.arange(len(curve.y))


def _spans(shown: tuple[Panel, ...], levels: list[np.ndarray]) -> list[list[float]]:
    """The heights that each panel needs: from 0, but for potentials."""
    spans, begin = [], 0
    for panel in shown:
        there = [x[np.isfinite(x)] for x in levels[begin : begin + len(panel.traces)]]
        begin += len(panel.traces)
        there = np.concatenate([x for x in there if len(x)] or [np.array([0.0, 1.0])])
        low = float(there.min()) if panel.kind == "trace" else 0.0
        spans.append([low, max(float(there.max()), low + 1e-9)])
    return spans


def draw_raster(activity: Activity, T: float) -> tuple[dict[str, Any], bytes]:
    """How the raster is sent, and its bytes."""
    records = max(1, round(T / activity.spacing))
    all_spikes = [activity.spikes(i) for i in range(len(activity.bands))]
    if sum(len(s.record) for s in all_spikes) > MOST_SPIKES:
        columns, rows = min(GRID[0], records), rows_of(activity.bands)
        packed = [_bits(s, b, r, records, columns) for s, b, r in zip(all_spikes, activity.bands, rows, strict=True)]
        return {"kind": "grid", "columns": columns, "rows": rows}, b"".join(packed)
    columns = min(COLUMNS, records)
    packed, counts, units = [], [], []
    for spikes, band in zip(all_spikes, activity.bands, strict=True):
        unit = -(-band.number // 65_536)
        column = np.minimum(spikes.record * columns // records, columns - 1)
        packed.append(np.bincount(column, minlength=columns).astype("<u2").tobytes())
        packed.append((spikes.neuron // unit).astype("<u2").tobytes())
        counts.append(len(column))
        units.append(unit)
    return {"kind": "spikes", "columns": columns, "counts": counts, "units": units}, b"".join(packed)


def rows_of(bands: tuple[Band, ...]) -> list[int]:
    """Rows of the grid for each population."""
    return [max(1, min(b.number, round((b.high - b.low) * GRID[1]))) for b in bands]


def _bits(spikes: Spikes, band: Band, rows: int, records: int, columns: int) -> bytes:
    """One bit for every cell, row by row."""
    cells = np.zeros(rows * columns, bool)
    column = np.minimum(spikes.record * columns // records, columns - 1)
    cells[spikes.neuron * rows // band.number * columns + column] = True
    return np.packbits(cells).tobytes()
