"""What a training run makes small: losses over traces, rates, spikes and classes, which add up with weights."""

import abc
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import optax
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from .batches import Batch

Seen = Mapping[str, Array]
"""What was recorded of a batch of trials, (trial, time, ...) by path."""


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


class MSE(Error):
    r"""Mean squared error, $\langle (y - y^*)^2 \rangle$ over trials, time and units."""

    def errors(self, y: Array, wanted: Array) -> Array:
        return jnp.square(y - wanted)


class MAE(Error):
    r"""Mean absolute error, $\langle |y - y^*| \rangle$."""

    def errors(self, y: Array, wanted: Array) -> Array:
        return jnp.abs(y - wanted)


class Huber(Error):
    r"""Squared for errors below ``delta``, linear above: outliers pull less (Huber 1964, doi:10.1214/aoms/1177703732)."""

    delta: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=1.0)

    def errors(self, y: Array, wanted: Array) -> Array:
        return optax.losses.huber_loss(y, wanted, delta=self.delta)


class NRMSE(Traced):
    r"""$\sqrt{\langle (y - y^*)^2 \rangle / \mathrm{var}(y^*)}$: 1 is what the mean of the target would reach."""

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        y, wanted = self.pair(seen, batch)
        mean = over_time(wanted, batch.weight)
        return jnp.sqrt(
            over_time(jnp.square(y - wanted), batch.weight) / over_time(jnp.square(wanted - mean), batch.weight)
        )


class CrossEntropy(Traced):
    r"""$-\log$ of the probability given to the right class, the recorded path being the logits (trial, time, class).

    A target over time is asked at every moment that counts.  A target that is one label a trial is compared with what
    ``readout`` makes of the time course: ``"mean"``, ``"last"``, ``"max"`` or ``"sum"`` over the moments that count.
    """

    readout: str = eqx.field(static=True, default="mean")

    def __check_init__(self) -> None:
        if self.readout not in READOUTS:
            raise ModelError(f"readout={self.readout!r}: one of {', '.join(READOUTS)} was expected.")

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        logits, label, weight = classified(self, seen, batch)
        return weighted(optax.losses.softmax_cross_entropy_with_integer_labels(logits, label), weight)

    def moment(self, y: Array, wanted: Array) -> Array:
        return optax.losses.softmax_cross_entropy_with_integer_labels(y, wanted.astype(jnp.int32))


class Accuracy(CrossEntropy):
    """The share of right answers; where several classes tie, the right one counts by its part."""

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        logits, label, weight = classified(self, seen, batch)
        best = logits == jnp.max(logits, -1, keepdims=True)
        right = jnp.take_along_axis(best, label[..., None], -1)[..., 0] / jnp.sum(best, -1)
        return weighted(right, weight)


def classified(loss: CrossEntropy, seen: Seen, batch: Batch) -> tuple[Array, Array, Array | None]:
    """Logits (..., class), labels (...) and weights."""
    y, label = seen[loss.path], batch.targets[loss.target or loss.path].astype(jnp.int32)
    if label.ndim == 2:
        return y, label, batch.weight
    return READOUTS[loss.readout](y, batch.weight), label, None


def weighted(x: Array, weight: Array | None) -> Array:
    """The mean, each moment with its weight."""
    if weight is None:
        return jnp.mean(x)
    return jnp.sum(x * weight) / jnp.maximum(jnp.sum(weight), jnp.finfo(x.dtype).tiny)


def _mean(y: Array, weight: Array) -> Array:
    return jnp.einsum("bt...,bt->b...", y, weight) / jnp.maximum(jnp.sum(weight, 1), 1e-30)[:, None]


def _last(y: Array, weight: Array) -> Array:
    at = weight.shape[1] - 1 - jnp.argmax(weight[:, ::-1] > 0, axis=1)
    return jnp.take_along_axis(y, at.reshape(-1, *(1,) * (y.ndim - 1)), 1)[:, 0]


def _max(y: Array, weight: Array) -> Array:
    return jnp.max(jnp.where(weight[..., None] > 0, y, -jnp.inf), axis=1)


READOUTS: dict[str, Callable[[Array, Array], Array]] = {
    "mean": _mean,
    "last": _last,
    "max": _max,
    "sum": lambda y, weight: jnp.einsum("bt...,bt->b...", y, weight),
}


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


class FromFunction(Loss):
    """A function of what was seen and of the targets, both by path; ``record`` names what it reads."""

    function: Callable[[Seen, Mapping[str, Array]], Array] = eqx.field(static=True)
    record: tuple[str, ...] = eqx.field(static=True)

    def paths(self) -> tuple[str, ...]:
        return self.record

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        return self.function(seen, batch.targets)


NAMED: dict[str, type[Traced]] = {
    "mse": MSE,
    "mae": MAE,
    "huber": Huber,
    "nrmse": NRMSE,
    "cross_entropy": CrossEntropy,
    "accuracy": Accuracy,
}
"""Losses by the name that ``loss=`` takes: one for each target."""


def loss(given: Any, targets: tuple[str, ...], what: str = "loss") -> Loss:
    """What ``loss=`` names: one of :data:`NAMED` for each target, or a loss as it is."""
    if isinstance(given, Loss):
        return given
    if isinstance(given, type) and issubclass(given, Loss):
        raise ModelError(f"{what}: got the class {given.__name__}; build it, {given.__name__}('path').")
    if given in NAMED:
        parts = tuple(NAMED[given](path) for path in targets)
        return parts[0] if len(parts) == 1 else Sum(parts)
    raise ModelError(
        f"{what}={given!r}: one of {', '.join(map(repr, NAMED))}, or a loss of bn.train such as MSE('V'), was expected."
        + (" A function reads what it names: bn.train.FromFunction(function, ('V',))." if callable(given) else "")
    )
