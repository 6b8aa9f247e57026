"""Model classes by name, found among those that exist; a name never imports anything."""

import importlib
from collections.abc import Iterator

from brainnb.core.errors import UnknownName, nearest
from brainnb.core.model import Model

FAMILIES = ("inputs", "channels", "synapses", "rates", "neurons")
"""Rooms of the library whose classes a file may name."""


def public_name(cls: type) -> str:
    """How a file names a class: ``brainnb.neurons.LIF`` in the library, module and qualified name elsewhere."""
    module = cls.__module__.split(".")
    if module[0] == "brainnb" and len(module) > 2:
        module = module[:2]  # files inside a room may move
    return ".".join([*module, cls.__qualname__])


def find(name: str, where: str) -> type[Model]:
    """The class of that name; the newest when a notebook cell defined it again.

    Raises
    ------
    UnknownName
        With the nearest known name, and what to run first.
    """
    known = known_classes()
    if name in known:
        return known[name]
    hint = nearest(name, known)
    raise UnknownName(
        f"{where}: no model class `{name[:200]}` exists."
        + (f" Did you mean `{hint}`?" if hint else "")
        + " If it is your own, run the cell or import the module that defines it first; nothing is imported for a file."
    )


def known_classes() -> dict[str, type[Model]]:
    """Every model class of the library and of this session, by public name."""
    for family in FAMILIES:
        importlib.import_module(f"brainnb.{family}")
    return {public_name(cls): cls for cls in descendants(Model)}


def descendants(cls: type) -> Iterator[type]:
    """All subclasses to any depth, older before newer."""
    for sub in cls.__subclasses__():
        if not _stands_in(sub):
            yield sub
            yield from descendants(sub)


def _stands_in(cls: type) -> bool:
    """Whether a class goes by the name of one it derives from.

    Equinox makes such a class while it builds an instance, and a population one that lets a smooth cell fire.
    """
    return any(public_name(base) == public_name(cls) for base in cls.__mro__[1:])
