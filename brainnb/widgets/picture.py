"""A result as a few kilobytes: decimated traces in one binary block, with a header that says how to read it.

Block: for every trace its sample numbers (uint16), padded to four bytes, then for every trace its values
(float32), all little endian.  Times are ``start + number * step``.  Fields follow (``header["fields"]``): one byte for
each cell of the image, row by row from the bottom, 0 and 255 being the ends of the panel's span.
"""

from typing import Any, NamedTuple

import numpy as np

from .decimate import min_max
from .panels import Panel, values

POINTS = 4400  # six bytes each: all traces together stay below 30 kB
MOST = 2000  # of one trace; more than the pixels of a screen
NUMBERS = 65_536
CELLS = (200, 64)  # columns and rows of a field, at most


class Picture(NamedTuple):
    """What is sent for one result."""

    header: dict[str, Any]
    block: bytes


def draw(ds: Any, panels: tuple[Panel, ...], points: int = POINTS) -> Picture:
    """Decimate a result for the panels; the first panel gets twice the points of the others."""
    time = ds["time"].values
    n = len(time)
    stride = -(-n // NUMBERS) if n else 1
    spacing = float(time[1] - time[0]) if n > 1 else 1.0
    shares = _shares(panels, points)
    numbers, levels, counts, spans, fields, images = [], [], [], [], [], []
    for number, (panel, share) in enumerate(zip(panels, shares, strict=True)):
        low, high = np.inf, -np.inf
        if panel.kind == "field":
            about, image = _field(values(ds, panel.traces[0]))
            fields.append({"panel": number, "rows": image.shape[0], "columns": image.shape[1], **about})
            images.append(image.tobytes())
            counts.append(0)
            spans.append([0.0, float(about["units"])])
            continue
        for trace in panel.traces:
            kept, y = _ticks(values(ds, trace)) if panel.kind == "spikes" else _line(values(ds, trace), share)
            numbers.append((kept // stride).astype("<u2"))
            levels.append(y)
            counts.append(len(kept))
            finite = y[np.isfinite(y)]
            if panel.kind == "spikes":
                low, high = 0.0, 1.0
            elif len(finite):
                low, high = min(low, float(finite.min())), max(high, float(finite.max()))
        spans.append([low, high] if np.isfinite(low) else [0.0, 1.0])
    packed = b"".join(x.tobytes() for x in numbers)
    packed += b"\0" * (-len(packed) % 4) + b"".join(x.tobytes() for x in levels) + b"".join(images)
    header = {
        "counts": counts,
        "start": float(time[0]) if n else 0.0,
        "step": spacing * stride,
        "end": float(time[-1]) if n else 0.0,
        "spans": spans,
        "fields": fields,
    }
    return Picture(header, packed)


def _line(y: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    kept = min_max(y, points) if len(y) else np.arange(0)
    return kept, np.asarray(y[kept], dtype="<f4")


def _field(y: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """A field as bytes, (rows, columns), with its lowest and highest value and the number of its units."""
    y = y.reshape(len(y), -1)
    shown = y[_places(len(y), CELLS[0])][:, _places(y.shape[1], CELLS[1])].T
    finite = shown[np.isfinite(shown)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    scaled = 255.0 * (np.nan_to_num(shown, nan=low, posinf=high, neginf=low) - low) / ((high - low) or 1.0)
    return {"low": low, "high": high, "units": y.shape[1]}, np.round(scaled).astype(np.uint8)


def _places(count: int, most: int) -> np.ndarray:
    """Which of so many samples are shown: all, or evenly spread ones, each from the middle of its part."""
    return np.arange(count) if count <= most else ((np.arange(most) + 0.5) * count / most).astype(int)


def _ticks(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A tick at every sample with a spike, half way up its strip."""
    kept = np.flatnonzero(counts)[:MOST]
    return kept, np.full(len(kept), 0.5, dtype="<f4")


def _shares(panels: tuple[Panel, ...], points: int) -> list[int]:
    """Points of each trace, panel by panel."""
    weights = [2 if i == 0 else 1 for i, _ in enumerate(panels)]
    total = sum(w * len(p.traces) for w, p in zip(weights, panels, strict=True)) or 1
    return [max(8, min(MOST, points * w // total)) for w in weights]
