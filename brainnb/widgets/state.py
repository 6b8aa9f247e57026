"""A point in parameter space as a few characters: JSON, and a link that carries it.

What comes back from a link or a file is text from a stranger: it is measured before it is parsed, parsed as
strict JSON, and holds nothing but names and finite numbers.
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from typing import Any

VERSION = 1
PREFIX = "#brainnb="
MAX_CHARACTERS = 65_536


class StateError(ValueError):
    """A saved state or a link that cannot be read; the message says why."""


def pack(model_name: str, values: Mapping[str, float]) -> dict[str, Any]:
    """The state as plain data."""
    return {"v": VERSION, "model": model_name, "values": dict(values)}


def to_link(state: Mapping[str, Any]) -> str:
    """``#brainnb=...``: to be put behind the address of a page."""
    text = json.dumps(state, separators=(",", ":"), allow_nan=False)
    return PREFIX + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(source: Any, model_name: str) -> dict[str, float]:
    """The values in a state (mapping), JSON text, link, or address that ends with one.

    Raises
    ------
    StateError
        When it is too long, is no strict JSON, has another shape or version, or belongs to another model.
    """
    return values_of(opened(source, model_name))


def opened(source: Any, model_name: str, more: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """The state itself, of this version and model, with no entries but the known ones and those named in ``more``."""
    if isinstance(source, str):
        source = _parse(_unpacked(source))
    if not isinstance(source, Mapping):
        raise StateError(f"A state is a mapping with v, model and values; got {type(source).__name__}.")
    if unknown := set(map(str, source)) - {"v", "model", "values", *more}:
        raise StateError(f"A state holds v, model and values; got also {', '.join(sorted(unknown))[:200]}.")
    if source.get("v") != VERSION or isinstance(source.get("v"), bool):
        raise StateError(f"This state has version {str(source.get('v'))[:20]}; this brainnb reads version {VERSION}.")
    if source.get("model") != model_name:
        raise StateError(f"This state belongs to the model {str(source.get('model'))[:80]}; here is {model_name}.")
    return source


def values_of(state: Mapping[str, Any]) -> dict[str, float]:
    """The values of an opened state."""
    return _checked_values(state.get("values"))


def _checked_values(values: Any) -> dict[str, float]:
    if not isinstance(values, Mapping):
        raise StateError("The values of a state are a mapping from names to numbers.")
    for name, value in values.items():
        if not isinstance(name, str) or isinstance(value, bool) or not isinstance(value, int | float):
            raise StateError(f"{str(name)[:80]} = {str(value)[:80]!r}: names with plain numbers were expected.")
        if not is_finite(value):
            raise StateError(f"{name[:80]} is not a finite number.")
    return dict(values)


def is_finite(value: int | float) -> bool:
    """Whether a number is finite, and no integer beyond all floats."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _unpacked(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise StateError(f"The link or state has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read.")
    if PREFIX not in text:
        return text
    packed = text.rpartition(PREFIX)[2]
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise StateError("The link is damaged: copy it again from its beginning to its end.") from None


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_without_duplicates)
    except StateError:
        raise
    except RecursionError:
        raise StateError("The state is nested too deeply.") from None
    except ValueError as error:
        raise StateError(f"The state is no valid JSON: {str(error)[:120]}.") from None


def _refuse_constant(name: str) -> float:
    raise StateError(f"{name} is not a finite number.")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise StateError(f"The state names {twice[:80]!r} twice.")
    return found
