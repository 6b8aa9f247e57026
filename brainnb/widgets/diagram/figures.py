"""The figures of a diagram as Bokeh models: the diagram, and the trajectory over time beside it.

Sources are named as those of a phase plane, and ``words`` for the names of special points.
"""

from typing import Any

import numpy as np

from ..figures import KEPT, LIGHT, label, unit_text
from ..plane.figures import HEIGHT, TRACE, add_cursor, decoded, figure_of, made_source
from ..settings import MOST_KEPT
from . import drawing

REST, CYCLE, MARK, WAY = 0, 1, 2, 3
INK = 5
MARKERS = {
    "fold": "square", "hopf": "diamond", "branch_point": "x", "cycle_fold": "triangle", "period_doubling": "plus",
    "torus": "star", "homoclinic": "inverted_triangle", "snic": "hex",
}  # fmt: skip
KEPT_CURVES = ("rest:unstable", "rest:stable", "cycle:stable")


def build(view: Any) -> Any:
    """The figures with empty sources."""
    from bokeh.layouts import column, row
    from bokeh.models import Range1d

    time = Range1d(0.0, 1.0, name="x_range")
    diagram = figure_of(0, Range1d(0.0, 1.0, name="x_range:0"), HEIGHT, 400, tools="tap")
    diagram.xaxis.axis_label, diagram.yaxis.axis_label = view.axes_text
    _kept(diagram)
    for name, dash, width in (("rest:unstable", [6, 4], 1.6), ("rest:stable", "solid", 2.8)):
        _line(diagram, f"curve:{name}", dash, width, REST, f"{name.split(':')[1]} rest")
    for name, filled in (("cycle:unstable", 0.0), ("cycle:stable", 1.0)):
        dots = diagram.scatter(
            "x", "y", source=made_source(f"curve:{name}"), marker="circle", size=5.5, line_color=LIGHT[CYCLE], line_width=1.3,
            fill_color=LIGHT[CYCLE], fill_alpha=filled, legend_label=f"{name.split(':')[1]} cycle",
        )  # fmt: skip
        dots.tags = ["mark", CYCLE]
    _line(diagram, "curve:here", [2, 4], 1.2, INK, None)
    _line(diagram, "curve:trajectory", "solid", 1.8, WAY, None)
    for kind in drawing.KINDS:
        point = diagram.scatter(
            "x", "y", source=made_source(f"curve:special:{kind}"), marker=MARKERS[kind], size=11, line_color=LIGHT[MARK],
            line_width=2, fill_color=LIGHT[MARK], fill_alpha=0.6,
        )  # fmt: skip
        point.tags = ["mark", MARK]
    _words(diagram)
    start = diagram.scatter("x", "y", source=made_source("curve:start"), marker="square", size=9, line_color=LIGHT[WAY], fill_color=LIGHT[WAY])  # fmt: skip
    start.tags = ["mark", WAY]
    add_cursor(diagram, "cursor")
    for legend in diagram.legend:
        legend.orientation, legend.ncols = "horizontal", 2
        legend.background_fill_alpha = legend.border_line_alpha = 0
        legend.padding = legend.margin = 0
        legend.label_text_font_size = "13px"
        diagram.add_layout(legend, "above")
    traces = []
    for i, (name, unit) in enumerate(view.traced):
        trace = figure_of(1 + i, time, TRACE, 300, tools="xpan,xbox_zoom,reset")
        trace.yaxis.axis_label = label(name) + label(unit_text(unit))
        trace.xaxis.axis_label = "time (ms)" if i == len(view.traced) - 1 else None
        _line(trace, f"trace:{i}", "solid", 2.0, WAY, None)
        add_cursor(trace, f"cursor:{i}")
        traces.append(trace)
    beside = column(*traces, sizing_mode="stretch_width", spacing=2, styles={"flex": "1 1 300px"}, min_width=280)
    return row(diagram, beside, sizing_mode="stretch_width", spacing=6, styles={"flex-wrap": "wrap"}, name="panels")


def _line(figure: Any, name: str, dash: Any, width: float, colour: int, legend: str | None) -> None:
    extra = {} if legend is None else {"legend_label": legend}
    made = figure.line(
        "x", "y", source=made_source(name), line_color=LIGHT[colour], line_dash=dash, line_width=width, **extra
    )
    made.tags = ["live", colour]


def _kept(figure: Any) -> None:
    for kept in range(MOST_KEPT):
        for name in KEPT_CURVES:
            source = made_source(f"kept:{kept}:{name}")
            if name.startswith("cycle"):
                made = figure.scatter(
                    "x", "y", source=source, marker="circle", size=3, line_color=KEPT[0], fill_color=KEPT[0]
                )
            else:
                dash, width = ([4, 4], 1.0) if name.endswith("unstable") else ("solid", 1.6)
                made = figure.line("x", "y", source=source, line_color=KEPT[0], line_width=width, line_dash=dash)
            made.tags, made.visible = ["kept", kept], False


def _words(figure: Any) -> None:
    from bokeh.models import ColumnDataSource

    source = ColumnDataSource({"x": [], "y": [], "text": []}, name="words")
    made = figure.text(
        "x", "y", "text", source=source, x_offset=8, y_offset=-7, text_color=LIGHT[INK], text_font_size="13px"
    )
    made.tags = ["word", INK]


def item(view: Any) -> dict[str, Any]:
    """The figures as JSON for ``Bokeh.embed.embed_item``."""
    from bokeh.embed import json_item

    return json_item(build(view))


def filled(view: Any) -> Any:
    """The figures with the data inside, for a page without a kernel."""
    made = build(view)
    by_name = {m.name: m for m in made.references() if m.name}
    header = view.shown.picture.header
    found = decoded(view.shown.picture, drawing.CURVES)
    for name, points in found.items():
        _fill(by_name, f"curve:{name}", points)
    for i, levels in enumerate((found["trajectory"][1], found["time"][1])):
        _fill(by_name, f"trace:{i}", np.stack([found["time"][0], levels]))
    by_name["words"].data = dict(header["words"])
    for k, kept in enumerate(view.kept):
        for name, points in decoded(kept.picture, drawing.CURVES).items():
            _fill(by_name, f"kept:{k}:{name}", points)
    for entry in (m for m in made.references() if type(m).__name__ == "LegendItem"):
        entry.visible = any(len(r.data_source.data["x"]) for r in entry.renderers)
    for renderer in (m for m in made.references() if m.tags and m.tags[0] == "kept"):
        renderer.visible = renderer.tags[1] < len(view.kept)
    _set(by_name["x_range"], header["begin"], header["end"], 0.0)
    _set(by_name["x_range:0"], *header["across"], 0.0)
    for i, (low, high) in enumerate(header["spans"]):
        if f"y_range:{i}" in by_name:
            _set(by_name[f"y_range:{i}"], low, high, 0.07 if i else 0.0)
    return made


def _fill(by_name: dict[str, Any], name: str, points: np.ndarray) -> None:
    if name in by_name:
        by_name[name].data = {"x": points[0], "y": points[1]}


def _set(span: Any, low: float, high: float, pad: float) -> None:
    extra = pad * (high - low) or (0.5 if pad else 0.0)
    span.start, span.end = low - extra, high + extra
