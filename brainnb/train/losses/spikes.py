"""Losses of spike trains: when, how many, how often, and which unit first.

The spikes are those that a model gives (``"spike"``, 0 or 1), or with ``threshold`` the upward crossings of a voltage.
A target of another name than the path holds spikes; under the same name it is the same quantity.  Spike times in the data
(along ``spikes``) fall on the sample that ends the step they lie in, at most a step late, for every loss here.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import Array

from brainnb.core.model import Model
from brainnb.core.spikes import spike

from ..batches import TIME, Batch
from .base import Seen, Traced


class OfSpikes(Traced):
    """A loss of spikes; ``width`` (in the unit of the voltage) is how far from the threshold a crossing has a slope."""

    threshold: Array | None = eqx.field(
        converter=lambda x: None if x is None else jnp.asarray(x, float), default=None, kw_only=True
    )
    width: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=10.0, kw_only=True)

    def trains(self, seen: Seen, batch: Batch) -> tuple[Array, Array]:
        """Spikes of the model and those it should have, (trial, time, units)."""
        y, wanted = self.pair(seen, batch)
        own = y if self.threshold is None else crossings(y, self.threshold, self.width)
        if self.threshold is not None and self.of_the_same():
            wanted = crossings(wanted, self.threshold, self.width)
        own, wanted = (x.reshape(*x.shape[:2], -1) * batch.weight[..., None] for x in (own, wanted))
        return own, jax.lax.stop_gradient(wanted)

    def times(self, seen: Seen, batch: Batch, most: int) -> tuple[Array, Array]:
        """Times of the first ``most`` spikes of the model and of those it should have, (trial, units, spikes).

        One step after the end for those that are missing.
        """
        y, wanted = (x.reshape(*x.shape[:2], -1) for x in self.pair(seen, batch))
        time = seen[TIME]

        def of(x: Array, voltage: bool) -> Array:
            if voltage:
                return crossing_times(x, self.threshold, time, most)
            return counted_times(x * batch.weight[..., None], time, most)

        own = of(y, self.threshold is not None)
        asked = of(wanted, self.threshold is not None and self.of_the_same())
        return own, jax.lax.stop_gradient(asked)

    def of_the_same(self) -> bool:
        """Whether the target is the same quantity as what is recorded."""
        return self.target in (None, self.path)


class SpikeCount(OfSpikes):
    r"""$\langle (n - n^*)^2 \rangle$ of the numbers of spikes, over trials and units."""

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        own, wanted = self.trains(seen, batch)
        return jnp.mean(jnp.square(jnp.sum(own - wanted, 1)))


class VanRossum(OfSpikes):
    r"""$\langle D^2 \rangle$, van Rossum's distance of spike trains: filter both by $e^{-t / \tau}$ and integrate.

    .. math:: D^2 = \frac 1 \tau \int_0^\infty (f - g)^2 \, dt, \qquad f(t) = \sum_{t_i < t} e^{-(t - t_i) / \tau}

    The difference of the trains goes through one filter, step by step, and the integral is exact between samples and behind the
    last one: the value is the square of :func:`brainnb.measures.distances.van_rossum` of spikes at the samples, where two spikes
    of one step differ by nothing; exact times would differ by at most :math:`1 - e^{-dt / \tau}`.  ``tau`` in ms is how far
    spikes may be apart and still be seen to belong together: start wide.

    References
    ----------
    van Rossum 2001, doi:10.1162/089976601300014321.
    """

    tau: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=10.0)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        own, wanted = self.trains(seen, batch)
        return jnp.mean(energy(own - wanted, seen[TIME][0], self.tau))


class VanRossumTimes(OfSpikes):
    r"""$\langle D^2 \rangle$, van Rossum's distance of spike times, in closed form and without a raster.

    .. math::

        D^2 = \tfrac 1 2 \sum_{i,j} e^{-|t_i - t_j| / \tau} + \tfrac 1 2 \sum_{i,j} e^{-|t^*_i - t^*_j| / \tau}
            - \sum_{i,j} e^{-|t_i - t^*_j| / \tau}

    With ``threshold`` spikes lie between samples and their times have the exact slope, as in :class:`SpikeTimes`; the first
    ``most`` of each trial are seen.  Where whole spikes should come and go take :class:`VanRossum`: only there a spike that
    is missing has a slope.  The value is the square of :func:`brainnb.measures.distances.van_rossum`.

    References
    ----------
    van Rossum 2001, doi:10.1162/089976601300014321.
    """

    tau: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=10.0)
    most: int = eqx.field(static=True, default=16)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        own, asked = self.times(seen, batch, self.most)
        end = seen[TIME][-1] + 0.5 * seen[TIME][0]
        t = jnp.concatenate([own, asked], -1)
        sign = jnp.where(t < end, jnp.repeat(jnp.array([1.0, -1.0]), self.most), 0.0)
        near = jnp.exp(-jnp.abs(t[..., :, None] - t[..., None, :]) / self.tau)
        return 0.5 * jnp.mean(jnp.einsum("...i,...ij,...j->...", sign, near, sign))


class Rates(OfSpikes):
    r"""$\langle (r - r^*)^2 \rangle$ in Hz², of rates that are means over trials of spikes smoothed by $e^{-t/\tau} / \tau$.

    For neurons that repeat their rate and not their spikes.
    """

    tau: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=20.0)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        own, wanted = self.trains(seen, batch)
        keep = jnp.exp(-seen[TIME][0] / self.tau)
        return jnp.mean(jnp.square(smoothed(jnp.mean(own - wanted, 0), keep) * 1000.0 / self.tau))


class SpikeTimes(OfSpikes):
    r"""$\langle (t_i - t_i^*)^2 \rangle$ in ms², the i-th spike of the model against the i-th it should have.

    The first ``most`` spikes of each trial are compared; one that is missing counts as the end of the trial, one too many
    does not count: add :class:`SpikeCount`.  With ``threshold`` a spike is where the line between two samples crosses it, and
    the slope is exact: $\partial t_i / \partial V = -1 / \dot V$.  Of recorded spikes the time is that of the sample, and
    the slope passes through the surrogate of the spike.

    Bohte et al. 2002, doi:10.1016/S0925-2312(01)00658-0.
    """

    most: int = eqx.field(static=True, default=16)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        own, asked = self.times(seen, batch, self.most)
        end = seen[TIME][-1] + seen[TIME][0]
        there = asked < end
        off = jnp.where(there, own - asked, 0.0)
        return jnp.sum(jnp.square(off)) / jnp.maximum(jnp.sum(there), 1)


class FirstSpike(OfSpikes):
    r"""Classes by who fires first: cross-entropy of the logits $-t_{first} / \tau$ (trial, unit) with a label a trial.

    A unit that is silent counts as one that fires after the end.  Mostafa 2018, doi:10.1109/TNNLS.2017.2726060.
    """

    tau: Array = eqx.field(converter=lambda x: jnp.asarray(x, float), default=10.0)

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        y, label = seen[self.path], batch.targets[self.target or self.path].astype(jnp.int32)
        if self.threshold is None:
            first = counted_times(y * batch.weight[..., None], seen[TIME], 1)
        else:
            first = crossing_times(y, self.threshold, seen[TIME], 1)
        return jnp.mean(
            optax.losses.softmax_cross_entropy_with_integer_labels(
                -first[..., 0] / self.tau, label.reshape(len(y), -1)[:, 0]
            )
        )


class AtThreshold(Traced):
    r"""$\langle (V - V_{th})^2 \rangle$ at recorded spikes: where a neuron fired, its potential met the threshold.

    ``path`` is the potential above the threshold before a reset, ``target`` the recorded spikes.  What is squared lies in the
    middle of the step in which the spike was, since there the threshold was crossed.

    With the recorded spikes as what resets the neuron (``GIF`` and ``GLIF`` take them as ``recorded``), the threshold follows
    smoothly from its parameters, and the loss has few valleys.  A slope through the neuron's own resets grows with every
    spike instead: after a hundred of them it says nothing.
    """

    def __call__(self, seen: Seen, batch: Batch, model: Model) -> Array:
        above, fired = self.pair(seen, batch)
        there = fired[:, 1:] * batch.weight[:, 1:].reshape(*batch.weight[:, 1:].shape, *(1,) * (above.ndim - 2))
        middle = 0.5 * (above[:, 1:] + above[:, :-1])
        return jnp.sum(there * jnp.square(middle)) / jnp.maximum(jnp.sum(there), 1.0)


def crossings(V: Array, threshold: Array, width: Array) -> Array:
    """1 at each sample of V (trial, time, ...) that is above the threshold while the one before was not."""
    above = spike((V - threshold) / width)
    return above * (1.0 - jnp.concatenate([above[:, :1], above[:, :-1]], 1))


def smoothed(x: Array, keep: Array) -> Array:
    """The running sum of x (time, ...), of which each step keeps a part."""

    def step(trace: Array, now: Array) -> tuple[Array, Array]:
        trace = keep * trace + now
        return trace, trace

    return jax.lax.scan(step, jnp.zeros_like(x[0]), x)[1]


def energy(x: Array, dt: Array, tau: Array) -> Array:
    r"""$\frac 1 \tau \int f^2$ of the filtered train x (trial, time, units), from the begin to infinity."""
    keep = jnp.exp(-dt / tau)

    def step(carry: tuple[Array, Array], now: Array) -> tuple[tuple[Array, Array], None]:
        trace, total = carry
        return (keep * trace + now, total + 0.5 * (1.0 - keep**2) * jnp.square(trace)), None

    x = jnp.moveaxis(x, 1, 0)
    (last, total), _ = jax.lax.scan(step, (jnp.zeros_like(x[0]), jnp.zeros_like(x[0])), x)
    return total + 0.5 * jnp.square(last)


def counted_times(x: Array, time: Array, most: int) -> Array:
    """Times (trial, unit, spike) of the first spikes of x (trial, time, unit); one step after the end for those missing.

    The i-th spike comes after as many steps as the count of spikes is below i, and that has a surrogate slope; what comes
    behind it has none.
    """
    order = jnp.arange(1, most + 1)
    up_to_it = jax.lax.stop_gradient((jnp.cumsum(x, 1) - x)[..., None] < order)
    before = 1.0 - spike(jnp.cumsum(x[..., None] * up_to_it, 1) - order + 0.5)
    return time[0] * (1.0 + jnp.sum(before, 1))


def crossing_times(V: Array, threshold: Array, time: Array, most: int) -> Array:
    """Times (trial, unit, spike) at which V (trial, time, unit) crosses upward, on the line between two samples."""

    def of_one(V: Array) -> Array:
        up = (V[:-1] < threshold) & (V[1:] >= threshold)
        (at,) = jnp.nonzero(up, size=most, fill_value=-1)
        there = at >= 0
        rise = jnp.where(there, V[at + 1] - V[at], 1.0)
        return jnp.where(there, time[at] + time[0] * (threshold - V[at]) / rise, time[-1] + time[0])

    return jax.vmap(jax.vmap(of_one, 1), 0)(V)
