"""What every wiring is: which neuron reaches which, with what weight, in a storage of its own."""

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError

from . import checks

if TYPE_CHECKING:
    from .compressed import CSC, CSR
    from .dense import Dense
    from .fixed import FixedPostNumber, FixedPreNumber
    from .rows import Columns

Edges = tuple[np.ndarray, np.ndarray, np.ndarray]


class Wiring(eqx.Module):
    """Synapses from a presynaptic to a postsynaptic population, as a value.

    A wiring is a frozen pytree: weights are leaves (one number for all, or one for each synapse), so a slider or an
    optimiser changes them without compiling anew; the indices are leaves too; sizes are static.

    ``events @ wiring`` delivers events of the presynaptic neurons (see :func:`~brainnb.ops.event_product`), and
    ``wiring @ y`` reads the other way, from the postsynaptic side.
    """

    # numpy leaves `array @ wiring` to the wiring
    __array_ufunc__: ClassVar[None] = None

    # --- what each storage says -----------------------------------------------------------------------------

    @property
    @abstractmethod
    def stored(self) -> tuple[int, ...]:
        """The shape in which synapses are kept: one entry for each."""

    @property
    def size(self) -> int:
        """Number of synapses."""
        return math.prod(self.stored)

    @abstractmethod
    def edges(self) -> tuple[Array, Array]:
        """``(pre, post)`` of every synapse, in the order and the shape of the storage."""

    @abstractmethod
    def weights(self) -> Array:
        """The weight of every synapse, in the shape of the storage."""

    @abstractmethod
    def forward(self, x: Array) -> Array:
        """Sum of ``x[pre] * weight`` for each postsynaptic neuron: touches every synapse, differentiable."""

    @abstractmethod
    def backward(self, y: Array) -> Array:
        """Sum of ``weight * y[post]`` for each presynaptic neuron: the transpose of :meth:`forward`."""

    def add_row(self, onto: Array, i: Array, x: Array | None) -> Array:
        """Add what presynaptic neuron ``i`` sends; ``x`` is its graded event, None for a plain spike."""
        raise NotImplementedError(f"{type(self).__name__} lies by target: it has no rows of sources.")

    def turns(self, i: Array) -> Array:
        """In how many windows the row of neuron ``i`` is rewritten."""
        raise NotImplementedError(f"Every row of {type(self).__name__} is rewritten at once.")

    by_source: ClassVar[bool] = False
    """Whether the synapses of one presynaptic neuron lie together, so that the cost follows the spikes."""

    row_side: ClassVar[int | None] = None
    """Whose synapses lie together in rows that can be written: 0 presynaptic, 1 postsynaptic neurons, None nobody's."""

    @property
    def columns(self) -> "Columns | None":
        """Where the synapses of each postsynaptic neuron are, if that was asked for."""
        return None

    varied: ClassVar[bool] = False
    """Whether rows are rewritten in different numbers of windows (:meth:`turns`)."""

    # --- the same synapses in another storage ---------------------------------------------------------------

    def to_edges(self) -> Edges:
        """``(pre, post, weight)`` as flat NumPy arrays; ``weight`` is 0-d when all synapses share one."""
        if any(is_traced(leaf) for leaf in jax.tree.leaves(self)):
            raise ModelError(
                f"{type(self).__name__} cannot change its storage inside a compiled function: do it before."
            )
        pre, post = (np.asarray(a).reshape(-1) for a in self._ends())
        shared = getattr(self, "weight", None)
        weight = np.asarray(shared if shared is not None and jnp.ndim(shared) == 0 else self.weights())
        return pre, post, weight.reshape(-1) if weight.ndim else weight

    def _ends(self) -> tuple[Any, Any]:
        """``edges`` where nothing is traced."""
        return self.edges()

    def to_csr(self) -> "CSR":
        """Rows by presynaptic neuron, of any length."""
        from .compressed import CSR

        return CSR.from_edges(*self.to_edges(), self.shape)

    def to_csc(self) -> "CSC":
        """Rows by postsynaptic neuron, of any length."""
        from .compressed import CSC

        return CSC.from_edges(*self.to_edges(), self.shape)

    def to_fixed_post(self) -> "FixedPostNumber":
        """A table of targets; every presynaptic neuron must have equally many."""
        from .fixed import FixedPostNumber

        return FixedPostNumber.from_edges(*self.to_edges(), self.shape)

    def to_fixed_pre(self) -> "FixedPreNumber":
        """A table of sources; every postsynaptic neuron must have equally many."""
        from .fixed import FixedPreNumber

        return FixedPreNumber.from_edges(*self.to_edges(), self.shape)

    def to_dense(self) -> "Dense":
        """A full matrix; parallel synapses add up."""
        from .dense import Dense

        return Dense.from_edges(*self.to_edges(), self.shape)

    # --- values -----------------------------------------------------------------------------------------------

    def with_weight(self, weight: Any) -> Self:
        """The same synapses with other weights: one number, or one for each in the shape of the storage."""
        weight = checks.as_weight(weight)
        checks.fits(weight, self.stored)
        return eqx.tree_at(lambda w: w.weight, self, weight)

    @property
    def nbytes(self) -> int:
        """Memory of weights and indices together."""
        return sum(leaf.nbytes for leaf in jax.tree.leaves(self))

    def __rmatmul__(self, events: Any) -> Array:
        from .products import event_product

        return event_product(events, self)

    def __matmul__(self, y: Any) -> Array:
        from .products import product_transposed

        y = jnp.asarray(y)
        return product_transposed(y, self) if y.ndim < 2 else product_transposed(y.T, self).T

    def __repr__(self) -> str:
        pre, post = self.shape
        shared = getattr(self, "weight", None)
        kind = ", one weight" if shared is not None and jnp.ndim(shared) == 0 else ""
        return f"{type(self).__name__}({pre} -> {post}, {self.size} synapses{kind}, {_bytes(self.nbytes)})"


def _bytes(n: int) -> str:
    power = next((p for p in (3, 2, 1) if n >= 1000**p), 0)
    return f"{n / 1000**power:.3g} {('B', 'kB', 'MB', 'GB')[power]}"
