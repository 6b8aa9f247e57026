"""A full matrix of weights: for small populations, and for training."""

from typing import Any, ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError

from . import checks, rows
from .base import Wiring


class Dense(Wiring):
    r"""Every neuron reaches every neuron.

    Parameters
    ----------
    weight : (pre, post) float, or float
        A matrix, rows by presynaptic neuron; one number is the same weight between all pairs, and takes no memory.
    shape : (int, int), optional
        Sizes of the two populations; needed with one number.

    Raises
    ------
    OutOfBounds
        A weight that is NaN or infinite.
    ModelError
        Sizes that do not fit.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> (jnp.array([True, False, True]) @ Dense(jnp.ones((3, 2)))).tolist()
    [2.0, 2.0]
    """

    weight: Array
    shape: tuple[int, int] = eqx.field(static=True)

    by_source: ClassVar[bool] = True
    row_side: ClassVar[int | None] = 0

    def __init__(self, weight: Any, shape: tuple[int, int] | None = None):
        self.weight = checks.as_weight(weight)
        if shape is None and jnp.ndim(self.weight) != 2:
            raise ModelError(
                f"Dense: a matrix (pre, post) was expected, or one weight and the sizes, Dense(0.1, shape=(100, 100)); "
                f"the weight has shape {jnp.shape(self.weight)}."
            )
        self.shape = checks.as_shape(jnp.shape(self.weight) if shape is None else shape)
        checks.fits(self.weight, self.shape)

    @classmethod
    def from_edges(cls, pre: Any, post: Any, weight: Any, shape: tuple[int, int]) -> Self:
        """The matrix of a list of synapses; parallel ones add up, pairs without a synapse have weight 0."""
        pre, post, weight, shape = checks.edges(pre, post, weight, shape)
        matrix = np.zeros(shape, weight.dtype)
        np.add.at(matrix, (pre, post), weight)
        return cls(matrix)

    @classmethod
    def from_dense(cls, matrix: Any) -> Self:
        """The matrix ``(pre, post)`` itself."""
        return cls(checks.matrix(matrix))

    @property
    def width(self) -> int:
        """Length of a row."""
        return self.shape[1]

    @property
    def stored(self) -> tuple[int, ...]:
        return self.shape

    def weights(self) -> Array:
        return jnp.broadcast_to(self.weight, self.shape)

    def edges(self) -> tuple[Array, Array]:
        pre, post = jnp.indices(self.shape, dtype=jnp.int32, sparse=True)
        return jnp.broadcast_to(pre, self.shape), jnp.broadcast_to(post, self.shape)

    def to_edges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The synapses whose weight is not zero; one weight for all is kept as one."""
        pre, post, weight = super().to_edges()
        there = np.broadcast_to(weight != 0, pre.shape) if weight.ndim else np.ones(pre.shape, bool)
        return pre[there], post[there], weight[there] if weight.ndim else weight

    def segment(self, i: Array, k: Array) -> rows.Segment:
        """The row of neuron ``i``."""
        return rows.Segment(i * self.shape[1], None, jnp.arange(self.shape[1], dtype=jnp.int32))

    def add_row(self, onto: Array, i: Array, x: Array | None) -> Array:
        weight = self.weight if self.weight.ndim == 0 else self.weight[i]
        return onto + (weight if x is None else x * weight)

    def forward(self, x: Array) -> Array:
        if self.weight.ndim == 0:
            return jnp.broadcast_to(jnp.sum(x) * self.weight, (self.shape[1],))
        return jnp.matmul(x, self.weight, precision="highest")

    def backward(self, y: Array) -> Array:
        return self.T.forward(y)

    @property
    def T(self) -> "Dense":
        """The synapses read backwards."""
        return Dense(self.weight.T, self.shape[::-1])
