"""Spike-timing-dependent plasticity of pairs."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb import ops
from brainnb.core.fields import Param, param, state
from brainnb.core.model import preset
from brainnb.core.record import Record
from brainnb.ops import Wiring

from .plastic import Changes, Plasticity, kept, traced


class STDP(Plasticity):
    r"""Pairs of spikes change a weight: up when the presynaptic one came first, down when it came last.

    .. math::

        \Delta w = \begin{cases}
        \;\;\,(w_{max} - w_{min})\, A_+ f_+(w)\, e^{-\Delta t / \tau_+} & \Delta t = t_{post} - t_{pre} > 0 \\
        -(w_{max} - w_{min})\, A_- f_-(w)\, e^{\Delta t / \tau_-} & \Delta t < 0
        \end{cases}

    .. math::

        f_+ = \left(\tfrac{w_{max} - w}{w_{max} - w_{min}}\right)^{\mu_+}, \quad
        f_- = \left(\tfrac{w - w_{min}}{w_{max} - w_{min}}\right)^{\mu_-}

    It explains competition of inputs: with :math:`A_- \tau_- > A_+ \tau_+` uncorrelated ones die and correlated ones win.
    With :math:`\mu = 0` changes do not depend on the weight (additive, weights end at the bounds); with
    :math:`\mu = 1` they are proportional to the room that is left (multiplicative, one peak).

    Notes
    -----
    A trace for each presynaptic and each postsynaptic neuron; a spike touches the synapses of the neuron that fired and
    no others.  ``all_pairs = 1`` adds up the pairs with all earlier spikes, 0 counts the nearest only (each spike with
    the last one of the other side).  The presynaptic time is that at which a spike arrives, after its delay.  Two spikes
    in one step make no pair.

    References
    ----------
    Song, Miller & Abbott 2000, doi:10.1038/78829; weight dependence: Gütig et al. 2003,
    doi:10.1523/JNEUROSCI.23-09-03697.2003; which pairs: Morrison, Diesmann & Gerstner 2008,
    doi:10.1007/s00422-008-0233-1.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from brainnb import ops
    >>> wiring = ops.CSR.from_edges([0], [0], [0.5], (1, 1)).with_columns()
    >>> rule = STDP(A_plus=0.01)
    >>> s = rule.begun(wiring, wiring.weight).merge(dict(pre=jnp.ones(1)))  # a presynaptic spike was just there
    >>> round(float(rule.on_events(0.0, s, wiring, jnp.zeros(1), jnp.ones(1))["weight"][0]), 6)
    0.51
    """

    sites: ClassVar[Mapping[str, str]] = {"pre": "pre", "post": "post"}

    A_plus: Param = param(0.005, "1", "largest potentiation by one pair", bounds=(0, 1))
    A_minus: Param = param(0.00525, "1", "largest depression by one pair", bounds=(0, 1))
    tau_plus: Param = param(20.0, "ms", "window of potentiation", bounds=(1, 500))
    tau_minus: Param = param(20.0, "ms", "window of depression", bounds=(1, 500))
    mu_plus: Param = param(0.0, "1", "how potentiation depends on the weight: 0 not, 1 in proportion", bounds=(0, 2))
    mu_minus: Param = param(0.0, "1", "how depression depends on the weight: 0 not, 1 in proportion", bounds=(0, 2))
    all_pairs: Param = param(1.0, "1", "1 counts all pairs, 0 the nearest", bounds=(0, 1))
    pre = state(0.0, "1", "trace of presynaptic spikes", bounds=(0, 10))
    post = state(0.0, "1", "trace of postsynaptic spikes", bounds=(0, 10))

    @preset
    def song_2000(cls) -> Self:
        """Additive, all pairs (Song, Miller & Abbott 2000, doi:10.1038/78829)."""
        return cls()

    @preset
    def nearest_2003(cls) -> Self:
        """The nearest pairs only (Izhikevich & Desai 2003, doi:10.1162/089976603321891783)."""
        return cls(all_pairs=0.0)

    @preset
    def gutig_2003(cls) -> Self:
        """Between additive and multiplicative (Gütig et al. 2003, doi:10.1523/JNEUROSCI.23-09-03697.2003)."""
        return cls(mu_plus=0.02, mu_minus=0.02)

    @preset
    def van_rossum_2000(cls) -> Self:
        """Depression in proportion to the weight (van Rossum et al. 2000, doi:10.1523/JNEUROSCI.20-23-08812.2000)."""
        return cls(mu_minus=1.0)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(pre=-s.pre / self.tau_plus, post=-s.post / self.tau_minus)

    def on_events(self, t: Array, s: Record, wiring: Wiring, sent: Array, fired: Array) -> Changes:
        down = dict(self.limits, A=self.A_minus, mu=self.mu_minus)
        up = dict(self.limits, A=self.A_plus, mu=self.mu_plus, trace=s.pre)
        wiring = ops.update_on_pre(wiring, sent, depressed, pre=down, post=s.post)
        wiring = ops.update_on_post(wiring, fired, potentiated, pre=up)
        return dict(
            weight=wiring.weight,
            pre=traced(s.pre, sent, self.all_pairs),
            post=traced(s.post, fired, self.all_pairs),
        )


def depressed(w: Array, pre: Mapping[str, Array], post: Array) -> Array:
    """The weight after a presynaptic spike, with the trace of the postsynaptic ones."""
    share = jnp.clip((w - pre["low"]) / pre["span"], 0.0, 1.0)
    return kept(w, -pre["A"] * share ** pre["mu"] * post, pre)


def potentiated(w: Array, pre: Mapping[str, Array], post: None) -> Array:
    """The weight after a postsynaptic spike, with the trace of the presynaptic ones."""
    room = jnp.clip((pre["high"] - w) / pre["span"], 0.0, 1.0)
    return kept(w, pre["A"] * room ** pre["mu"] * pre["trace"], pre)
