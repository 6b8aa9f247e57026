"""Quantities at the boundary: text and pint values become plain numbers in the declared unit."""

import functools
import re
from typing import Any

from .errors import UnitError


@functools.cache
def registry() -> Any:
    """The pint registry of the toolkit (one for all, so that quantities mix)."""
    import pint

    return pint.get_application_registry()


@functools.cache
def parse(unit: str) -> Any:
    """A declared unit as a pint unit; ``"1"`` is dimensionless."""
    import pint

    try:
        return registry().Unit("" if unit.strip() in ("1", "") else _spelled(unit))
    except (pint.errors.UndefinedUnitError, pint.errors.DefinitionSyntaxError, TypeError, ValueError):
        raise UnitError(f"`{unit}` is no unit pint knows; write for example mV, ms, uA/cm2, nS, Hz, or 1.") from None


def _spelled(unit: str) -> str:
    """``uA/cm2`` as pint spells it, ``uA/cm**2``."""
    return re.sub(r"(?<=[A-Za-z])(-?\d)", r"**\1", unit)


_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_FACTOR = r"[A-Za-zµμΩ°%]+(?:(?:\*\*|\^)?-?\d{1,2})?"
_TEXT = re.compile(rf"({_NUMBER})\s*((?:1\s?/\s?)?{_FACTOR}(?:\s?[*/]?\s?{_FACTOR})*)?")
LONGEST = 60


def read(text: str) -> tuple[float, str]:
    """``"20 uA/cm2"`` -> ``(20.0, "uA/cm**2")``; nothing is evaluated, so text from a page may come here.

    Raises
    ------
    ValueError
        When the text is no number with a unit.
    """
    found = _TEXT.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if found is None:
        raise ValueError(text)
    return float(found[1]), _spelled(found[2] or "")


def to_magnitude(value: Any, unit: str, path: str) -> Any:
    """The magnitude of a quantity or a string such as ``"20 ms"`` in the declared ``unit``.

    A bare number carries no unit: it is read in the declared one.
    """
    import pint

    shown = f"{value[:LONGEST]!r}" if isinstance(value, str) else str(value)
    try:
        magnitude, own = read(value) if isinstance(value, str) else (value.magnitude, str(value.units))
        if isinstance(value, str) and not own:
            return magnitude
        quantity = registry().Quantity(magnitude, own)
    except (ValueError, TypeError, KeyError, pint.errors.PintError):  # KeyError: pint on "5 A^0"
        example = "0.5" if unit == "1" else f"20 {unit}"
        raise UnitError(
            f"{path} = {shown} cannot be read as a number with a unit; write for example '{example}'."
        ) from None
    try:
        return quantity.to(parse(unit)).magnitude
    except pint.errors.DimensionalityError:
        given = f"{quantity.units:~}" or "no unit"
        wanted = "a plain number" if unit == "1" else f"a value in {unit}"
        raise UnitError(f"{path} = {shown} is in {given}; {wanted} was expected.") from None
