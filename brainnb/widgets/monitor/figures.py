"""The figures of a training monitor as Bokeh models: the loss, and around it what the run and its model do."""

from collections.abc import Mapping
from typing import Any

from ..curves import figures as curves
from ..panels import Panel
from .layout import MOST_OUTPUTS, Layout

HEIGHT, SIDE = 300, 215
OVER_STEPS = ("loss", "metrics", "gradient", "value")
ABOVE = ("loss", "output", "spikes raster")
THIN = [3, 3]


def build(layout: Layout, panels: tuple[Panel, ...], unit: str, ticks: Mapping[str, Any]) -> Any:
    """The figures with empty sources; ``unit`` is that of the output, ``ticks`` are those of logarithmic axes."""
    from bokeh.layouts import column, row
    from bokeh.models import Range1d

    steps = Range1d(0.0, 1.0, name="x_range")
    above, below = [], []
    for number, panel in enumerate(panels):
        x_range = steps if panel.kind in OVER_STEPS else Range1d(0.0, 1.0, name=f"x_range:{number}")
        figure = figure_of(number, panel, x_range, ticks.get(str(number)))
        FILL[panel.kind](figure, layout, unit)
        curves.legend_above(figure, 3 if panel.kind != "loss" else None)
        (above if panel.kind in ABOVE else below).append(figure)
    rows = [row(*some, sizing_mode="stretch_width", spacing=6, styles={"flex-wrap": "wrap"}) for some in (above, below)]
    return column(*rows, sizing_mode="stretch_width", name="panels")


def figure_of(number: int, panel: Panel, x_range: Any, ticks: Any) -> Any:
    from bokeh.models import BasicTickFormatter, BoxZoomTool, FixedTicker, LogScale
    from bokeh.models.axes import LogAxis

    wide, tall = panel.kind == "loss", panel.kind in ABOVE
    over_steps = panel.kind in OVER_STEPS
    made = curves.figure_of(
        number, x_range, HEIGHT if tall else SIDE, 380 if wide else 300, tools="xpan" if over_steps else ""
    )
    made.styles = {"flex": f"{2 if wide else 1} 1 {380 if wide else 270}px"}
    made.min_width = 260
    made.min_border_left = 66
    if ticks is not None:
        made.y_scale = LogScale()
        if ticks:  # 0 has no place on this axis
            made.y_range.start, made.y_range.end = ticks[0] / 2, ticks[-1] * 2
        made.left = []
        axis = LogAxis(ticker=FixedTicker(ticks=ticks), formatter=BasicTickFormatter())
        made.add_layout(axis, "left")
        axis.axis_label_text_font_style, axis.minor_tick_line_color, axis.major_tick_line_color = "normal", None, None
        axis.axis_label_text_font_size = axis.major_label_text_font_size = "13px"
        made.ygrid.ticker = axis.ticker
    if over_steps:
        box = BoxZoomTool(dimensions="width")
        made.add_tools(box)
        made.toolbar.active_drag = box
        made.xaxis.axis_label = "update"
        made.xaxis.formatter.use_scientific = False
        made.xaxis.ticker.desired_num_ticks = 6 if wide else 4
    return made


def the_loss(figure: Any, layout: Layout, unit: str) -> None:
    figure.yaxis.axis_label = "loss"
    for i, run in enumerate(layout.runs):
        area(figure, f"curve:band:{i}", i)
        curves.add_line(figure, f"curve:loss:{i}", i, 1.6, legend=run if layout.several else None)
        curves.add_marks(figure, f"curve:now:{i}", i, "circle", 7)


def the_output(figure: Any, layout: Layout, unit: str) -> None:
    figure.yaxis.axis_label = curves.label(layout.output or "") + unit
    figure.xaxis.axis_label = "time in the trial (ms)"
    for i in range(MOST_OUTPUTS):
        dashed = dict(line_alpha=0.9)
        colour = curves.INK if layout.several else i
        curves.add_line(figure, f"curve:target:{i}", colour, 1.4, [5, 4], "target" if i == 0 else None, **dashed)
        legend = (layout.runs[i] if i < len(layout.runs) else None) if layout.several else ("model" if i == 0 else None)
        curves.add_line(figure, f"curve:model:{i}", i, 1.8, legend=legend)


def the_spikes(figure: Any, layout: Layout, unit: str) -> None:
    figure.yaxis.axis_label = "unit"
    figure.xaxis.axis_label = "time in the trial (ms)"
    curves.add_marks(figure, "curve:spikes", curves.INK, "dash", 5, 0.0, angle=1.5708, line_width=1.2)


def the_metrics(figure: Any, layout: Layout, unit: str) -> None:
    figure.yaxis.axis_label = curves.label(layout.metrics[0] if len(layout.metrics) == 1 else "metrics")
    for i, name in enumerate(layout.metric_names):
        curves.add_line(figure, f"curve:metric:{i}", i, 1.6, legend=name if len(layout.metric_names) > 1 else None)


def the_gradients(figure: Any, layout: Layout, unit: str) -> None:
    figure.yaxis.axis_label = "gradient, length"
    for i, name in enumerate(layout.series):
        curves.add_line(figure, f"curve:gradient:{i}", i, 1.4, legend=name)


def the_values(figure: Any, layout: Layout, unit: str) -> None:
    parts = bool(layout.truth) and not layout.several
    figure.yaxis.axis_label = "learned / true value" if parts else "value, or length"
    if parts:
        curves.add_line(figure, "curve:one", curves.INK, 1.2, THIN)
    for i, name in enumerate(layout.series):  # colours as above; the names stand once
        curves.add_line(figure, f"curve:value:{i}", i, 1.6, legend=None if layout.gradients else name)


def the_histograms(figure: Any, layout: Layout, unit: str) -> None:
    figure.yaxis.axis_label = "share of the numbers"
    figure.xaxis.axis_label = "learned numbers (dotted: at the start)"
    for i, _ in enumerate(layout.series):
        curves.add_line(figure, f"curve:begun:{i}", i, 1.0, THIN)
        curves.add_line(figure, f"curve:histogram:{i}", i, 1.6)


FILL = {
    "loss": the_loss, "output": the_output, "spikes raster": the_spikes, "metrics": the_metrics,
    "gradient": the_gradients, "value": the_values, "histogram": the_histograms,
}  # fmt: skip


def area(figure: Any, name: str, colour: int) -> None:
    """What a curve varied between."""
    from ..figures import LIGHT

    made = figure.patch(
        "x", "y", source=curves.made_source(name), fill_color=LIGHT[colour], line_color=LIGHT[colour],
        fill_alpha=0.2, line_alpha=0.5, line_width=0.8,
    )  # fmt: skip
    made.tags = ["mark", colour]
