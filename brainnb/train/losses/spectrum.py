"""The power spectrum of a trace against that of another one: rhythms without their phase."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.model import Model

from ..batches import TIME, Batch
from .base import Seen, Traced

FLOOR = 1e-9
"""Part of the greatest power below which nothing is compared."""


class Spectrum(Traced):
    r"""$\langle (\log_{10} P(f) - \log_{10} P^*(f))^2 \rangle$ over frequencies, P being the mean periodogram of all trials.

    One period of the signal is the resolution; a Hann window, the mean taken out.  Above ``highest`` (Hz) nothing is compared.
    For rhythms whose phase nobody can know, such as those of noise.
    """

    highest: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=jnp.inf)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        y, wanted = self.pair(seen, batch)
        dt = seen[TIME][0]
        own, asked = periodogram(y, dt), jax.lax.stop_gradient(periodogram(wanted, dt))
        floor = FLOOR * jnp.max(asked)
        frequency = jnp.arange(own.shape[0]) * 1000.0 / (y.shape[1] * dt)
        counts = ((frequency > 0) & (frequency <= self.highest)).astype(own.dtype)
        error = jnp.square(jnp.log10(own + floor) - jnp.log10(asked + floor)).reshape(own.shape[0], -1).mean(-1)
        return jnp.sum(counts * error) / jnp.maximum(jnp.sum(counts), 1.0)


def periodogram(x: Array, dt: Array) -> Array:
    """Power density (frequency, ...) per Hz of x (trial, time, ...), the mean over trials; one-sided."""
    n = x.shape[1]
    window = (0.5 - 0.5 * jnp.cos(2 * jnp.pi * jnp.arange(n) / n)).reshape(n, *(1,) * (x.ndim - 2))
    z = jnp.fft.rfft((x - jnp.mean(x, 1, keepdims=True)) * window, axis=1)
    power = jnp.mean(jnp.square(z.real) + jnp.square(z.imag), 0) * dt / 1000.0 / jnp.sum(jnp.square(window))
    twice = jnp.full(power.shape[0], 2.0).at[0].set(1.0)
    twice = twice if n % 2 else twice.at[-1].set(1.0)
    return power * twice.reshape(-1, *(1,) * (power.ndim - 1))
