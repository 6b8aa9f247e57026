"""What keeps a model reasonable whatever it learns: rates, weights, the range of a voltage."""

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from brainnb.core.model import Model

from ..batches import Batch
from .base import Loss, Seen


class Activity(Loss):
    r"""$\langle (\bar r_i - r^*)^2 \rangle_i$: keeps the mean of each unit, over trials and time, near a target."""

    path: str = eqx.field(static=True)
    target: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=0.0)

    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        return jnp.mean(jnp.square(jnp.mean(seen[self.path], (0, 1)) - self.target))


class Mean(Loss):
    """The mean of a path: a metric, such as spikes per step."""

    path: str = eqx.field(static=True)

    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        return jnp.mean(seen[self.path])


class Weights(Loss):
    r"""$\langle x^2 \rangle$ of one parameter, or $\langle |x| \rangle$ with ``power=1``: small or sparse weights."""

    parameter: str = eqx.field(static=True)
    power: int = eqx.field(static=True, default=2)

    def paths(self) -> tuple[str, ...]:
        return ()

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        return jnp.mean(jnp.abs(model.parameters()[self.parameter].value) ** self.power)


class Silent(Loss):
    r"""$\langle \max(0, r_{least} - \bar r_i)^2 \rangle_i$: units whose mean over trials and time is too low are woken.

    A unit without spikes passes no gradient on; this one reaches it through the surrogate slope of its own threshold.
    """

    path: str = eqx.field(static=True)
    least: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=0.01)

    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        return jnp.mean(jnp.square(jnp.maximum(0.0, self.least - jnp.mean(seen[self.path], (0, 1)))))


class Sparse(Loss):
    r"""$\langle |x| \rangle$ of what a model does: few units are active at a time."""

    path: str = eqx.field(static=True)

    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        return jnp.mean(jnp.abs(seen[self.path]))


class Within(Loss):
    r"""$\langle \max(0, x - b)^2 + \max(0, a - x)^2 \rangle$: what a model does stays between ``low`` and ``high``."""

    path: str = eqx.field(static=True)
    low: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=-jnp.inf)
    high: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=jnp.inf)

    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        x = seen[self.path]
        return jnp.mean(jnp.square(jnp.maximum(0.0, x - self.high)) + jnp.square(jnp.maximum(0.0, self.low - x)))
