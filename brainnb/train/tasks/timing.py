"""Time: how long was it, which was longer, and what was out of the ordinary?"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from ..batches import Batch
from .base import Task, batch, noisy
from .decisions import numbers


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

    def channels(self) -> tuple[str, ...]:
        return ("flash",)

    def trial(self, key: Array) -> Batch:
        span, noise = jax.random.split(key)
        n = jnp.round(jax.random.uniform(span, (), float, self.shortest, self.longest) / self.dt)
        k = jnp.arange(self.steps, dtype=float)
        ready = jnp.round(100.0 / self.dt)
        flashes = (k == ready) | (k == ready + n)
        ramp = jnp.clip((k - ready - n) / n, 0.0, 1.0)
        inputs = noisy(noise, flashes.astype(float)[:, None], self.sigma)
        return batch(inputs, {"out": ramp}, jnp.ones(self.steps))


class IntervalDiscrimination(Task):
    """Two stimuli one after the other, in either order: which of the two lasted longer?

    Channels in: red, blue.  The target is one class a trial, 0 red, 1 blue, read in the last part.  No two last equally
    long.

    References
    ----------
    Genovesio, Tsujimoto & Wise 2009, doi:10.1016/j.neuron.2009.06.018.

    Examples
    --------
    >>> ds = IntervalDiscrimination(sigma=0).dataset(20)
    >>> longer = (ds.I > 0).sum("time").argmax("I_channel")
    >>> bool((longer == ds.out).all())
    True
    """

    sigma: Array = eqx.field(converter=numbers, default=0.1)
    shortest: float = eqx.field(static=True, default=100.0)
    longest: float = eqx.field(static=True, default=400.0)
    delay: float = eqx.field(static=True, default=200.0)
    decision: float = eqx.field(static=True, default=100.0)

    def epochs(self) -> dict[str, float]:
        return {"first": self.longest, "delay": self.delay, "second": self.longest, "decision": self.decision}

    def channels(self) -> tuple[str, ...]:
        return ("red", "blue")

    def answers(self) -> tuple[str, ...]:
        return ("red", "blue")

    def trial(self, key: Array) -> Batch:
        order, one, other, noise = jax.random.split(key, 4)
        least, most = round(self.shortest / self.dt), round(self.longest / self.dt)
        count = max(most - least + 1, 2)
        a = jax.random.randint(one, (), 0, count)
        b = (a + jax.random.randint(other, (), 1, count)) % count
        blue_first = jax.random.bernoulli(order).astype(int)
        k, counts = jnp.arange(self.steps), self.counts()
        begin = counts["first"] + counts["delay"]
        on = [(k < least + a), (k >= begin) & (k < begin + least + b)]
        clean = on[0][:, None] * jax.nn.one_hot(blue_first, 2) + on[1][:, None] * jax.nn.one_hot(1 - blue_first, 2)
        longer = jnp.where(a > b, blue_first, 1 - blue_first)
        return batch(noisy(noise, clean, self.sigma), {"out": longer}, self.during("decision"))


class Oddball(Task):
    """A row of two tones, one common and one rare: say when the rare one comes.  Which of them is rare changes from trial to trial.

    Channels in: high, low.  The target is a class at every moment, 0 the common one, 1 the rare one, from a tone to the
    next.  The first ``heard`` tones, from which nobody could know, do not count.

    References
    ----------
    Squires, Squires & Hillyard 1975, doi:10.1016/0013-4694(75)90263-1.

    Examples
    --------
    >>> ds = Oddball(rare=0.2).dataset(200)
    >>> 0.15 < float(ds.out.mean()) < 0.25
    True
    """

    rare: Array = eqx.field(converter=numbers, default=0.2)
    sigma: Array = eqx.field(converter=numbers, default=0.1)
    tones: int = eqx.field(static=True, default=12)
    heard: int = eqx.field(static=True, default=5)
    tone: float = eqx.field(static=True, default=60.0)
    gap: float = eqx.field(static=True, default=60.0)

    def epochs(self) -> dict[str, float]:
        return {f"{part} {i}": getattr(self, part) for i in range(self.tones) for part in ("tone", "gap")}

    def channels(self) -> tuple[str, ...]:
        return ("high", "low")

    def answers(self) -> tuple[str, ...]:
        return ("common", "rare")

    def trial(self, key: Array) -> Batch:
        which, odd, noise = jax.random.split(key, 3)
        common = jax.random.bernoulli(which).astype(int)
        rare = jax.random.bernoulli(odd, self.rare, (self.tones,)).astype(int)
        number = jnp.arange(self.steps) * self.tones // self.steps
        sounds = self.during(*(f"tone {i}" for i in range(self.tones)))
        channel = jnp.abs(common - rare[number])
        inputs = noisy(noise, sounds[:, None] * jax.nn.one_hot(channel, 2), self.sigma)
        return batch(inputs, {"out": rare[number]}, (number >= self.heard).astype(float))
