"""Products of features, each once, in the order of scikit-learn's ``PolynomialFeatures``."""

import itertools
import math
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array


def products(x: Array, orders: Sequence[int], distinct: bool = False) -> Array:
    """Every product of so many entries of x (..., n); ``distinct`` takes no entry twice into one."""
    choose = itertools.combinations if distinct else itertools.combinations_with_replacement
    factors = (np.array(list(choose(range(x.shape[-1]), k)), int).reshape(-1, k) for k in orders)
    return jnp.concatenate([jnp.prod(x[..., which], -1) for which in factors], -1)


def count(n: int, orders: Sequence[int], distinct: bool = False) -> int:
    """How many products of n entries there are."""
    return sum(math.comb(n, k) if distinct else math.comb(n + k - 1, k) for k in orders)
