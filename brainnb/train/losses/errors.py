"""Errors of traces, value by value."""

import equinox as eqx
import jax.numpy as jnp
import optax
from jax import Array

from brainnb.core.model import Model

from ..batches import Batch
from .base import Error, Seen, Traced, over_time


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


class MSLE(Error):
    r"""Squared error of logarithms, $\langle (\log(1 + y) - \log(1 + y^*))^2 \rangle$: factors count, not differences.

    For what is not negative, such as rates and counts.
    """

    def errors(self, y: Array, wanted: Array) -> Array:
        return jnp.square(jnp.log1p(y) - jnp.log1p(wanted))


class LogCosh(Error):
    r"""$\langle \log\cosh(y - y^*) \rangle$: squared for small errors, linear for large ones, smooth in between."""

    def errors(self, y: Array, wanted: Array) -> Array:
        return optax.losses.log_cosh(y, wanted)


class NRMSE(Traced):
    r"""$\sqrt{\langle (y - y^*)^2 \rangle / \mathrm{var}(y^*)}$: 1 is what the mean of the target would reach."""

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        y, wanted = self.pair(seen, batch)
        mean = over_time(wanted, batch.weight)
        return jnp.sqrt(
            over_time(jnp.square(y - wanted), batch.weight) / over_time(jnp.square(wanted - mean), batch.weight)
        )
