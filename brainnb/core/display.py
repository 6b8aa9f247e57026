"""How models show themselves, as text and as HTML; every text that comes from a model is escaped here."""

import html
from typing import Any

import numpy as np

from .compat import is_traced
from .fields import label


def text(x: Any) -> str:
    """``x`` as text that stays text in HTML and Markdown views."""
    return html.escape(str(x), quote=True)


def number(value: Any) -> str:
    """A parameter value in a few characters: the number, or what an array spans."""
    if is_traced(value):
        return "traced"
    host = np.asarray(value)
    if host.ndim == 0:
        return f"{host.item():.6g}"
    shape = "x".join(map(str, host.shape))
    return f"{host.min():.4g} .. {host.max():.4g} ({shape})" if host.size else f"empty ({shape})"


def one_line(model: Any) -> str:
    """``LIF(tau=20 ms, V_th=-50 mV)``; long models are cut."""
    rows = model.parameters()
    shown = [f"{path}={number(p.value)}{label(p.unit)}" for path, p in list(rows.items())[:8]]
    return f"{type(model).__name__}({', '.join(shown)}{', ...' if len(rows) > 8 else ''})"


def summary(model: Any) -> str:
    """First sentence of the class docstring."""
    doc = (type(model).__doc__ or "").strip().split("\n\n")[0]
    return " ".join(doc.split())


def rows(model: Any, prefix: str = "") -> list[tuple[str, str, str, str, str]]:
    """(kind, path, value, unit, meaning) of every declared name, depth first."""
    found = []
    if not prefix:
        found += [("parameter", path, number(p.value), p.unit, p.doc) for path, p in model.parameters().items()]
    found += [("state", prefix + n, number(np.asarray(d.default)), d.unit, d.doc) for n, d in model.states().items()]
    if not prefix:
        found += [("input", n, number(np.asarray(d.default)), d.unit, d.doc) for n, d in model.inputs().items()]
    found += [("observable", prefix + n, "", d.unit, d.doc) for n, d in model.observables().items()]
    for name, part in model.parts().items():
        found += rows(part, f"{prefix}{name}.")
    order = {"parameter": 0, "state": 1, "input": 2, "observable": 3}
    return sorted(found, key=lambda row: order[row[0]]) if not prefix else found


def table_text(model: Any) -> str:
    """The model as an aligned table: name, value, unit, meaning."""
    lines = rows(model)
    widths = [max((len(r[i]) for r in lines), default=0) for i in range(4)]
    body, kind = [], None
    for row in lines:
        if row[0] != kind:
            kind = row[0]
            body.append(f"  {kind}s")
        body.append(f"    {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}} {row[3]:<{widths[3]}}  {row[4]}".rstrip())
    return "\n".join([type(model).__name__, *body])


_STYLE = "text-align:left;padding:2px 12px 2px 0"


def table_html(model: Any) -> str:
    """The model as an HTML table; names, units and meanings are escaped."""
    cells = []
    for kind, path, value, unit, doc in rows(model):
        tds = "".join(f'<td style="{_STYLE}">{text(x)}</td>' for x in (kind, path, value, unit, doc))
        cells.append(f"<tr>{tds}</tr>")
    head = "".join(f'<th scope="col" style="{_STYLE}">{h}</th>' for h in ("", "name", "value", "unit", "meaning"))
    return (
        f"<details open><summary><b>{text(type(model).__name__)}</b> {text(summary(model))}</summary>"
        f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead><tbody>{"".join(cells)}</tbody></table></details>'
    )
