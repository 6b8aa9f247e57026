"""Memory: was it the same as before, of the same kind, or what belongs to it?"""

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

    def answers(self) -> tuple[str, ...]:
        return ("other", "same")

    def trial(self, key: Array) -> Batch:
        first, change, other, noise = jax.random.split(key, 4)
        same = jax.random.bernoulli(change)
        shown, second = self.pair(first, other, same)
        lines = [
            self.during(part)[:, None] * jax.nn.one_hot(x, self.stimuli)
            for part, x in (("sample", shown), ("test", second))
        ]
        return batch(noisy(noise, sum(lines), self.sigma), {"out": same.astype(int)}, self.during("decision"))

    def pair(self, first: Array, other: Array, match: Array) -> tuple[Array, Array]:
        """The stimulus that is shown first, and the one that is or is no match."""
        shown = jax.random.randint(first, (), 0, self.stimuli)
        turn = jax.random.randint(other, (), 1, max(self.stimuli, 2))
        return shown, jnp.where(match, shown, (shown + turn) % self.stimuli)


class DelayedMatchCategory(DelayedMatch):
    """Delayed match to category: do two directions fall on the same side of a learned border?

    Channels in: one for each of ``stimuli`` directions; the first half of them is one category.  A match shows any
    direction of the same category, so remembering the direction is not enough.  The target is one class a trial, 0
    another category, 1 the same.

    References
    ----------
    Freedman & Assad 2006, doi:10.1038/nature05078.

    Examples
    --------
    >>> DelayedMatchCategory(stimuli=8).dataset(5).I.sizes["I_channel"]
    8
    """

    stimuli: int = eqx.field(static=True, default=8)

    def pair(self, first: Array, other: Array, match: Array) -> tuple[Array, Array]:
        half = self.stimuli // 2
        shown = jax.random.randint(first, (), 0, 2 * half)
        side = jnp.where(match, shown // half, 1 - shown // half)
        return shown, side * half + jax.random.randint(other, (), 0, half)


class PairedAssociation(DelayedMatch):
    """Paired association: every sample has one partner among the tests, which must be learned by heart.

    Channels in: ``stimuli`` of them, the first half samples, the second half tests; sample i and test i belong together.
    The target is one class a trial, 0 another's partner, 1 its own.

    References
    ----------
    Sakai & Miyashita 1991, doi:10.1038/354152a0.

    Examples
    --------
    >>> PairedAssociation(stimuli=6).dataset(5).I.sizes["I_channel"]
    6
    """

    stimuli: int = eqx.field(static=True, default=4)

    def pair(self, first: Array, other: Array, match: Array) -> tuple[Array, Array]:
        half = self.stimuli // 2
        shown = jax.random.randint(first, (), 0, half)
        turn = jax.random.randint(other, (), 1, max(half, 2))
        return shown, half + jnp.where(match, shown, (shown + turn) % half)


class DualDelayedMatch(Task):
    """Two stimuli at once at two places; a cue says which of them the test is about, and then it may be the other one's turn.

    Channels in: ``stimuli`` for each place, and a cue for each place.  The target is a class at every moment, 0 another, 1
    the same; the two decisions count.  What was not asked for first must be kept, because it may be asked for next.

    References
    ----------
    Masse, Yang, Song, Wang & Freedman 2019, doi:10.1038/s41593-019-0414-3.

    Examples
    --------
    >>> ds = DualDelayedMatch().dataset(4)
    >>> ds.I.sizes["I_channel"], ds.out.dims
    (6, ('trial', 'time'))
    """

    stimuli: int = eqx.field(static=True, default=2)
    sigma: Array = eqx.field(converter=numbers, default=0.1)
    sample: float = eqx.field(static=True, default=200.0)
    delay: float = eqx.field(static=True, default=200.0)
    cue: float = eqx.field(static=True, default=100.0)
    test: float = eqx.field(static=True, default=100.0)
    decision: float = eqx.field(static=True, default=60.0)

    def epochs(self) -> dict[str, float]:
        again = {f"{part} {i}": getattr(self, part) for i in (1, 2) for part in ("delay", "cue", "test", "decision")}
        return {"sample": self.sample, **again}

    def channels(self) -> tuple[str, ...]:
        places = [f"{side} {i}" for side in ("left", "right") for i in range(self.stimuli)]
        return (*places, "cue left", "cue right")

    def answers(self) -> tuple[str, ...]:
        return ("other", "same")

    def trial(self, key: Array) -> Batch:
        first, asked, change, other, noise = jax.random.split(key, 5)
        shown = jax.random.randint(first, (2,), 0, self.stimuli)
        place = jax.random.bernoulli(asked, shape=(2,)).astype(int)
        same = jax.random.bernoulli(change, shape=(2,))
        turn = jax.random.randint(other, (2,), 1, max(self.stimuli, 2))
        tested = jnp.where(same, shown[place], (shown[place] + turn) % self.stimuli)

        def at(place: Array, stimulus: Array) -> Array:
            return jax.nn.one_hot(place * self.stimuli + stimulus, 2 * self.stimuli + 2)

        clean = self.during("sample")[:, None] * (at(0, shown[0]) + at(1, shown[1]))
        label = jnp.zeros(self.steps, int)
        for i in (0, 1):
            cue = jax.nn.one_hot(2 * self.stimuli + place[i], 2 * self.stimuli + 2)
            heard = self.during(f"cue {i + 1}", f"test {i + 1}")[:, None] * cue
            clean += heard + self.during(f"test {i + 1}")[:, None] * at(place[i], tested[i])
            label = jnp.where(self.during(f"decision {i + 1}") > 0, same[i].astype(int), label)
        return batch(noisy(noise, clean, self.sigma), {"out": label}, self.during("decision 1", "decision 2"))
