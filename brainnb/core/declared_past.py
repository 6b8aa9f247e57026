"""Mistakes in what a class declares about its past: delay lines, and orders of derivatives."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from .errors import ModelError, UnitError
from .fields import Declaration, History, State


def check_histories(
    cls: type,
    histories: Iterable[tuple[str, History]],
    states: Mapping[str, State],
    inputs: Container[str],
    annotations: Container[str],
    parameters: Mapping[str, Any],
) -> None:
    """A history names a state or an observable, and a number or a delay that has an upper bound."""
    for name, value in histories:
        where = f"{cls.__name__}.{name}"
        if (value.of in annotations or value.of in inputs) and value.of not in states:
            raise ModelError(
                f"{where} = bn.history({value.of!r}, ...): `{value.of}` is no state; only states have a past."
            )
        reports = getattr(cls, "on_step", None)
        if value.of not in states and getattr(reports, "__qualname__", "") == "Model.on_step":
            raise ModelError(
                f"{where} = bn.history({value.of!r}, ...): {cls.__name__} has no state `{value.of}` (Known: "
                f"{', '.join(states)}), and nothing that on_step reports."
            )
        if value.read != "auto" and value.of not in states:
            raise ModelError(
                f"{where} = bn.history({value.of!r}, read={value.read!r}): `{value.of}` is no state of {cls.__name__} but what "
                f"on_step reports; it is kept step by step, without read=."
            )
        if getattr(states.get(value.of), "discrete", False) and value.read not in ("auto", "step"):
            raise ModelError(f"{where}: `{value.of}` is discrete; use read='step'.")
        if isinstance(value.longest, str):
            _check_delay(cls, where, value, parameters)


def _check_delay(cls: type, where: str, value: History, parameters: Mapping[str, Any]) -> None:
    """The parameter of a delay: it exists, is in ms, and has an upper bound."""
    delay = parameters.get(value.longest)
    said = f"{where} = bn.history({value.of!r}, {value.longest!r})"
    if not isinstance(delay, Declaration):
        raise ModelError(
            f"{said}: {cls.__name__} declares no parameter `{value.longest}`; name the delay, or give a number in ms."
        )
    if delay.unit != "ms":
        raise UnitError(f"{said}: `{value.longest}` is in {delay.unit}; a delay is in ms.")
    if delay.bounds[1] is None or (delay.bounds[0] is None or delay.bounds[0] < 0):
        raise ModelError(
            f"{said}: the line is as long as the delay may ever be; give `{value.longest}` bounds from 0 or more to the "
            f"longest, bounds=(0, 50)."
        )


def check_orders(cls: type, states: Mapping[str, State], parameters: Mapping[str, Any]) -> None:
    """A fractional order lies in (0, 1], at any setting of the parameter that it may be."""
    for name, value in states.items():
        if value.order is None:
            continue
        said = f"{cls.__name__}.{name} = bn.state(..., order={value.order!r})"
        if value.discrete:
            raise ModelError(f"{said}: `{name}` is discrete and has no derivative.")
        if isinstance(value.order, str):
            found = parameters.get(value.order)
            if not isinstance(found, Declaration):
                raise ModelError(f"{said}: {cls.__name__} declares no parameter `{value.order}`.")
            low, high = found.bounds
            if low is None or low <= 0 or high is None or high > 1:
                raise ModelError(
                    f"{said}: an order lies above 0 and up to 1; declare it so, "
                    f"`{value.order}: bn.Param = bn.param(0.9, '1', 'order of the derivative', bounds=(0.1, 1))`."
                )
            continue
        number = isinstance(value.order, int | float) and not isinstance(value.order, bool)
        if not number or not 0 < value.order <= 1:
            raise ModelError(f"{said}: an order lies above 0 and up to 1, or is the name of a parameter.")
