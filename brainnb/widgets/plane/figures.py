"""The figures of a phase plane as Bokeh models: the plane, and both states over time beside it.

Sources are named ``curve:<name>`` as in :data:`brainnb.widgets.plane.drawing.CURVES`, ``trace:0`` and ``trace:1``,
``cursor``, ``cursor:0`` and ``cursor:1`` for the moment that the pointer shows, and ``kept:k:<name>``.
"""

from typing import Any

import numpy as np

from ..figures import KEPT, KEPT_DASHES, LIGHT, label, unit_text
from ..settings import MOST_KEPT
from . import drawing

HEIGHT, TRACE = 440, 218
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
    from bokeh.layouts import column, row
    from bokeh.models import Range1d

    time = Range1d(0.0, 1.0, name="x_range")
    x, y = view.axes
    plane = figure_of(0, Range1d(0.0, 1.0, name="x_range:0"), HEIGHT, 360, tools="tap")
    plane.xaxis.axis_label = _axis(view, x)
    plane.yaxis.axis_label = _axis(view, y)
    for kept in range(MOST_KEPT):
        for name in KEPT_CURVES:
            made = plane.line("x", "y", source=made_source(f"kept:{kept}:{name}"), line_color=KEPT[0], line_width=1.2, line_dash=KEPT_DASHES[kept])  # fmt: skip
            made.tags, made.visible = ["kept", kept], False
    names = {"nullcline:0": f"{x} stands still", "nullcline:1": f"{y} stands still", "trajectory": "trajectory"}
    for name, (dash, width) in LINES.items():
        alpha = 0.4 if name == "arrows" else 1.0
        extra = {"legend_label": label(names[name])} if name in names else {}
        made = plane.line("x", "y", source=made_source(f"curve:{name}"), line_color=LIGHT[COLOURS[name]], line_dash=dash, line_width=width, line_alpha=alpha, **extra)  # fmt: skip
        made.tags = ["live", COLOURS[name]]
    for name, marker, filled in (("stable", "circle", 1.0), ("unstable", "circle", 0.0), ("saddle", "diamond", 0.35)):
        made = plane.scatter(
            "x", "y", source=made_source(f"curve:{name}"), marker=marker, size=13 if marker == "circle" else 17,
            line_color=LIGHT[5], line_width=2.2, fill_color=LIGHT[5], fill_alpha=filled,
        )  # fmt: skip
        made.tags = ["mark", 5]
    start = plane.scatter("x", "y", source=made_source("curve:start"), marker="square", size=9, line_color=LIGHT[3], fill_color=LIGHT[3])  # fmt: skip
    start.tags = ["mark", 3]
    add_cursor(plane, "cursor")
    for legend in plane.legend:
        legend.orientation = "horizontal"
        legend.background_fill_alpha = legend.border_line_alpha = 0
        legend.padding = legend.margin = 0
        legend.label_text_font_size = "13px"
        plane.add_layout(legend, "above")
    traces = []
    for i, axis in enumerate((x, y)):
        figure = figure_of(1 + i, time, TRACE, 300, tools="xpan,xbox_zoom,reset")
        figure.yaxis.axis_label = _axis(view, axis)
        figure.xaxis.axis_label = "time (ms)" if i else None
        line = figure.line("x", "y", source=made_source(f"trace:{i}"), line_color=LIGHT[i], line_width=2.0, line_dash=LINES[f"nullcline:{i}"][0])  # fmt: skip
        line.tags = ["live", i]
        add_cursor(figure, f"cursor:{i}")
        traces.append(figure)
    beside = column(*traces, sizing_mode="stretch_width", spacing=2, styles={"flex": "1 1 300px"}, min_width=280)
    return row(plane, beside, sizing_mode="stretch_width", spacing=6, styles={"flex-wrap": "wrap"}, name="panels")


def figure_of(number: int, x_range: Any, height: int, width: int, tools: str) -> Any:
    from bokeh.models import Range1d
    from bokeh.plotting import figure

    made = figure(
        name=f"panel:{number}", height=height, min_width=width - 20, sizing_mode="stretch_width", x_range=x_range,
        y_range=Range1d(0.0, 1.0, name=f"y_range:{number}"), tools=tools, active_drag=None, active_tap=None,
        toolbar_location=None, min_border_left=66, min_border_right=16, output_backend="canvas",
        background_fill_alpha=0, border_fill_alpha=0, outline_line_alpha=0.25,
        **({} if number else {"styles": {"flex": f"1 1 {width}px"}}),
    )  # fmt: skip
    made.axis.axis_label_text_font_style = "normal"
    made.axis.axis_label_text_font_size = made.axis.major_label_text_font_size = "13px"
    made.axis.minor_tick_line_alpha = 0
    made.grid.grid_line_alpha = 0.12
    return made


def made_source(name: str) -> Any:
    from bokeh.models import ColumnDataSource

    empty = np.zeros(0, np.float32)
    return ColumnDataSource({"x": empty, "y": empty}, name=name)


def add_cursor(figure: Any, name: str) -> None:
    made = figure.scatter("x", "y", source=made_source(name), marker="circle_cross", size=13, line_color=LIGHT[5], line_width=2, fill_alpha=0)  # fmt: skip
    made.tags = ["mark", 5]


def _axis(view: Any, axis: str) -> str:
    return label(axis) + label(unit_text(view._about[axis]["units"]))


def item(view: Any) -> dict[str, Any]:
    """The figures as JSON for ``Bokeh.embed.embed_item``."""
    from bokeh.embed import json_item

    return json_item(build(view))


def filled(view: Any) -> Any:
    """The figures with the data inside, for a page without a kernel."""
    made = build(view)
    by_name = {m.name: m for m in made.references() if m.name}
    header = view.shown.picture.header
    for name, points in decoded(view.shown.picture).items():
        if f"curve:{name}" in by_name:
            by_name[f"curve:{name}"].data = {"x": points[0], "y": points[1]}
    found = decoded(view.shown.picture)
    for i in range(2):
        by_name[f"trace:{i}"].data = {"x": found["time"][0], "y": found["trajectory"][i]}
    for k, kept in enumerate(view.kept):
        for name, points in decoded(kept.picture).items():
            if f"kept:{k}:{name}" in by_name:
                by_name[f"kept:{k}:{name}"].data = {"x": points[0], "y": points[1]}
    for renderer in (m for m in made.references() if m.tags and m.tags[0] == "kept"):
        renderer.visible = renderer.tags[1] < len(view.kept)
    by_name["x_range"].start, by_name["x_range"].end = 0.0, header["end"]
    by_name["x_range:0"].start, by_name["x_range:0"].end = header["across"]
    for i, (low, high) in enumerate(header["spans"]):
        pad = 0.0 if i == 0 else 0.07 * (high - low) or 0.5
        by_name[f"y_range:{i}"].start, by_name[f"y_range:{i}"].end = low - pad, high + pad
    return made


def decoded(picture: Any, curves: tuple[str, ...] = drawing.CURVES) -> dict[str, np.ndarray]:
    """The curves of a picture, (2, n) each, as a page reads them."""
    header, block = picture
    values, at, found = np.frombuffer(block, "<f4"), 0, {}
    for name, count in zip(curves, header["curves"], strict=True):
        found[name] = values[at : at + 2 * count].reshape(2, count)
        at += 2 * count
    return found
