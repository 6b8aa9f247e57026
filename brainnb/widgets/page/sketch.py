"""The figures of a view of curves as plain data: what a page needs to draw the same on a canvas."""

from typing import Any


def sketched(view: Any) -> list[dict[str, Any]]:
    """Every figure with its axes and marks, read from the Bokeh models that the explorer shows."""
    made = {m.name: m for m in view.figures().references() if (m.name or "").startswith("panel:")}
    return [_figure(made[name], panel) for name, panel in zip(sorted(made), view.panels, strict=True)]


def _figure(figure: Any, panel: Any) -> dict[str, Any]:
    sources = [renderer.data_source.name for renderer in figure.renderers]
    legend = [
        {"text": _plain(item.label), "mark": sources.index(item.renderers[0].data_source.name)}
        for legend in figure.legend
        for item in legend.items
    ]
    return {
        "kind": panel.kind,
        "label": panel.label,
        "traces": [],
        "height": figure.height,
        "least": figure.min_width,
        "axis": figure.x_range.name,
        "across": figure.xaxis.axis_label or "",
        "up": figure.yaxis.axis_label,
        "marks": [_mark(renderer) for renderer in figure.renderers],
        "legend": legend,
    }


def _mark(renderer: Any) -> dict[str, Any]:
    glyph = renderer.glyph
    found = {"kind": type(glyph).__name__, "source": renderer.data_source.name, "tags": list(renderer.tags)}
    names = ("line_dash", "line_width", "line_alpha", "marker", "size", "fill_alpha", "x_offset", "y_offset")
    return found | {name: _plain(getattr(glyph, name)) for name in names if hasattr(glyph, name)}


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)
