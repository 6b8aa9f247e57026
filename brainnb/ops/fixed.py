"""Tables of synapses: the same number for every neuron, no pointers needed."""

from typing import Any, ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError

from . import checks, rows
from .base import Wiring

LONG = 80
"""Synapses of a neuron from which on XLA's scatter of a whole row is quicker than a loop: measured on the CPU."""


class _Table(Wiring):
    """Synapses as a table of one row for each neuron; a subclass says whose rows they are."""

    weight: Array
    indices: Array
    shape: tuple[int, int] = eqx.field(static=True)

    def __init__(self, weight: Any, indices: Any, shape: tuple[int, int]):
        self.weight, self.shape = checks.as_weight(weight), checks.as_shape(shape)
        self.indices = checks.as_indices(indices)
        count, others = self.sides(self.shape)
        if self.indices.ndim != 2 or self.indices.shape[0] != count:
            raise ModelError(
                f"indices: shape {self.indices.shape} was given; a row for each of {count} "
                f"{self.sides(('pre', 'post'))[0]}synaptic neurons is needed: ({count}, number)."
            )
        checks.within("indices", self.indices, others, self.sides(("pre", "post"))[1])
        checks.fits(self.weight, self.indices.shape)

    @classmethod
    def sides(cls, pair: tuple) -> tuple:
        """A pair (pre, post) as (of the rows, of the entries)."""
        return pair

    @classmethod
    def from_edges(cls, pre: Any, post: Any, weight: Any, shape: tuple[int, int]) -> Self:
        """Sort synapses into a table.

        Parameters
        ----------
        pre, post : (synapses,) int
            Neuron from which, and to which; pairs may repeat, parallel synapses add up.
        weight : float or (synapses,) float
        shape : (int, int)
            Sizes of the two populations.

        Raises
        ------
        ModelError
            Where neurons differ in their number of synapses: ``CSR`` and ``CSC`` hold any.
        """
        pre, post, weight, shape = checks.edges(pre, post, weight, shape)
        own, other = cls.sides((pre, post))
        count, side = cls.sides(shape)[0], cls.sides(("pre", "post"))[0]
        order, indptr = rows.grouped(own, count)
        numbers = np.diff(indptr)
        if numbers.size and numbers.min() != numbers.max():
            at = int(np.flatnonzero(numbers != numbers[0])[0])
            raise ModelError(
                f"{cls.__name__}: {side}synaptic neuron 0 has {numbers[0]} synapses and neuron {at} has {numbers[at]}; "
                f"all need the same number. Use {'CSR' if side == 'pre' else 'CSC'} for rows of any length."
            )
        table = (count, int(numbers[0]) if numbers.size else 0)
        return cls(weight if weight.ndim == 0 else weight[order].reshape(table), other[order].reshape(table), shape)

    @classmethod
    def from_dense(cls, matrix: Any) -> Self:
        """The entries of a matrix ``(pre, post)`` that are not zero."""
        matrix = checks.matrix(matrix)
        pre, post = np.nonzero(matrix)
        return cls.from_edges(pre, post, matrix[pre, post], matrix.shape)

    @property
    def number(self) -> int:
        """Synapses of each neuron."""
        return self.indices.shape[1]

    @property
    def width(self) -> int:
        """Length of a row."""
        return self.number

    @property
    def stored(self) -> tuple[int, ...]:
        return self.indices.shape

    def segment(self, i: Array, k: Array) -> rows.Segment:
        """The row of neuron ``i``."""
        return rows.Segment(i * self.number, None, self.indices[i])

    def weights(self) -> Array:
        return jnp.broadcast_to(self.weight, self.indices.shape)

    def edges(self) -> tuple[Array, Array]:
        own = jnp.arange(self.indices.shape[0], dtype=jnp.int32)[:, None]
        return self.sides((jnp.broadcast_to(own, self.indices.shape), self.indices))

    def _scattered(self, x: Array) -> Array:
        """From the rows to the entries."""
        sent = jnp.broadcast_to(x[:, None] * self.weight, self.indices.shape)
        return jnp.zeros(self.sides(self.shape)[1], sent.dtype).at[self.indices].add(sent)

    def _gathered(self, x: Array) -> Array:
        """From the entries to the rows."""
        return jnp.sum(x[self.indices] * self.weight, axis=1)


class FixedPostNumber(_Table):
    r"""The same number of targets for every presynaptic neuron.

    The quickest storage of all for networks that spike: a row is where its number says, and all rows cost the same.
    Eight bytes a synapse with weights of their own, four with one weight for all.

    Parameters
    ----------
    weight : float or (pre, number) float
    indices : (pre, number) int
        Postsynaptic targets of each presynaptic neuron; they may repeat, parallel synapses add up.
    shape : (int, int)
        Sizes of the presynaptic and the postsynaptic population.

    Raises
    ------
    OutOfBounds
        A neuron that does not exist; a weight that is NaN or infinite.
    ModelError
        Sizes that do not fit.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> wiring = FixedPostNumber(0.5, [[1, 2], [0, 1]], shape=(2, 3))
    >>> (jnp.array([True, True]) @ wiring).tolist()
    [0.5, 1.0, 0.5]
    """

    by_source: ClassVar[bool] = True
    row_side: ClassVar[int | None] = 0

    def add_row(self, onto: Array, i: Array, x: Array | None) -> Array:
        if self.number > LONG:
            weight = self.weight if self.weight.ndim == 0 else self.weight[i]
            return onto.at[self.indices[i]].add(weight if x is None else x * weight, mode="drop")
        weight = self.weight if self.weight.ndim == 0 else self.weight.reshape(-1)
        begin = i * self.number
        return rows.add_entries(onto, begin, begin + self.number, self.indices.reshape(-1), weight, x)

    def forward(self, x: Array) -> Array:
        return self._scattered(x)

    def backward(self, y: Array) -> Array:
        return self._gathered(y)

    @property
    def T(self) -> "FixedPreNumber":
        """The synapses read backwards: the same arrays."""
        return FixedPreNumber(self.weight, self.indices, self.shape[::-1])


class FixedPreNumber(_Table):
    r"""The same number of sources for every postsynaptic neuron.

    Every neuron gathers from its sources, so the sum has one order on every machine and suits accelerators; but an
    event product reads every synapse, whoever fired: ``to_csr()`` where few neurons spike.

    Parameters
    ----------
    weight : float or (post, number) float
    indices : (post, number) int
        Presynaptic sources of each postsynaptic neuron; they may repeat.
    shape : (int, int)
        Sizes of the presynaptic and the postsynaptic population.

    Raises
    ------
    OutOfBounds, ModelError
        As :class:`FixedPostNumber`.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> wiring = FixedPreNumber(0.5, [[0, 1], [1, 1], [0, 0]], shape=(2, 3))
    >>> (jnp.array([1.0, 0.0]) @ wiring).tolist()
    [0.5, 0.0, 1.0]
    """

    row_side: ClassVar[int | None] = 1

    @classmethod
    def sides(cls, pair: tuple) -> tuple:
        return pair[::-1]

    def forward(self, x: Array) -> Array:
        return self._gathered(x)

    def backward(self, y: Array) -> Array:
        return self._scattered(y)

    @property
    def T(self) -> FixedPostNumber:
        """The synapses read backwards: the same arrays."""
        return FixedPostNumber(self.weight, self.indices, self.shape[::-1])
