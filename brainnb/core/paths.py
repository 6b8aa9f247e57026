"""Dotted and glob paths: how a value deep inside a model is named."""

import fnmatch
from collections.abc import Iterable

from .errors import UnknownName, unknown_message


def expand(pattern: str, known: Iterable[str], *, kind: str = "parameter", where: str = "") -> list[str]:
    """The known paths that ``pattern`` names: itself, or every match when it holds ``*`` or ``?``.

    ``"*.E"`` reaches any depth; ``"*"`` is everything.

    Raises
    ------
    UnknownName
        When nothing matches; the message lists the known paths and the nearest.
    """
    known = list(known)
    if not isinstance(pattern, str):
        raise UnknownName(f"A path is text such as 'Na.g_max'; got {pattern!r}.")
    if pattern in known:
        return [pattern]
    found = fnmatch.filter(known, pattern) if any(c in pattern for c in "*?[") else []
    if not found:
        raise UnknownName(unknown_message(kind, pattern, known, where=where))
    return found


def split(path: str) -> tuple[str, str]:
    """``"Na.gate.m"`` -> ``("Na", "gate.m")``; the rest is empty for a plain name."""
    head, _, rest = path.partition(".")
    return head, rest
