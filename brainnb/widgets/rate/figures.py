"""The figures of an f-I curve as Bokeh models: the curve, and beside it the voltage and the rate over time."""

from typing import Any

from ..curves import figures as curves
from ..settings import MOST_KEPT

CURVE, ONSET, HERE = 0, 1, 3


def build(view: Any) -> Any:
    """The figures with empty sources."""
    from bokeh.models import Range1d

    time = Range1d(0.0, 1.0, name="x_range")
    plane = curves.plane(400)
    plane.xaxis.axis_label = curves.axis_label(view.over, view.units[0])
    plane.yaxis.axis_label = "firing rate (Hz)"
    for kept in range(MOST_KEPT):
        curves.add_kept(plane, "rate", kept, width=1.8)
    curves.add_line(plane, "curve:rheobase", ONSET, 1.6, [7, 4], "rheobase")
    curves.add_line(plane, "curve:here", curves.INK, 1.2, [2, 4])
    curves.add_line(plane, "curve:rate", CURVE, 2.4, legend="rate, from rest")
    curves.add_marks(plane, "curve:dots", CURVE, "circle", 5)
    curves.add_marks(plane, "curve:at", HERE, "square", 10, legend="shown beside")
    curves.add_words(plane)
    curves.legend_above(plane)
    trace = curves.over_time(1, time, curves.axis_label(view.var, view.units[1]), last=False)
    curves.add_line(trace, "curve:trace", HERE, 1.6)
    curves.add_marks(trace, "curve:spikes", curves.INK, "dash", 9, 0.0, angle=1.5708, line_width=1.4)
    pace = curves.over_time(2, time, "1 / interval (Hz)", last=True)
    curves.add_line(pace, "curve:instant", HERE, 1.6)
    curves.add_marks(pace, "curve:beats", HERE, "circle", 5)
    return curves.side_by_side(plane, [trace, pace])
