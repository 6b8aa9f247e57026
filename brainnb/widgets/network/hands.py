"""What is done to neurons as plain data, for links and files; read back as from a stranger."""

from collections.abc import Mapping
from typing import Any

from ...networks import Manipulated, Manipulation
from ..state import StateError, is_finite
from .settings import MOST_MANIPULATIONS

NUMBERS = ("current", "hold", "start", "stop")
KNOWN = ("population", "neurons", *NUMBERS)


def as_plain(m: Manipulation) -> dict[str, Any]:
    """What is said of it, without what is not."""
    said = {name: getattr(m, name) for name in KNOWN}
    said["neurons"] = None if m.neurons is None else list(m.neurons)
    return {name: value for name, value in said.items() if value is not None}


def read(said: Any, network: Manipulated) -> tuple[Manipulation, ...]:
    """Manipulations of this network.

    Raises
    ------
    StateError
        When they are no list of what :func:`as_plain` writes, or too many.
    UnknownName, ModelError, OutOfBounds
        When the network has no such neurons, or when they make no sense.
    """
    if not isinstance(said, list) or len(said) > MOST_MANIPULATIONS:
        raise StateError(f"The manipulations of a state are a list of {MOST_MANIPULATIONS} at most.")
    found = tuple(map(_one, said))
    for m in found:
        network.neurons_of(m)
    return found


def _one(said: Any) -> Manipulation:
    if not isinstance(said, Mapping) or not {"population"} <= set(said) <= set(KNOWN):
        raise StateError(f"A manipulation is a mapping of {', '.join(KNOWN)}; got {str(said)[:80]}.")
    if not isinstance(said["population"], str):
        raise StateError(f"The population of a manipulation is a name; got {str(said['population'])[:80]}.")
    for name in NUMBERS:
        if name in said and not _is_number(said[name]):
            raise StateError(f"{name} of a manipulation is a finite number; got {str(said[name])[:80]}.")
    neurons = said.get("neurons")
    if "neurons" in said and not (isinstance(neurons, list) and len(neurons) == 2 and all(map(_is_whole, neurons))):
        raise StateError(
            f"The neurons of a manipulation are the first and the one behind the last; got {str(neurons)[:80]}."
        )
    return Manipulation(**{**said, **({"neurons": tuple(neurons)} if neurons else {})})


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool) and is_finite(x)


def _is_whole(x: Any) -> bool:
    return isinstance(x, int) and not isinstance(x, bool)
