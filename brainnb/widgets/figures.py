"""The figures as Bokeh models: one column of linked panels, shipped once as JSON and fed with arrays after.

Text of a model reaches the canvas only through :func:`label`, which keeps Bokeh from reading it as TeX.
"""

from typing import Any

import numpy as np

from .panels import Panel
from .picture import Picture
from .settings import MOST_KEPT

# Okabe-Ito hues, some darkened or lightened until they keep 3:1 against the page (tests/unit/widgets/test_colours.py)
LIGHT = ("#0072B2", "#D55E00", "#00875F", "#B0508A", "#8A6D00", "#4D4D4D")
DARK = ("#56B4E9", "#E69F00", "#2BC79B", "#E08CBB", "#F0E442", "#BFBFBF")
KEPT = ("#767676", "#8F8F8F")
DASHES = ("solid", [9, 3], [3, 3], [9, 3, 3, 3], [14, 4], [2, 5])
KEPT_DASHES = ([6, 4], [2, 3], [8, 3, 2, 3])
HEIGHTS = {"state": 170, "field": 200, "input": 96, "spikes": 64}
TOP = 280


def label(value: str) -> str:
    """Text for the canvas: a break after each dollar sign keeps it from being read as TeX."""
    return str(value).replace("$", "$\u200b")[:120]


def unit_text(unit: str) -> str:
    """``uA/cm2`` as it is printed on an axis."""
    if unit == "1":
        return ""
    pretty = unit.replace("uA", "µA").replace("uF", "µF").replace("cm2", "cm²").replace("**2", "²").replace("^2", "²")
    return f" ({pretty})"


def build(panels: tuple[Panel, ...]) -> Any:
    """The column of figures with empty sources.

    Sources are named ``live:i`` (i-th trace) and ``kept:k:i``; figures ``panel:j``.  Line renderers carry their
    colour number as a tag, so that a page can repaint them for a dark theme.
    """
    from bokeh.layouts import column
    from bokeh.models import HoverTool, Range1d

    x_range = Range1d(0.0, 1.0, name="x_range")
    found, count = [], 0
    for number, panel in enumerate(panels):
        figure = _figure(panel, number, len(panels), x_range)
        lines = []
        if panel.kind == "field":
            _image(figure, number)
            found.append(figure)
            count += 1
            continue
        for colour, trace in enumerate(panel.traces):
            for kept in range(MOST_KEPT):
                _line(figure, panel, f"kept:{kept}:{count}", ["kept", kept], KEPT[0], KEPT_DASHES[kept], 1.2, None)
            many = len(panel.traces) > 1
            tags = ["live", colour % len(LIGHT)]
            dash = DASHES[colour % len(DASHES)]
            lines.append(
                _line(
                    figure,
                    panel,
                    f"live:{count}",
                    tags,
                    LIGHT[colour % len(LIGHT)],
                    dash,
                    2.0,
                    trace.label if many else None,
                )
            )
            count += 1
        if panel.kind != "spikes":
            hover = HoverTool(renderers=lines, tooltips=[("time", "@x{0.00} ms"), ("value", "@y{0.000}")], mode="mouse")
            figure.add_tools(hover)
        _legend(figure)
        found.append(figure)
    return column(*found, sizing_mode="stretch_width", spacing=2, name="panels")


def blank(panel: Any, number: int, height: int, x_range: Any, ticks: int, **options: Any) -> Any:
    """An empty figure in the dress of all: clear background, no toolbar, a label with its unit."""
    from bokeh.models import Range1d
    from bokeh.plotting import figure

    made = figure(
        name=f"panel:{number}",
        height=height,
        sizing_mode="stretch_width",
        x_range=x_range,
        y_range=Range1d(0.0, 1.0, name=f"y_range:{number}"),
        active_drag=None,
        toolbar_location=None,
        min_border_right=12,
        output_backend="canvas",
        background_fill_alpha=0,
        border_fill_alpha=0,
        outline_line_alpha=0.25,
        **options,
    )
    made.yaxis.axis_label = label(panel.label) + label(unit_text(panel.unit))
    made.yaxis.axis_label_text_font_style = made.xaxis.axis_label_text_font_style = "normal"
    made.axis.axis_label_text_font_size = made.axis.major_label_text_font_size = "13px"
    made.axis.minor_tick_line_alpha = 0
    made.grid.grid_line_alpha = 0.18
    made.yaxis.ticker.desired_num_ticks = ticks
    return made


def time_axis(figure: Any, last: bool) -> None:
    """The axis that figures share: only the lowest one says what it is."""
    if last:
        figure.xaxis.axis_label = "time (ms)"
    else:
        figure.xaxis.major_label_text_font_size = "0px"


LOWEST = 34
"""What the axis of the lowest figure needs, in pixels."""


def _figure(panel: Panel, number: int, total: int, x_range: Any) -> Any:
    last = number == total - 1
    height = (TOP if number == 0 else HEIGHTS[panel.kind]) + LOWEST * last
    made = blank(
        panel, number, height, x_range, 5 if number == 0 else 3, min_border_left=82, tools="xpan,xbox_zoom,reset"
    )
    if panel.kind == "spikes":
        made.yaxis.major_label_text_font_size = "0px"
        made.yaxis.major_tick_line_alpha = 0
        made.ygrid.visible = False
    time_axis(made, last)
    return made


def _image(figure: Any, number: int) -> None:
    """An image with its own scale of colours: dark is low."""
    from bokeh.models import ColorBar, ColumnDataSource, LinearColorMapper

    colours = LinearColorMapper(palette="Viridis256", low=0.0, high=1.0, name=f"colours:{number}")
    source = ColumnDataSource(
        {"image": [np.zeros((1, 1), np.float32)], "x": [0.0], "y": [0.0], "dw": [1.0], "dh": [1.0]}
    )
    source.name = f"field:{number}"
    made = figure.image("image", x="x", y="y", dw="dw", dh="dh", source=source, color_mapper=colours)
    made.tags = ["image"]
    bar = ColorBar(
        color_mapper=colours, width=10, padding=4, background_fill_alpha=0, major_label_text_font_size="12px"
    )
    figure.add_layout(bar, "right")
    figure.grid.visible = False


def _line(
    figure: Any, panel: Panel, name: str, tags: list, colour: str, dash: Any, width: float, legend: str | None
) -> Any:
    from bokeh.models import ColumnDataSource

    empty = np.zeros(0, np.float32)
    source = ColumnDataSource({"x": empty, "y": empty}, name=name)
    extra = {} if legend is None else {"legend_label": label(legend)}
    if panel.kind == "spikes":
        made = figure.scatter(
            "x", "y", source=source, marker="dash", angle=np.pi / 2, size=18 if tags[0] == "live" else 10,
            line_color=colour, line_width=width, fill_color=None, **extra,
        )  # fmt: skip
    else:
        made = figure.line(
            "x", "y", source=source, line_color=colour, line_dash=dash, line_width=width, line_join="round", **extra
        )
    made.tags = tags
    made.visible = tags[0] == "live"  # a kept trace costs nothing until there is one
    return made


def _legend(figure: Any) -> None:
    for legend in figure.legend:
        legend.orientation = "horizontal"
        legend.background_fill_alpha = 0
        legend.border_line_alpha = 0
        legend.padding = legend.margin = 0
        legend.label_text_font_size = "13px"
        legend.glyph_width, legend.spacing = 36, 14
        legend.click_policy = "hide"
        figure.add_layout(legend, "above")


def item(panels: tuple[Panel, ...]) -> dict[str, Any]:
    """The figures as JSON for ``Bokeh.embed.embed_item``."""
    from bokeh.embed import json_item

    return json_item(build(panels))


def filled(shown: Any, kept: list[Picture]) -> Any:
    """The figures with the data inside, for a page without a kernel."""
    made = build(shown.panels)
    by_name = {m.name: m for m in made.references() if m.name}
    fill(by_name, "live", shown.picture)
    for number, picture in enumerate(kept):
        fill(by_name, f"kept:{number}", picture)
    for renderer in (m for m in made.references() if m.tags and m.tags[0] == "kept"):
        renderer.visible = renderer.tags[1] < len(kept)
    header = shown.picture.header
    by_name["x_range"].start, by_name["x_range"].end = header["start"], header["end"]
    for number, (low, high) in enumerate(header["spans"]):
        spans = [(low, high)] + [tuple(k.header["spans"][number]) for k in kept if number < len(k.header["spans"])]
        low, high = min(s[0] for s in spans), max(s[1] for s in spans)
        pad = 0.0 if shown.panels[number].kind == "field" else 0.06 * (high - low) or 0.5
        by_name[f"y_range:{number}"].start, by_name[f"y_range:{number}"].end = low - pad, high + pad
    return made


def fill(by_name: dict[str, Any], prefix: str, picture: Picture) -> None:
    """Unpack a picture into sources, as a page does."""
    header, block = picture
    counts = header["counts"]
    total = sum(counts)
    numbers = np.frombuffer(block, "<u2", total)
    levels = np.frombuffer(block, "<f4", total, offset=2 * total + (-2 * total) % 4)
    begin = 0
    for i, count in enumerate(counts):
        part = slice(begin, begin + count)
        times = header["start"] + numbers[part] * header["step"]
        source = by_name.get(f"{prefix}:{i}")
        if source is not None:
            source.data = {"x": times.astype(np.float32), "y": levels[part].copy()}
        begin += count
    if prefix == "live":
        _fill_fields(by_name, header, np.frombuffer(block, np.uint8, offset=6 * total + (-2 * total) % 4))


def _fill_fields(by_name: dict[str, Any], header: dict[str, Any], cells: np.ndarray) -> None:
    begin = 0
    for field in header.get("fields", ()):
        shape, low, high = (field["rows"], field["columns"]), field["low"], field["high"]
        image = low + cells[begin : begin + shape[0] * shape[1]].reshape(shape) * np.float32((high - low) / 255)
        begin += image.size
        colours, source = by_name[f"colours:{field['panel']}"], by_name[f"field:{field['panel']}"]
        colours.low, colours.high = low, high if high > low else low + 1
        source.data = {
            "image": [image.astype(np.float32)], "x": [header["start"]], "y": [0.0],
            "dw": [header["end"] - header["start"]], "dh": [field["units"]],
        }  # fmt: skip
