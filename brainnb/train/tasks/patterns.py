"""Tasks in spikes: patterns that were drawn once, and every other task with its channels as spike trains."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.record import Record

from ..batches import Batch
from .base import Task, batch
from .decisions import numbers
from .memory import DelayedMatch


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


class AsSpikes(Task):
    """Another task whose channels are heard as spikes: ``afferents`` Poisson trains for each of them.

    A channel at 0 fires at ``low``, at 1 and above at ``high`` (Hz).  Targets and weights are those of the task.

    Attributes
    ----------
    of : Task
        The task; its own noise is heard too, ``sigma=0`` is none.

    References
    ----------
    Delayed match to sample in spikes: Bellec, Salaj, Subramoney, Legenstein & Maass 2018, arXiv:1803.09574; Poisson trains:
    Softky & Koch 1993, doi:10.1523/JNEUROSCI.13-01-00334.1993.

    Examples
    --------
    >>> from brainnb.train.tasks import DelayedMatch
    >>> ds = AsSpikes(DelayedMatch(dt=5, sigma=0), afferents=10).dataset(6)
    >>> ds.I.sizes["I_channel"], ds.out.dims
    (20, ('trial',))
    """

    dt: float = eqx.field(static=True, default=5.0, kw_only=True)  # becomes that of the task, which comes first
    of: Task = eqx.field(default_factory=lambda: DelayedMatch(dt=5.0, sigma=0.0))
    afferents: int = eqx.field(static=True, default=10)
    high: Array = eqx.field(converter=numbers, default=80.0)
    low: Array = eqx.field(converter=numbers, default=2.0)

    def __post_init__(self) -> None:
        if not isinstance(self.of, Task):
            raise ModelError(f"AsSpikes: of={self.of!r}; a task was expected, such as DelayedMatch(dt=5).")
        self.dt = self.of.dt
        self.high, self.low = numbers(self.high), numbers(self.low)
        most = max(float(self.high), float(self.low)) * self.dt / 1000
        if most > 1:
            raise ModelError(
                f"AsSpikes: {most * 1000 / self.dt:g} Hz gives {most:g} spikes in a step of {self.dt:g} ms; up to 1 was "
                "expected: take a smaller dt of the task."
            )

    def epochs(self) -> dict[str, float]:
        return self.of.epochs()

    def answers(self) -> tuple[str, ...]:
        return self.of.answers()

    def trial(self, key: Array) -> Batch:
        inner, chance = jax.random.split(key)
        found = self.of.trial(inner)
        rate = self.low + (self.high - self.low) * jnp.clip(found.inputs.I, 0.0, 1.0)
        trains = jnp.repeat(rate, self.afferents, axis=-1) * self.dt / 1000
        spikes = jax.random.bernoulli(chance, trains).astype(float)
        return Batch(Record(I=spikes), found.targets, found.weight)
