"""Rows of synapses one after another: any number for each neuron."""

from typing import Any, ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array

from . import checks, rows
from .base import Wiring


class _Compressed(Wiring):
    """Synapses cut into rows by pointers; a subclass says whose rows they are."""

    weight: Array
    indices: Array
    indptr: Array
    shape: tuple[int, int] = eqx.field(static=True)
    width: int = eqx.field(static=True)
    rising: bool = eqx.field(static=True)

    varied: ClassVar[bool] = True

    def __init__(
        self,
        weight: Any,
        indices: Any,
        indptr: Any,
        shape: tuple[int, int],
        *,
        width: int | None = None,
        rising: bool | None = None,
    ):
        self.weight, self.shape = checks.as_weight(weight), checks.as_shape(shape)
        self.indices, self.indptr = checks.as_indices(indices), checks.as_indices(indptr)
        count, others = self.sides(self.shape)
        checks.flat("indices", self.indices)
        checks.pointers("indptr", self.indptr, count, self.size)
        checks.within("indices", self.indices, others, self.sides(("pre", "post"))[1])
        checks.fits(self.weight, self.indices.shape)
        self.width = rows.best_width(checks.lengths(self.indptr)) if width is None else width
        self.rising = rows.rising(self.indices, self.indptr) if rising is None else rising

    @classmethod
    def sides(cls, pair: tuple) -> tuple:
        """A pair (pre, post) as (of the rows, of the entries)."""
        return pair

    @classmethod
    def from_edges(cls, pre: Any, post: Any, weight: Any, shape: tuple[int, int]) -> Self:
        """Sort synapses into rows; those of one row keep the order in which they were given.

        Parameters
        ----------
        pre, post : (synapses,) int
            Neuron from which, and to which; pairs may repeat, parallel synapses add up.
        weight : float or (synapses,) float
        shape : (int, int)
            Sizes of the two populations.
        """
        pre, post, weight, shape = checks.edges(pre, post, weight, shape)
        own, other = cls.sides((pre, post))
        order, indptr = rows.grouped(own, cls.sides(shape)[0])
        return cls(weight if weight.ndim == 0 else weight[order], other[order], indptr, shape)

    @classmethod
    def from_dense(cls, matrix: Any) -> Self:
        """The entries of a matrix ``(pre, post)`` that are not zero."""
        matrix = checks.matrix(matrix)
        pre, post = np.nonzero(matrix)
        return cls.from_edges(pre, post, matrix[pre, post], matrix.shape)

    @property
    def stored(self) -> tuple[int, ...]:
        return self.indices.shape

    def weights(self) -> Array:
        return jnp.broadcast_to(self.weight, self.indices.shape)

    def edges(self) -> tuple[Array, Array]:
        return self.sides((rows.row_of_each(self.indptr, self.size), self.indices))

    def _ends(self) -> tuple[Any, Any]:
        lengths = np.diff(np.asarray(self.indptr))  # no compiling for every size
        return self.sides((np.repeat(np.arange(len(lengths), dtype=np.int32), lengths), self.indices))

    def segment(self, i: Array, k: Array) -> rows.Segment:
        """Window ``k`` of row ``i``."""
        return rows.segment(self.indptr, self.indices, self.width, self.sides(self.shape)[1], i, k)

    def turns(self, i: Array) -> Array:
        return rows.turns(self.indptr, self.width, i)

    def _scattered(self, x: Array) -> Array:
        """From the rows to the entries."""
        sent = x[rows.row_of_each(self.indptr, self.size)] * self.weight
        return jnp.zeros(self.sides(self.shape)[1], sent.dtype).at[self.indices].add(sent)

    def _gathered(self, x: Array) -> Array:
        """From the entries to the rows."""
        heard = x[self.indices] * self.weight
        own = rows.row_of_each(self.indptr, self.size)
        return jnp.zeros(self.sides(self.shape)[0], heard.dtype).at[own].add(heard, indices_are_sorted=True)


class CSR(_Compressed):
    r"""Compressed rows: the targets of each presynaptic neuron lie together.

    The storage for networks that spike: an event touches the synapses of the neuron that fired and no others.  Eight
    bytes a synapse with weights of their own, four with one weight for all.

    Parameters
    ----------
    weight : float or (synapses,) float
    indices : (synapses,) int
        Postsynaptic neuron of every synapse, unsorted and repeated as you like: parallel synapses add up.
    indptr : (pre + 1,) int
        Where the row of each presynaptic neuron begins, and the end of the last.
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
    >>> wiring = CSR.from_edges(pre=[0, 0, 2], post=[1, 2, 0], weight=[1.0, 2.0, 3.0], shape=(3, 4))
    >>> (jnp.array([True, False, True]) @ wiring).tolist()
    [3.0, 1.0, 2.0, 0.0]
    """

    by_source: ClassVar[bool] = True
    row_side: ClassVar[int | None] = 0

    by_post: rows.Columns | None

    def __init__(
        self,
        weight: Any,
        indices: Any,
        indptr: Any,
        shape: tuple[int, int],
        *,
        width: int | None = None,
        rising: bool | None = None,
    ):
        super().__init__(weight, indices, indptr, shape, width=width, rising=rising)
        self.by_post = None

    def with_columns(self) -> "CSR":
        """The same synapses, to be found by their postsynaptic neuron too: what plasticity on its spikes needs.

        Costs eight more bytes a synapse; weights stay where they are.
        """
        pre, post, _ = self.to_edges()
        order, indptr = rows.grouped(post, self.shape[1])
        indptr, sources, position = (checks.as_indices(a) for a in (indptr, pre[order], order))
        found = rows.Columns(indptr, sources, position, rows.best_width(checks.lengths(indptr)))
        return eqx.tree_at(lambda w: w.by_post, self, found, is_leaf=lambda x: x is None)

    @property
    def columns(self) -> rows.Columns | None:
        return self.by_post

    def add_row(self, onto: Array, i: Array, x: Array | None) -> Array:
        return rows.add_entries(onto, self.indptr[i], self.indptr[i + 1], self.indices, self.weight, x)

    def forward(self, x: Array) -> Array:
        return self._scattered(x)

    def backward(self, y: Array) -> Array:
        return self._gathered(y)

    @property
    def T(self) -> "CSC":
        """The synapses read backwards: the same arrays."""
        return CSC(self.weight, self.indices, self.indptr, self.shape[::-1], width=self.width, rising=self.rising)


class CSC(_Compressed):
    r"""Compressed columns: the sources of each postsynaptic neuron lie together.

    Every neuron gathers from its sources, on a CPU in their order; but an event product reads every synapse, whoever
    fired: ``to_csr()`` where few neurons spike.

    Parameters
    ----------
    weight : float or (synapses,) float
    indices : (synapses,) int
        Presynaptic neuron of every synapse, unsorted and repeated as you like.
    indptr : (post + 1,) int
        Where the row of each postsynaptic neuron begins, and the end of the last.
    shape : (int, int)
        Sizes of the presynaptic and the postsynaptic population.

    Raises
    ------
    OutOfBounds, ModelError
        As :class:`CSR`.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> wiring = CSC.from_edges(pre=[0, 0, 2], post=[1, 2, 0], weight=0.5, shape=(3, 4))
    >>> (jnp.array([1.0, 0.0, 1.0]) @ wiring).tolist()
    [0.5, 0.5, 0.5, 0.0]
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
    def T(self) -> CSR:
        """The synapses read backwards: the same arrays."""
        return CSR(self.weight, self.indices, self.indptr, self.shape[::-1], width=self.width, rising=self.rising)
