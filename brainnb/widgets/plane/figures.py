"""The figures of a phase plane as Bokeh models: the plane, and both states over time beside it."""

from typing import Any

from ..curves import figures as curves
from ..settings import MOST_KEPT
from . import drawing

COLOURS = {
    "arrows": 5, "nullcline:0": 0, "nullcline:1": 1, "separatrix:stable": 2, "separatrix:unstable": 2, "trajectory": 3,
    "threshold": 5, "reset": 5,
}  # fmt: skip
LINES = {
    "arrows": ("solid", 1.0), "nullcline:0": ("solid", 2.4), "nullcline:1": ([9, 3], 2.4),
    "separatrix:stable": ([6, 3], 1.6), "separatrix:unstable": ([2, 3], 1.6), "threshold": ([12, 4], 1.4),
    "reset": ([2, 4], 1.4), "trajectory": ("solid", 1.8),
}  # fmt: skip
KEPT_CURVES = (*drawing.NULLCLINES, "trajectory")


def build(view: Any) -> Any:
    """The figures with empty sources."""
    from bokeh.models import Range1d

    time = Range1d(0.0, 1.0, name="x_range")
    x, y = view.axes
    plane = curves.plane(360)
    plane.xaxis.axis_label, plane.yaxis.axis_label = (_axis(view, axis) for axis in view.axes)
    for kept in range(MOST_KEPT):
        for name in KEPT_CURVES:
            curves.add_kept(plane, name, kept)
    names = {"nullcline:0": f"{x} stands still", "nullcline:1": f"{y} stands still", "trajectory": "trajectory"}
    for name, (dash, width) in LINES.items():
        alpha = 0.4 if name == "arrows" else 1.0
        curves.add_line(plane, f"curve:{name}", COLOURS[name], width, dash, names.get(name), line_alpha=alpha)
    for name, marker, fill in (("stable", "circle", 1.0), ("unstable", "circle", 0.0), ("saddle", "diamond", 0.35)):
        size = 13 if marker == "circle" else 17
        curves.add_marks(plane, f"curve:{name}", curves.INK, marker, size, fill, line_width=2.2)
    curves.add_start(plane, COLOURS["trajectory"])
    curves.add_cursor(plane, "cursor")
    curves.legend_above(plane)
    traces = []
    for i, axis in enumerate(view.axes):
        trace = curves.over_time(1 + i, time, _axis(view, axis), last=i == 1)
        curves.add_line(trace, f"trace:{i}", i, dash=LINES[f"nullcline:{i}"][0])
        curves.add_cursor(trace, f"cursor:{i}")
        traces.append(trace)
    return curves.side_by_side(plane, traces)


def _axis(view: Any, axis: str) -> str:
    return curves.axis_label(axis, view._about[axis]["units"])
