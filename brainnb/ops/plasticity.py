"""Weights that change when neurons fire: only the synapses of those that did are touched."""

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.custom_batching import sequential_vmap
from jax.custom_derivatives import SymbolicZero

from brainnb.core.errors import ModelError

from . import checks
from .base import Wiring
from .rows import Columns, Segment
from .spiking import over_spikes

Rule = Callable[[Array, Any, Any], Array]


def update_on_pre(wiring: Wiring, events: Array, rule: Rule, pre: Any = None, post: Any = None) -> Wiring:
    r"""Change the weights of all synapses whose presynaptic neuron fired.

    .. math:: w_{ij} \leftarrow f(w_{ij}, \mathrm{pre}_i, \mathrm{post}_j) \quad \text{for all } i \text{ with } e_i \ne 0

    Parameters
    ----------
    wiring : Wiring
        With a weight for each synapse.
    events : (pre,) bool or float
        Who fired; the size of a graded event plays no part.
    rule : callable
        ``rule(weight, pre, post)`` gives the new weight; arrays of one shape or numbers, plain elementwise code.  Pass
        a named function: a fresh lambda compiles anew.
    pre, post : pytree, optional
        What the rule reads of the two neurons: arrays with one value each (traces, rates), or numbers for all
        (amplitudes, bounds), traced and differentiable.

    Returns
    -------
    Wiring
        The same synapses with new weights; inside a compiled loop this happens in place.

    Raises
    ------
    ModelError
        One weight for all synapses, just-in-time weights, or sizes that do not fit.

    Notes
    -----
    On a CPU the cost follows the number of events where the synapses of a presynaptic neuron lie together (``CSR``,
    ``FixedPostNumber``, ``Dense``); otherwise every synapse is looked at.  Of parallel synapses each changes by
    itself.  Derivatives are those of the rule, to the weights and to what it reads; the choice of who fired has none.

    Examples
    --------
    Depression of pair-based STDP (Song et al. 2000, doi:10.1038/78829): a spike that comes after the postsynaptic one
    weakens the synapse.

    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> def depress(w, pre, post):
    ...     return jnp.maximum(w - pre["A_minus"] * post, 0.0)
    >>> wiring = ops.CSR.from_edges(pre=[0, 0, 1], post=[0, 1, 1], weight=[0.5, 0.5, 0.5], shape=(2, 2))
    >>> fired, trace = jnp.array([True, False]), jnp.array([0.0, 1.0])
    >>> [round(float(w), 6) for w in ops.update_on_pre(wiring, fired, depress, pre={"A_minus": 0.1}, post=trace).weight]
    [0.5, 0.4, 0.5]
    """
    return _updated(0, wiring, events, rule, pre, post)


def update_on_post(wiring: Wiring, events: Array, rule: Rule, pre: Any = None, post: Any = None) -> Wiring:
    r"""Change the weights of all synapses whose postsynaptic neuron fired; see :func:`update_on_pre`.

    Notes
    -----
    On a CPU the cost follows the number of events where the synapses of a postsynaptic neuron can be found: ``CSC``,
    ``FixedPreNumber``, ``Dense``, and ``CSR`` after :meth:`CSR.with_columns` (eight more bytes a synapse).
    """
    return _updated(1, wiring, events, rule, pre, post)


def _updated(side: int, wiring: Wiring, events: Any, rule: Rule, pre: Any, post: Any) -> Wiring:
    weight = getattr(wiring, "weight", None)
    if weight is None or jnp.shape(weight) != wiring.stored:
        raise ModelError(
            f"{wiring!r} has no weight for each synapse, so none can change alone; give it some, "
            f"wiring.with_weight(wiring.weights()){'' if weight is not None else ', after wiring.to_fixed_post()'}."
        )
    events = checks.as_units(events, wiring.shape[side], "events")
    fired = events if events.dtype == jnp.bool_ else events != 0
    read = tuple(_read(tree, wiring.shape[n], ("pre", "post")[n]) for n, tree in enumerate((pre, post)))
    if not wiring.size:
        return wiring
    return eqx.tree_at(lambda w: w.weight, wiring, _changed(side, rule, wiring, fired, *read))


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _changed(side: int, rule: Rule, wiring: Wiring, fired: Array, pre: Any, post: Any) -> Array:
    at_once = partial(_at_once, side, rule)
    rows = _rows(side, wiring)
    if rows is None:
        return at_once(wiring, fired, pre, post)
    one_by_one = sequential_vmap(partial(rows, side, rule))
    return lax.platform_dependent(wiring, fired, pre, post, cpu=one_by_one, default=at_once)


def _changed_jvp(side: int, rule: Rule, primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    out = _changed(side, rule, *primals)
    leaves, tree = jax.tree.flatten(primals)
    slopes = jax.tree.leaves(tangents, is_leaf=lambda t: isinstance(t, SymbolicZero))
    moving = {n: t for n, t in enumerate(slopes) if not isinstance(t, SymbolicZero) and leaves[n].dtype.kind == "f"}
    if not moving:
        return out, jnp.zeros_like(out)

    def moved(*values: Array) -> Array:
        changed = dict(zip(moving, values, strict=True))
        return _at_once(side, rule, *tree.unflatten([changed.get(n, leaf) for n, leaf in enumerate(leaves)]))

    return out, jax.jvp(moved, tuple(leaves[n] for n in moving), tuple(moving.values()))[1]


_changed.defjvp(_changed_jvp, symbolic_zeros=True)


def _at_once(side: int, rule: Rule, wiring: Wiring, fired: Array, pre: Any, post: Any) -> Array:
    """Every synapse looked at: for accelerators, and what derivatives are taken of."""
    ends = wiring.edges()
    new = rule(wiring.weight, _of(pre, ends[0]), _of(post, ends[1]))
    return jnp.where(fired[ends[side]], new, wiring.weight).astype(wiring.weight.dtype)


def _rows(side: int, wiring: Wiring) -> Callable[..., Array] | None:
    """How the synapses of one neuron are reached: as a row, by an index, or not at all."""
    if wiring.row_side == side:
        return _along_rows
    return _along_columns if side == 1 and wiring.columns is not None else None


def _along_rows(side: int, rule: Rule, wiring: Wiring, fired: Array, pre: Any, post: Any) -> Array:
    width = wiring.width

    def change(i: Array, k: Array, weight: Array) -> Array:
        found: Segment = wiring.segment(i, k)
        old = lax.dynamic_slice_in_dim(weight, found.start, width)
        ends = (i, found.others) if side == 0 else (found.others, i)
        new = rule(old, _of(pre, ends[0]), _of(post, ends[1])).astype(old.dtype)
        new = new if found.counts is None else jnp.where(found.counts, new, old)
        return lax.dynamic_update_slice_in_dim(weight, new, found.start, 0)

    turns = wiring.turns if wiring.varied else None
    return over_spikes(fired, change, wiring.weight.reshape(-1), turns).reshape(wiring.weight.shape)


def _along_columns(side: int, rule: Rule, wiring: Wiring, fired: Array, pre: Any, post: Any) -> Array:
    columns: Columns = wiring.columns

    def change(j: Array, k: Array, weight: Array) -> Array:
        at, others = columns.segment(j, k)
        new = rule(weight[at], _of(pre, others), _of(post, j)).astype(weight.dtype)
        return weight.at[at].set(new, mode="drop")

    return over_spikes(fired, change, wiring.weight, columns.turns)


def _of(tree: Any, neurons: Array) -> Any:
    """What the rule reads of some neurons."""
    return jax.tree.map(lambda x: x[neurons] if x.ndim else x, tree)


def _read(tree: Any, count: int, name: str) -> Any:
    """What the rule reads of one population, as arrays of its size or numbers."""

    def one(x: Any) -> Array:
        x = jnp.asarray(x)
        if x.shape not in ((), (count,)):
            raise ModelError(f"{name}: shape {x.shape} was given; () or ({count},), one for each neuron, is needed.")
        return x

    return jax.tree.map(one, tree)
