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
    return re.sub(r"(?<=[A-Za-z])(\d)", r"**\1", unit)


def to_magnitude(value: Any, unit: str, path: str) -> Any:
    """The magnitude of a quantity or a string such as ``"20 ms"`` in the declared ``unit``."""
    import pint

    quantity = value
    if isinstance(value, str):
        try:
            quantity = registry().Quantity(_spelled(value))
        except Exception as error:  # pint raises a dozen types on text it cannot read
            raise UnitError(
                f"{path} = {value!r} cannot be read as a number with a unit; write for example '20 {unit}'."
            ) from error
    target = parse(unit)
    try:
        if not hasattr(quantity, "units"):
            return quantity
        # a bare number in text carries no unit: it is read in the declared one
        if isinstance(value, str) and quantity.unitless and str(quantity.units) == "dimensionless":
            return quantity.magnitude
        return registry().Quantity(quantity.magnitude, str(quantity.units)).to(target).magnitude
    except pint.errors.DimensionalityError:
        raise UnitError(f"{path} = {value} is in {quantity.units:~}; a value in {unit} was expected.") from None
