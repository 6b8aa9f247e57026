"""The page of one model: its program, its controls and the explorer's own script in one file."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ...core.display import text
from ..budget import MAX_BYTES, MAX_STEPS
from ..conversation import Conversation
from ..settings import MOST_KEPT, RUN
from ..simulator import Simulator
from ..skins import STATIC
from ..state import MAX_CHARACTERS, PREFIX
from . import told, views

SCRIPTS = ("explorer.js", "canvas.js", "look.js", "page.js")
WORKER = ("look.js", "worker.js")
CURVES = ("curves.js", "drawn.js")
ANALYSIS = ("plane.js", "nullclines.js", "ways.js", "planes.js", "rates.js")
"""What a page with other views of its model has too: their figures, and what its worker computes for them."""

POLICY = "default-src 'none'; script-src 'unsafe-inline' blob:; worker-src blob:; style-src 'unsafe-inline'; img-src blob: data:"
"""What a browser lets the page do: run itself, and ask nobody for anything."""

TOO_OLD = """function refused() {
  var place = document.getElementById("model");
  if (!place.firstChild) place.textContent = "This browser is too old to show the model. A current Firefox, Chrome, Edge or Safari can.";
}
window.addEventListener("error", refused);"""
"""In words that every browser knows: one that cannot read the scripts of the page shows nothing else."""


def page_alone(simulator: Simulator, chosen: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """HTML that runs the model of a simulator in whatever browser opens it.

    It starts with the present values, has the same controls, presets, kept traces, words and links as the explorer, its
    phase plane and its f-I curve, and asks no other machine for anything.

    Parameters
    ----------
    simulator : Simulator
    chosen : mapping of names to options, optional
        The views beside the time course, as :func:`brainnb.explore` takes them; by default those that it offers.

    Raises
    ------
    ExportError
        For a model that has no form in JavaScript.
    """
    from ...export import javascript

    found = views.opened(simulator, chosen)
    simulator = told.runnable(simulator)
    shown = told.seen(simulator)
    settings = shown.settings
    record = list(map(str, shown.result.data_vars))
    module = javascript(
        settings.model, settings.dt, T=settings.T, method=told.method(simulator), record=record,
        inputs=dict(settings.inputs),
    )  # fmt: skip
    still = module
    if found and (settings.stimuli() or told.method(simulator) or views.recorded(found) - set(record)):
        view = next(iter(found.values()))  # analysis holds inputs still
        still = javascript(view.model, settings.dt, record=sorted(views.recorded(found)) or None, inputs=dict(view.settings.inputs))  # fmt: skip
    about = described(simulator, shown, module)
    about["views"] = {name: views.described(name, view, still) for name, view in found.items()}
    about["tabs"] = views.tabs(found)
    parts = [module.text, constants(about), *map(script, WORKER)]
    if found:
        other = "const still = model;" if still is module else still.text.replace("const model =", "const still =", 1)
        parts += [other, *map(script, ANALYSIS), views.constants(found, still)]
    else:
        parts.append("const VIEWS = {}, VIEW_WORK = {};")
    program = "\n".join(parts)
    scripts = SCRIPTS + (CURVES if found else ())
    return page_of(simulator.title, about, scripts, program)


def page_tabled(title: str, about: dict[str, Any], reason: str) -> str:
    """HTML that shows runs which were computed beforehand, and says why: a model that cannot run in a browser.

    Parameters
    ----------
    title : str
    about : dict
        What :func:`.table.described` says of the model and of its runs.
    reason : str
        Why it does not compute.
    """
    count = len(about["table"]["pictures"])
    note = (
        f"This page does not compute: it shows the nearest of {count} runs that were made when it was saved. {reason}"
    )
    return page_of(title, about, (*SCRIPTS, "table.js"), note=note)


def page_of(heading: str, about: dict[str, Any], scripts: tuple[str, ...], program: str = "", note: str = "") -> str:
    """The file: the model's program and what it is told, the explorer's scripts, and a note below."""
    title, theme = text(heading), "light dark"
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
.note {{ font: 15px/1.4 system-ui, sans-serif; margin: 8px 16px; max-width: 60rem; overflow-wrap: anywhere; color: CanvasText; }}
body {{ margin: 0 auto; max-width: 1200px; padding: 8px; background: Canvas; }}
{script("explorer.css")}
</style>
</head>
<body>
<main id="model"></main>
{f'<p class="note">{text(note)}</p>' if note else ""}
<noscript>This page computes {title} in your browser, which needs JavaScript.</noscript>
<script type="text/plain" id="program">
{inert(program)}
</script>
<script type="application/json" id="about">{inert_json(about)}</script>
<script>
{TOO_OLD}
</script>
<script nomodule>
refused();
</script>
<script type="module">
{limits()}
{"".join(map(script, scripts))}
const held = (id) => document.getElementById(id).textContent;
open(document.getElementById("model"), JSON.parse(held("about")), held("program"));
</script>
</body>
</html>
"""


def described(simulator: Simulator, shown: Any, module: Any) -> dict[str, Any]:
    """Everything that the page is told of the model, as plain data."""
    settings = shown.settings
    run = {"T", "seed"} if module.about["fixedDt"] else {"T", "dt", "seed"}
    starts = {path for path in settings.values() if path.startswith("start.")}
    known, presets = told.adjustable(module)
    setup = told.moved(told.setup(Conversation(simulator, lambda *_: None)), known | run | starts, presets)
    return {
        "model": type(settings.model).__name__,
        "setup": setup,
        "panels": told.panels(shown.panels, shown.result),
        "presets": module.about["presets"],
        "known": sorted(known),
        "starts": {f"{path[6:]}": value for path, value in settings.values().items() if path in starts},
        "every": settings.every,
        "width": settings.width,
        "fixedDt": module.about["fixedDt"],
        "longest": settings.T if told.remembers(settings.model) else None,
        "columns": [r["path"] for r in module.about["records"]],
        "code": told.cell(simulator, settings, "float64"),  # as the page computes, and its noise with it
    }


def limits() -> str:
    """What a page allows, as the explorer does: values that each view keeps for its run, traces kept, sizes, links."""
    return (
        f"const RUN = {json.dumps(list(RUN))}, MOST_KEPT = {MOST_KEPT}, MOST_STEPS = {MAX_STEPS}, MOST_BYTES = {MAX_BYTES}, "
        f"MOST_CHARACTERS = {MAX_CHARACTERS}, LINK = {json.dumps(PREFIX)};"
    )


def constants(about: dict[str, Any], watching: str = "new Records()") -> str:
    """What the worker knows before it starts; ``watching`` takes the pieces of a run that was ``asked``."""
    return "\n".join([
        f"const PANELS = {json.dumps(about['panels'])};",
        f"const watching = (asked) => {watching};",
        f"const EVERY = {about['every']}, KNOWN = new Set({json.dumps(about['known'])}), STARTS = {json.dumps(about['starts'])};",
    ])  # fmt: skip


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
