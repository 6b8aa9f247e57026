"""What comes into a network of units: one number for each channel."""

import jax.numpy as jnp
from jax import Array


def in_channels(u: Array, like: Array, count: int) -> Array:
    """The input ``u`` as (..., count), beside states ``like`` (..., units); one number is heard on every channel."""
    return jnp.broadcast_to(u[..., None] if jnp.ndim(u) < jnp.ndim(like) else u, (*like.shape[:-1], count))
