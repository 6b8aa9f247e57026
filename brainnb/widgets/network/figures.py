"""The figures of a network as Bokeh models: raster, rates and potentials over one time axis, three small ones below.

Sources are named ``live:i`` and ``kept:k:i`` as for any model, and ``raster``: an image that the page paints, at the
size it has there.  ``span`` marks what was manipulated.
"""

from typing import Any

import numpy as np

from ..figures import DASHES, KEPT, KEPT_DASHES, LIGHT, LOWEST, blank, label, time_axis, unit_text
from ..panels import Panel
from ..settings import MOST_KEPT
from . import layout
from .drawing import SLOTS

HEIGHTS = {"raster": 330, "rate": 130, "trace": 140, "histogram": 190, "spectrum": 190, "matrix": 190}
LABELS = {"histogram": "potential", "spectrum": "frequency"}
TRACE_COLOURS = (3, 2, 5, 4)
"""Of the chosen neurons: those that populations use last."""


def build(view: Any) -> Any:
    """The figures with empty sources."""
    from bokeh.layouts import column, row
    from bokeh.models import Range1d

    x_range = Range1d(0.0, 1.0, name="x_range")
    made, count = [], 0
    potential = next((b.unit for b in view.bands if b.unit), "1")
    timed = [p.kind for p in view.panels if p.kind in ("raster", "rate", "trace")]
    for number, panel in enumerate(view.panels):
        figure = _figure(panel, number, x_range if panel.kind in timed else None, panel.kind == timed[-1], potential)
        if panel.kind == "raster":
            _raster(figure, view.bands)
        elif panel.kind == "matrix":
            _matrix(figure, view)
        for k in range(len(panel.traces)):
            _line(figure, panel, k, count)
            count += 1
        made.append((panel.kind, figure))
    below = row(
        *(f for kind, f in made if kind not in timed),
        sizing_mode="stretch_width",
        spacing=6,
        styles={"flex-wrap": "wrap"},
    )
    return column(
        *(f for kind, f in made if kind in timed), below, sizing_mode="stretch_width", spacing=2, name="panels"
    )


def _figure(panel: Panel, number: int, x_range: Any, last: bool, potential: str) -> Any:
    from bokeh.models import Range1d

    timed = x_range is not None
    if timed:
        options = {"min_border_left": 82, "tools": "xpan,xbox_zoom,tap,reset"}
    else:
        x_range = Range1d(0.0, 1.0, name=f"x_range:{number}")
        options = {"min_border_left": 58, "tools": "", "min_width": 210, "styles": {"flex": "1 1 210px"}}
    height = HEIGHTS[panel.kind] + LOWEST * (timed and last)
    made = blank(panel, number, height, x_range, 3, active_tap=None, **options)
    made.axis.axis_label_standoff = 4
    if timed:
        time_axis(made, last)
    else:
        made.xaxis.ticker.desired_num_ticks = 4
        if panel.kind in LABELS:
            made.xaxis.axis_label = LABELS[panel.kind] + unit_text(potential if panel.kind == "histogram" else "Hz")
    return made


def _raster(figure: Any, bands: tuple[layout.Band, ...]) -> None:
    from bokeh.models import ColumnDataSource

    source = ColumnDataSource(
        {"image": [np.zeros((1, 1), np.uint32)], "x": [0.0], "y": [0.0], "dw": [1.0], "dh": [1.0]}
    )
    source.name = "raster"
    figure.image_rgba("image", x="x", y="y", dw="dw", dh="dh", source=source).tags = ["image"]
    spans = ColumnDataSource({"left": [], "right": [], "bottom": [], "top": []}, name="spans")
    quads = figure.quad(
        "left", "right", "bottom", "top", source=spans, fill_alpha=0.16, hatch_alpha=0.35, hatch_pattern="/", hatch_scale=8,
        fill_color="#8A6D00", hatch_color="#8A6D00", line_color="#8A6D00", line_alpha=0.8,
    )  # fmt: skip
    quads.tags = ["spans"]
    _boundaries(figure, bands, "y")
    figure.yaxis.axis_label = "neuron"
    for slot in range(SLOTS):  # the spikes of chosen neurons, in the colour of their trace
        colour = TRACE_COLOURS[slot]
        chosen = ColumnDataSource({"x": [], "y": []}, name=f"chosen:{slot}")
        dots = figure.scatter(
            "x", "y", source=chosen, marker="triangle", angle=-np.pi / 2, size=11, line_color=LIGHT[colour], line_width=2,
            fill_color=LIGHT[colour],
        )  # fmt: skip
        dots.tags = ["slot", colour]


def _boundaries(figure: Any, bands: tuple[layout.Band, ...], side: str) -> None:
    """Names of populations as ticks, lines between them."""
    from bokeh.models import FixedTicker, Span

    axis = figure.yaxis if side == "y" else figure.xaxis
    grid = figure.ygrid if side == "y" else figure.xgrid
    middles = [(b.low + b.high) / 2 for b in bands]
    axis.ticker = FixedTicker(ticks=middles)
    axis.major_label_overrides = {m: label(b.path)[:12] for m, b in zip(middles, bands, strict=True)}
    axis.major_tick_in = axis.major_tick_out = axis.minor_tick_out = 0  # no marks, and no room for them
    grid.visible = False
    for band in bands[1:]:
        dimension = "width" if side == "y" else "height"
        figure.add_layout(Span(location=band.low, dimension=dimension, line_color="#8a8a8a", line_alpha=0.6))


def _matrix(figure: Any, view: Any) -> None:
    image = layout.matrix(view.model, view.bands)
    made = figure.image_rgba([image], x=[0.0], y=[0.0], dw=[1.0], dh=[1.0])
    made.tags = ["image"]
    figure.grid.visible = False
    _boundaries(figure, view.bands, "y")
    _boundaries(figure, view.bands, "x")
    figure.xaxis.axis_label, figure.yaxis.axis_label = "to", "from"
    figure.title.text, figure.title.align = "blue excites, orange inhibits", "center"
    figure.title.text_font_size, figure.title.text_font_style = "12px", "normal"
    figure.styles = {**figure.styles, "max-width": "360px"}


def _line(figure: Any, panel: Panel, k: int, count: int) -> None:
    from bokeh.models import ColumnDataSource

    empty = np.zeros(0, np.float32)
    colour = TRACE_COLOURS[k] if panel.kind == "trace" else k % len(LIGHT)
    dash = "solid" if panel.kind == "trace" else DASHES[k % len(DASHES)]
    names = [(f"live:{count}", ["live", colour], LIGHT[colour], dash, 1.8)]
    if panel.kind in ("rate", "spectrum"):
        names = [
            *((f"kept:{i}:{count}", ["kept", i], KEPT[0], KEPT_DASHES[i], 1.2) for i in range(MOST_KEPT)),
            *names,
        ]
    for name, tags, paint, dashes, width in names:
        source = ColumnDataSource({"x": empty, "y": empty}, name=name)
        if panel.kind == "histogram":
            made = figure.step(
                "x", "y", source=source, mode="center", line_color=paint, line_dash=dashes, line_width=width
            )
        else:
            made = figure.line("x", "y", source=source, line_color=paint, line_dash=dashes, line_width=width)
        made.tags = tags
        made.visible = tags[0] == "live"


def item(view: Any) -> dict[str, Any]:
    """The figures as JSON for ``Bokeh.embed.embed_item``."""
    from bokeh.embed import json_item

    return json_item(build(view))


def filled(view: Any) -> Any:
    """The figures with the data inside, for a page without a kernel."""
    made = build(view)
    by_name = {m.name: m for m in made.references() if m.name}
    picture = view.shown.picture
    fill(by_name, "live", picture)
    for number, kept in enumerate(view.kept):
        fill(by_name, f"kept:{number}", kept.picture)
    for renderer in (m for m in made.references() if m.tags and m.tags[0] == "kept"):
        renderer.visible = renderer.tags[1] < len(view.kept)
    header = picture.header
    by_name["x_range"].start, by_name["x_range"].end = header["start"], header["end"]
    for number, (panel, (low, high)) in enumerate(zip(view.panels, header["spans"], strict=True)):
        y_range = by_name[f"y_range:{number}"]
        if panel.kind not in ("raster", "matrix"):
            pad = 0.06 * (high - low)
            y_range.start, y_range.end = low - (pad if panel.kind == "trace" else 0), high + pad
        elif panel.kind == "matrix":
            y_range.start, y_range.end = 0.0, 1.0
        if panel.kind in ("histogram", "spectrum"):
            first = sum(len(p.traces) for p in view.panels[:number])
            xs = [by_name[f"live:{first + k}"].data["x"] for k in range(len(panel.traces))]
            xs = np.concatenate([x for x in xs if len(x)] or [np.array([0.0, 1.0])])
            x_range = by_name[f"x_range:{number}"]
            x_range.start, x_range.end = float(xs.min()), float(xs.max())
    by_name["raster"].data = {
        "image": [painted(view)], "x": [header["start"]], "y": [0.0], "dw": [header["end"] - header["start"]], "dh": [1.0],
    }  # fmt: skip
    return made


def fill(by_name: dict[str, Any], prefix: str, picture: Any) -> None:
    """Unpack curves into sources, as a page does."""
    header, block = picture
    counts, total = header["counts"], sum(header["counts"])
    places = np.frombuffer(block, "<u2", total)
    levels = np.frombuffer(block, "<f4", total, offset=2 * total + (-2 * total) % 4)
    begin = 0
    for i, (count, (start, step)) in enumerate(zip(counts, header["axes"], strict=True)):
        part = slice(begin, begin + count)
        source = by_name.get(f"{prefix}:{i}")
        if source is not None:
            source.data = {"x": (start + places[part] * step).astype(np.float32), "y": levels[part].copy()}
        begin += count


def painted(view: Any, columns: int = 1200, rows: int = 640) -> np.ndarray:
    """The raster as an image for a light page."""
    activity = view.activity
    records = max(1, round((view.shown.picture.header["end"] - view.shown.picture.header["start"]) / activity.spacing))
    image = np.zeros((rows, columns, 4), np.uint8)
    for i, band in enumerate(view.bands):
        spikes, colour = activity.spikes(i), LIGHT[i % len(LIGHT)]
        column = np.minimum(spikes.record * columns // records, columns - 1)
        row = np.minimum((band.row(spikes.neuron) * rows).astype(int), rows - 1)
        image[row, column] = (*(int(colour[k : k + 2], 16) for k in (1, 3, 5)), 255)
    return image.view(np.uint32).reshape(rows, columns)
