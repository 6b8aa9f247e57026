"""The figures of a diagram as Bokeh models: the diagram, and the trajectory over time beside it."""

from typing import Any

from ..curves import figures as curves
from ..settings import MOST_KEPT
from . import drawing

REST, CYCLE, MARK, WAY, SLOW = 0, 1, 2, 3, 4
MARKERS = {
    "fold": "square", "hopf": "diamond", "branch_point": "x", "cycle_fold": "triangle", "period_doubling": "plus",
    "torus": "star", "homoclinic": "inverted_triangle", "snic": "hex",
}  # fmt: skip


def build(view: Any) -> Any:
    """The figures with empty sources."""
    from bokeh.models import Range1d

    time = Range1d(0.0, 1.0, name="x_range")
    diagram = curves.plane(400)
    diagram.xaxis.axis_label, diagram.yaxis.axis_label = view.axes_text
    for kept in range(MOST_KEPT):
        curves.add_kept(diagram, "rest:unstable", kept, dash=[4, 4], width=1.0)
        curves.add_kept(diagram, "rest:stable", kept, dash="solid", width=1.6)
        curves.add_kept(diagram, "cycle:stable", kept, marker="circle")
    for name, dash, width in (("unstable", [6, 4], 1.6), ("stable", "solid", 2.8)):
        curves.add_line(diagram, f"curve:rest:{name}", REST, width, dash, f"{name} rest")
    for name, fill in (("unstable", 0.0), ("stable", 1.0)):
        curves.add_marks(diagram, f"curve:cycle:{name}", CYCLE, "circle", 5.5, fill, f"{name} cycle", line_width=1.3)
    curves.add_line(diagram, "curve:slow", SLOW, 2.0, [2, 3], f"{view.param} stands still")
    curves.add_line(diagram, "curve:here", curves.INK, 1.2, [2, 4])
    curves.add_line(diagram, "curve:trajectory", WAY, 1.8)
    for kind in drawing.KINDS:
        curves.add_marks(diagram, f"curve:special:{kind}", MARK, MARKERS[kind], 11, 0.6)
    curves.add_words(diagram)
    curves.add_start(diagram, WAY)
    curves.add_cursor(diagram, "cursor")
    curves.legend_above(diagram, columns=2)
    traces = []
    for i, (name, unit) in enumerate(view.traced):
        trace = curves.over_time(1 + i, time, curves.axis_label(name, unit), last=i == len(view.traced) - 1)
        curves.add_line(trace, f"trace:{i}", WAY)
        curves.add_cursor(trace, f"cursor:{i}")
        traces.append(trace)
    return curves.side_by_side(diagram, traces)
