"""The figures of slow points as Bokeh models: the principal axes, the spectrum of one point, and a trajectory."""

from typing import Any

from ..curves import figures as curves
from ..settings import MOST_KEPT
from . import drawing

STABLE, GROWS, SLOW, WAY = 0, 1, 2, 3
MARKS = {
    "stable": ("circle", 12, 1.0, STABLE, "stable"), "unstable": ("circle", 12, 0.0, GROWS, "unstable"),
    "saddle": ("diamond", 15, 0.25, GROWS, "saddle"), "slow": ("triangle", 12, 0.5, SLOW, "slow point"),
    "unfinished": ("x", 10, 0.0, SLOW, "unfinished"),
}  # fmt: skip


def build(view: Any) -> Any:
    """The figures with empty sources."""
    from bokeh.models import Range1d

    plane = curves.plane(400)
    plane.xaxis.axis_label, plane.yaxis.axis_label = (
        f"axis {i + 1} ({share:.0%} of the variance)" for i, share in enumerate(view.shares)
    )
    for kept in range(MOST_KEPT):
        for name in ("stable", "unstable", "saddle"):
            curves.add_kept(plane, name, kept, marker="circle")
        curves.add_kept(plane, "trajectory", kept)
    curves.add_marks(plane, "curve:cloud", curves.INK, "circle", 2.5, 0.35, line_width=0, line_alpha=0)
    curves.add_line(plane, "curve:trajectory", WAY, 1.8)
    curves.add_start(plane, WAY)
    for name in drawing.KINDS:
        marker, size, fill, colour, legend = MARKS[name]
        curves.add_marks(plane, f"curve:{name}", colour, marker, size, fill, legend)
    curves.add_marks(plane, "curve:chosen", curves.INK, "circle", 22, 0.0, line_width=1.6)
    curves.add_words(plane)
    curves.add_cursor(plane, "cursor")
    curves.legend_above(plane)
    modes = curves.figure_of(1, Range1d(-1.0, 1.0, name="x_range:1"), curves.TRACE, 300, tools="")
    per = "" if view.map else " (1/ms)"
    modes.xaxis.axis_label, modes.yaxis.axis_label = f"real part of the eigenvalues{per}", f"imaginary part{per}"
    curves.add_line(modes, "curve:border", curves.INK, 1.2, [2, 4])
    curves.add_marks(modes, "curve:decays", STABLE, "circle", 8)
    curves.add_marks(modes, "curve:grows", GROWS, "circle", 8, 0.0)
    curves.add_words(modes, "notes")
    time = Range1d(0.0, 1.0, name="x_range")
    trace = curves.over_time(2, time, "place on the axes", last=True)
    for i, dash in enumerate(("solid", [6, 3])):
        curves.add_line(trace, f"trace:{i}", WAY, 2.0, dash, f"axis {i + 1}")
        curves.add_cursor(trace, f"cursor:{i}")
    curves.legend_above(trace)
    return curves.side_by_side(plane, [modes, trace])
