"""Decisions: which of two streams was stronger, in one sense or in the sense that counts, and how they add up."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from ..batches import Batch
from .base import Task, batch, noisy


def numbers(x: object) -> Array:
    """A field that is a value."""
    return jnp.asarray(x, float)


class PerceptualDecision(Task):
    r"""Which of two noisy streams is stronger?  Fixate, look, answer.

    Channels in: fixation, left, right, with :math:`0.5 \pm c / 200` at coherence :math:`c` (%) and noise ``sigma``.
    The target is a class at every moment, 0 fixate, 1 left, 2 right, as ``out``.  At coherence 0 nobody can do better
    than one half.

    References
    ----------
    Britten et al. 1992, doi:10.1523/JNEUROSCI.12-12-04745.1992; as a task for networks Song, Yang & Wang 2016,
    doi:10.1371/journal.pcbi.1004792.

    Examples
    --------
    >>> ds = PerceptualDecision().dataset(8)
    >>> ds.I.sizes["time"], sorted(set(ds.out.values[:, -1].tolist()))
    (30, [1, 2])
    """

    coherences: Array = eqx.field(converter=numbers, default=(0.0, 6.4, 12.8, 25.6, 51.2))
    sigma: Array = eqx.field(converter=numbers, default=20**-0.5)
    fixation: float = eqx.field(static=True, default=100.0)
    stimulus: float = eqx.field(static=True, default=400.0)
    decision: float = eqx.field(static=True, default=100.0)

    def epochs(self) -> dict[str, float]:
        return {"fixation": self.fixation, "stimulus": self.stimulus, "decision": self.decision}

    def channels(self) -> tuple[str, ...]:
        return ("fixation", "left", "right")

    def answers(self) -> tuple[str, ...]:
        return ("fixate", "left", "right")

    def trial(self, key: Array) -> Batch:
        side, level, noise = jax.random.split(key, 3)
        right = jax.random.bernoulli(side)
        c = jax.random.choice(level, self.coherences) / 200
        return self.asked(noise, right, c)

    def asked(self, noise: Array, right: Array, c: Array) -> Batch:
        """A trial of the strength ``c`` towards one side."""
        sign = jnp.where(right, 1.0, -1.0)
        look = self.during("stimulus")
        streams = look[:, None] * (0.5 + c * sign * jnp.array([-1.0, 1.0]))
        wait = self.during("fixation", "stimulus")
        inputs = noisy(noise, jnp.column_stack([wait, streams]), self.sigma)
        label = jnp.where(wait > 0, 0, 1 + right.astype(int))
        return batch(inputs, {"out": label}, jnp.ones(self.steps))


class ContextDecision(PerceptualDecision):
    """The stronger stream of one of two senses, by a cue: the other sense is there and must be ignored.

    Channels in: fixation, two cues, left and right of the first sense, left and right of the second.

    References
    ----------
    Mante et al. 2013, doi:10.1038/nature12742.

    Examples
    --------
    >>> ContextDecision().dataset(4).I.sizes["I_channel"]
    7
    """

    def channels(self) -> tuple[str, ...]:
        return ("fixation", "first counts", "second counts", "left 1", "right 1", "left 2", "right 2")

    def trial(self, key: Array) -> Batch:
        cue, first, second, side, other, noise = jax.random.split(key, 6)
        context = jax.random.bernoulli(cue).astype(int)
        rights = jnp.stack([jax.random.bernoulli(side), jax.random.bernoulli(other)])
        levels = jnp.stack([jax.random.choice(k, self.coherences) for k in (first, second)]) / 200
        sign = jnp.where(rights, 1.0, -1.0)
        look, wait = self.during("stimulus"), self.during("fixation", "stimulus")
        streams = [look[:, None] * (0.5 + levels[i] * sign[i] * jnp.array([-1.0, 1.0])) for i in range(2)]
        cues = jnp.ones((self.steps, 1)) * jax.nn.one_hot(context, 2)
        inputs = noisy(noise, jnp.column_stack([wait, cues, *streams]), self.sigma)
        label = jnp.where(wait > 0, 0, 1 + rights[context].astype(int))
        return batch(inputs, {"out": label}, jnp.ones(self.steps))


class EvidenceAccumulation(Task):
    """Pulses left and right, one side more often; after a pause, which had more?

    Channels in: fixation, left, right.  The target is a class: 0 wait, 1 left, 2 right.  Trials with as many on either
    side are decided by a coin.

    References
    ----------
    Brunton, Botvinick & Brody 2013, doi:10.1126/science.1233912.

    Examples
    --------
    >>> EvidenceAccumulation().dataset(4).out.dims
    ('trial', 'time')
    """

    rate: Array = eqx.field(converter=numbers, default=0.4)
    lean: Array = eqx.field(converter=numbers, default=0.3)
    sigma: Array = eqx.field(converter=numbers, default=0.1)
    stimulus: float = eqx.field(static=True, default=600.0)
    delay: float = eqx.field(static=True, default=100.0)
    decision: float = eqx.field(static=True, default=100.0)

    def epochs(self) -> dict[str, float]:
        return {"stimulus": self.stimulus, "delay": self.delay, "decision": self.decision}

    def channels(self) -> tuple[str, ...]:
        return ("fixation", "left", "right")

    def answers(self) -> tuple[str, ...]:
        return ("wait", "left", "right")

    def trial(self, key: Array) -> Batch:
        side, pulses, noise, coin = jax.random.split(key, 4)
        sign = jnp.where(jax.random.bernoulli(side), 1.0, -1.0)
        p = self.rate * (1 + self.lean * sign * jnp.array([-1.0, 1.0]))
        told = jax.random.bernoulli(pulses, jnp.clip(p, 0, 1), (self.steps, 2)) * self.during("stimulus")[:, None]
        more = jnp.sum(told[:, 1] - told[:, 0])
        right = jnp.where(more == 0, jax.random.bernoulli(coin), more > 0)
        wait = self.during("stimulus", "delay")
        inputs = noisy(noise, jnp.column_stack([wait, told]), self.sigma)
        return batch(inputs, {"out": jnp.where(wait > 0, 0, 1 + right.astype(int))}, jnp.ones(self.steps))
