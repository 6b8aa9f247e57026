"""Inhibitory plasticity, which balances excitation."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb import ops
from brainnb.core.fields import Param, param, state
from brainnb.core.model import preset
from brainnb.core.record import Record
from brainnb.ops import Wiring

from .hebbian import PER_SECOND, added
from .plastic import Changes, Plasticity, kept, traced


class VogelsSprekeler(Plasticity):
    r"""Inhibitory synapses that bring their neuron to a target rate, and so balance its excitation in detail.

    .. math::

        \text{presynaptic spike: } w \to w + W \eta\, (x_{post} - 2 \rho_0 \tau), \qquad
        \text{postsynaptic spike: } w \to w + W \eta\, x_{pre}, \qquad \tau \dot x = -x

    with :math:`W = w_{max} - w_{min}`.  Spikes close together potentiate whatever their order, and every presynaptic spike
    alone depresses: the weight rests when the postsynaptic rate is :math:`\rho_0`.  It explains asynchronous irregular
    firing without fine tuning, and how inhibition becomes as selective as the excitation it meets.

    Notes
    -----
    For projections whose output inhibits: weights are positive conductances with a low reversal potential.  With negative
    weights of :class:`Current` the rule would have the wrong sign.

    References
    ----------
    Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, doi:10.1126/science.1211095.

    Examples
    --------
    >>> rule = VogelsSprekeler(rho_0=5, tau=20)
    >>> round(float(rule.depression()), 6)  # in traces
    0.2
    """

    sites: ClassVar[Mapping[str, str]] = {"pre": "pre", "post": "post"}

    eta: Param = param(0.001, "1", "speed of learning", bounds=(0, 1))
    rho_0: Param = param(5.0, "Hz", "rate to which the postsynaptic neuron is brought", bounds=(0, 200))
    tau: Param = param(20.0, "ms", "window in which spikes are close together", bounds=(1, 500))
    pre = state(0.0, "1", "trace of presynaptic spikes", bounds=(0, 10))
    post = state(0.0, "1", "trace of postsynaptic spikes", bounds=(0, 10))

    @preset
    def vogels_2011(cls) -> Self:
        """Balanced memory networks (Vogels et al. 2011, doi:10.1126/science.1211095)."""
        return cls()

    def depression(self) -> Array:
        """What a presynaptic spike costs: the trace of a postsynaptic neuron at its target, from both sides."""
        return 2.0 * self.rho_0 / PER_SECOND * self.tau

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(pre=-s.pre / self.tau, post=-s.post / self.tau)

    def on_events(self, t: Array, s: Record, wiring: Wiring, sent: Array, fired: Array) -> Changes:
        change = self.eta * (s.post - self.depression())
        wiring = ops.update_on_pre(wiring, sent, added, pre=self.limits, post=change)
        wiring = ops.update_on_post(wiring, fired, met, pre=dict(self.limits, change=self.eta * s.pre))
        return dict(weight=wiring.weight, pre=traced(s.pre, sent), post=traced(s.post, fired))


def met(w: Array, pre: Mapping[str, Array], post: None) -> Array:
    """The weight after a postsynaptic spike."""
    return kept(w, pre["change"], pre)
