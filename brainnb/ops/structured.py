"""Wirings that are a rule, not a list: nothing is stored of them but a weight."""

from typing import Any, Self

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError

from . import checks
from .base import Wiring


class OneToOne(Wiring):
    r"""Neuron ``i`` reaches neuron ``i``: :math:`y_i = w_i x_i`.

    Parameters
    ----------
    weight : number or (n,) array
    n : int
        Neurons on either side.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> ops.event_product(jnp.array([True, False]), ops.OneToOne(2.0, 2)).tolist()
    [2.0, 0.0]
    """

    weight: Array
    n: int = eqx.field(static=True)

    def __init__(self, weight: Any, n: int):
        self.weight, self.n = checks.as_weight(weight), int(n)
        if self.n < 1:
            raise ModelError(f"OneToOne: {n} neurons; at least one was expected.")
        checks.fits(self.weight, self.stored)

    @property
    def shape(self) -> tuple[int, int]:
        """``(pre, post)``."""
        return self.n, self.n

    @property
    def stored(self) -> tuple[int, ...]:
        return (self.n,)

    def edges(self) -> tuple[Array, Array]:
        return jnp.arange(self.n), jnp.arange(self.n)

    def weights(self) -> Array:
        return jnp.broadcast_to(self.weight, (self.n,))

    def forward(self, x: Array) -> Array:
        return self.weight * x

    def backward(self, y: Array) -> Array:
        return self.weight * y


class AllToAll(Wiring):
    r"""Every neuron reaches every other with one weight: a sum, whatever the number of synapses.

    .. math:: y_j = w \sum_i x_i \quad (\text{without } x_j \text{ where no neuron reaches itself})

    Parameters
    ----------
    weight : number
    shape : (int, int)
        Neurons before and behind the synapses.
    loops : bool
        Whether a neuron reaches itself; for a population onto itself.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> ops.product(jnp.array([1.0, 2.0, 4.0]), ops.AllToAll(1.0, (3, 3), loops=False)).tolist()
    [6.0, 5.0, 3.0]
    """

    weight: Array
    shape: tuple[int, int] = eqx.field(static=True)
    loops: bool = eqx.field(static=True)

    def __init__(self, weight: Any, shape: tuple[int, int], loops: bool = True):
        self.weight, self.shape, self.loops = checks.as_weight(weight), tuple(int(n) for n in shape), bool(loops)
        if jnp.ndim(self.weight):
            raise ModelError("AllToAll holds one weight for all synapses; use ops.Dense for one weight each.")
        if not loops and self.shape[0] != self.shape[1]:
            raise ModelError(f"AllToAll: loops=False needs one population on both sides, got {self.shape}.")

    def with_weight(self, weight: Any) -> Self:
        return type(self)(weight, self.shape, self.loops)

    @property
    def stored(self) -> tuple[int, ...]:
        pre, post = self.shape
        return (pre, post) if self.loops else (pre, post - 1)

    def edges(self) -> tuple[Array, Array]:
        pre, each = self.stored
        rows, columns = jnp.arange(pre)[:, None], jnp.arange(each)[None, :]
        skipped = 0 if self.loops else columns >= rows
        return jnp.broadcast_to(rows, self.stored), jnp.broadcast_to(columns + skipped, self.stored)

    def weights(self) -> Array:
        return jnp.broadcast_to(self.weight, self.stored)

    def forward(self, x: Array) -> Array:
        return self._sent(x, self.shape[1])

    def backward(self, y: Array) -> Array:
        return self._sent(y, self.shape[0])

    def _sent(self, x: Array, n: int) -> Array:
        total = jnp.broadcast_to(jnp.sum(x), (n,))
        return self.weight * (total if self.loops else total - x)
