"""Back-propagation through time: the exact gradient of the run, followed by one of optax's optimisers."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from ..batches import Batch
from ..problem import Problem
from ..rules import Report, Rule, register
from ..select import Free, norm


class Descent(eqx.Module):
    """Where gradient descent stands: the free numbers and what the optimiser remembers."""

    free: Free
    memory: Any


@jax.jit
def slope(problem: Problem, free: Free, batch: Batch, key: Array) -> tuple[tuple[Array, dict], Free]:
    """The loss, the metrics, and the gradient of the loss: traced once, however often a rule asks."""
    return jax.value_and_grad(problem.objective, has_aux=True)(free, batch, key)


@register("bptt")
class Gradient(Rule):
    """Back-propagation through time: follows the gradient of the loss through every step of the run.

    Spikes are passed by their surrogate slope.  ``optimizer`` is any of optax's; a plain number is the rate of Adam.

    References
    ----------
    Werbos 1990, doi:10.1109/5.58337; surrogate gradients: Neftci et al. 2019, doi:10.1109/MSP.2019.2931595.
    """

    optimizer: Any = eqx.field(static=True)
    rate: Array

    def __init__(self, optimizer: Any = 1e-3):
        self.optimizer, self.rate = optimiser(optimizer)

    def begin(self, problem: Problem) -> Descent:
        free = problem.selection.start()
        return Descent(free, self.optimizer.init(free))

    def update(self, problem: Problem, carry: Descent, batch: Batch, key: Array) -> tuple[Descent, Report]:
        (loss, metrics), gradient = self.slope(problem, carry.free, batch, key)
        change, memory = self.optimizer.update(gradient, carry.memory, carry.free)
        change = jax.tree.map(lambda c: (self.rate * c).astype(c.dtype), change)
        lengths = {path: norm(g) for path, g in gradient.items()}, {path: norm(c) for path, c in change.items()}
        return Descent(optax.apply_updates(carry.free, change), memory), Report(loss, metrics, *lengths)

    def slope(self, problem: Problem, free: Free, batch: Batch, key: Array) -> tuple[tuple[Array, dict], Free]:
        """The loss, the metrics, and the gradient of the loss."""
        return slope(problem, free, batch, key)

    def model(self, problem: Problem, carry: Descent) -> Model:
        return problem.selection.with_values(carry.free)


ADAM = optax.chain(optax.scale_by_adam(), optax.scale(-1.0))
"""Adam without its rate: the rate is a value, so that another one compiles nothing."""


def optimiser(given: Any) -> tuple[optax.GradientTransformation, Array]:
    """What ``optimizer=`` names, and a factor on its steps: optax's own, or the rate of Adam."""
    if isinstance(given, optax.GradientTransformation):
        return given, jnp.ones(())
    if isinstance(given, int | float) and not isinstance(given, bool):
        if not given > 0:
            raise ModelError(f"optimizer={given!r}: a rate above 0 was expected.")
        return ADAM, jnp.asarray(given, float)
    raise ModelError(f"optimizer={given!r}: one of optax's, optimizer=optax.adam(1e-3), or a rate was expected.")


def unit_gradient() -> optax.GradientTransformation:
    """Every step of the same length, whatever the size of the gradient: for losses with cliffs and plains."""

    def update(gradient: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        length = norm(gradient)
        return jax.tree.map(lambda g: g / jnp.maximum(length, jnp.finfo(g.dtype).tiny), gradient), state

    return optax.GradientTransformation(lambda params: optax.EmptyState(), update)
