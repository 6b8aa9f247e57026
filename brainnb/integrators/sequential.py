"""Euler's method one variable after the other."""

import dataclasses

import jax
from jax import Array

from brainnb.core.record import Record

from .base import Field, Integrator, as_record, moving, shape_of


@dataclasses.dataclass(frozen=True)
class SequentialEuler(Integrator):
    r"""Euler's method in the order of declaration: each variable already sees the new values of those before it.

    .. math::

        x' = x + h f(x, y), \qquad y' = y + h g(x', y)

    Order 1, also called semi-implicit or symplectic Euler.  Several published simulations use it without
    saying so; their numbers (the firing patterns of :class:`~brainnb.neurons.Izhikevich2004`) only appear with it.
    With noise: amplitudes are taken over the step as in Euler–Maruyama.

    Reference: Hairer, Lubich & Wanner 2006, doi:10.1007/3-540-30666-8, I.1.2.
    """

    name, order, strong_order, weak_order = "sequential_euler", 1, 0.5, 1.0

    def step(self, field: Field, t: Array, s: Record, dt: Array) -> Record:
        like = shape_of(field, t, s)
        leaves, tree = jax.tree.flatten(moving(s, like))
        for i, x in enumerate(leaves):
            now = s.merge(jax.tree.unflatten(tree, leaves))
            leaves[i] = x + dt * jax.tree.leaves(as_record(field(t, now)))[i]
        return s.merge(jax.tree.unflatten(tree, leaves))
