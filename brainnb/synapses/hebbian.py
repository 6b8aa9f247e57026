"""Plasticity by rates: BCM and Oja."""

from collections.abc import Mapping
from typing import Any, ClassVar

from jax import Array

from brainnb import ops
from brainnb.core.fields import Param, param, state
from brainnb.core.record import Record
from brainnb.ops import Wiring

from .plastic import Changes, Plasticity, kept

PER_SECOND = 1000.0
"""Spikes per ms as spikes per second."""


class BCM(Plasticity):
    r"""Activity above a threshold potentiates, below it depresses, and the threshold follows the activity.

    .. math::

        \text{presynaptic spike: } w \to w + W \eta\, \frac{y\,(y - \theta)}{y_0^2}, \qquad
        \tau \dot y = -y + \text{spikes}, \qquad \tau_\theta \dot\theta = \frac{y^2}{y_0} - \theta

    with :math:`W = w_{max} - w_{min}`; averaged over presynaptic spikes of rate :math:`x` it is
    :math:`\dot w \propto x\, y\, (y - \theta)`.  It explains selectivity: of several patterns a neuron comes to answer to
    one, without anything that bounds the weights from outside.

    Notes
    -----
    ``rate`` is the postsynaptic rate :math:`y` in Hz, ``theta`` the threshold.  Stable when the threshold moves faster than
    the weights.  Cost follows the presynaptic spikes.

    References
    ----------
    Bienenstock, Cooper & Munro 1982, doi:10.1523/JNEUROSCI.02-01-00032.1982; threshold in this form: Intrator & Cooper
    1992, doi:10.1016/S0893-6080(05)80003-6.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> wiring = ops.CSR.from_edges([0, 0], [0, 1], [0.5, 0.5], (1, 2)).with_columns()
    >>> rule = BCM()
    >>> s = rule.begun(wiring, wiring.weight).merge(dict(rate=jnp.array([5.0, 20.0]), theta=jnp.array([10.0, 10.0])))
    >>> new = rule.on_events(0.0, s, wiring, jnp.ones(1), jnp.zeros(2))["weight"]
    >>> bool(new[0] < 0.5 < new[1])
    True
    """

    sites: ClassVar[Mapping[str, str]] = {"rate": "post", "theta": "post"}

    eta: Param = param(0.001, "1", "change by one presynaptic spike at twice the usual rate", bounds=(0, 1))
    y_0: Param = param(10.0, "Hz", "rate at which the threshold rests", bounds=(0.1, 200))
    tau: Param = param(50.0, "ms", "over which the rate is taken", bounds=(1, 5000))
    tau_theta: Param = param(1000.0, "ms", "over which the threshold moves", bounds=(10, 100_000))
    rate = state(0.0, "Hz", "rate of each postsynaptic neuron", bounds=(0, 200))
    theta = state(0.0, "Hz", "threshold between depression and potentiation", bounds=(0, 200))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(rate=-s.rate / self.tau, theta=(s.rate**2 / self.y_0 - s.theta) / self.tau_theta)

    def on_events(self, t: Array, s: Record, wiring: Wiring, sent: Array, fired: Array) -> Changes:
        change = self.eta * s.rate * (s.rate - s.theta) / self.y_0**2
        wiring = ops.update_on_pre(wiring, sent, added, pre=self.limits, post=change)
        return dict(weight=wiring.weight, rate=s.rate + PER_SECOND / self.tau * fired)


class Oja(Plasticity):
    r"""Hebb's rule with a decay that keeps the weights of a neuron finite.

    .. math::

        \text{postsynaptic spike: } w \to w + \eta\, \frac{w_{max}\, x - w\, y}{y_0}, \qquad
        \tau \dot x = -x + \text{spikes}, \quad \tau \dot y = -y + \text{spikes}

    averaged over postsynaptic spikes it is :math:`\dot W \propto x y - y^2 W` with :math:`W = w / w_{max}`: for a neuron
    that sums its inputs the weights turn to the first principal component of the input and their squares sum to 1.

    Notes
    -----
    ``rate_pre`` and ``rate_post`` are the rates :math:`x` and :math:`y` in Hz, taken just before the spike.  Cost follows
    the postsynaptic spikes.

    References
    ----------
    Oja 1982, doi:10.1007/BF00275687.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> wiring = ops.CSR.from_edges([0], [0], [0.25], (1, 1)).with_columns()
    >>> s = Oja().begun(wiring, wiring.weight).merge(dict(rate_pre=jnp.array([5.0]), rate_post=jnp.array([20.0])))
    >>> float(Oja().on_events(0.0, s, wiring, jnp.zeros(1), jnp.ones(1))["weight"][0])  # at rest: the ratio of the rates
    0.25
    """

    sites: ClassVar[Mapping[str, str]] = {"rate_pre": "pre", "rate_post": "post"}

    eta: Param = param(0.001, "1", "change by one postsynaptic spike at the usual rates", bounds=(0, 1))
    y_0: Param = param(10.0, "Hz", "usual rate", bounds=(0.1, 200))
    tau: Param = param(50.0, "ms", "over which rates are taken", bounds=(1, 5000))
    rate_pre = state(0.0, "Hz", "rate of each presynaptic neuron", bounds=(0, 200))
    rate_post = state(0.0, "Hz", "rate of each postsynaptic neuron", bounds=(0, 200))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(rate_pre=-s.rate_pre / self.tau, rate_post=-s.rate_post / self.tau)

    def on_events(self, t: Array, s: Record, wiring: Wiring, sent: Array, fired: Array) -> Changes:
        pre = dict(self.limits, gain=self.eta * s.rate_pre / self.y_0)
        wiring = ops.update_on_post(wiring, fired, forgetting, pre=pre, post=self.eta * s.rate_post / self.y_0)
        return dict(
            weight=wiring.weight,
            rate_pre=s.rate_pre + PER_SECOND / self.tau * sent,
            rate_post=s.rate_post + PER_SECOND / self.tau * fired,
        )


def added(w: Array, pre: Mapping[str, Array], post: Array) -> Array:
    """The weight with what its postsynaptic neuron says added."""
    return kept(w, post, pre)


def forgetting(w: Array, pre: Mapping[str, Array], post: Array) -> Array:
    """The weight after a postsynaptic spike: towards the rate of its input, less what it loses in proportion to itself."""
    return kept(w, (pre["high"] * pre["gain"] - w * post) / pre["span"], pre)
