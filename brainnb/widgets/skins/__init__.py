"""The two faces of a conversation: a Jupyter widget and a Panel component, both around one module of JavaScript."""

from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"


def module() -> str:
    """The module of both faces: what shows any model, then what networks and pictures of curves have more."""
    names = ("explorer.js", "network.js", "curves.js")
    return "".join((STATIC / name).read_text(encoding="utf-8") for name in names)
