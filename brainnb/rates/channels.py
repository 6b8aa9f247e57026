"""What comes into a network of units: one number for each channel, and sums of what others send."""

import jax.numpy as jnp
from jax import Array


def in_channels(u: Array, like: Array, count: int) -> Array:
    """The input ``u`` as (..., count), beside states ``like`` (..., units); one number is heard on every channel."""
    return jnp.broadcast_to(u[..., None] if jnp.ndim(u) < jnp.ndim(like) else u, (*like.shape[:-1], count))


def through(weight: Array, sent: Array) -> Array:
    """What arrives (..., to) of what is ``sent`` (..., from) through weights (to, from).

    Not ``sent @ weight.T``: of one network that copies the transposed weights in every step, which takes longer than the sum.
    """
    return jnp.einsum("ij,...j->...i", weight, sent)
