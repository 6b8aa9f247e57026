"""Delivery of spikes that were on their way: a ring of packed spikes, read once for every delay."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.custom_batching import sequential_vmap
from jax.custom_derivatives import SymbolicZero

from brainnb.core import bits
from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError

from . import checks, kernels
from .delayed import DelayedCSR
from .spiking import over_words


def event_product_delayed(line: Array, step: Any, dt: Any, wiring: DelayedCSR, onto: Array | None = None) -> Array:
    r"""Deliver the spikes that arrive at a step, each after the delay of its synapse, added to ``onto``.

    .. math:: y_j = o_j + \sum_{k:\, \mathrm{post}(k) = j} w_k\, s_{\mathrm{pre}(k)}\!\left(n - [d_k / \Delta t]\right)

    with :math:`s_i(n)` the spike of neuron :math:`i` at step :math:`n` and :math:`[\cdot]` the nearest whole number.

    On a CPU the cost follows the spikes: for every delay that occurs, the row of that moment is searched for spikes,
    and what each sends with that delay lies together.  Nothing is collected in a buffer, so no number of spikes is too
    many.  So it is on a graphics card by a kernel, where that was found right (``brainnb doctor`` says so).  Elsewhere all
    synapses are read at once.

    Parameters
    ----------
    line : (rows, words) uint32
        A ring of the spikes of the presynaptic population, one bit each; the spikes of step ``n`` stand in row
        ``n % rows``, and ``rows`` is a power of two.  Rows are those of :func:`brainnb.core.bits.pack`, or of
        :func:`~brainnb.core.bits.ring_row`, in which spikes are found sooner.
    step : int
        The step whose row was written last; a delay of 0 reads it.
    dt : float
        Length of a step, ms.
    wiring : DelayedCSR
        Its delays, in ms, are divided by ``dt`` here: both may be traced.
    onto : (post,) float, optional
        What the spikes are added to; inside a compiled loop this happens in place.

    Returns
    -------
    (post,) float

    Raises
    ------
    ModelError
        A wiring without delays; a line of another population; a delay that the line does not hold.  A traced delay
        cannot be refused: what lies outside of the line does not arrive.

    Notes
    -----
    Derivatives are those to weights and to ``onto``, forward and backward; bits carry none, and neither do delays.
    On a CPU the sums run in the order of the delays, and for each in the order of the neurons; on a graphics card as in
    :func:`event_product`.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> wiring = ops.DelayedCSR.from_edges([0, 0], [0, 1], weight=2.0, delay=[0.1, 0.3], shape=(1, 2))
    >>> line = jnp.zeros((4, 1), jnp.uint32).at[0, 0].set(1)  # a spike at step 0
    >>> [ops.event_product_delayed(line, n, 0.1, wiring).tolist() for n in (1, 2, 3)]
    [[2.0, 0.0], [0.0, 0.0], [0.0, 2.0]]
    """
    if not isinstance(wiring, DelayedCSR):
        raise ModelError(f"wiring: a DelayedCSR was expected, got {type(wiring).__name__}; see DelayedCSR.from_edges.")
    line = _line(line, wiring.shape[0])
    dtype = wiring.weight.dtype
    onto = checks.as_sum(jnp.zeros(wiring.shape[1], dtype) if onto is None else onto, wiring.shape[1], dtype)
    checks.flat("onto", onto)
    if not wiring.size:
        return onto
    return _arrived(line, _rows(line.shape[0], step, dt, wiring.delay), wiring, onto)


def _line(line: Any, neurons: int) -> Array:
    """The ring, if it is one of this population."""
    line = jnp.asarray(line)
    words = bits.words(neurons)
    if line.dtype != jnp.uint32 or line.ndim != 2 or line.shape[1] not in (words, bits.columns(neurons)):
        raise ModelError(
            f"line: {line.dtype} of shape {line.shape} was given; {neurons} neurons need uint32 of shape (rows, {words}), "
            f"one bit for each neuron."
        )
    if line.shape[0] & (line.shape[0] - 1) or not line.shape[0]:
        raise ModelError(f"line: {line.shape[0]} rows were given; a ring has a power of two.")
    return line


def _rows(rows: int, step: Any, dt: Any, delay: Array) -> Array:
    """The row that each delay reads; -1 where the line does not reach."""
    if not any(is_traced(x) for x in (dt, delay)):
        longest, dt = float(np.max(np.asarray(delay))), checks.positive("dt", np.asarray(dt)[()])
        if round(longest / dt) >= rows:
            raise ModelError(
                f"delay: {longest:g} ms in steps of {dt:g} ms was given; a line of {rows} rows holds less than "
                f"{rows * dt:g} ms."
            )
    back = jnp.round(delay / dt)
    inside = (back >= 0) & (back < rows)
    row = (jnp.asarray(step, jnp.int32) - jnp.where(inside, back, 0).astype(jnp.int32)) & (rows - 1)
    return jnp.where(inside, row, -1)


# --- the product and its rules ------------------------------------------------------------------------------------


@jax.custom_jvp
def _arrived(line: Array, row: Array, wiring: DelayedCSR, onto: Array) -> Array:
    ways = dict.fromkeys(kernels.on_cards(wiring, onto), _by_card)
    ways["cpu"] = _by_kernel if kernels.pays(wiring) and kernels.serves_delayed(wiring, onto) else portable
    return lax.platform_dependent(line, row, wiring, onto, **ways, default=at_once)


def at_once(line: Array, row: Array, wiring: DelayedCSR, onto: Array) -> Array:
    """All synapses in one operation: for accelerators, and what derivatives are taken of."""
    pre = jnp.arange(wiring.shape[0])
    fired = jax.vmap(lambda words: bits.unpack(words, pre.shape))(_read(line, row, wiring.shape[0]))
    sent = fired.T.reshape(-1)[wiring.segments()].astype(onto.dtype) * wiring.weight.astype(onto.dtype)
    return onto.at[wiring.indices].add(sent)


# Loops of one batch would wait for each other, all for the busiest: each member runs its own.
@sequential_vmap
def _by_kernel(line: Array, row: Array, wiring: DelayedCSR, onto: Array) -> Array:
    """One spike after the other, compiled."""
    return kernels.deliver_delayed(line, row, wiring, onto)


def _by_card(line: Array, row: Array, wiring: DelayedCSR, onto: Array) -> Array:
    """All spikes that arrive at the same time, by the kernel for graphics cards."""
    from .kernels import card

    return card.deliver_delayed(_read(line, row, wiring.shape[0]), wiring, onto)


@sequential_vmap
def portable(line: Array, row: Array, wiring: DelayedCSR, onto: Array) -> Array:
    """One spike after the other in plain JAX."""
    words = _read(line, row, wiring.shape[0])
    bound = words.shape[1] * bits.WORD

    def segment(at: Array) -> Array:
        return at % bound * wiring.slots + at // bound

    def add(at: Array, k: Array, onto: Array) -> Array:
        return wiring.add_segment(onto, segment(at)).astype(onto.dtype)

    return over_words(words.reshape(-1), add, onto, None)


def _read(line: Array, row: Array, neurons: int) -> Array:
    """The words ``(slots, words)`` that arrive: nothing where there is no row, and no neuron that does not exist."""
    there = bits.pack(jnp.ones(neurons, bool))
    return jnp.where(row[:, None] >= 0, line[jnp.maximum(row, 0), : bits.words(neurons)] & there, jnp.uint32(0))


def _with(wiring: DelayedCSR, weight: Array) -> DelayedCSR:
    return eqx.tree_at(lambda w: w.weight, wiring, weight)


def _arrived_jvp(primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    line, row, wiring, onto = primals
    _, _, slopes, slope_onto = tangents
    out = _arrived(line, row, wiring, onto)
    slope = jnp.zeros_like(out) if isinstance(slope_onto, SymbolicZero) else slope_onto
    if isinstance(slopes.weight, SymbolicZero):
        return out, slope
    if wiring.weight.ndim == 0:
        # one weight for all: the product is linear in it, so its derivative is a product of spikes again
        unit = _with(wiring, jnp.ones_like(wiring.weight))
        return out, slope + slopes.weight * _arrived(line, row, unit, jnp.zeros_like(out))
    # linear in the weights: what their slopes deliver
    return out, at_once(line, row, _with(wiring, slopes.weight), slope)


_arrived.defjvp(_arrived_jvp, symbolic_zeros=True)
