r"""$\varphi(z) = (e^z - 1)/z$, the factor of every exponential method: a cell with gates takes it five times a step."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.lax import bitcast_convert_type, cond

from brainnb.core.known import known

MOST = 60.0
"""The upstroke of an exponential neuron overflows single precision, and its gradient becomes NaN."""

LN2 = math.log(2.0)
NEAR = 0.34
"""Below ln 2 / 2: such a number is its own remainder of ln 2."""

ROUND = np.float32(1.5 * 2**23)
"""Added to a number in single precision, it leaves the nearest whole number in the last bits; read as bits, because a
compiler may take a sum and a difference for nothing."""

ROUND_BITS, ONE_BITS = (int(x.view(np.int32)) for x in (ROUND, np.float32(1.0)))
EXPONENT = 23
"""Where the exponent begins in the bits of a number."""


@known
def phi(z: Array) -> Array:
    r"""$(e^z - 1)/z$, finite at 0 and for any growth: beyond $e^{60}$ in one step it grows no more."""
    if z.dtype != jnp.float32:
        return _of_double(jnp.minimum(z, MOST))
    z = jnp.where(z > MOST, MOST, z)  # NaN stays, as in a minimum, which takes three operations for it
    return _of_one(z) if jnp.ndim(z) == 0 else _of_many(z)


def _of_double(z: Array) -> Array:
    near = jnp.abs(z) < 0.04

    def series(z: Array) -> Array:
        """Exact to 1e-12; its parts need not wait for each other."""
        square = z * z
        return (1.0 + z / 2) + square * ((1 / 6 + z * (1 / 24)) + square * (1 / 120 + z * (1 / 720)))

    def quotient(z: Array) -> Array:
        safe = jnp.where(near, 1.0, z)
        return (jnp.exp(safe) - 1.0) / safe  # far from 0 this loses no digits (and is cheaper than expm1)

    # A lone neuron waits for every operation, and an exponential is a long wait: it takes one way or the other.
    return cond(near, series, quotient, z) if jnp.ndim(z) == 0 else jnp.where(near, series(z), quotient(z))


def _series(z: Array) -> Array:
    """Exact to rounding within ln 2 / 2, in single precision; its parts need not wait for each other."""
    square = z * z
    return (1.0 + z / 2) + square * ((1 / 6 + z * (1 / 24)) + square * (1 / 120 + z * (1 / 720) + square * (1 / 5040)))


def _of_many(z: Array) -> Array:
    r"""Without a branch, and with two thirds of the work of a series beside an exponential.

    With $z = k \ln 2 + r$, the exponential less one is $2^k (e^r - 1) + (2^k - 1)$; and near 0, where $k = 0$, the
    series that gives $e^r - 1$ is the answer itself.
    """
    held = jnp.where(z < -80.0, -80.0, z)  # less than -1 it never becomes
    k = bitcast_convert_type(held * (1 / LN2) + ROUND, jnp.int32) - ROUND_BITS
    r = held - k.astype(z.dtype) * LN2
    power = bitcast_convert_type((k << EXPONENT) + ONE_BITS, z.dtype)
    near, series = k == 0, _series(r)
    return jnp.where(near, series, (power * (r * series) + (power - 1.0)) / jnp.where(near, 1.0, z))


@jax.custom_batching.custom_vmap
def _one_way(z: Array) -> Array:
    """A lone neuron waits for every operation: it takes one way or the other."""
    return cond(jnp.abs(z) < NEAR, _series, _of_many, z)


@_one_way.def_vmap
def _of_batch(_count: int, _batched: bool, z: Array) -> tuple[Array, bool]:
    """Side by side with others it takes the way of many: a branch that each chose for itself would cost both."""
    return _of_many(z), True


_of_one = jax.custom_jvp(_one_way)


@_of_one.defjvp
def _slope(z: tuple[Array], change: tuple[Array]) -> tuple[Array, Array]:
    return _of_one(*z), jax.jvp(_of_many, z, change)[1]
