"""Actions: to go or to hold, and where to."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from ..batches import Batch
from .base import Task, batch, noisy
from .decisions import numbers


class GoNoGo(Task):
    """One stimulus asks for an answer, the other for none.

    Channels in: go, no-go.  The target is one class a trial, 0 hold, 1 go.

    References
    ----------
    Donders 1868, doi:10.1016/0001-6918(69)90065-1 (in translation); as a task for networks Yang et al. 2019,
    doi:10.1038/s41593-018-0310-2.

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

    def channels(self) -> tuple[str, ...]:
        return ("go", "no-go")

    def answers(self) -> tuple[str, ...]:
        return ("hold", "go")

    def trial(self, key: Array) -> Batch:
        which, noise = jax.random.split(key)
        go = jax.random.bernoulli(which).astype(int)
        clean = self.during("stimulus")[:, None] * jax.nn.one_hot(1 - go, 2)
        return batch(noisy(noise, clean, self.sigma), {"out": go}, self.during("decision"))


class CenterOut(Task):
    r"""Reaching from the centre to one of some targets on a circle, after a go signal.

    Channels in: hold (until the go signal), and the place of the target, :math:`\cos` and :math:`\sin` of its direction.
    The target ``out`` is the place of the hand (time, 2), still until the go signal and then along the smoothest way,

    .. math:: p(\tau) = 10 \tau^3 - 15 \tau^4 + 6 \tau^5.

    References
    ----------
    Georgopoulos et al. 1982, doi:10.1523/JNEUROSCI.02-11-01527.1982; the way of the hand: Flash & Hogan 1985,
    doi:10.1523/JNEUROSCI.05-07-01688.1985.

    Examples
    --------
    >>> ds = CenterOut(targets=8).dataset(5)
    >>> (ds.out[:, -1] ** 2).sum("out_channel").values.round(6).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """

    targets: int = eqx.field(static=True, default=8)
    sigma: Array = eqx.field(converter=numbers, default=0.05)
    fixation: float = eqx.field(static=True, default=100.0)
    delay: float = eqx.field(static=True, default=300.0)
    movement: float = eqx.field(static=True, default=400.0)
    hold: float = eqx.field(static=True, default=100.0)

    def epochs(self) -> dict[str, float]:
        return {"fixation": self.fixation, "delay": self.delay, "movement": self.movement, "hold": self.hold}

    def channels(self) -> tuple[str, ...]:
        return ("hold", "target x", "target y")

    def trial(self, key: Array) -> Batch:
        which, noise = jax.random.split(key)
        angle = 2 * jnp.pi * jax.random.randint(which, (), 0, self.targets) / self.targets
        place = jnp.stack([jnp.cos(angle), jnp.sin(angle)])
        shown = self.during("delay", "movement", "hold")[:, None] * place
        wait = self.during("fixation", "delay")
        moved = jnp.clip(jnp.cumsum(1.0 - wait) / max(self.counts()["movement"], 1), 0.0, 1.0)[:, None]
        way = (10 * moved**3 - 15 * moved**4 + 6 * moved**5) * place
        inputs = noisy(noise, jnp.column_stack([wait, shown]), self.sigma)
        return batch(inputs, {"out": way}, jnp.ones(self.steps))
