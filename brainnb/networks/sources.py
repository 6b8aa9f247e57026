"""Populations that are no neurons but send spikes: Poisson trains, clocks, and trains that are given."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from brainnb.core import randoms
from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model
from brainnb.core.record import Record
from brainnb.inputs.edges import rounding
from brainnb.inputs.spikes import check_times, filled, until
from brainnb.ops.counts import counted


class Poisson(Model):
    r"""Neurons that fire at random, each by itself, at a given rate.

    .. math:: P(\text{spike in } \Delta t) = 1 - e^{-(rate + extra)\, \Delta t}

    At most one spike a step, so the rate must be well below one a step; for the pooled spikes of many sources onto one
    neuron use :class:`PoissonDrive`.

    Inputs and observables
    ----------------------
    ``extra`` : rate added to ``rate`` (Hz), a number, one for each neuron, or a stimulus.  ``spike`` : 0 or 1.

    Notes
    -----
    The first step has no spikes: a source learns the step from the time between two of them.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.Network({"noise": bn.Population(bn.networks.Poisson(rate=20), 500)})
    >>> ds = bn.simulate(net, T=1000, dt=0.5)
    >>> 18 < float(ds["noise.spike"].sum() / 500) < 22
    True
    """

    rate: Param = param(10.0, "Hz", "mean number of spikes per second", bounds=(0, 2000))
    extra = input(0.0, "Hz", "rate added", bounds=(0, 200))
    last = state(-1.0, "ms", "time of the step before; negative before the first", discrete=True)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        return Record(last=jnp.full(size, -1.0))

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        expected = _expected(self.rate + u.extra, s.last, t)
        fired = randoms.uniform(key, s.last.shape, s.last.dtype) < -jnp.expm1(-expected)
        return dict(last=t), dict(spike=fired.astype(s.last.dtype))


class CorrelatedPoisson(Poisson):
    r"""Poisson neurons that share spikes: each by itself fires as :class:`Poisson` does, two of them often together.

    A train that nobody sees has the rate :math:`rate / c`; of each of its spikes every neuron sends a copy with
    probability :math:`c`.  Then :math:`c` is the correlation of the spike counts of two neurons.

    Inputs and observables
    ----------------------
    ``extra`` : rate added to ``rate`` (Hz), the same for all.  ``spike`` : 0 or 1.

    Notes
    -----
    The hidden train has at most one spike a step, so :math:`rate / c` must stay below one a step.

    References
    ----------
    Kuhn, Aertsen & Rotter 2003, doi:10.1162/089976603321043702 (single interaction process, thinned).

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.Network({"axons": bn.Population(bn.networks.CorrelatedPoisson(rate=20, c=0.5), 200)})
    >>> ds = bn.simulate(net, T=2000, dt=1.0)
    >>> together = ds["axons.spike"].mean("axons_neuron")
    >>> 0.45 < float(together.where(together > 0).mean()) < 0.55
    True
    """

    c: Param = param(0.1, "1", "correlation of two of the neurons", bounds=(0.001, 1))

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        hidden, own = jax.random.split(key)
        alone = -jnp.expm1(-_expected(self.rate + u.extra, s.last, t))
        shared = randoms.uniform(hidden, (1,), s.last.dtype) < alone / self.c
        fired = shared & (randoms.uniform(own, s.last.shape, s.last.dtype) < self.c)
        return dict(last=t), dict(spike=fired.astype(s.last.dtype))


class PoissonDrive(Model):
    r"""The pooled spikes of many Poisson sources, a pool of its own for every neuron: background input.

    .. math:: n \sim \mathrm{Poisson}\big(number \cdot (rate + extra)\, \Delta t\big)

    Connected one to one, it is what thousands of neurons outside the model send.

    Inputs and observables
    ----------------------
    ``extra`` : rate added to ``rate`` (Hz).  ``spike`` : spikes of the pool in this step, 0, 1, 2, ...

    Notes
    -----
    Exact for any rate and step.  The first step has no spikes.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.Network({"drive": bn.Population(bn.networks.PoissonDrive(rate=8, number=1600), 200)})
    >>> ds = bn.simulate(net, T=100)
    >>> 1.25 < float(ds["drive.spike"].mean()) < 1.31
    True
    """

    counts: ClassVar[bool] = True
    """What it reports is a number of spikes."""

    rate: Param = param(8.0, "Hz", "mean number of spikes per second of one source", bounds=(0, 2000))
    number: Param = param(1000.0, "1", "sources in the pool of each neuron", bounds=(0, 1e5))
    extra = input(0.0, "Hz", "rate added", bounds=(0, 200))
    last = state(-1.0, "ms", "time of the step before; negative before the first", discrete=True)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        return Record(last=jnp.full(size, -1.0))

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        expected = _expected(self.number * (self.rate + u.extra), s.last, t)
        return dict(last=t), dict(spike=counted(key, expected).astype(s.last.dtype))


class SpikeTrains(Model):
    """Spikes at given times: recordings, or trains made elsewhere.

    Parameters
    ----------
    times : (neurons, spikes) array
        Spike times in ms, in increasing order for each neuron; NaN fills up shorter trains, so what
        ``ds.bn.spike_times()`` returns can be given as it is.

    Notes
    -----
    ``spike`` is the number of spikes since the step before.  A spike at time ``t`` is sent at the end of the step that
    contains it.  The times are values: another train with as many spikes compiles nothing anew.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.Network({"input": bn.Population(bn.networks.SpikeTrains([[1.0, 3.0], [2.0, np.nan]]), 2)})
    >>> bn.simulate(net, T=4, dt=1.0)["input.spike"].values.tolist()
    [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    """

    counts: ClassVar[bool] = True

    times: Param = param(None, "ms", "spike times of every neuron")
    sent = state(0, "1", "spikes sent so far", discrete=True)

    def __init__(self, times: Any):
        self.times = filled(times)

    def __check_init__(self) -> None:
        check_times(self.times)
        if np.ndim(self.times) != 2:
            raise ModelError(
                f"SpikeTrains: times has shape {np.shape(self.times)}; one row for each neuron was expected, [[10, 20], [15, 30]]."
            )

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        if size not in ((), (self.times.shape[0],)):
            raise ModelError(f"SpikeTrains: {self.times.shape[0]} trains are given for a population of {size[0]}.")
        return Record(sent=jnp.zeros(self.times.shape[:1], jnp.int32))

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        now = until(self.times, t + rounding(t, 0.0)).astype(jnp.int32)
        return dict(sent=now), dict(spike=(now - s.sent).astype(self.times.dtype))


class Regular(Model):
    """Neurons that fire like a clock: at ``start`` and then every ``1000 / rate`` ms.

    The stimulus of experiments with synapses; for trains without order use :class:`Poisson`.

    Inputs and observables
    ----------------------
    ``spike`` : number of spikes in this step, 0 or 1 while the rate is below one a step.

    Notes
    -----
    A spike is sent at the end of the step that contains it.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.Network({"clock": bn.Population(bn.networks.Regular(rate=200, start=2), 1)})
    >>> bn.simulate(net, T=8, dt=1.0)["clock.spike"].values[:, 0].tolist()
    [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    """

    counts: ClassVar[bool] = True

    rate: Param = param(10.0, "Hz", "spikes per second", bounds=(0, 200))
    start: Param = param(20.0, "ms", "time of the first spike", bounds=(0, 10_000))
    sent = state(0, "1", "spikes sent so far", discrete=True)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        beats = (t + rounding(t, 0.0) - self.start) * (self.rate * 1e-3)
        now = jnp.where(beats < 0.0, 0, jnp.floor(beats) + 1).astype(jnp.int32)
        return dict(sent=now), dict(spike=(now - s.sent).astype(self.rate.dtype))


def _expected(rate: Array, last: Array, t: Array) -> Array:
    """Spikes expected since the step before, for every neuron."""
    elapsed = jnp.where(last < 0.0, 0.0, jnp.maximum(t - last, 0.0))
    return lax.stop_gradient(jnp.maximum(rate, 0.0) * 1e-3 * elapsed)
