"""Which method may step states of fractional order."""

from typing import Any

import jax
import numpy as np

from brainnb import integrators
from brainnb.core.errors import ModelError
from brainnb.core.model import Model
from brainnb.core.orders import orders
from brainnb.core.record import Record, flat
from brainnb.integrators.base import shape_of


def method(value: Any, model: Model) -> Any:
    """The method for a model with states of fractional order; every other kind is refused."""
    chosen = integrators.get(model.default_method if value is None else value)
    if value is None and not getattr(chosen, "remembers", False):
        return integrators.CaputoL1()
    if not getattr(chosen, "remembers", False):
        told = ", ".join(f"`{path}`" for path in orders(model))
        raise ModelError(
            f"method={chosen.name!r} steps derivatives of order 1, but {told} of {type(model).__name__} has a fractional order. "
            f"Use {', '.join(map(repr, integrators.FRACTIONAL))}."
        )
    return chosen


def check_jumps(chosen: Any, system: Any, state: Record) -> None:
    """Refuse a fractional method that sums slopes for states that ``on_step`` changes."""
    changed = jax.eval_shape(lambda s, key: system.jumps(np.float32(0.0), s, key), state, jax.random.key(0))
    moving = shape_of(system.field, np.float32(0.0), state).get("model", {})
    lost = [path for path in flat(changed) if path in flat(moving)]
    if lost and not chosen.jumps:
        raise ModelError(
            f"method={chosen.name!r} sums slopes and would lose what {type(system.model).__name__}.on_step does to "
            f"{', '.join(f'`{p}`' for p in lost)}. Use 'caputo_l1' or 'grunwald_letnikov'."
        )
