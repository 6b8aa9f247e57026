"""What a task is: a maker of trials, plain array code, so that fresh ones are drawn inside the compiled loop."""

import abc
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.record import Record

from ..batches import Batch


class Task(eqx.Module):
    """Trials of one kind, all of one length.

    A task says in ``epochs`` how long each part of a trial is (ms) and makes one in :meth:`trial`.  Its numbers are
    values: another coherence or another noise compiles nothing, another length does.  ``task.dataset(8).bn.plot()`` draws
    a trial.

    Attributes
    ----------
    dt : float
        Step of the samples, ms.
    """

    dt: float = eqx.field(static=True, default=20.0)

    @abc.abstractmethod
    def epochs(self) -> dict[str, float]:
        """The parts of a trial, in order, and how long each is (ms)."""

    @abc.abstractmethod
    def trial(self, key: Array) -> Batch:
        """One trial: inputs (time, channel), targets, and the weight of each moment."""

    def channels(self) -> tuple[str, ...]:
        """Names of the channels in; none where they are only numbered."""
        return ()

    def answers(self) -> tuple[str, ...]:
        """What the labels of ``out`` mean, from 0 on; none where the target is a course."""
        return ()

    @property
    def steps(self) -> int:
        """Samples of a trial."""
        return sum(self.counts().values())

    def counts(self) -> dict[str, int]:
        """Samples of each part."""
        return {name: round(length / self.dt) for name, length in self.epochs().items()}

    def during(self, *names: str) -> Array:
        """1 in these parts of a trial and 0 in the others, (time,)."""
        counts = self.counts()
        return jnp.asarray(np.concatenate([np.full(n, float(name in names)) for name, n in counts.items()]), float)

    def dataset(self, trials: int, seed: int = 0) -> Any:
        """So many trials as a Dataset over ``trial`` and ``time``: what :func:`brainnb.fit` takes, to look at or to test on."""
        import xarray as xr

        batch = _drawn(self, jax.random.split(jax.random.key(seed), trials))
        time = np.round(np.arange(self.steps) * self.dt, 9)
        variables: dict[str, Any] = {
            "weight": (("trial", "time"), np.asarray(batch.weight), {"units": "1", "long_name": "weight in the loss"})
        }
        for kind in (batch.inputs, batch.targets):
            for name, x in kind.items():
                timed = ("time",) if x.ndim > 1 and x.shape[1] == self.steps else ()
                inner = tuple(f"{name}_channel" for _ in x.shape[1 + len(timed) :])
                told = {"units": "1"}
                if name == "out" and self.answers():
                    told["flag_meanings"] = " ".join(self.answers())
                variables[name] = (("trial", *timed, *inner), np.asarray(x), told)
        coords: dict[str, Any] = {"time": ("time", time, {"units": "ms", "long_name": "time"})}
        if self.channels():
            coords["I_channel"] = list(self.channels())
        return xr.Dataset(variables, coords, {"task": type(self).__name__, "inputs": " ".join(batch.inputs)})


@jax.jit
def _drawn(task: Task, keys: Array) -> Batch:
    """Trials, one for each key; the task is a value, so that another one of the same structure compiles nothing."""
    return jax.vmap(task.trial)(keys)


def batch(inputs: Array, targets: dict[str, Array], weight: Array) -> Batch:
    """One trial, from the input ``I`` (time, channel), targets by path and weights (time,)."""
    return Batch(Record(I=inputs), Record(targets), weight)


def noisy(key: Array, clean: Array, sigma: Array) -> Array:
    """White noise on every channel, ``sigma`` its standard deviation in a sample."""
    return clean + sigma * jax.random.normal(key, clean.shape, clean.dtype)
