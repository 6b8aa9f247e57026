"""Whether the sources of a model's noise meet as a method's claim allows: seen before the first step."""

from typing import Any

import jax
import jax.numpy as jnp

from brainnb.core.errors import ModelError
from brainnb.core.record import Record, flat

from .base import Field, Integrator, as_record, moving
from .sde import second_order
from .wiener import draw


def check_sources(method: Integrator, diffusion: Field, s: Record, model: str) -> None:
    r"""Refuse noise that a method cannot follow at its order.

    The form $B(v, w) = \sum_{jk} v_k w_j\, \partial_{g_k} g_j$ tells: sources commute when it is symmetric, and do
    not meet at all when it knows only the products $v_j w_j$.  Two random vectors find every exception, at the
    initial state and at one beside it.

    Raises
    ------
    ModelError
        With the states whose noise is in the way and the methods that take it.
    """
    if method.noise == "any":
        return
    like = as_record(jax.eval_shape(lambda s: as_record(diffusion(jnp.asarray(0.0), s)), s))
    one = jnp.asarray(1.0)
    v, w = (draw(like, one, jax.random.key(i)).dW for i in (1, 2))
    for place in (s, _beside(s, like)):
        form = second_order(diffusion, jnp.asarray(0.0), place)
        if wrong := _unequal(form(v, w), form(w, v)):
            raise ModelError(
                f"method={method.name!r} needs noise whose sources commute, but in {model} the amplitude of {wrong} "
                f"depends on what another source moves. Use method='euler' (Itô), or 'euler_heun' or "
                f"'stochastic_heun' (Stratonovich)."
            )
        both = jax.tree.map(jnp.multiply, v, w)
        if method.noise == "separate" and (wrong := _unequal(form(v, w), form(both, jax.tree.map(jnp.ones_like, v)))):
            raise ModelError(
                f"method={method.name!r} is for one source of noise, or one for each state, but in {model} several "
                f"state-dependent sources meet in {wrong}. Use method='milstein', or 'euler' for any noise."
            )


def _beside(s: Record, like: Record) -> Record:
    """A state a little off: at the initial one an amplitude may just be zero."""

    def moved(x: Any, key: Any) -> Any:
        r = jax.random.uniform(key, jnp.shape(x), x.dtype, 0.05, 0.15)
        return x * (1 + r) + r

    leaves, tree = jax.tree.flatten(moving(s, like))
    keys = jax.random.split(jax.random.key(3), max(1, len(leaves)))
    return s.merge(jax.tree.unflatten(tree, [moved(x, k) for x, k in zip(leaves, keys, strict=False)]))


def _unequal(a: Record, b: Record) -> str:
    """The states in which two results differ by more than rounding; what is not a number tells nothing."""

    def differ(x: Any, y: Any) -> bool:
        scale = jnp.nanmax(jnp.abs(jnp.stack([x, y])))
        return bool(jnp.nanmax(jnp.abs(x - y)) > 1e-3 * scale)

    pairs = zip(flat(a).items(), flat(b).values(), strict=True)
    return " and ".join(f"`{path.partition('.')[2] or path}`" for (path, x), y in pairs if differ(x, y))
