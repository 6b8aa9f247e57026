"""A simulator's result, values or page as a file or as bytes."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.display import text

KINDS = (".nc", ".csv", ".json", ".html")


def save(simulator: Any, path: Path, views: Mapping[str, Any] | None = None) -> Path:
    """Write what the suffix of ``path`` asks for; ``views`` are those that a page shows beside the time course."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"save({str(path)!r}): the name ends with one of {', '.join(KINDS)}.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save({str(path)!r}): there is no folder {str(path.parent)!r}.")
    path.write_bytes(page(simulator, views).encode() if kind == ".html" else to_bytes(simulator, kind))
    return path


def to_bytes(simulator: Any, kind: str) -> bytes:
    """The file's content."""
    if kind == ".json":
        return (json.dumps(simulator.state(), indent=1, allow_nan=False) + "\n").encode()
    if kind == ".html":
        return page(simulator).encode()
    result = simulator.result  # waits for the run of the present values
    return netcdf(result) if kind == ".nc" else simulator.table(result).to_csv().encode()


def netcdf(result: Any) -> bytes:
    """A NetCDF-4 file as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result.nc"
        result.to_netcdf(file, engine="h5netcdf")
        return file.read_bytes()


def page(simulator: Any, views: Mapping[str, Any] | None = None) -> str:
    """A page that needs nothing else: it runs the model where a page can; else it says why, and shows what was computed."""
    from ..export import ExportError
    from .network.viewer import NetworkViewer
    from .page import page_alone
    from .simulator import Simulator

    if type(simulator) not in (Simulator, NetworkViewer):
        return figure_page(simulator)
    if done := getattr(simulator, "manipulations", ()):
        held = "; ".join(map(simulator.in_words, done))
        return beforehand(
            simulator, f"A page cannot hold or drive neurons by itself; in every run that it shows: {held}."
        )
    if simulator.options["init"] is not None:
        return beforehand(simulator, "A page cannot begin where `init` said.")
    try:
        return page_alone(simulator, views)
    except ExportError as error:
        return beforehand(simulator, str(error))


def beforehand(simulator: Any, reason: str) -> str:
    """A page of what was computed when it was saved: runs over one or two sliders, or one where they take too long."""
    from .page import page_tabled, table

    found = table.described(simulator) if table.axes(simulator) else None
    if found is not None:
        return page_tabled(simulator.title, found, reason)
    long = (
        f" Three runs for a slider would have taken longer than {table.SECONDS:g} s." if table.axes(simulator) else ""
    )
    return figure_page(simulator, f"This page shows one run and does not compute: {reason}{long}")


def figure_page(simulator: Any, reason: str = "") -> str:
    """The figure as it is, the values, and the cell that makes it again."""
    from bokeh.embed import file_html
    from bokeh.resources import INLINE

    if simulator.result is None:  # waits for the run of the present values
        raise ValueError("There is no run to make a page of.")
    shown = simulator.shown
    figure = simulator.filled()
    rows = "".join(
        f"<tr><td>{text(c.path)}</td><td>{text(f'{shown.settings.values()[p]:.6g}')}</td><td>{text(c.unit)}</td><td>{text(c.doc)}</td></tr>"
        for p, c in simulator.controls.items()
    )
    body = (
        f"<h1>{text(simulator.title)}</h1><p>{text(simulator.text())}</p>{f'<p>{text(reason)}</p>' if reason else ''}"
        f"<table><thead><tr><th>name</th><th>value</th><th>unit</th><th>meaning</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<pre>{text(simulator.to_code())}</pre>"
    )
    made = file_html(figure, INLINE, title=str(simulator.title))
    head, end, tail = made.rpartition("</body>")
    style = "<style>body{font-family:system-ui,sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem}td,th{text-align:left;padding:2px 12px 2px 0}</style>"
    return head + style + body + end + tail
