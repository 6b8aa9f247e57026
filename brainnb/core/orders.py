"""Fractional orders: which states have a derivative of an order other than one."""

from collections.abc import Mapping
from typing import Any

from .fields import State
from .model import Model


def orders(model: Model, prefix: str = "") -> Mapping[str, Any]:
    """The order of every state that declares one, by dotted path; parameters as they are in ``model``."""
    found = {
        prefix + name: getattr(model, d.order) if isinstance(d.order, str) else d.order
        for name, d in type(model).states().items()
        if isinstance(d, State) and d.order is not None
    }
    for name, part in model.parts().items():
        found |= orders(part, f"{prefix}{name}.")
    return found
