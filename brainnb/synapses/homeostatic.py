"""Homeostatic plasticity: all synapses of a neuron scaled together."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
from jax import Array, lax

from brainnb import ops
from brainnb.core.fields import Param, param, state
from brainnb.core.record import Record
from brainnb.inputs.edges import reached
from brainnb.ops import Wiring

from .hebbian import PER_SECOND
from .plastic import Changes, Plasticity


class SynapticScaling(Plasticity):
    r"""A neuron that fires too little strengthens all its synapses by one factor, and weakens them when it fires too much.

    .. math:: \tau_w \dot w_{ij} = w_{ij} \left(1 - \frac{y_j}{y_0}\right), \qquad \tau_y \dot y = -y + \text{spikes}

    It explains how a neuron keeps its rate while its inputs change, without losing what it has learnt: ratios of weights
    stay as they are.

    Notes
    -----
    Silent neurons must move too, so this rule touches all synapses; it does so once in ``period`` ms, with the exact factor
    :math:`e^{(1 - y/y_0)\, period / \tau_w}`.  For excitatory synapses.  Biology takes hours; the default is short so
    that a run can show it.  A neuron is at its target from the begin unless it shows otherwise.

    References
    ----------
    Turrigiano et al. 1998, doi:10.1038/36103; the equation: van Rossum, Bi & Turrigiano 2000,
    doi:10.1523/JNEUROSCI.20-23-08812.2000.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> wiring = ops.CSR.from_edges([0, 1], [0, 0], [0.2, 0.4], (2, 1)).with_columns()
    >>> rule = SynapticScaling(tau_w=1000, period=10)
    >>> s = rule.begun(wiring, wiring.weight).merge(dict(rate=jnp.zeros(1)))  # it has been silent
    >>> new = rule.on_events(10.0, s, wiring, jnp.zeros(2), jnp.zeros(1))["weight"]
    >>> [round(float(w), 6) for w in new / wiring.weight]
    [1.01005, 1.01005]
    """

    sites: ClassVar[Mapping[str, str]] = {"rate": "post", "scaled": "one"}

    y_0: Param = param(5.0, "Hz", "rate that a neuron keeps", bounds=(0.1, 200))
    tau_w: Param = param(10_000.0, "ms", "time constant of scaling", bounds=(10, 1e8))
    tau_y: Param = param(1000.0, "ms", "over which the rate is taken", bounds=(10, 100_000))
    period: Param = param(10.0, "ms", "time between two changes", bounds=(0.1, 1000))
    rate = state(0.0, "Hz", "rate of each postsynaptic neuron", bounds=(0, 200))
    scaled = state(0.0, "ms", "time of the last change", discrete=True)

    def begun(self, wiring: Wiring, weight: Array) -> Record:
        s = super().begun(wiring, weight)
        return s.merge(dict(rate=jnp.broadcast_to(self.y_0, s.rate.shape)))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(rate=-s.rate / self.tau_y)

    def on_events(self, t: Array, s: Record, wiring: Wiring, sent: Array, fired: Array) -> Changes:
        due = reached(t, s.scaled + self.period)

        def scale(w: Array) -> Array:
            factor = jnp.exp((1.0 - s.rate / self.y_0) * (t - s.scaled) / self.tau_w)
            return jnp.clip(w * ops.post_to_synapse(factor, wiring), self.w_min, self.w_max)

        return dict(
            weight=lax.cond(due, scale, lambda w: w, wiring.weight),
            rate=s.rate + PER_SECOND / self.tau_y * fired,
            scaled=jnp.where(due, t, s.scaled),
        )
