"""How likely data are: sums over all moments and trials, so that the curvature is what the data tell of the parameters."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from brainnb.core.model import Model

from ..batches import Batch
from .base import Seen, Traced

LEAST = 1e-15
"""Spikes expected, at least, in a step that had one: a spike in the refractory time costs 35 nats and not infinity."""


class Likelihood(Traced):
    """A negative logarithm of a likelihood, of all data together (nats); override :meth:`surprise`."""

    @abc.abstractmethod
    def surprise(self, y: Array, wanted: Array) -> Array:
        """Minus the logarithm of the probability (density) of every value."""

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        y, wanted = self.pair(seen, batch)
        found = self.surprise(y, wanted)
        return jnp.sum(found.reshape(*found.shape[:2], -1) * batch.weight[..., None])


class Gaussian(Likelihood):
    r"""Independent Gaussian noise: $\sum \frac{(y - y^*)^2}{2 \sigma^2} + \log(\sigma \sqrt{2 \pi})$ with ``sigma`` in the unit of ``path``."""

    sigma: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=1.0)

    def surprise(self, y: Array, wanted: Array) -> Array:
        return 0.5 * jnp.square((y - wanted) / self.sigma) + jnp.log(self.sigma) + 0.5 * jnp.log(2 * jnp.pi)


class SpikeLikelihood(Likelihood):
    r"""Spikes that come at random, ``path`` being how many a model expects in each step, $\Lambda_k = \int \lambda \, dt$.

    .. math:: -\log L = -\sum_{k \in spikes} \log(1 - e^{-\Lambda_k}) + \sum_{k \notin spikes} \Lambda_k

    The target is the recorded spikes, 0 or 1 at each sample.  The model must know the spikes that were recorded, or it expects those of
    another history: :class:`~brainnb.neurons.StochasticGIF` takes them as its input ``recorded``.  For a linear membrane with
    exponential escape this has a single minimum in the scaled parameters (Paninski 2004).

    References
    ----------
    Paninski 2004, doi:10.1088/0954-898X_15_4_002; Pozzorini et al. 2015, doi:10.1371/journal.pcbi.1004275.
    """

    path: str = eqx.field(static=True, default="expected")
    target: str | None = eqx.field(static=True, default="spike")

    def surprise(self, y: Array, wanted: Array) -> Array:
        fired = wanted > 0
        expected = jnp.where(fired, jnp.maximum(y, LEAST), 1.0)  # the branch not taken has finite slopes too
        return jnp.where(fired, -jnp.log(-jnp.expm1(-expected)), y)
