"""All-to-all synapses between groups of cells, with one weight for each pair of groups."""

from typing import Any, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.ops import Wiring
from brainnb.ops.checks import as_weight


class BetweenGroups(Wiring):
    r"""Every neuron reaches every other, with a weight that depends on the groups of the two alone.

    .. math:: y_j = \sum_a w_{a\,b(j)} \sum_{i \in a} x_i

    Costs as little as the groups are few, whatever the number of synapses.

    Parameters
    ----------
    weight : (groups before, groups behind) array
    pre, post : sequence of int
        Sizes of the groups; neurons lie group after group.

    Examples
    --------
    >>> wiring = BetweenGroups([[1.0, 0.5]], (3,), (1, 2))
    >>> wiring.forward(jnp.array([1.0, 0.0, 1.0])).tolist()
    [2.0, 1.0, 1.0]
    """

    weight: Array
    pre: tuple[int, ...] = eqx.field(static=True)
    post: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, weight: Any, pre: Any, post: Any):
        self.weight, self.pre, self.post = as_weight(weight), tuple(map(int, pre)), tuple(map(int, post))
        wanted = (len(self.pre), len(self.post))
        if jnp.shape(self.weight) not in ((), wanted):
            raise ModelError(f"BetweenGroups: weights of shape {jnp.shape(self.weight)}; {wanted} was expected.")

    @property
    def shape(self) -> tuple[int, int]:
        """``(pre, post)``."""
        return sum(self.pre), sum(self.post)

    @property
    def stored(self) -> tuple[int, ...]:
        return self.shape

    def with_weight(self, weight: Any) -> Self:
        return type(self)(weight, self.pre, self.post)

    def edges(self) -> tuple[Array, Array]:
        pre, post = (jnp.arange(n) for n in self.shape)
        return jnp.broadcast_to(pre[:, None], self.shape), jnp.broadcast_to(post[None, :], self.shape)

    def weights(self) -> Array:
        table = jnp.broadcast_to(self.weight, (len(self.pre), len(self.post)))
        return table[_group(self.pre)][:, _group(self.post)]

    def forward(self, x: Array) -> Array:
        table = jnp.broadcast_to(self.weight, (len(self.pre), len(self.post)))
        return (_sums(x, self.pre) @ table.astype(x.dtype))[_group(self.post)]

    def backward(self, y: Array) -> Array:
        table = jnp.broadcast_to(self.weight, (len(self.pre), len(self.post)))
        return (table.astype(y.dtype) @ _sums(y, self.post))[_group(self.pre)]


def _group(sizes: tuple[int, ...]) -> np.ndarray:
    """The group of every neuron."""
    return np.repeat(np.arange(len(sizes)), sizes)


def _sums(x: Array, sizes: tuple[int, ...]) -> Array:
    """Sums over every group."""
    ends = np.cumsum(sizes)
    return jnp.stack([jnp.sum(x[end - k : end]) for k, end in zip(sizes, ends, strict=True)])
