"""What the figures of named curves have in common, as Bokeh models.

Sources are named ``curve:<name>``; ``trace:i`` for the i-th line over time; ``cursor`` and ``cursor:i`` for the moment
that the pointer shows; ``kept:k:<name>``; ``words`` and ``notes`` for texts at places.  Tags say how a page paints them.
"""

from typing import Any

import numpy as np

from ..figures import KEPT, KEPT_DASHES, LIGHT, label, unit_text
from ..settings import MOST_KEPT
from .packed import decoded

HEIGHT, TRACE = 440, 218
INK = 5
"""The colour of points and words that belong to no curve."""


def axis_label(name: str, unit: str) -> str:
    """``V (mV)``."""
    return label(name) + label(unit_text(unit))


def figure_of(number: int, x_range: Any, height: int, width: int, tools: str) -> Any:
    from bokeh.models import Range1d
    from bokeh.plotting import figure

    made = figure(
        name=f"panel:{number}", height=height, min_width=width - 20, sizing_mode="stretch_width", x_range=x_range,
        y_range=Range1d(0.0, 1.0, name=f"y_range:{number}"), tools=tools, active_drag=None, active_tap=None,
        toolbar_location=None, min_border_left=80, min_border_right=16, output_backend="canvas",
        background_fill_alpha=0, border_fill_alpha=0, outline_line_alpha=0.25,
        **({} if number else {"styles": {"flex": f"1 1 {width}px"}}),
    )  # fmt: skip
    made.axis.axis_label_text_font_style = "normal"
    made.axis.axis_label_text_font_size = made.axis.major_label_text_font_size = "13px"
    made.axis.minor_tick_line_color = made.axis.major_tick_line_color = None  # a page paints those of its first ranges
    made.grid.grid_line_alpha = 0.12
    return made


def plane(width: int) -> Any:
    """The first figure, where a click counts."""
    from bokeh.models import Range1d

    return figure_of(0, Range1d(0.0, 1.0, name="x_range:0"), HEIGHT, width, tools="tap")


def over_time(number: int, time: Any, up: str, last: bool) -> Any:
    """A figure beside the plane, over a shared time axis."""
    made = figure_of(number, time, TRACE, 300, tools="xpan,xbox_zoom,reset")
    made.yaxis.axis_label = up
    made.xaxis.axis_label = "time (ms)" if last else None
    return made


def side_by_side(first: Any, beside: list[Any]) -> Any:
    """The plane, and a column of figures that goes below it where the page is narrow."""
    from bokeh.layouts import column, row

    column_ = column(*beside, sizing_mode="stretch_width", spacing=2, styles={"flex": "1 1 300px"}, min_width=280)
    return row(first, column_, sizing_mode="stretch_width", spacing=6, styles={"flex-wrap": "wrap"}, name="panels")


def made_source(name: str) -> Any:
    from bokeh.models import ColumnDataSource

    empty = np.zeros(0, np.float32)
    return ColumnDataSource({"x": empty, "y": empty}, name=name)


def add_line(figure: Any, name: str, colour: int, width: float = 2.0, dash: Any = "solid", legend: str | None = None, **how: Any) -> None:  # fmt: skip
    extra = {} if legend is None else {"legend_label": label(legend)}
    made = figure.line(
        "x", "y", source=made_source(name), line_color=LIGHT[colour], line_dash=dash, line_width=width, **extra, **how
    )
    made.tags = ["live", colour]


def add_marks(figure: Any, name: str, colour: int, marker: str, size: float, fill: float = 1.0, legend: str | None = None, **how: Any) -> None:  # fmt: skip
    extra = {} if legend is None else {"legend_label": label(legend)}
    made = figure.scatter(
        "x", "y", source=made_source(name), marker=marker, size=size, line_color=LIGHT[colour],
        fill_color=LIGHT[colour], fill_alpha=fill, **{"line_width": 2.0, **extra, **how},
    )  # fmt: skip
    made.tags = ["mark", colour]


def add_start(figure: Any, colour: int) -> None:
    """Where the trajectory begins."""
    add_marks(figure, "curve:start", colour, "square", 9)


def add_cursor(figure: Any, name: str) -> None:
    add_marks(figure, name, INK, "circle_cross", 13, 0.0)


def add_kept(figure: Any, name: str, index: int, marker: str | None = None, dash: Any = None, width: float = 1.2) -> None:  # fmt: skip
    """A curve of a kept picture, in grey: dashed as the list of kept ones says, or as ``dash`` does."""
    source = made_source(f"kept:{index}:{name}")
    if marker:
        made = figure.scatter("x", "y", source=source, marker=marker, size=3, line_color=KEPT[0], fill_color=KEPT[0])
    else:
        dash = KEPT_DASHES[index] if dash is None else dash
        made = figure.line("x", "y", source=source, line_color=KEPT[0], line_width=width, line_dash=dash)
    made.tags, made.visible = ["kept", index], False


def add_words(figure: Any, name: str = "words") -> None:
    from bokeh.models import ColumnDataSource

    source = ColumnDataSource({"x": [], "y": [], "text": []}, name=name)
    made = figure.text(
        "x", "y", "text", source=source, x_offset=8, y_offset=-7, text_color=LIGHT[INK], text_font_size="13px"
    )
    made.tags = ["word", INK]


def legend_above(figure: Any, columns: int | None = None) -> None:
    for legend in figure.legend:
        legend.orientation = "horizontal"
        if columns:
            legend.ncols = columns
        legend.background_fill_alpha = legend.border_line_alpha = 0
        legend.padding = legend.margin = 0
        legend.spacing = 12
        legend.label_text_font_size = "13px"
        figure.add_layout(legend, "above")


def filled(view: Any) -> Any:
    """The figures with the data inside, for a page without a kernel."""
    made = view.figures()
    by_name = {m.name: m for m in made.references() if m.name}
    header = view.shown.picture.header
    found = decoded(view.shown.picture, view.curves)
    data = {f"curve:{name}": points for name, points in found.items()}
    data |= {f"trace:{i}": np.stack([found["time"][0], found[c][row]]) for i, (c, row) in enumerate(view.lines)}
    for k, kept in enumerate(view.kept):
        data |= {f"kept:{k}:{name}": points for name, points in decoded(kept.picture, view.curves).items()}
    for name, points in data.items():
        if name in by_name:
            by_name[name].data = {"x": points[0], "y": points[1]}
    for name in ("words", "notes"):
        if name in by_name:
            by_name[name].data = dict(header[name])
    for axis in (m for m in made.references() if hasattr(m, "major_tick_line_color")):
        axis.major_tick_line_color = LIGHT[INK]
    for entry in (m for m in made.references() if type(m).__name__ == "LegendItem"):
        entry.visible = any(len(r.data_source.data["x"]) for r in entry.renderers)
    for renderer in (m for m in made.references() if m.tags and m.tags[0] == "kept"):
        renderer.visible = renderer.tags[1] < min(len(view.kept), MOST_KEPT)
    ranges = {"x_range": (header["begin"], header["end"]), "x_range:0": header["across"]}
    ranges |= {f"x_range:{i}": reach for i, reach in header.get("reaches", {}).items()}
    ranges |= {f"y_range:{i}": span for i, span in enumerate(header["spans"])}
    for name, (low, high) in ranges.items():
        if name in by_name:
            by_name[name].start, by_name[name].end = low, high
    return made
