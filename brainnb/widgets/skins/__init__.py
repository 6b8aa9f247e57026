"""The two faces of a conversation: a Jupyter widget and a Panel component, both around one module of JavaScript."""

from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"


NAMES = ("explorer.js", "calm.js", "look.js", "here.js", "network.js", "curves.js", "monitor.js")


def module() -> str:
    """The module of both faces: what shows any model, then what its own runs, networks, curves and training runs have more."""
    return "".join((STATIC / name).read_text(encoding="utf-8") for name in NAMES)
