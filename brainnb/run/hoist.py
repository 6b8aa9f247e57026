"""What does not change in a loop is computed before it.

A model is written as if every step computed everything: the factor that a temperature gives to its gates, the kernel of
a ring of neurons.  XLA leaves such work where it stands, in the loop; here it is found in the traced step and done once.
"""

from collections.abc import Callable
from typing import Any

import jax
from jax.extend import core as jex

LIGHT = {"abs", "add", "and", "broadcast_in_dim", "convert_element_type", "copy", "eq", "expand_dims", "ge", "gt", "iota", "le", "lt", "max", "min", "mul", "ne", "neg", "not", "or", "reshape", "select_n", "sign", "slice", "squeeze", "stop_gradient", "sub", "transpose"}  # fmt: skip
"""Operations that cost a loop nothing: to read their result from memory would take as long."""


def hoisted(step: Callable, *like: Any) -> Callable:
    """``step`` without the work that depends on none of its arguments; that is done now.

    Parameters
    ----------
    step : callable
        A pure function.  What it closes over is what does not change.
    *like : pytree
        Arguments of the shapes it will be called with.
    """
    closed, shape = jax.make_jaxpr(step, return_shape=True)(*like)
    fixed = closed.jaxpr
    before, after = split(fixed)
    if not before:
        return step
    kept = _used(after, fixed.outvars) & {v for eqn in before for v in eqn.outvars}
    found = [v for eqn in before for v in eqn.outvars if v in kept]
    values = _run(fixed.replace(invars=list(fixed.constvars), constvars=[], outvars=found, eqns=before), closed.consts)
    rest = fixed.replace(invars=[*fixed.constvars, *found, *fixed.invars], constvars=[], eqns=after)
    tree = jax.tree.structure(shape)

    def inside(*arguments: Any) -> Any:
        return jax.tree.unflatten(tree, _run(rest, [*closed.consts, *values, *jax.tree.leaves(arguments)]))

    return inside


def split(jaxpr: Any) -> tuple[list, list]:
    """The equations to compute before, and those that stay.

    Of all that could be computed before, only what is worth it goes, with what it needs; light work that the rest
    needs too is done in both.
    """
    fixed = set(jaxpr.constvars)
    constant = []
    for eqn in jaxpr.eqns:
        if not eqn.effects and all(isinstance(x, jex.Literal) or x in fixed for x in eqn.invars):
            constant.append(eqn)
            fixed.update(eqn.outvars)
    before, needed = [], set()
    for eqn in reversed(constant):
        if eqn.primitive.name not in LIGHT or needed.intersection(eqn.outvars):
            before.append(eqn)
            needed.update(x for x in eqn.invars if not isinstance(x, jex.Literal))
    heavy = {id(eqn) for eqn in before if eqn.primitive.name not in LIGHT}
    return before[::-1], [eqn for eqn in jaxpr.eqns if id(eqn) not in heavy]


def _used(eqns: list, outvars: list) -> set:
    return {x for eqn in eqns for x in eqn.invars if not isinstance(x, jex.Literal)} | {
        x for x in outvars if not isinstance(x, jex.Literal)
    }


def _run(jaxpr: Any, arguments: Any) -> list:
    return jex.jaxpr_as_fun(jex.ClosedJaxpr(jaxpr, []))(*arguments)
