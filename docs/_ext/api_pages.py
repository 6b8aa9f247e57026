"""Writes the API pages from what each room exports (its `__all__`): they cannot fall behind the code."""

import inspect
import shutil
from pathlib import Path

import brainnb
from catalogue import FAMILIES, PUBLISHED, models

TARGET = Path(__file__).parents[1] / "api" / "generated"


def exported(module):
    """Public classes and functions of a module, by name; submodules have their own pages."""
    names = getattr(module, "__all__", ())
    return {name: getattr(module, name) for name in names if not inspect.ismodule(getattr(module, name))}


def submodules(room):
    """Modules that a room exports by name, such as ``inputs.encode``."""
    return [name for name in getattr(room, "__all__", ()) if inspect.ismodule(getattr(room, name))]


def directive(full_name, value):
    """The autodoc lines of one name."""
    if inspect.isclass(value):
        return [f".. autoclass:: {full_name}", "   :members:", ""]
    if callable(value):
        return [f".. autofunction:: {full_name}", ""]
    entries = ", ".join(f"``{key}``" for key in value)  # a table of names
    return [f".. py:data:: {full_name}", "", f"   {entries}", ""]


def page(module, names):
    """One room: its sentence, a table of what it has, then each in full."""
    title = module.__name__
    lines = [
        title,
        "=" * len(title),
        "",
        (inspect.getdoc(module) or "").strip(),
        "",
        f".. currentmodule:: {title}",
        "",
    ]
    lines += [
        ".. autosummary::",
        "   :nosignatures:",
        "",
        *(f"   {name}" for name in names if callable(names[name])),
        "",
    ]
    for name, value in names.items():
        lines += directive(f"{title}.{name}", value)
    return "\n".join(lines) + "\n"


def write(app):
    """The top of the package first; what it exports is not listed a second time below."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    top = exported(brainnb)
    seen = {id(value) for value in top.values()}
    seen |= {id(cls) for family in PUBLISHED for cls in models(family).values()}
    described = FAMILIES.keys() - PUBLISHED.keys()
    rooms = [name for name in brainnb.__all__ if inspect.ismodule(getattr(brainnb, name)) and name not in described]
    pages = {"brainnb": page(brainnb, top)}
    modules = {getattr(brainnb, room) for room in rooms}  # `brainnb.connect` is another name of a room within a room
    modules |= {
        getattr(getattr(brainnb, room), name) for room in brainnb.__all__ for name in submodules(getattr(brainnb, room))
    }
    for module in sorted(modules, key=lambda m: m.__name__):
        names = {name: value for name, value in exported(module).items() if id(value) not in seen}
        if names:
            pages[module.__name__] = page(module, names)
    for name, content in pages.items():
        (TARGET / f"{name}.rst").write_text(content, encoding="utf8")


def setup(app):
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
