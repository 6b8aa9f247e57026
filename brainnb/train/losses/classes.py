"""Losses of decisions: classes, and how sure a model is of them."""

from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import optax
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.model import Model

from ..batches import Batch
from .base import Error, Seen, Traced


class CrossEntropy(Traced):
    r"""$-\log$ of the probability given to the right class, the recorded path being the logits (trial, time, class).

    A target over time is asked at every moment that counts.  A target that is one label a trial is compared with what
    ``readout`` makes of the time course: ``"mean"``, ``"last"``, ``"max"`` or ``"sum"`` over the moments that count.
    ``smoothing`` gives that part of the certainty to all classes alike, so that no logit need grow without end (Szegedy et
    al. 2016, doi:10.1109/CVPR.2016.308).
    """

    readout: str = eqx.field(static=True, default="mean")
    smoothing: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=0.0)

    def __check_init__(self) -> None:
        if self.readout not in READOUTS:
            raise ModelError(f"readout={self.readout!r}: one of {', '.join(READOUTS)} was expected.")

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        logits, label, weight = classified(self, seen, batch)
        return weighted(self.of(logits, label), weight)

    def moment(self, y: Array, wanted: Array) -> Array:
        return self.of(y, wanted.astype(jnp.int32))

    def of(self, y: Array, label: Array) -> Array:
        """What each answer ``y`` (..., class) costs when ``label`` (...) is right."""
        right = optax.losses.softmax_cross_entropy_with_integer_labels(y, label)
        return right + self.smoothing * (at_label(y, label) - jnp.mean(y, -1))


class Accuracy(CrossEntropy):
    """The share of right answers; where several classes tie, the right one counts by its part."""

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        logits, label, weight = classified(self, seen, batch)
        return weighted(self.of(logits, label), weight)

    def of(self, y: Array, label: Array) -> Array:
        best = y == jnp.max(y, -1, keepdims=True)
        return at_label(best, label) / jnp.sum(best, -1)


class CTC(Traced):
    r"""$-\log$ of the probability of a sequence of labels without a word on when: connectionist temporal classification.

    The recorded path holds logits (trial, time, class), the target labels (trial, label) in their order, filled up with
    numbers below 0.  Every course of classes counts that gives the labels once repetitions and then ``blank`` are left out;
    moments of weight 0 are left out first, and belong behind the others.  Mean over trials.

    References
    ----------
    Graves et al. 2006, doi:10.1145/1143844.1143891.
    """

    blank: int = eqx.field(static=True, default=0)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        y, label = seen[self.path], batch.targets[self.target or self.path]
        if label.dtype.kind != "i" or label.ndim != 2 or y.ndim != 3:
            raise ModelError(
                f"CTC({self.path!r}): logits (trial, time, class) and whole numbers (trial, label) were expected; got shapes "
                f"{y.shape} and {label.shape} of {label.dtype}."
            )
        none = label < 0
        given = jnp.where(none, self.blank, label)
        away = (batch.weight <= 0).astype(y.dtype)
        return jnp.mean(optax.losses.ctc_loss(y, away, given, none.astype(y.dtype), blank_id=self.blank))


class NLL(CrossEntropy):
    r"""$-\log p$ of the right class, the recorded path being logarithms of probabilities (trial, time, class)."""

    def of(self, y: Array, label: Array) -> Array:
        return -at_label(y, label)


class MultiMargin(CrossEntropy):
    r"""$\frac 1 C \sum_{j \ne c} \max(0, m - y_c + y_j)^p$: the right class ``c`` wins by a ``margin`` or it costs.

    Crammer & Singer 2001, J. Mach. Learn. Res. 2:265–292, with the mean over classes instead of the worst.
    """

    margin: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=1.0)
    power: int = eqx.field(static=True, default=1)

    def of(self, y: Array, label: Array) -> Array:
        short = jnp.maximum(0.0, self.margin - at_label(y, label)[..., None] + y) ** self.power
        return (jnp.sum(short, -1) - self.margin**self.power) / y.shape[-1]  # the right class does not count


class BinaryCrossEntropy(Error):
    r"""$-y^* \log\sigma(y) - (1 - y^*) \log(1 - \sigma(y))$: each unit says yes or no by its own logit ``y``."""

    def errors(self, y: Array, wanted: Array) -> Array:
        return optax.losses.sigmoid_binary_cross_entropy(y, wanted)


def at_label(y: Array, label: Array) -> Array:
    """The value of the right class."""
    return jnp.take_along_axis(y, label[..., None], -1)[..., 0]


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
