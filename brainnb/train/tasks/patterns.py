"""Patterns of spikes: which of some that were drawn once is it?"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError

from ..batches import Batch
from .base import Task, batch
from .decisions import numbers


class PoissonPatterns(Task):
    """Spike patterns that are drawn once, each of a class; a trial shows one of them, with spikes missing and spikes added.

    Channels in: the trains of ``afferents``, 0 or 1 in every step.  The target is one class a trial; pattern i is of class
    i modulo ``classes``, so nothing but learning by heart helps.  With as many patterns as trials, and nothing missing or
    added, it is the fixed random data that surrogate gradients are shown on.

    Attributes
    ----------
    rate : float
        Rate of every afferent, Hz.
    missing : number
        The share of a pattern's spikes that is left out in a trial.
    added : number
        Rate of spikes that belong to no pattern, Hz.

    References
    ----------
    Gütig & Sompolinsky 2006, doi:10.1038/nn1643; repeated in noise: Masquelier, Guyonneau & Thorpe 2008,
    doi:10.1371/journal.pone.0001377.

    Examples
    --------
    >>> task = PoissonPatterns(afferents=30, patterns=4)
    >>> ds = task.dataset(6)
    >>> ds.I.sizes["I_channel"], sorted(set(ds.out.values.tolist())) in ([0, 1], [0], [1])
    (30, True)
    """

    dt: float = eqx.field(static=True, default=1.0)
    afferents: int = eqx.field(static=True, default=50)
    patterns: int = eqx.field(static=True, default=10)
    classes: int = eqx.field(static=True, default=2)
    rate: float = eqx.field(static=True, default=10.0)
    length: float = eqx.field(static=True, default=200.0)
    seed: int = eqx.field(static=True, default=0)
    missing: Array = eqx.field(converter=numbers, default=0.0)
    added: Array = eqx.field(converter=numbers, default=0.0)
    trains: Array = eqx.field(init=False)

    def __post_init__(self) -> None:
        p = self.rate * self.dt / 1000
        if not 0 < p <= 1:
            raise ModelError(
                f"PoissonPatterns: {self.rate:g} Hz gives {p:g} spikes in a step of {self.dt:g} ms; above 0, up to 1, was "
                "expected: take a smaller dt."
            )
        shape = (self.patterns, self.steps, self.afferents)
        self.trains = jax.random.bernoulli(jax.random.key(self.seed), p, shape)

    def epochs(self) -> dict[str, float]:
        return {"pattern": self.length}

    def trial(self, key: Array) -> Batch:
        which, lost, more = jax.random.split(key, 3)
        return self.shown(lost, more, jax.random.randint(which, (), 0, self.patterns))

    def shown(self, lost: Array, more: Array, number: Array) -> Batch:
        """A trial that shows the pattern of this number."""
        train = self.trains[number]
        kept = train & ~jax.random.bernoulli(lost, self.missing, train.shape)
        spikes = kept | jax.random.bernoulli(more, self.added * self.dt / 1000, train.shape)
        return batch(spikes.astype(float), {"out": number % self.classes}, jnp.ones(self.steps))
