"""Recorded spikes that take the place of a neuron's own: between them its equations are smooth in its parameters."""

import jax.numpy as jnp
from jax import Array


def fires(recorded: Array, own: Array) -> Array:
    """The spikes of a recording, or those of the neuron where ``recorded`` is below 0.

    Examples
    --------
    >>> fires(jnp.array([-1.0, 0.0, 1.0]), jnp.array([1.0, 1.0, 0.0])).tolist()
    [1.0, 0.0, 1.0]
    """
    return jnp.where(recorded < 0, own, (recorded > 0.5).astype(own.dtype))
