"""Rush–Larsen: gates exponentially, everything else by Euler."""

import dataclasses
from typing import Any

import jax
import jax.extend.core as jex
from jax import Array

from brainnb.core.record import Record, flat

from .base import Field, Integrator, advance, as_record, moving, shape_of
from .exponential import looked_at, relax, together


@dataclasses.dataclass(frozen=True)
class RushLarsen(Integrator):
    r"""Gates relax exactly towards their steady state, the voltage and all else steps by Euler.

    .. math::

        x' = x_\infty(V) + \big(x - x_\infty(V)\big)\, e^{-h/\tau_x(V)}, \qquad V' = V + h\,\dot V

    A *gate* is a state, other than the first declared one (the voltage), whose equation is linear in that state
    itself; :func:`gates` reads this off the equations, so nothing needs to be marked.  Order 1.  Gates never
    leave [0, 1] at any step; the voltage is only as stable as Euler's.  :class:`Strang` costs the same, is of
    order 2 on a membrane and stable: prefer it, unless published numbers were made with this method.
    Noise is added as by Euler–Maruyama: strong order 1/2, weak order 1, Itô.

    Reference: Rush & Larsen 1978, doi:10.1109/TBME.1978.326270.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=50, dt=0.02, I=10, method="rush_larsen")
    >>> ds.bn.spike_count().item()
    4
    """

    name, order, strong_order, weak_order = "rush_larsen", 1, 0.5, 1.0

    def evaluations(self, states: int) -> int:
        return 2

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        like, touched = looked_at(field, t, s)
        if not like:
            return s
        slopes = as_record(field(t, s))
        found = gates(field, t, s)
        which = [i for i, path in enumerate(flat(like)) if path in found]
        exponential = relax(field, t, s, like, together(which, touched), dt)
        by_euler = moving(advance(s, slopes, dt), like)
        chosen = [
            gate if path in found else euler
            for path, gate, euler in zip(
                flat(like), jax.tree.leaves(moving(exponential, like)), jax.tree.leaves(by_euler), strict=True
            )
        ]
        return s.merge(jax.tree.unflatten(jax.tree.structure(by_euler), chosen))


def gates(field: Field, t: Any, s: Record) -> list[str]:
    """Paths of the states after the first whose own equation is linear in themselves.

    The derivative of the equation with respect to the state is written out; the equation is linear when the
    state no longer appears in it.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> s = Record(V=jnp.array(-65.0), m=jnp.array(0.1), ca=jnp.array(0.2))
    >>> gates(lambda t, s: dict(V=-s.V, m=jnp.exp(s.V) * (1 - s.m), ca=-(s.ca**2)), 0.0, s)
    ['m']
    """
    like = shape_of(field, t, s)
    leaves, tree = jax.tree.flatten(moving(s, like))

    def linear(i: int) -> bool:
        def own(x: Array) -> Array:
            varied = jax.tree.unflatten(tree, [*leaves[:i], x, *leaves[i + 1 :]])
            return jax.tree.leaves(as_record(field(t, s.merge(varied))))[i]

        def slope(x: Array, towards: Array) -> Array:
            return jax.jvp(own, (x,), (towards,))[1]

        written = jax.make_jaxpr(slope)(leaves[i], leaves[i])
        return not any(_reached(written.jaxpr, [True, False]))

    return [path for i, path in enumerate(flat(like)) if i and linear(i)]


def _reached(jaxpr: Any, given: list[bool]) -> list[bool]:
    """Which results of ``jaxpr`` depend on the marked arguments."""
    marked = {v for v, yes in zip(jaxpr.invars, given, strict=True) if yes}

    def is_marked(atom: Any) -> bool:
        return not isinstance(atom, jex.Literal) and atom in marked

    for eqn in jaxpr.eqns:
        arguments = [is_marked(a) for a in eqn.invars]
        inner = next((eqn.params[k] for k in ("jaxpr", "call_jaxpr") if k in eqn.params), None)
        if hasattr(inner, "jaxpr") and eqn.primitive.name in ("jit", "pjit", "closed_call", "custom_jvp_call"):
            results = _reached(inner.jaxpr, arguments)
        else:
            results = [any(arguments)] * len(eqn.outvars)
        marked |= {v for v, yes in zip(eqn.outvars, results, strict=True) if yes}
    return [is_marked(a) for a in jaxpr.outvars]
