"""Hooks of the parts of a network, each traced once: populations of one class and size share one program."""

from functools import partial
from typing import Any

import jax
import numpy as np
from jax.extend import core as jex

from brainnb.core.delayed import Past
from brainnb.core.model import Model
from brainnb.core.record import Record

ARRAYS = jax.Array | np.ndarray | np.generic


def called(hook: str, part: Model, t: Any, s: Record, *args: Any) -> Any:
    """``part.hook(t, s, *args)``; where all that it is given are arrays, an equal call finds the trace of the one before.

    A run looks at a network several times before its first step, and a method asks for slopes several times in each.
    What cannot be shared is called as it stands: a part that asks its past, which is noted at every call, and a
    mistake, which tells of itself.
    """
    own = part.histories()
    s = Record((name, x) for name, x in s.items() if name in own or not isinstance(x, Past))
    given = jax.tree.leaves((part, t, s, args), is_leaf=lambda x: isinstance(x, Past))
    itself = getattr(part, hook)
    if not all(isinstance(x, ARRAYS) for x in given):
        return itself(t, s, *args)
    try:
        return _written(hook, part, t, s, *args)
    except Exception:  # said again without the trace around it, by the model itself
        return itself(t, s, *args)


def _written(hook: str, *given: Any) -> Any:
    """The operations of the trace, one by one: each still knows its line in the model."""
    found = _called.trace(hook, *given)
    values = jex.jaxpr_as_fun(found.jaxpr)(*jax.tree.leaves(given))
    return jax.tree.unflatten(jax.tree.structure(found.out_info), values)


@partial(jax.jit, static_argnums=0)
def _called(hook: str, part: Model, *args: Any) -> Any:
    return getattr(part, hook)(*args)
