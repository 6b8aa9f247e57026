"""An f-I curve as named curves, with what the neuron does at one input.

``rate`` and ``dots`` are the curve; ``here`` and ``at`` mark that input; ``trace`` is its voltage, ``spikes`` its
spikes, ``instant`` and ``beats`` the inverse of its intervals, as a line and as dots.
"""

from typing import Any

import numpy as np

from ..curves.packed import ends, packed, padded
from ..decimate import min_max
from ..picture import Picture

CURVES = ("rate", "dots", "rheobase", "here", "at", "trace", "spikes", "instant", "beats")
MOST = 1600


def draw(ds: Any, over: str, var: str, partial: bool) -> Picture:
    """The curves of a result of :class:`FICurve`."""
    across, rate = ds[over].values, ds.rate.values
    value = float(ds.attrs["trace_value"])
    top = float(max(rate.max(initial=0.0), 1.0))
    low, high = -0.04 * top, 1.2 * top
    time, level, spikes = ds.time.values, ds[f"trace_{var}"].values, ds.spike_time.values
    keep = min_max(level, MOST) if len(level) else np.arange(0)
    below, above = padded(ends([level]), 0.12)
    gaps = np.diff(spikes)
    rheobase = float(ds.rheobase)
    known = np.isfinite(rheobase)
    found = {
        "rate": stepped(across, rate, rheobase, float(ds.onset_rate)) if known else np.stack([across, rate]),
        "dots": np.stack([across, rate]),
        "rheobase": np.array([[rheobase] * 2, [low, high]]) if known else np.zeros((2, 0)),
        "here": np.array([[value] * 2, [low, high]]),
        "at": np.array([[value], [float(np.interp(value, across, rate))]]),
        "trace": np.stack([time, level])[:, keep],
        "spikes": np.stack([spikes, np.full(len(spikes), above - 0.05 * (above - below))])[:, :MOST],
        "instant": np.stack([spikes[1:], 1000.0 / gaps])[:, :MOST] if len(gaps) else np.zeros((2, 0)),
    }
    texts = [f"{ds.excitability.values}"] if known and not partial else []
    found["beats"] = found["instant"]
    return packed(
        found, CURVES, across=(float(across[0]), float(across[-1])), begin=0.0,
        end=float(time[-1]) if len(time) else 1.0, partial=partial,
        spans=[(low, high), (below, above), (0.0, 1.15 * max(1.0, float(found["instant"][1].max(initial=0.0))))],
        words={"x": [rheobase] * len(texts), "y": [1.1 * top] * len(texts), "text": texts},
    )  # fmt: skip


def stepped(across: np.ndarray, rate: np.ndarray, rheobase: float, above: float) -> np.ndarray:
    """The curve with its step where firing begins, and not a slope from the last silent value."""
    i = int(np.searchsorted(across, rheobase))
    x, y = np.insert(across, i, [rheobase] * 2), np.insert(rate, i, [0.0, above])
    return np.stack([x, y])
