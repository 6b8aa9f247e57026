"""Writes one page a model from its declarations: no table of parameters is ever typed by hand."""

import inspect
import re
import shutil
from pathlib import Path

import numpy as np

import brainnb as bn

FAMILIES = {
    "neurons": "Neurons",
    "rates": "Rate models",
    "channels": "Ion channels",
    "synapses": "Synapses",
    "inputs": "Stimuli",
    "networks": "Published networks",
}
PUBLISHED = {"networks": "brainnb.networks.published"}
"""Rooms of which only a part is a family; the rest has a page of functions."""
SMALL = {
    "BrunelHakim": dict(n=500, inputs=100),
    "Brunel": dict(n=1000),
    "Microcircuit": dict(scale=0.01),
    "Song2000": dict(n=100),
    "VentralStream": dict(n=100),
    "Wang2002": dict(scale=0.1),
}
"""What is built smaller than by default to be described."""
TARGET = Path(__file__).parents[1] / "models" / "generated"


def models(family):
    """Exported models of a family, in the order in which the family lists them."""
    room = getattr(bn, family)
    return {
        name: getattr(room, name)
        for name in room.__all__
        if isinstance(getattr(room, name), type)
        and issubclass(getattr(room, name), bn.Model)
        and getattr(room, name).__module__.startswith(PUBLISHED.get(family, room.__name__))
    }


def text(value):
    """Plain text as reStructuredText: markup in it stays text."""
    return re.sub(r"([\\*`|_<>])", r"\\\1", str(value)) or "\\ "


def code(value):
    return f"``{value}``"


def number(value):
    """A default as a person would write it."""
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{array.item():g}" if array.dtype.kind == "f" else str(array.item())
    return f"array of shape {array.shape}"


def interval(bounds):
    low, high = bounds
    if low is None and high is None:
        return "\\ "
    return f"{'-∞' if low is None else f'{low:g}'} … {'∞' if high is None else f'{high:g}'}"


def table(head, rows, title=""):
    """A list-table, or nothing where there are no rows."""
    if not rows:
        return []
    lines = ["", f".. rubric:: {title}"] if title else []
    lines += ["", ".. list-table::", "   :header-rows: 1", "   :class: declarations", ""]
    for row in [head, *rows]:
        for i, cell in enumerate(row):
            lines.append(f"   {'* -' if i == 0 else '  -'} {cell}")
    return [*lines, ""]


def declared(declarations):
    return [
        [code(name), number(d.default), text(d.unit), text(d.doc), interval(d.bounds)]
        for name, d in declarations.items()
    ]


def needs_arguments(cls):
    """Names of the constructor's arguments that have no default."""
    parameters = inspect.signature(cls).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]


def page(family, name, cls):
    """The page of one model."""
    full = f"brainnb.{family}.{name}"
    lines = [name, "=" * len(name), "", f".. autoclass:: {full}", "   :no-members:", ""]
    head = ["name", "default", "unit", "meaning", "range"]
    if asked := needs_arguments(cls):
        lines += [f"Its parameters depend on what it is built with: {', '.join(map(code, asked))}.", ""]
        lines += table(head, declared(cls.states()), "States")
    else:
        given = SMALL.get(name, {})
        model = cls(**given)
        if given:
            said = ", ".join(f"{key}={value!r}" for key, value in given.items())
            lines += [f"Numbers as built by ``{name}({said})``.", ""]
        parameters = [
            [code(path), number(p.value), text(p.unit), text(p.doc), interval(p.bounds)]
            for path, p in model.parameters().items()
        ]
        lines += table(head, parameters, "Parameters")
        lines += table(head, declared(all_states(model)), "States")
        lines += table(head, declared(model.inputs()), "Inputs")
    presets = [
        [code(f"{name}.{preset}()"), text(inspect.getdoc(make).splitlines()[0])]
        for preset, make in cls.presets().items()
    ]
    lines += table(["preset", "what it is"], presets, "Presets")
    return "\n".join(lines) + "\n"


def all_states(model, prefix=""):
    """States of a model and of its parts, by dotted path."""
    found = {prefix + name: d for name, d in type(model).states().items()}
    for name, part in model.parts().items():
        found |= all_states(part, f"{prefix}{name}.")
    return found


def picture(family, name):
    """A thumbnail of a model as a cell of a table; nothing where there is none."""
    import thumbnails  # which tries the models of this catalogue

    found = thumbnails.draw(family, name) if thumbnails.pictured(family, name) else None
    if found is None:
        return ""
    svg, words = found
    (TARGET / family / f"{name}.svg").write_text(svg, encoding="utf8")
    return f".. image:: {family}/{name}.svg\n          :alt: {words}\n          :class: thumbnail"


def index(family, title, found):
    """The page of a family: what there is, one line each."""
    rows = [
        [
            f":doc:`{name} <{family}/{name}>`",
            text((inspect.getdoc(cls) or "").split("\n\n")[0].replace("\n", " ")),
            picture(family, name),
        ]
        for name, cls in found.items()
    ]
    pictured = any(row[2] for row in rows)
    head = ["model", "what it is", "a run of it"] if pictured else ["model", "what it is"]
    lines = [title, "=" * len(title), "", f"In ``bn.{family}``:"]
    lines += table(head, [[cell or "\\ " for cell in row[: len(head)]] for row in rows])
    lines += [".. toctree::", "   :hidden:", "", *(f"   {family}/{name}" for name in found)]
    return "\n".join(lines) + "\n"


def write(app):
    """All pages anew, so that a removed model leaves none behind."""
    shutil.rmtree(TARGET, ignore_errors=True)
    for family, title in FAMILIES.items():
        found = models(family)
        (TARGET / family).mkdir(parents=True)
        (TARGET / f"{family}.rst").write_text(index(family, title, found), encoding="utf8")
        for name, cls in found.items():
            (TARGET / family / f"{name}.rst").write_text(page(family, name, cls), encoding="utf8")


def setup(app):
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
