"""The page of one model: its program, its controls and the explorer's own script in one file."""

import json
import re
from typing import Any

from ...core.display import text
from ..conversation import Conversation
from ..settings import MOST_KEPT
from ..simulator import Simulator
from ..skins import STATIC
from . import told

SCRIPTS = ("explorer.js", "canvas.js", "look.js", "page.js")
WORKER = ("look.js", "worker.js")
POLICY = "default-src 'none'; script-src 'unsafe-inline' blob:; worker-src blob:; style-src 'unsafe-inline'; img-src blob: data:"
"""What a browser lets the page do: run itself, and ask nobody for anything."""

SHADES = 33
assert MOST_KEPT == 3, "page.js keeps as many traces"


def page_alone(simulator: Simulator) -> str:
    """HTML that runs the model of a simulator in whatever browser opens it.

    It starts with the present values, has the same controls, presets, kept traces, words and links as the explorer, and
    asks no other machine for anything.

    Raises
    ------
    ExportError
        For a model that has no form in JavaScript.
    """
    from ...export import javascript

    simulator = told.runnable(simulator)
    shown = told.seen(simulator)
    settings = shown.settings
    module = javascript(
        settings.model, settings.dt, T=settings.T, method=told.method(simulator), record=list(map(str, shown.result.data_vars)),
        inputs=dict(settings.inputs),
    )  # fmt: skip
    about = described(simulator, shown, module)
    program = "\n".join([module.text, constants(about), *map(script, WORKER)])
    title, theme = text(simulator.title), "light dark"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{theme}">
<title>{title}</title>
<style>
:root {{ color-scheme: {theme}; background: Canvas; }}
body {{ margin: 0 auto; max-width: 1200px; padding: 8px; background: Canvas; }}
{script("explorer.css")}
</style>
</head>
<body>
<main id="model"></main>
<noscript>This page computes {title} in your browser, which needs JavaScript.</noscript>
<script type="text/plain" id="program">
{inert(program)}
</script>
<script type="application/json" id="about">{inert_json(about)}</script>
<script type="module">
{"".join(map(script, SCRIPTS))}
const held = (id) => document.getElementById(id).textContent;
open(document.getElementById("model"), JSON.parse(held("about")), held("program"));
</script>
</body>
</html>
"""


def described(simulator: Simulator, shown: Any, module: Any) -> dict[str, Any]:
    """Everything that the page is told of the model, as plain data."""
    settings = shown.settings
    setup = dict(told.setup(Conversation(simulator, lambda *_: None)))
    moved = {p["path"] for p in module.about["parameters"]}
    run = {"T", "seed"} if module.about["fixedDt"] else {"T", "dt", "seed"}
    starts = {path for path in settings.values() if path.startswith("start.")}
    setup["controls"] = [c for c in setup["controls"] if c["path"] in moved | run | starts]
    kept = {c["path"] for c in setup["controls"]}
    setup["groups"] = [{**g, "paths": [p for p in g["paths"] if p in kept]} for g in setup["groups"]]
    setup["sliders"] = [p for p in setup["sliders"] if p in kept]
    setup["presets"] = [p for p in setup["presets"] if p["name"] in {q["name"] for q in module.about["presets"]}]
    setup["page"] = True
    setup["colours"] = {**setup["colours"], "field": shades()}
    return {
        "model": type(settings.model).__name__,
        "setup": setup,
        "panels": told.panels(shown.panels, shown.result),
        "presets": module.about["presets"],
        "known": sorted(moved),
        "starts": {f"{path[6:]}": value for path, value in settings.values().items() if path in starts},
        "every": settings.every,
        "width": settings.width,
        "fixedDt": module.about["fixedDt"],
        "longest": settings.T if told.remembers(settings.model) else None,
        "columns": [r["path"] for r in module.about["records"]],
        "code": told.cell(simulator, settings),
    }


def constants(about: dict[str, Any]) -> str:
    """What the worker knows before it starts."""
    return "\n".join([
        f"const PANELS = {json.dumps(about['panels'])};",
        f"const EVERY = {about['every']}, KNOWN = new Set({json.dumps(about['known'])}), STARTS = {json.dumps(about['starts'])};",
    ])  # fmt: skip


def shades() -> list[list[int]]:
    """The colours of a field in even steps."""
    from bokeh.palettes import Viridis256

    chosen = [Viridis256[round(k * 255 / (SHADES - 1))] for k in range(SHADES)]
    return [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in chosen]


def script(name: str) -> str:
    """A file of the explorer; several are put together, and none can end the element that holds them."""
    found = (STATIC / name).read_text(encoding="utf-8")
    assert "</script" not in found.lower(), name
    return found.replace("export default { render };\n", "")


def inert(program: str) -> str:
    """A program inside a script element: names of a model can neither end it nor begin a comment of HTML."""
    return re.sub(r"<(?=[/!sS])", r"\\x3c", program)


def inert_json(data: Any) -> str:
    """JSON inside a script element."""
    return json.dumps(data, allow_nan=False).replace("<", "\\u003c")
