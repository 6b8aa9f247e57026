"""What a loss is: a number for a batch of trials, which adds up with others and takes factors."""

import abc
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from ..batches import Batch

Seen = Mapping[str, Array]
"""What was recorded of a batch of trials, (trial, time, ...) by path; ``"time"`` (ms) holds when."""


class Loss(eqx.Module):
    """A number for a batch of trials, smaller for a better model.

    Losses add up and take factors: ``MSE("rate") + 0.1 * Activity("cells.spike", target=0.05)``.  The same objects
    serve as metrics, which are watched and not learned from.
    """

    @abc.abstractmethod
    def paths(self) -> tuple[str, ...]:
        """What must be recorded for it."""

    @abc.abstractmethod
    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        """The loss of a batch."""

    def __add__(self, other: "Loss") -> "Loss":
        return Sum((*terms(self), *terms(_loss(other))))

    def __mul__(self, factor: Any) -> "Loss":
        return Scaled(self, jnp.asarray(factor, float))

    __rmul__ = __mul__


class Sum(Loss):
    """Several losses, added."""

    parts: tuple[Loss, ...]

    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p for part in self.parts for p in part.paths()))

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        return sum((part(seen, batch, model) for part in self.parts), jnp.zeros(()))


class Scaled(Loss):
    """A loss with a factor; the factor is a value, so another one compiles nothing."""

    of: Loss
    factor: Array

    def paths(self) -> tuple[str, ...]:
        return self.of.paths()

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        return self.factor * self.of(seen, batch, model)


def terms(loss: Loss) -> tuple[Loss, ...]:
    """The parts of a sum."""
    return loss.parts if isinstance(loss, Sum) else (loss,)


def _loss(other: Any) -> Loss:
    if not isinstance(other, Loss):
        raise ModelError(f"A loss is added to a loss; got {other!r}.")
    return other


class Traced(Loss):
    """A loss of one recorded path against one target; by default the target has the name of the path."""

    path: str = eqx.field(static=True)
    target: str | None = eqx.field(static=True, default=None)

    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def over_time(self) -> bool:
        """Whether it is a mean over moments, so that every moment can be judged by itself."""
        return type(self).moment is not Traced.moment

    def moment(self, y: Array, wanted: Array) -> Array:
        """What one moment adds: ``y`` (units) against ``wanted``."""
        raise ModelError(f"{type(self).__name__} is a loss of whole trials; a moment alone says nothing of it.")

    def pair(self, seen: Seen, batch: Batch) -> tuple[Array, Array]:
        """What the model did and what it should do, in one shape."""
        y, wanted = seen[self.path], batch.targets[self.target or self.path]
        if wanted.ndim < y.ndim and wanted.shape == y.shape[: wanted.ndim]:
            wanted = wanted.reshape(*wanted.shape, *(1,) * (y.ndim - wanted.ndim))
        return y, jnp.broadcast_to(wanted, y.shape)


def over_time(x: Array, weight: Array) -> Array:
    """The mean of ``x`` (trial, time, ...) over everything, each moment with its weight."""
    x = x.reshape(*x.shape[:2], -1).mean(-1)
    return jnp.sum(x * weight) / jnp.maximum(jnp.sum(weight), jnp.finfo(x.dtype).tiny)


class Error(Traced):
    """The mean over moments of an error; override :meth:`errors`."""

    @abc.abstractmethod
    def errors(self, y: Array, wanted: Array) -> Array:
        """The error of every value."""

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        y, wanted = self.pair(seen, batch)
        return over_time(self.errors(y, wanted), batch.weight)

    def moment(self, y: Array, wanted: Array) -> Array:
        return jnp.mean(self.errors(y, wanted))


class FromFunction(Loss):
    """A function of what was seen and of the targets, both by path; ``record`` names what it reads."""

    function: Callable[[Seen, Mapping[str, Array]], Array] = eqx.field(static=True)
    record: tuple[str, ...] = eqx.field(static=True)

    def paths(self) -> tuple[str, ...]:
        return self.record

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        return self.function(seen, batch.targets)
