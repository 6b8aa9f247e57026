"""Plasticity that waits for a reward."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb import ops
from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import preset
from brainnb.core.record import Record
from brainnb.ops import Wiring

from .plastic import Changes, Plasticity, traced


class RewardSTDP(Plasticity):
    r"""Pairs of spikes leave an eligibility, and a reward within a second or so turns it into a change of the weight.

    .. math::

        \dot c = -\frac{c}{\tau_c} + \mathrm{STDP}(\Delta t)\,\delta(t - t_{spike}), \qquad
        \dot d = -\frac{d}{\tau_d} + reward(t), \qquad \dot w = \eta\, c\, (d + d_0)

    It explains how a synapse can learn from a reward that comes after the spikes that earned it (the distal reward
    problem).

    Inputs and observables
    ----------------------
    ``reward`` : dopamine that is released, the same for all synapses; ``inputs={"EE.plasticity.reward": ...}``.

    Notes
    -----
    ``eligibility`` is counted in the span of the weights.  It decays and acts at every synapse at every moment, so the cost
    follows the synapses and not the spikes; pairs are counted as in :class:`STDP`.

    References
    ----------
    Izhikevich 2007, doi:10.1093/cercor/bhl152.

    Examples
    --------
    >>> RewardSTDP().inputs()["reward"].unit
    'uM/ms'
    """

    sites: ClassVar[Mapping[str, str]] = {"pre": "pre", "post": "post", "dopamine": "one"}

    A_plus: Param = param(0.025, "1", "largest eligibility by one pair", bounds=(0, 1))
    A_minus: Param = param(0.0375, "1", "largest negative eligibility by one pair", bounds=(0, 1))
    tau_plus: Param = param(20.0, "ms", "window of positive pairs", bounds=(1, 500))
    tau_minus: Param = param(20.0, "ms", "window of negative pairs", bounds=(1, 500))
    tau_c: Param = param(1000.0, "ms", "how long a synapse stays eligible", bounds=(10, 10_000))
    tau_d: Param = param(200.0, "ms", "how long dopamine stays", bounds=(1, 10_000))
    d_0: Param = param(0.002, "uM", "dopamine without reward", bounds=(0, 1))
    eta: Param = param(0.1, "1/(uM*ms)", "speed of learning", bounds=(0, 10))
    all_pairs: Param = param(1.0, "1", "1 counts all pairs, 0 the nearest", bounds=(0, 1))
    reward = input(0.0, "uM/ms", "dopamine that is released", bounds=(0, 1))
    weight = state(0.0, "1", "weight of each synapse", bounds=(-1000, 1000))
    eligibility = state(0.0, "1", "what a reward would do to each synapse", bounds=(-1, 1))
    pre = state(0.0, "1", "trace of presynaptic spikes", bounds=(0, 10))
    post = state(0.0, "1", "trace of postsynaptic spikes", bounds=(0, 10))
    dopamine = state(0.0, "uM", "dopamine above its usual level", bounds=(0, 5))

    @preset
    def izhikevich_2007(cls) -> Self:
        """The distal reward (Izhikevich 2007, doi:10.1093/cercor/bhl152)."""
        return cls()

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(
            weight=self.eta * (self.w_max - self.w_min) * s.eligibility * (s.dopamine + self.d_0),
            eligibility=-s.eligibility / self.tau_c,
            pre=-s.pre / self.tau_plus,
            post=-s.post / self.tau_minus,
            dopamine=-s.dopamine / self.tau_d + u.reward,
        )

    def on_events(self, t: Array, s: Record, wiring: Wiring, sent: Array, fired: Array) -> Changes:
        eligible = wiring.with_weight(s.eligibility)
        eligible = ops.update_on_pre(eligible, sent, lowered, pre=self.A_minus, post=s.post)
        eligible = ops.update_on_post(eligible, fired, raised, pre=s.pre, post=self.A_plus)
        return dict(
            weight=jnp.clip(s.weight, self.w_min, self.w_max),
            eligibility=eligible.weight,
            pre=traced(s.pre, sent, self.all_pairs),
            post=traced(s.post, fired, self.all_pairs),
        )


def lowered(c: Array, A: Array, post: Array) -> Array:
    """Eligibility after a presynaptic spike."""
    return c - A * post


def raised(c: Array, pre: Array, A: Array) -> Array:
    """Eligibility after a postsynaptic spike."""
    return c + A * pre
