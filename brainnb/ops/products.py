r"""Products of a wiring with the activity of a population.

Three operators, each linear in the weights and in what it is given:

.. math:: y_j = \sum_i e_i w_{ij} \quad (\text{event\_product, product}), \qquad z_i = \sum_j w_{ij} y_j \quad (\text{product\_transposed})

They differ in cost only: an event product skips neurons whose event is 0.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.custom_batching import sequential_vmap
from jax.custom_derivatives import SymbolicZero

from brainnb.core.errors import ModelError

from . import checks, kernels
from .base import Wiring
from .spiking import over_spikes


def event_product(
    events: Array,
    wiring: Wiring,
    onto: Array | None = None,
    *,
    flags: bool = False,
) -> Array:
    r"""Deliver events: what every postsynaptic neuron receives, added to ``onto``.

    .. math:: y_j = o_j + \sum_{i:\, e_i \ne 0} e_i\, w_{ij}

    On a CPU the cost follows the number of events where the wiring lies by source (``CSR``, ``FixedPostNumber``,
    ``Dense``, the just-in-time ones): whoever is silent is not looked at, and no number of spikes is too many, because
    nothing is collected in a buffer.  So it does on a graphics card by a kernel, where that was found right
    (``brainnb doctor`` says so).  Elsewhere, and where it lies by target, all synapses are read at once.

    Parameters
    ----------
    events : (..., pre) bool or float
        Spikes, or graded events (release, a spike with a surrogate slope); leading axes are batches.
    wiring : Wiring
    onto : (..., post) float, optional
        What the events are added to; inside a compiled loop this happens in place.
    flags : bool, optional
        The promise that events given as floats are 0 or 1: spikes with a surrogate slope.  They are then delivered
        as the booleans they are, which is faster; the derivative to them is what it was.

    Returns
    -------
    (..., post) float

    Raises
    ------
    ModelError
        Sizes that do not fit the wiring.

    Notes
    -----
    The derivative is that of the product with all synapses: to events (float ones; a surrogate slope needs all
    neurons, also the silent ones), to weights and to ``onto``, forward and backward.  With one weight for all its
    derivative costs what the product costs.  On a CPU the sums run in the order of the presynaptic neurons; on a
    graphics card in any, so that they differ by rounding from run to run, unless spikes meet one weight for all.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> wiring = ops.CSR.from_edges(pre=[0, 0, 1], post=[0, 1, 1], weight=2.0, shape=(2, 2))
    >>> ops.event_product(jnp.array([True, False]), wiring, onto=jnp.ones(2)).tolist()
    [3.0, 3.0]
    """
    wiring = _wiring(wiring)
    events = checks.as_units(events, wiring.shape[0], "events")
    dtype = jnp.result_type(*_floats((events, wiring)))
    if onto is None:
        onto = jnp.zeros((*events.shape[:-1], wiring.shape[1]), dtype)
    onto = checks.as_sum(onto, wiring.shape[1], dtype)
    lead = jnp.broadcast_shapes(events.shape[:-1], onto.shape[:-1])
    if not lead:
        return _delivered(flags, events, wiring, onto)
    each = [jnp.broadcast_to(x, (*lead, x.shape[-1])).reshape(-1, x.shape[-1]) for x in (events, onto)]
    found = jax.vmap(lambda e, o: _delivered(flags, e, wiring, o))(*each)
    return found.reshape(*lead, wiring.shape[1])


def product(x: Array, wiring: Wiring) -> Array:
    r"""Sum over all presynaptic neurons, silent or not: :math:`y_j = \sum_i x_i w_{ij}`.

    For activity that is rarely 0: rates, gates, filtered spikes (AlignPre).  JAX derives all its rules.

    Parameters
    ----------
    x : (..., pre) float or bool
    wiring : Wiring

    Raises
    ------
    ModelError
        Sizes that do not fit the wiring.
    """
    wiring = _wiring(wiring)
    x = checks.as_units(x, wiring.shape[0], "x")
    return _batched(lambda v: wiring.forward(_as_float(v, wiring)), x)


def product_transposed(y: Array, wiring: Wiring) -> Array:
    r"""Sum over all postsynaptic neurons: :math:`z_i = \sum_j w_{ij} y_j`, what ``wiring @ y`` is.

    Parameters
    ----------
    y : (..., post) float or bool
    wiring : Wiring

    Raises
    ------
    ModelError
        Sizes that do not fit the wiring.
    """
    wiring = _wiring(wiring)
    y = checks.as_units(y, wiring.shape[1], "y")
    return _batched(lambda v: wiring.backward(_as_float(v, wiring)), y)


# --- the event product and its rules ------------------------------------------------------------------------------


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _delivered(flags: bool, events: Array, wiring: Wiring, onto: Array) -> Array:
    if flags:
        events = events != 0
    if not wiring.by_source or not wiring.size:
        return _at_once(events, wiring, onto)
    ways = dict.fromkeys(kernels.on_cards(wiring, onto, events), _by_card)
    ways["cpu"] = _by_kernel if kernels.pays(wiring) and kernels.serves(events, wiring, onto) else portable
    return lax.platform_dependent(events, wiring, onto, **ways, default=_at_once)


def _at_once(events: Array, wiring: Wiring, onto: Array) -> Array:
    """All synapses in one operation: for accelerators, and what derivatives are taken of."""
    return onto + wiring.forward(_as_float(events, wiring)).astype(onto.dtype)


# Loops of one batch would wait for each other, all for the busiest: each member runs its own.
@sequential_vmap
def _by_kernel(events: Array, wiring: Wiring, onto: Array) -> Array:
    """One spiking neuron after the other, compiled."""
    return kernels.deliver(events, wiring, onto)


def _by_card(events: Array, wiring: Wiring, onto: Array) -> Array:
    """All that fired at the same time, by the kernel for graphics cards."""
    from .kernels import card

    return card.deliver(events, wiring, onto)


@sequential_vmap
def portable(events: Array, wiring: Wiring, onto: Array) -> Array:
    """One spiking neuron after the other in plain JAX."""
    graded = events.dtype != jnp.bool_

    def add(i: Array, k: Array, onto: Array) -> Array:
        return wiring.add_row(onto, i, events[i].astype(onto.dtype) if graded else None).astype(onto.dtype)

    return over_spikes(events != 0 if graded else events, add, onto, None)


def _delivered_jvp(flags: bool, primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    events, wiring, onto = primals
    out = _delivered(flags, events, wiring, onto)
    leaves, tree = jax.tree.flatten(primals)
    slopes = jax.tree.leaves(tangents, is_leaf=lambda t: isinstance(t, SymbolicZero))
    moving = {n: t for n, t in enumerate(slopes) if not isinstance(t, SymbolicZero) and leaves[n].dtype.kind == "f"}
    slope = jnp.zeros_like(out)
    shared = getattr(wiring, "weight", None)
    for n in [n for n in moving if leaves[n] is shared and jnp.ndim(shared) == 0]:
        # one weight for all: the product is linear in it, so its derivative is a product of events again
        unit = wiring.with_weight(jnp.ones_like(shared))
        slope = slope + moving.pop(n) * _delivered(flags, events, unit, jnp.zeros_like(out))
    if moving:

        def moved(*values: Array) -> Array:
            changed = dict(zip(moving, values, strict=True))
            return _at_once(*tree.unflatten([changed.get(n, leaf) for n, leaf in enumerate(leaves)]))

        slope = slope + jax.jvp(moved, tuple(leaves[n] for n in moving), tuple(moving.values()))[1]
    return out, slope


_delivered.defjvp(_delivered_jvp, symbolic_zeros=True)


# --- small things -------------------------------------------------------------------------------------------------


def _floats(tree: Any) -> list:
    return [leaf for leaf in jax.tree.leaves(tree) if leaf.dtype.kind == "f"]


def _as_float(x: Array, wiring: Wiring) -> Array:
    return x.astype(jnp.result_type(*_floats(wiring))) if x.dtype == jnp.bool_ else x


def _batched(f: Any, x: Array) -> Array:
    if x.ndim == 1:
        return f(x)
    out = jax.vmap(f)(x.reshape(-1, x.shape[-1]))
    return out.reshape(*x.shape[:-1], out.shape[-1])


def _wiring(value: Any) -> Wiring:
    if not isinstance(value, Wiring):
        raise ModelError(f"A wiring was expected (CSR, FixedPostNumber, Dense, ...), got {type(value).__name__}.")
    return value
