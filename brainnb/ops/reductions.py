"""Between neurons and synapses: every synapse looks at one of its ends, every neuron collects from its synapses."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError

from . import checks
from .base import Wiring

HOW = ("sum", "mean", "max", "min", "prod", "softmax")


def pre_to_synapse(x: Array, wiring: Wiring) -> Array:
    """The value of its presynaptic neuron, for every synapse.

    Parameters
    ----------
    x : (..., pre) array
    wiring : Wiring

    Returns
    -------
    array
        In the order and the shape of the wiring's storage: ``(synapses,)`` of ``CSR`` and ``CSC``, ``(neurons,
        number)`` of tables, ``(pre, post)`` of ``Dense``.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> wiring = ops.CSR.from_edges(pre=[0, 0, 1], post=[0, 1, 1], weight=1.0, shape=(2, 2))
    >>> ops.pre_to_synapse(jnp.array([5.0, 7.0]), wiring).tolist()
    [5.0, 5.0, 7.0]
    """
    return _looked(x, wiring.shape[0], wiring.edges()[0], "x")


def post_to_synapse(y: Array, wiring: Wiring) -> Array:
    """The value of its postsynaptic neuron, for every synapse; shapes as :func:`pre_to_synapse`."""
    return _looked(y, wiring.shape[1], wiring.edges()[1], "y")


def synapse_to_post(values: Array, wiring: Wiring, how: str = "sum") -> Array:
    """What every postsynaptic neuron collects from its synapses.

    Parameters
    ----------
    values : array in the shape of the wiring's storage
    wiring : Wiring
        Its weights are not used.
    how : {"sum", "mean", "max", "min", "prod", "softmax"}
        A neuron without synapses gets 0.  ``"softmax"`` answers in the shape of ``values``: the share of each synapse
        among those of its neuron.

    Raises
    ------
    ModelError
        Another word, or values that are not one for each synapse.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> wiring = ops.CSR.from_edges(pre=[0, 0, 1], post=[0, 1, 1], weight=1.0, shape=(2, 3))
    >>> ops.synapse_to_post(jnp.array([1.0, 2.0, 4.0]), wiring, "mean").tolist()
    [1.0, 3.0, 0.0]
    """
    return _collected(values, wiring, wiring.edges()[1], wiring.shape[1], how)


def synapse_to_pre(values: Array, wiring: Wiring, how: str = "sum") -> Array:
    """What every presynaptic neuron collects from its synapses; see :func:`synapse_to_post`."""
    return _collected(values, wiring, wiring.edges()[0], wiring.shape[0], how)


def _looked(x: Any, count: int, end: Array, name: str) -> Array:
    return jnp.take(checks.as_units(x, count, name), end, axis=-1)


def _collected(values: Any, wiring: Wiring, end: Array, count: int, how: str) -> Array:
    if how not in HOW:
        raise ModelError(f"how={how!r}: one of {', '.join(map(repr, HOW))} was expected.")
    values = jnp.asarray(values)
    if values.shape != wiring.stored:
        raise ModelError(
            f"values: shape {values.shape} was given; {wiring!r} needs one value for each synapse, {wiring.stored}."
        )
    if how == "softmax":
        high = _reduced(values, end, count, "max")
        share = jnp.exp(values - high[end])
        return share / _reduced(share, end, count, "sum")[end]
    return _reduced(values, end, count, how)


def _reduced(values: Array, end: Array, count: int, how: str) -> Array:
    at: Callable[[Any], Any] = lambda start: jnp.full(count, start, values.dtype).at[end]  # noqa: E731
    if how == "sum":
        return at(0).add(values)
    number = jnp.zeros(count, values.dtype).at[end].add(1)
    if how == "mean":
        return at(0).add(values) / jnp.maximum(number, 1)
    if how == "prod":
        found = at(1).multiply(values)
    else:
        found = at(-jnp.inf).max(values) if how == "max" else at(jnp.inf).min(values)
    return jnp.where(number > 0, found, 0)
