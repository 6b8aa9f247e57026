"""L-BFGS: descent that knows the curvature of its last steps, one value and gradient an update."""

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree

from brainnb.core.errors import ModelError

from ..batches import Batch
from ..problem import Problem
from ..rules import Report, register
from ..select import norm
from .descent import slope
from .downhill import Downhill, refuse_batches, row

ENOUGH = 1e-4
"""Share of the fall that the slope promises which a step must reach (Armijo)."""


class Search(eqx.Module):
    """Where quasi-Newton descent stands: the best point with its loss and gradient, and the line that is searched.

    ``steps`` and ``falls`` are the last moves and what they changed of the gradient, newest first; ``known`` says how
    many there are.
    """

    at: Array
    loss: Array
    gradient: Array
    direction: Array
    length: Array
    steps: Array
    falls: Array
    known: Array
    begun: Array
    stuck: Array


@register("lbfgs")
class LBFGS(Downhill):
    r"""Quasi-Newton: exact gradients, along a direction that knows the curvature of the last ``memory`` steps.

    .. math:: x_{k+1} = x_k - \alpha_k H_k \nabla E(x_k)

    with :math:`H_k` from the two loops of the reference and :math:`\alpha_k` from 1 downwards until the loss falls by
    :math:`10^{-4}` of what the slope promises; steps that show no positive curvature are not remembered.  An update is
    one value and gradient, so it compiles as fast as descent.

    For losses without noise (all data in every update) and few parameters it needs tens of updates where descent needs
    thousands; it finishes what descent has begun.  Bounds are held by the transforms; :class:`SciPy` takes them as they
    are.  It ends by itself when no step makes the loss smaller.

    Parameters
    ----------
    memory : int

    Raises
    ------
    ModelError
        For batches: two losses of different trials tell nothing about a line.

    References
    ----------
    Liu & Nocedal 1989, doi:10.1007/BF01589116; Nocedal & Wright 2006, doi:10.1007/978-0-387-40065-5, alg. 7.4.

    Examples
    --------
    >>> import brainnb as bn
    >>> data = bn.simulate(bn.neurons.FitzHughNagumo(a=0.6), T=60, dt=0.2, I=0.5)[["V"]]
    >>> run = bn.fit(bn.neurons.FitzHughNagumo(), data, train="a", method="lbfgs", steps=30, I=0.5)
    >>> round(float(run.model.a), 3)
    0.6
    """

    memory: int = eqx.field(static=True, default=10)

    ways: ClassVar[int] = 2  # the direction of the curvature, and the one straight down

    def __check_init__(self) -> None:
        if not isinstance(self.memory, int) or self.memory < 1:
            raise ModelError(f"LBFGS: memory={self.memory!r}; a number of steps from 1 was expected.")

    def begin(self, problem: Problem) -> Search:
        refuse_batches("lbfgs", problem)
        x = row(problem.selection)
        zero, past = jnp.zeros((), x.dtype), jnp.zeros((self.memory, x.size), x.dtype)
        none = jnp.int32(0)
        return Search(x, zero, jnp.zeros_like(x), jnp.zeros_like(x), zero, past, past, none, jnp.bool_(False), none)

    def update(self, problem: Problem, carry: Search, batch: Batch, key: Array) -> tuple[Search, Report]:
        _, unravel = ravel_pytree(problem.selection.start())
        x = carry.at + carry.length * carry.direction
        # the same noise in every update, or no two losses could be compared
        (loss, metrics), found = slope(problem, unravel(x), batch, jax.random.key(0))
        gradient = ravel_pytree(found)[0]
        promised = carry.length * jnp.vdot(carry.gradient, carry.direction)
        finite = jnp.isfinite(loss) & jnp.isfinite(gradient).all()
        good = ~carry.begun | (finite & (loss <= carry.loss + ENOUGH * promised) & (promised < 0))
        after = jax.tree.map(
            lambda a, b: jnp.where(good, a, b),
            moved(carry, x, loss.astype(carry.loss.dtype), gradient),
            shortened(carry, loss, promised, finite),
        )
        lengths = {p: norm(g) for p, g in unravel(after.gradient).items()}
        change = {p: norm(c) for p, c in unravel(after.at - carry.at).items()}
        values = problem.selection.values(unravel(after.at))
        return after, Report(after.loss, metrics, lengths, change, values)


def moved(carry: Search, x: Array, loss: Array, gradient: Array) -> Search:
    """After a step that was good: it is remembered, and there is a new direction."""
    step, fall = x - carry.at, gradient - carry.gradient
    curved = carry.begun & (jnp.vdot(step, fall) > 1e-12 * jnp.linalg.norm(step) * jnp.linalg.norm(fall))
    steps = jnp.where(curved, jnp.roll(carry.steps, 1, 0).at[0].set(step), carry.steps)
    falls = jnp.where(curved, jnp.roll(carry.falls, 1, 0).at[0].set(fall), carry.falls)
    known = jnp.minimum(carry.known + curved, len(carry.steps)).astype(jnp.int32)
    direction = -newton(gradient, steps, falls, known)
    down = jnp.vdot(direction, gradient) < 0
    direction, known = jnp.where(down, direction, -gradient), jnp.where(down, known, 0)
    size = jnp.linalg.norm(gradient)
    length = jnp.where(known > 0, 1.0, jnp.minimum(1.0, 1.0 / jnp.maximum(size, jnp.finfo(x.dtype).tiny)))
    stuck = jnp.where(size > 0, 0, 2).astype(jnp.int32)
    return Search(x, loss, gradient, direction, length.astype(x.dtype), steps, falls, known, jnp.bool_(True), stuck)


def shortened(carry: Search, loss: Array, promised: Array, finite: Array) -> Search:
    """After a step that was too long: the bottom of the parabola through what is known, within a tenth and a half.

    A line that has become too short to matter is given up for the one straight down, and that one ends the search.
    """
    bottom = -promised / (2 * jnp.maximum(loss - carry.loss - promised, jnp.finfo(carry.at.dtype).tiny))
    length = carry.length * jnp.where(finite, jnp.clip(jnp.nan_to_num(bottom, nan=0.1), 0.1, 0.5), 0.1)
    reach = length * jnp.linalg.norm(carry.direction)
    short = reach <= jnp.finfo(carry.at.dtype).eps * jnp.maximum(1.0, jnp.linalg.norm(carry.at))
    size = jnp.maximum(jnp.linalg.norm(carry.gradient), jnp.finfo(carry.at.dtype).tiny)
    return Search(
        carry.at,
        carry.loss,
        carry.gradient,
        jnp.where(short, -carry.gradient, carry.direction),
        jnp.where(short, jnp.minimum(1.0, 1.0 / size), length).astype(carry.length.dtype),
        carry.steps,
        carry.falls,
        jnp.where(short, 0, carry.known).astype(jnp.int32),
        carry.begun,
        (carry.stuck + short).astype(jnp.int32),
    )


def newton(gradient: Array, steps: Array, falls: Array, known: Array) -> Array:
    """The gradient times the inverse curvature that the last steps show: the two loops of Nocedal."""
    there = jnp.arange(len(steps)) < known
    inverse = jnp.where(there, 1 / jnp.where(there, jnp.sum(steps * falls, 1), 1.0), 0.0)

    def back(q: Array, past: Any) -> tuple[Array, Array]:
        step, fall, rho = past
        a = rho * jnp.vdot(step, q)
        return q - a * fall, a

    q, shares = jax.lax.scan(back, gradient, (steps, falls, inverse))
    scale = jnp.where(
        known > 0,
        jnp.vdot(steps[0], falls[0]) / jnp.maximum(jnp.vdot(falls[0], falls[0]), jnp.finfo(gradient.dtype).tiny),
        1.0,
    )

    def forth(q: Array, past: Any) -> tuple[Array, None]:
        step, fall, rho, a = past
        return q + step * (a - rho * jnp.vdot(fall, q)), None

    return jax.lax.scan(forth, scale * q, (steps, falls, inverse, shares), reverse=True)[0]
