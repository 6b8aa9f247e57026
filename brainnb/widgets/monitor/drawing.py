"""A run as named curves: its course in buckets that keep every extreme, and what its model does now.

``loss:i`` with ``band:i`` around it and ``now:i`` at its end, ``metric:i``, ``gradient:i``, ``value:i`` are over steps;
``histogram:i`` and ``begun:i`` over values; ``model:i`` and ``target:i``, and ``spikes`` (time, unit), over the time of a
trial.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..curves.packed import ends, packed, padded
from ..decimate import min_max
from ..picture import Picture
from .layout import Layout

MOST, SIDE = 300, 100
"""Buckets of the loss, and of a curve beside it."""
POINTS, DOTS = 300, 1500
"""Points of an output, dots of a raster."""
BINS = 40
WIDE = 20.0
"""How many times the least of several lengths the greatest is where the axis is logarithmic."""
SAMPLE = 20_000
"""Numbers of a parameter that a histogram counts at most."""
Course = dict[str, np.ndarray]


def course(history: Any, name: str, window: tuple[float, float] | None, most: int = SIDE) -> Course:
    """A series in at most ``most`` buckets between two steps; the first step of a run is always there."""
    found = history.table(name)
    if window is not None:
        low, high = np.searchsorted(found["step"], window[0]), np.searchsorted(found["step"], window[1], "right")
        found = {k: x[max(0, low - 1) : high + 1] for k, x in found.items()}
    count = len(found["step"])
    if count > most:
        starts = np.unique(np.linspace(0, count, most + 1).astype(int)[:-1])
        last = np.append(starts[1:], count) - 1
        found = {
            "step": found["step"][last],
            "value": found["value"][last],
            "least": np.fmin.reduceat(found["least"], starts),
            "greatest": np.fmax.reduceat(found["greatest"], starts),
        }
    if count and found["step"][0] > 1 and (window is None or window[0] <= 1):
        first = float(history.series[name][0, 0])
        begun = {"step": 1, "value": first, "least": first, "greatest": first}
        found = {k: np.insert(x, 0, begun[k]) for k, x in found.items()}
    return found


def line(found: Course) -> np.ndarray:
    """The course as a line; where buckets join steps it passes their least and greatest value, so no spike is lost."""
    if not thinned(found):
        return np.stack([found["step"], found["value"]])
    least, greatest, last = found["least"], found["greatest"], found["value"]
    falls = last - least < greatest - last
    y = np.column_stack([np.where(falls, greatest, least), np.where(falls, least, greatest)])
    return np.stack([np.repeat(found["step"], 2), np.ravel(y)])


def thinned(found: Course) -> bool:
    """Whether a bucket holds more than one value."""
    return bool(np.any(found["greatest"] > found["least"]))


def band(found: Course) -> np.ndarray:
    """What lies between the least and the greatest of every bucket, as an outline."""
    if not thinned(found):
        return np.zeros((2, 0))
    steps, fine = found["step"], np.isfinite(found["least"]) & np.isfinite(found["greatest"])
    across = np.concatenate([steps[fine], steps[fine][::-1]])
    return np.stack([across, np.concatenate([found["greatest"][fine], found["least"][fine][::-1]])])


def root(courses: list[Course]) -> Course:
    """The length of several lengths together, step by step."""
    count = min(len(c["step"]) for c in courses)
    together = {k: np.sqrt(sum(np.square(c[k][:count]) for c in courses)) for k in ("value", "least", "greatest")}
    return {"step": courses[0]["step"][:count], **together}


def compared(found: Course, truth: float) -> Course:
    """A learned number as a part of the true one."""
    parts = {k: found[k] / truth for k in ("value", "least", "greatest")}
    low, high = np.fmin(parts["least"], parts["greatest"]), np.fmax(parts["least"], parts["greatest"])
    return {"step": found["step"], "value": parts["value"], "least": low, "greatest": high}


def histogram(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """How the numbers are spread, as a stair of shares."""
    counts, _ = np.histogram(x, edges)
    share = counts / max(len(x), 1)
    return np.stack([np.repeat(edges, 2), np.concatenate([[0.0], np.repeat(share, 2), [0.0]])])


def sampled(x: np.ndarray) -> np.ndarray:
    """Some of the numbers, evenly."""
    flat = np.ravel(x).astype(float)
    flat = flat[:: max(1, len(flat) // SAMPLE)]
    return flat[np.isfinite(flat)]


class Looked:
    """What is drawn: the runs by name, what their models did (:class:`~brainnb.train.running.probe.Probed`), and the view."""

    def __init__(self, runs: Mapping[str, Any], probed: Mapping[str, Any], begun: Mapping[str, Any], truth: Mapping):
        self.runs, self.probed, self.begun, self.truth = runs, probed, begun, truth


def draw(
    layout: Layout, looked: Looked, log: bool, wide: bool, window: tuple[float, float] | None, told: dict[str, Any]
) -> tuple[Picture, bool]:
    """The curves of a look, and whether the values need a logarithmic axis; once they do (``wide``) it stays."""
    found, spans, reaches = {}, [], {}
    wide = values(found, layout, looked, window, wide)
    panels = layout.panels(log, wide)
    losses(found, layout, looked, window, log)
    for number, panel in enumerate(panels):
        if panel.kind == "output":
            reaches[str(number)] = (0.0, outputs(found, layout, looked))
        elif panel.kind == "spikes raster":
            reaches[str(number)] = raster(found, layout, looked)
        elif panel.kind == "metrics":
            metrics(found, layout, looked, window)
        elif panel.kind == "gradient":
            gradients(found, layout, looked, window)
        elif panel.kind == "histogram":
            reaches[str(number)] = histograms(found, layout, looked)
    for panel in panels:
        spans.append(span(panel.kind, found, layout, log, wide))
    last = max((run.step for run in looked.runs.values()), default=1)
    begin, end = (1, max(2, last)) if window is None else window
    ticks = {str(i): decades(*spans[i]) for i, panel in enumerate(panels) if logarithmic(panel)}
    picture = packed(
        found,
        layout.curves,
        across=(begin, end),
        begin=begin,
        end=end,
        reaches=reaches,
        spans=spans,
        ticks=ticks,
        **told,
    )
    return picture, wide


CURVES = {
    "loss": ("loss", "band"), "output": ("model", "target"), "metrics": ("metric",), "gradient": ("gradient",),
    "value": ("value", "one"), "histogram": ("histogram", "begun"),
}  # fmt: skip


def span(kind: str, found: Mapping[str, np.ndarray], layout: Layout, log: bool, wide: bool) -> tuple[float, float]:
    """The range of a figure's vertical axis."""
    if kind == "spikes raster":
        return -1.0, float(max(1.0, found["spikes"][1].max(initial=0.0) + 1))
    names = [n for n in found if n.partition(":")[0] in CURVES[kind]]
    y = [found[n][1] for n in names if found[n].shape[1]]
    if kind == "histogram":
        return 0.0, 1.1 * max(ends(y)[1], 0.05)
    if (kind == "loss" and log) or kind == "gradient" or (kind == "value" and wide):
        y = [v[v > 0] for v in y]
        low, high = ends([v for v in y if len(v)])
        if low <= 0:
            return 1e-3, 10.0
        pad = max((high / low) ** 0.07, 1.05)
        return low / pad, high * pad
    return padded(ends(y))


def logarithmic(panel: Any) -> bool:
    """Whether a figure's vertical axis is logarithmic."""
    return panel.kind == "gradient" or panel.label.endswith("(log)")


def decades(low: float, high: float) -> list[float]:
    """Ticks of a logarithmic axis: powers of ten, and 2 and 5 times these where there are few.

    Examples
    --------
    >>> decades(0.03, 1.2)
    [0.05, 0.1, 0.2, 0.5, 1.0]
    >>> decades(1e-6, 30)
    [1e-06, 0.0001, 0.01, 1.0]
    """
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    wide = np.log10(high / low)
    steps, every = ((1, 2, 5) if wide < 2.2 else (1,)), max(1, round(wide / 4))
    found = [float(f"{m}e{k}") for k in range(first, last + 1) if k % every == 0 for m in steps]
    return [x for x in found if low * (1 - 1e-9) <= x <= high * (1 + 1e-9)]


def losses(found: dict, layout: Layout, looked: Looked, window: Any, log: bool) -> None:
    """The loss of every run, what it varied between, and where it stands."""
    for i, run in enumerate(looked.runs.values()):
        if "loss" not in run.series.series:
            continue
        seen = course(run.series, "loss", window, MOST)
        found[f"loss:{i}"], found[f"band:{i}"] = np.stack([seen["step"], seen["value"]]), band(seen)
        found[f"now:{i}"] = np.stack([seen["step"][-1:], seen["value"][-1:]])
        if log:
            least = found[f"loss:{i}"][1]
            floor = least[least > 0].min(initial=np.inf)
            for name in (f"loss:{i}", f"now:{i}"):
                y = found[name][1]
                found[name] = np.stack([found[name][0], np.where(y > 0, y, np.nan)])
            found[f"band:{i}"] = np.stack([found[f"band:{i}"][0], np.maximum(found[f"band:{i}"][1], floor)])


def metrics(found: dict, layout: Layout, looked: Looked, window: Any) -> None:
    if layout.several:
        asked = [(run, layout.metrics[0]) for run in looked.runs.values()]
    else:
        asked = [(run, name) for run in looked.runs.values() for name in layout.metrics]
    for i, (run, name) in enumerate(asked):
        if name in run.series.series:
            found[f"metric:{i}"] = line(course(run.series, name, window))


def gradients(found: dict, layout: Layout, looked: Looked, window: Any) -> None:
    for i, courses in enumerate(lengths("gradient", layout, looked, window)):
        if courses:
            x, y = line(root(courses))
            found[f"gradient:{i}"] = np.stack([x, np.where(y > 0, y, np.nan)])


def values(found: dict, layout: Layout, looked: Looked, window: Any, wide: bool) -> bool:
    """Learned numbers or lengths; as parts of the truth where that is known.  Whether their axis is logarithmic."""
    if not layout.several and layout.truth:
        run = next(iter(looked.runs.values()))
        for i, path in enumerate(layout.leaves):
            known = looked.truth.get(path)
            if known is not None and np.size(known) == 1 and float(known) and f"value {path}" in run.series.series:
                seen = course(run.series, f"value {path}", window)
                found[f"value:{i}"] = line(compared(seen, float(known)))
        steps = [x[0] for n, x in found.items() if n.startswith("value:") and x.shape[1]]
        if steps:
            found["one"] = np.array([[min(s[0] for s in steps), max(s[-1] for s in steps)], [1.0, 1.0]])
            return False
    for i, courses in enumerate(lengths("value", layout, looked, window)):
        if courses:
            found[f"value:{i}"] = line(root(courses) if layout.several else courses[0])
    drawn = [x[1] for n, x in found.items() if n.startswith("value:") and x.shape[1]]
    newest = [y[-1] for y in drawn]
    wide |= bool(newest) and min(y.min() for y in drawn) >= 0 and 0 < WIDE * min(newest) < max(newest)
    if not wide:
        return False
    for name in [n for n in found if n.startswith("value:")]:
        x, y = found[name]
        found[name] = np.stack([x, np.where(y > 0, y, np.nan)])
    return True


def lengths(what: str, layout: Layout, looked: Looked, window: Any) -> list[list[Course]]:
    """The courses of a series for every curve: those of one parameter, or of all parameters of a run."""
    found = []
    for run in looked.runs.values():
        known = run.series.series
        names = [n for n in known if n.startswith(f"{what} ")]
        asked = [names] if layout.several else [[n for n in names if n == f"{what} {leaf}"] for leaf in layout.leaves]
        found += [[course(run.series, name, window) for name in group] for group in asked]
    return found


def histograms(found: dict, layout: Layout, looked: Looked) -> tuple[float, float]:
    """How the learned numbers are spread now, and at the first look; the range they need."""
    groups = []
    for name, probed in looked.probed.items():
        learned, before = probed.learned, looked.begun[name]
        paths = [list(learned)] if layout.several else [[leaf] for leaf in layout.leaves]
        groups += [
            [np.concatenate([sampled(x[p]) for p in some if p in x] or [np.zeros(0)]) for x in (learned, before)]
            for some in paths
        ]
    several = [(i, now, old) for i, (now, old) in enumerate(groups) if len(now) > 1 and len(now) == len(old)]
    if not several:
        return 0.0, 1.0
    low, high = padded(ends([x for _, now, old in several for x in (now, old)]), 0.02)
    edges = np.linspace(low, high, BINS + 1)
    for i, now, old in several:
        found[f"histogram:{i}"], found[f"begun:{i}"] = histogram(now, edges), histogram(old, edges)
    return low, high


def outputs(found: dict, layout: Layout, looked: Looked) -> float:
    """What the models do in the trial that is shown, and what they should do; the length of the trial."""
    end = 1.0
    for k, probed in enumerate(looked.probed.values()):
        end = float(probed.time[-1]) if len(probed.time) else 1.0
        did, wanted = probed.did.get(layout.output), probed.wanted.get(layout.output)
        if did is None:
            continue
        channels = range(1) if layout.several else range(did.shape[1])
        for i in channels:
            keep = min_max(did[:, i], POINTS)
            found[f"model:{k + i}"] = np.stack([probed.time, did[:, i]])[:, keep]
            if wanted is not None and (k == 0 or not layout.several):
                keep = min_max(wanted[:, i], POINTS)
                found[f"target:{i}"] = np.stack([probed.time, wanted[:, i]])[:, keep]
    return end


def raster(found: dict, layout: Layout, looked: Looked) -> tuple[float, float]:
    """The spikes of some units."""
    probed = next(iter(looked.probed.values()), None)
    if probed is None or layout.raster not in probed.spikes:
        found["spikes"] = np.zeros((2, 0))
        return 0.0, 1.0
    at, unit = np.nonzero(probed.spikes[layout.raster])
    some = slice(None, None, max(1, -(-len(at) // DOTS)))
    found["spikes"] = np.stack([probed.time[at[some]], unit[some].astype(float)])
    return 0.0, float(probed.time[-1])
