"""Spike trains as stimuli: at given times, or Poisson; as pulses, as counts, or filtered."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.compat import is_traced
from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, param, state
from brainnb.core.record import Record

from .base import SAME, Stimulus
from .edges import rounding

NEVER = 1e30
"""Time of a spike that does not come, ms: what fills up shorter trains."""


class SpikeTimes(Stimulus):
    r"""A rectangular pulse at each of the given times.

    .. math:: I(t) = baseline + amplitude \cdot \#\{k : t_k \le t < t_k + duration\}

    Parameters
    ----------
    times : array or xarray.DataArray
        Spike times in ms, in increasing order: shape (spikes,), or (units, spikes) for one train per unit.  NaN at
        the end of shorter trains is left out, so the result of ``ds.bn.spike_times()`` can be given as it is.
    amplitude, duration, baseline : number
        Height (pulses that overlap add up) and length of each pulse, and the value between them.

    Notes
    -----
    At a spike time the pulse is on; with ``duration=dt`` it lasts one step.  The times are leaves: another train with as
    many spikes compiles nothing anew.  Edges are sharp: only ``amplitude`` and ``baseline`` have a derivative.

    Examples
    --------
    >>> train = SpikeTimes([10, 12, 40], amplitude=5, duration=3)
    >>> [float(train(t)) for t in (9.0, 10.0, 12.5, 14.0, 43.0)]
    [0.0, 5.0, 10.0, 5.0, 0.0]
    """

    times: Param = param(None, "ms", "spike times")
    amplitude: Param = param(10.0, SAME, "height of each pulse")
    duration: Param = param(1.0, "ms", "length of each pulse", bounds=(0, None))
    baseline: Param = param(0.0, SAME, "value between the pulses")

    def __init__(self, times: Any, amplitude: Any = 10.0, duration: Any = 1.0, baseline: Any = 0.0):
        self.times = filled(times)
        self.amplitude, self.duration, self.baseline = amplitude, duration, baseline

    def __check_init__(self) -> None:
        check_times(self.times)

    def value(self, t: Array, s: Record) -> Array:
        if self.times.shape[-1] == 0:
            return self.baseline + 0.0 * self.amplitude
        now = t + rounding(t, 0.0)
        begun, ended = until(self.times, now), until(self.times, now - self.duration)
        return self.baseline + self.amplitude * (begun - ended).astype(self.amplitude.dtype)


def until(times: Array, t: Array) -> Array:
    """How many of the times lie at or before ``t``, for every row."""
    if times.ndim == 1 and jnp.ndim(t) == 0:
        return jnp.searchsorted(times, t, side="right")
    t = jnp.broadcast_to(t, jnp.broadcast_shapes(jnp.shape(t), times.shape[:-1]))
    rows = jnp.broadcast_to(times, (*t.shape, times.shape[-1]))
    flat = jax.vmap(lambda row, x: jnp.searchsorted(row, x, side="right"))(rows.reshape(-1, times.shape[-1]), t.ravel())
    return flat.reshape(t.shape)


def filled(times: Any) -> Any:
    """Times as an array, with spikes that never come where NaN fills up a row."""
    if is_traced(times) or isinstance(times, str) or hasattr(times, "magnitude"):
        return times
    try:
        host = np.asarray(times, dtype=float)
    except (TypeError, ValueError):
        raise ModelError(
            "SpikeTimes: times takes a list of numbers in ms, or rows of equal length filled up with NaN."
        ) from None
    return np.where(np.isnan(host), NEVER, host)


def check_times(times: Any) -> None:
    """Refuse what is no train; traced times pass."""
    if np.ndim(times) == 0:
        raise ModelError("SpikeTimes: times is one number; a list of spike times in ms was expected, [10, 20].")
    if is_traced(times):
        return
    host = np.asarray(times)
    if host.shape[-1] and (np.diff(host, axis=-1) < 0).any():
        at = tuple(int(i) for i in np.argwhere(np.diff(host, axis=-1) < 0)[0])
        later, earlier = host[at], host[(*at[:-1], at[-1] + 1)]
        raise ModelError(f"SpikeTimes: times must increase, but {earlier:g} ms follows {later:g} ms; sort them.")


class PoissonSpikes(Stimulus):
    r"""A Poisson spike train, as the number of spikes in each step.

    .. math:: I = amplitude \cdot n, \qquad n \sim \mathrm{Poisson}(rate \cdot dt)

    For inputs that count spikes.  As a current its effect would depend on dt; for that use :class:`ShotNoise`.

    Notes
    -----
    Several spikes may fall into one step, so it is exact at any dt and for the pooled train of many neurons; the first
    step has none.  Another
    ``seed=`` of the run gives another train.  All units of a population share it; ``rate`` as an array of one value
    per unit gives every unit a train of its own.  A derivative exists with respect to ``amplitude`` only.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(bn.neurons.LIF(), T=10_000, I=PoissonSpikes(rate=50), record=["I"])
    >>> 400 < int(ds.I.sum()) < 600
    True
    """

    rate: Param = param(500.0, "Hz", "mean number of spikes per second", bounds=(0, 1e6))
    amplitude: Param = param(1.0, SAME, "what one spike counts")
    count = state(0.0, "1", "spikes in the step before", discrete=True)
    last = state(-1.0, "ms", "time of the step before; negative before the first", discrete=True)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        shape = size + jnp.broadcast_shapes(jnp.shape(self.rate), jnp.shape(self.amplitude))
        return Record(count=jnp.zeros(shape), last=jnp.full(size, -1.0))

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return dict(count=spikes_between(s.last, t, self.rate, key, s.count), last=t), {}

    def value(self, t: Array, s: Record) -> Array:
        return self.amplitude * s.count


class ShotNoise(Stimulus):
    r"""A Poisson spike train through an exponential synapse.

    .. math::

        \tau \dot x = -x, \qquad x \to x + amplitude \text{ at each spike}, \qquad
        \langle x \rangle = amplitude \cdot rate \cdot \tau, \quad
        \mathrm{var}(x) = \tfrac{1}{2}\, amplitude^2 \cdot rate \cdot \tau

    What a neuron receives from ``rate`` excitatory spikes per second; for many small ones it becomes :class:`Noise`.

    Notes
    -----
    The run starts in the mean.  Spikes take effect at the end of the step in which they fall.  Another ``seed=`` of the
    run gives other spikes; ``amplitude`` or ``rate`` as an array of one value per unit gives every unit a train of its
    own.

    References
    ----------
    Campbell 1909, Math. Proc. Cambridge Philos. Soc. 15, 117; Rice 1944, doi:10.1002/j.1538-7305.1944.tb00874.x;
    in neurons: Destexhe et al. 2001, doi:10.1016/S0306-4522(01)00344-X.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(bn.neurons.LIF(), T=5000, I=ShotNoise(rate=1000, amplitude=1, tau=5), record=["I"])
    >>> 4.5 < float(ds.I.mean()) < 5.5, 1.3 < float(ds.I.std()) < 1.9
    (True, True)
    """

    rate: Param = param(500.0, "Hz", "mean number of spikes per second", bounds=(0, 1e6))
    amplitude: Param = param(1.0, SAME, "jump at each spike")
    tau: Param = param(5.0, "ms", "time constant of decay", bounds=(0.1, 1000))
    x = state(0.0, SAME, "momentary value")
    last = state(-1.0, "ms", "time of the step before; negative before the first", discrete=True)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        mean = self.amplitude * self.rate * 1e-3 * self.tau
        return Record(x=mean + jnp.zeros(size + jnp.shape(mean)), last=jnp.full(size, -1.0))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(x=-s.x / self.tau)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return dict(x=s.x + self.amplitude * spikes_between(s.last, t, self.rate, key, s.x), last=t), {}

    def value(self, t: Array, s: Record) -> Array:
        return s.x


def spikes_between(last: Array, t: Array, rate: Array, key: Array, like: Array) -> Array:
    """How many spikes fall into the time since ``last``: one draw for each entry of ``like``."""
    elapsed = jnp.where(last < 0.0, 0.0, jnp.maximum(t - last, 0.0))
    expected = jax.lax.stop_gradient(rate * 1e-3 * elapsed)
    return jax.random.poisson(key, expected, like.shape).astype(like.dtype)
