r"""Poisson numbers with a counter: how many spikes each of many pools of sources sends in a step.

A number :math:`n` is the number of tails that lie above a uniform one,

.. math::

    n = \#\{j:\; u\, \textstyle\sum_i a_i < \sum_{i > j} a_i\}, \qquad
    a_0 = 2^{31}, \quad a_k = \lfloor a_{k-1}\, \lambda / k \rfloor

with 31 random bits in :math:`u`.  No exponential is taken, tails keep their relative precision because they are added
from their ends, and the floor makes the numbers the same wherever they are computed: no product is added to a sum, which
some processors would round once and others twice.
"""

import functools
import itertools

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.custom_batching import sequential_vmap

from brainnb.core import randoms

from . import kernels

MOST = 16
"""Spikes that one draw can count; of a mean of :data:`MEAN` more come once in 100 million draws."""

MEAN = 3.0
"""Largest mean of one draw; what expects more is drawn in parts."""


def counted(key: Array, expected: Array) -> Array:
    """Poisson numbers with the given means.

    Parameters
    ----------
    key : jax.random.key
    expected : (...) float
        Means, not negative; nothing is differentiated to them.

    Returns
    -------
    (...) float
        Whole numbers; the same by the compiled kernel and without it.

    Examples
    --------
    >>> n = counted(jax.random.key(0), jnp.full(100_000, 20.0))
    >>> abs(float(n.mean()) - 20) < 0.1, abs(float(n.var()) - 20) < 0.5
    (True, True)
    """
    words, expected = jax.random.key_data(key)[:2], lax.stop_gradient(expected)
    if not (kernels.draws_pay(expected.size) and kernels.draws(expected.dtype)):
        return poisson_numbers(words, expected)
    return lax.platform_dependent(words, expected, cpu=_by_kernel, default=poisson_numbers)


@sequential_vmap
def _by_kernel(words: Array, expected: Array) -> Array:
    """Compiled; each member of a batch alone."""
    return kernels.count(words, expected)


@jax.jit  # a program of its own, by whose name an export knows it
def poisson_numbers(words: Array, expected: Array) -> Array:
    """The definition, in plain JAX, from the two words of a key."""
    key = jax.random.wrap_key_data(words, impl="threefry2x32")
    parts = jnp.maximum(jnp.ceil(jnp.max(expected) / MEAN), 1.0)
    share = expected / parts

    def drawn(i: Array, n: Array) -> Array:
        u = randoms.uniform(key, expected.shape, expected.dtype, begin=i * expected.size)
        # taken anew in every draw: written down before the loop, the tails would be read from memory one by one
        mean, _ = lax.optimization_barrier((share, i))
        chances, last = [], 2.0**31
        for k in range(1, MOST + 1):
            last = jnp.floor(last * (mean * (1.0 / k)))
            chances.append(last)
        tails = list(itertools.accumulate(reversed(chances)))
        place = u * (tails[-1] + 2.0**31)
        return functools.reduce(lambda n, tail: jnp.where(place < tail, n + 1.0, n), tails, n)

    return lax.fori_loop(0, parts.astype(jnp.int32), drawn, jnp.zeros_like(expected))
