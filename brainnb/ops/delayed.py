"""Rows of synapses with delays: those of one neuron lie together, and within them those that arrive together."""

from typing import Any, ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError

from . import checks, ordering, rows
from .base import Wiring


class DelayedCSR(Wiring):
    r"""Compressed rows with a delay for every synapse: sorted by source, then delay, then target.

    Delays take few different values, multiples of a resolution, and each is a *slot*.  A spike then reads, at every
    moment at which it arrives somewhere, one stretch of memory, and nothing has to wait in a queue for each target.
    Eight bytes a synapse with weights of their own, four with one weight for all, and four for every neuron and slot.

    :func:`~brainnb.ops.event_product_delayed` delivers with delays; ``events @ wiring`` and all other products are
    those of the synapses without.

    Parameters
    ----------
    weight : float or (synapses,) float
    indices : (synapses,) int
        Postsynaptic neuron of every synapse; parallel synapses add up.
    indptr : (pre * slots + 1,) int
        Where the synapses of neuron ``i`` with delay ``s`` begin, at ``i * slots + s``; and the end of the last.
    delay : (slots,) float or float
        The delay of each slot, ms; traced, so a slider on it compiles nothing.
    shape : (int, int)
        Sizes of the presynaptic and the postsynaptic population.

    Raises
    ------
    OutOfBounds
        A neuron that does not exist; a weight or a delay that is NaN or infinite; a negative delay.
    ModelError
        Sizes that do not fit.

    Examples
    --------
    >>> wiring = DelayedCSR.from_edges([0, 0, 2], [1, 2, 0], weight=0.5, delay=[1.5, 0.3, 1.5], shape=(3, 4))
    >>> wiring.slots, [round(d, 3) for d in wiring.delay.tolist()]
    (2, [0.3, 1.5])
    >>> [round(d, 3) for d in wiring.delays().tolist()], wiring.indices.tolist()
    ([0.3, 1.5, 1.5], [2, 1, 0])
    """

    weight: Array
    indices: Array
    indptr: Array
    delay: Array
    shape: tuple[int, int] = eqx.field(static=True)
    slots: int = eqx.field(static=True)
    width: int = eqx.field(static=True)
    rising: bool = eqx.field(static=True)

    by_source: ClassVar[bool] = True
    row_side: ClassVar[int | None] = 0
    varied: ClassVar[bool] = True

    def __init__(
        self,
        weight: Any,
        indices: Any,
        indptr: Any,
        delay: Any,
        shape: tuple[int, int],
        *,
        width: int | None = None,
        rising: bool | None = None,
    ):
        self.weight, self.shape = checks.as_weight(weight), checks.as_shape(shape)
        self.indices, self.indptr = checks.as_indices(indices), checks.as_indices(indptr)
        self.delay = jnp.atleast_1d(checks.as_delay(delay))
        checks.flat("delay", self.delay)
        self.slots = self.delay.shape[0]
        checks.flat("indices", self.indices)
        checks.pointers("indptr", self.indptr, self.shape[0] * self.slots, self.size)
        checks.within("indices", self.indices, self.shape[1], "post")
        checks.fits(self.weight, self.indices.shape)
        self.width = rows.best_width(checks.lengths(self.indptr)) if width is None else width
        self.rising = rows.rising(self.indices, self.indptr) if rising is None else rising

    @classmethod
    def from_edges(
        cls, pre: Any, post: Any, weight: Any, delay: Any, shape: tuple[int, int], resolution: float = 0.1
    ) -> Self:
        """Sort synapses by source, delay and target; equal ones keep the order in which they were given.

        The time grows with the number of synapses and no faster; millions of them are sorted by compiled code where a
        compiler is there, in the same order.

        Parameters
        ----------
        pre, post : (synapses,) int
            Neuron from which, and to which; pairs may repeat, parallel synapses add up.
        weight : float or (synapses,) float
        delay : float or (synapses,) float
            In ms.  One for all is kept as it is and may be traced; many are rounded to ``resolution``.
        shape : (int, int)
            Sizes of the two populations.
        resolution : float
            The step between two delays that differ, ms: the ``dt`` of the runs.
        """
        if is_traced(delay) and jnp.ndim(delay):
            raise ModelError(
                "delay: one for each synapse was given inside a compiled function: build the wiring before."
            )
        with jax.ensure_compile_time_eval():  # inside a compiled function too, where only the delay is traced
            pre, post, weight, shape = checks.edges(pre, post, weight, shape)
        delay = checks.as_delay(delay)
        if jnp.ndim(delay) == 0:
            slot, own = np.zeros(pre.shape, np.int32), delay
        else:
            checks.fits(delay, pre.shape, "delay")
            slot, own = _slots(np.asarray(delay), checks.positive("resolution", resolution))
        slots = np.size(own) if jnp.ndim(own) else 1
        checks.countable(shape[0] * slots, "neurons times delays")
        arrays = ordering.ordered(pre, post, slot, weight, shape, slots)
        return cls.trusted(*arrays, own, shape)

    @classmethod
    def trusted(cls, indptr: Any, indices: Any, weight: Any, delay: Any, shape: tuple[int, int]) -> Self:
        """From arrays that were sorted here, which are taken over, not copied and not checked again."""
        delay = jnp.atleast_1d(checks.as_delay(delay))
        none, begins = np.zeros(0, np.int32), np.zeros(shape[0] * delay.shape[0] + 1, np.int32)
        with jax.ensure_compile_time_eval():
            empty = cls(0.0, none, begins, delay, shape, width=rows.best_width(np.diff(indptr)), rising=True)
            arrays = tuple(jax.device_put(a) for a in (weight, indices, indptr))
        return eqx.tree_at(lambda w: (w.weight, w.indices, w.indptr), empty, arrays)

    @property
    def stored(self) -> tuple[int, ...]:
        return self.indices.shape

    # --- the synapses one by one ------------------------------------------------------------------------------------

    def weights(self) -> Array:
        return jnp.broadcast_to(self.weight, self.indices.shape)

    def delays(self) -> Array:
        """The delay of every synapse in ms, in the order of the storage."""
        return self.delay[self.segments() % self.slots] if self.size else jnp.zeros(0, self.delay.dtype)

    def edges(self) -> tuple[Array, Array]:
        return self.segments() // max(self.slots, 1), self.indices

    def _ends(self) -> tuple[Any, Any]:
        lengths = np.diff(np.asarray(self.row_pointers()))
        return np.repeat(np.arange(len(lengths), dtype=np.int32), lengths), self.indices

    def segments(self) -> Array:
        """The segment of every synapse, ``pre * slots + slot``."""
        return rows.row_of_each(self.indptr, self.size)

    def row_pointers(self) -> Array:
        """Where the row of each presynaptic neuron begins, whatever the delays: what :class:`CSR` calls ``indptr``."""
        return self.indptr[:: self.slots] if self.slots else jnp.zeros(self.shape[0] + 1, jnp.int32)

    def with_delay(self, delay: Any) -> Self:
        """The same synapses with other delays in ms: one number, or one for each slot."""
        delay = checks.as_delay(delay)
        checks.fits(delay, (self.slots,), "delay", "slot")
        return eqx.tree_at(lambda w: w.delay, self, jnp.broadcast_to(delay, (self.slots,)))

    # --- what operators ask -----------------------------------------------------------------------------------------

    def segment(self, i: Array, k: Array) -> rows.Segment:
        """Window ``k`` of the row of neuron ``i``."""
        return rows.segment(self.row_pointers(), self.indices, self.width, self.shape[1], i, k)

    def turns(self, i: Array) -> Array:
        return rows.turns(self.row_pointers(), self.width, i)

    def add_row(self, onto: Array, i: Array, x: Array | None) -> Array:
        return self._added(onto, i * self.slots, self.slots, x)

    def add_segment(self, onto: Array, segment: Array) -> Array:
        """Add what a neuron sends with one delay; segment ``i * slots + s`` is neuron ``i``, slot ``s``."""
        return self._added(onto, segment, 1, None)

    def _added(self, onto: Array, segment: Array, segments: int, x: Array | None) -> Array:
        begin, end = self.indptr[segment], self.indptr[segment + segments]
        return rows.add_entries(onto, begin, end, self.indices, self.weight, x)

    def forward(self, x: Array) -> Array:
        pre, post = self.edges()
        sent = x[pre] * self.weight
        return jnp.zeros(self.shape[1], sent.dtype).at[post].add(sent)

    def backward(self, y: Array) -> Array:
        pre, post = self.edges()
        heard = y[post] * self.weight
        return jnp.zeros(self.shape[0], heard.dtype).at[pre].add(heard, indices_are_sorted=True)


def _slots(delay: np.ndarray, resolution: float) -> tuple[np.ndarray, np.ndarray]:
    """``(slot of each synapse, delay of each slot)``, of delays rounded to the resolution."""
    steps = np.rint(delay / resolution)
    if steps.size and steps.max() < checks.MOST_STEPS:
        steps = steps.astype(np.int32)
        there = np.flatnonzero(np.bincount(steps))
        number = np.zeros(there[-1] + 1, np.int32)
        number[there] = np.arange(len(there), dtype=np.int32)
        return number[steps], there * resolution
    there, slot = np.unique(steps, return_inverse=True)
    return slot.astype(np.int32), there * resolution
