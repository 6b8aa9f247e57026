"""When a moment counts as reached: comparisons of times that survive rounding."""

from typing import Any

import jax.numpy as jnp
from jax import Array


def reached(t: Any, edge: Any) -> Array:
    """Whether time ``t`` has come to ``edge``; at ``t == edge`` it has.

    Times are step numbers times dt, so they miss the decimal number that was meant by a rounding error: 3 * 0.1 is
    not 0.3.  A few units in the last place count as equal.

    Examples
    --------
    >>> bool(reached(3 * 0.1, 0.3)), bool(reached(0.3, 3 * 0.1)), bool(reached(0.29, 0.3))
    (True, True, False)
    """
    return t - edge >= -rounding(t, edge)


def rounding(t: Any, edge: Any) -> Array:
    """How far apart two times may be and still be the same moment.

    Two that are close have the same size, so the one that is known for all units at once tells it.
    """
    eps = jnp.finfo(jnp.result_type(t, edge, float)).eps
    if jnp.ndim(t) != jnp.ndim(edge):
        return 4.0 * float(eps) * jnp.abs(t if jnp.ndim(t) < jnp.ndim(edge) else edge)
    return 4.0 * float(eps) * jnp.maximum(jnp.abs(t), jnp.abs(edge))


def since(t: Any, edge: Any) -> Array:
    """Time since ``edge``, never short of it by a rounding error: what is timed from there keeps its own edges.

    Examples
    --------
    >>> bool(since(3 * 0.1, 0.3) >= 0), bool(reached(since(100.1 + 5.0, 100.1), 5.0))
    (True, True)
    """
    return t - edge + rounding(t, edge)


def latest(t: Array, start: Array, period: Array, count: Array) -> Array:
    """Number of the last of ``count`` regular events that has begun; 0 before the first."""
    begun = jnp.floor((t - start + rounding(t, start)) / period)
    return jnp.clip(begun, 0.0, jnp.maximum(jnp.floor(count) - 1.0, 0.0))
