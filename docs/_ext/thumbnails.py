"""Draws a model as a thumbnail for the catalogue: a real run at every build, as a few lines of SVG."""

import exported
import numpy as np

import brainnb as bn
from brainnb.core.errors import UnknownName
from brainnb.widgets.decimate import min_max
from brainnb.widgets.panels import continuous_paths

DURATIONS = {"neurons": 200.0, "rates": 500.0, "inputs": 20.0}
"""Families that are pictured, and for how long they run, ms; a channel or a synapse alone is no picture of anything."""
LONGER = {
    "Butera": 8000.0, "CANN": 100.0, "ChayKeizer": 30000.0, "Chirp": 500.0, "FractionalFitzHughRinzel": 400.0,
    "HindmarshRose": 1000.0, "Kuramoto": 60.0, "PinskyRinzel": 600.0, "Plant": 22000.0, "QIFMeanField": 100.0, "ShotNoise": 200.0,
    "Sine": 300.0, "Square": 300.0, "StuartLandau": 60.0, "Triangle": 300.0, "WongWang": 1500.0, "WilsonCowan": 150.0,
    "Wiener": 200.0, "Noise": 100.0, "Delayed": 100.0, "FrozenNoise": 100.0, "PoissonSpikes": 100.0,
}  # fmt: skip
GIVEN = {
    "Butera": {"I": 0.0},
    "CANN": {"A": 10.0},
    "ChayKeizer": {"I": 0.0},
    "HindmarshRose": {"I": 2.0},
    "FitzHughNagumo": {"I": 0.5},
    "PinskyRinzel": {"I": 0.75, "I_d": 0.0},
    "Plant": {"I": 0.0},
    "WilsonCowan": {"P": 1.25, "Q": 0.0},
    "WongWang": {"mu": 40.0, "c": 0.2},
}
"""Where half of the range of an input is not what the model is known for."""

COLOURS = ("#2c8ccb", "#d07a1e", "#1f9d7a")  # 3:1 on a white and on a dark page
WIDTH, HEIGHT, EDGE = 180, 56, 3
POINTS = 300
DT = 0.1


def pictured(family, name):
    """Whether a model has a thumbnail."""
    return family in DURATIONS and (family, name) in exported.names()


def draw(family, name):
    """A model's thumbnail as SVG, and what it shows in words; nothing of a model at rest."""
    model, given = exported.case(family, name)
    given = {**given, **GIVEN.get(name, {})}
    T = LONGER.get(name, DURATIONS[family])
    seen = {"inputs": ["I"], "neurons": continuous_paths(model)[:1], "rates": continuous_paths(model)[:2]}
    ds = run(model, given, T, seen[family])
    curves = drawn(ds, seen[family])
    low, high = min(y.min() for y in curves.values()), max(y.max() for y in curves.values())
    if low == high and family != "inputs":
        return None
    body = "".join(polyline(y, low, high, c) for y, c in zip(curves.values(), COLOURS, strict=False))
    body += "".join(
        ticks(np.flatnonzero(x), len(x)) for v, x in ds.data_vars.items() if str(v) == "spike" and x.ndim == 1
    )
    words = f"{', '.join(curves)} of {name} over {T:g} ms"
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><title>{words}</title>{body}</svg>\n', words


def run(model, given, T, paths):
    """What is drawn, and the spikes where a model reports them; of a model without slopes, what it shows."""
    for record in ([*paths, "*spike"], paths or None):
        try:
            return bn.simulate(model, T=T, dt=DT, inputs=given, record=record)
        except UnknownName:
            continue
    raise ValueError(f"{type(model).__name__} shows nothing")


def drawn(ds, paths):
    """Curves by name: variables of the unit of the first, or three units of it."""
    first = next(iter(paths or map(str, ds.data_vars)))
    if ds[first].ndim > 1:
        rows = ds[first].values.reshape(ds.sizes["time"], -1).T
        return {f"{first}[{i}]": rows[i] for i in np.linspace(0, len(rows) - 1, min(3, len(rows))).astype(int)}
    unit = ds[first].attrs.get("units")
    return {p: ds[p].values for p in paths or [first] if ds[p].attrs.get("units") == unit and ds[p].ndim == 1}


def polyline(y, low, high, colour):
    """A curve of few points that keeps every extreme."""
    at = min_max(y, POINTS)
    across = EDGE + (WIDTH - 2 * EDGE) * at / max(1, len(y) - 1)
    up = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * ((y[at] - low) / (high - low) if high > low else 0.5 + 0 * y[at])
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.3" stroke-linejoin="round"/>'


def ticks(at, n):
    """Spikes of a model that resets, as strokes from top to bottom."""
    strokes = "".join(f"M{EDGE + (WIDTH - 2 * EDGE) * k / max(1, n - 1):.1f} {EDGE}V{HEIGHT - EDGE}" for k in at)
    return f'<path d="{strokes}" stroke="{COLOURS[0]}" stroke-width="1" opacity="0.55"/>'
