"""Memory: was it the same as before, and how long was it?"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from ..batches import Batch
from .base import Task, batch, noisy
from .decisions import numbers


class DelayedMatch(Task):
    """Delayed match to sample: a stimulus, a pause, a second one; the same or another?

    Channels in: one for each of ``stimuli``.  The target is one class a trial, 0 another, 1 the same, read in the last
    part; only that part counts.

    References
    ----------
    Miller, Erickson & Desimone 1996, doi:10.1523/JNEUROSCI.16-16-05154.1996.

    Examples
    --------
    >>> ds = DelayedMatch(stimuli=3).dataset(5)
    >>> ds.I.sizes["I_channel"], ds.out.dims
    (3, ('trial',))
    """

    stimuli: int = eqx.field(static=True, default=2)
    sigma: Array = eqx.field(converter=numbers, default=0.1)
    sample: float = eqx.field(static=True, default=100.0)
    delay: float = eqx.field(static=True, default=500.0)
    test: float = eqx.field(static=True, default=100.0)
    decision: float = eqx.field(static=True, default=60.0)

    def epochs(self) -> dict[str, float]:
        return {"sample": self.sample, "delay": self.delay, "test": self.test, "decision": self.decision}

    def trial(self, key: Array) -> Batch:
        first, change, other, noise = jax.random.split(key, 4)
        shown = jax.random.randint(first, (), 0, self.stimuli)
        same = jax.random.bernoulli(change)
        turn = jax.random.randint(other, (), 1, max(self.stimuli, 2))
        second = jnp.where(same, shown, (shown + turn) % self.stimuli)
        lines = [
            self.during(part)[:, None] * jax.nn.one_hot(x, self.stimuli)
            for part, x in (("sample", shown), ("test", second))
        ]
        return batch(noisy(noise, sum(lines), self.sigma), {"out": same.astype(int)}, self.during("decision"))


class GoNoGo(Task):
    """One stimulus asks for an answer, the other for none.

    Channels in: go, no-go.  The target is one class a trial, 0 hold, 1 go.

    Examples
    --------
    >>> GoNoGo().dataset(4).I.sizes["I_channel"]
    2
    """

    sigma: Array = eqx.field(converter=numbers, default=0.1)
    stimulus: float = eqx.field(static=True, default=200.0)
    delay: float = eqx.field(static=True, default=200.0)
    decision: float = eqx.field(static=True, default=100.0)

    def epochs(self) -> dict[str, float]:
        return {"stimulus": self.stimulus, "delay": self.delay, "decision": self.decision}

    def trial(self, key: Array) -> Batch:
        which, noise = jax.random.split(key)
        go = jax.random.bernoulli(which).astype(int)
        clean = self.during("stimulus")[:, None] * jax.nn.one_hot(1 - go, 2)
        return batch(noisy(noise, clean, self.sigma), {"out": go}, self.during("decision"))


class ReadySetGo(Task):
    """Two flashes, and a third to be made as long after the second as that was after the first.

    Channel in: the flashes.  The target ``out`` is a ramp from 0 at the second flash to 1 at the moment of the answer.

    References
    ----------
    Jazayeri & Shadlen 2010, doi:10.1038/nn.2590.

    Examples
    --------
    >>> ds = ReadySetGo().dataset(3)
    >>> round(float(ds.out.max()), 6), ds.I.dims
    (1.0, ('trial', 'time', 'I_channel'))
    """

    shortest: Array = eqx.field(converter=numbers, default=200.0)
    longest: Array = eqx.field(converter=numbers, default=400.0)
    sigma: Array = eqx.field(converter=numbers, default=0.02)
    length: float = eqx.field(static=True, default=1000.0)

    def epochs(self) -> dict[str, float]:
        return {"trial": self.length}

    def trial(self, key: Array) -> Batch:
        span, noise = jax.random.split(key)
        n = jnp.round(jax.random.uniform(span, (), float, self.shortest, self.longest) / self.dt)
        k = jnp.arange(self.steps, dtype=float)
        ready = jnp.round(100.0 / self.dt)
        flashes = (k == ready) | (k == ready + n)
        ramp = jnp.clip((k - ready - n) / n, 0.0, 1.0)
        inputs = noisy(noise, flashes.astype(float)[:, None], self.sigma)
        return batch(inputs, {"out": ramp}, jnp.ones(self.steps))
