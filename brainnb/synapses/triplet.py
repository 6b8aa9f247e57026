"""Plasticity of spike triplets."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb import ops
from brainnb.core.fields import Param, param, state
from brainnb.core.model import preset
from brainnb.core.record import Record
from brainnb.ops import Wiring

from .plastic import Changes, Plasticity, kept, traced


class TripletSTDP(Plasticity):
    r"""Triplets of spikes change a weight: why high rates potentiate whatever the order of the spikes.

    .. math::

        \text{presynaptic spike: } & w \to w - W\, o_1 \left(A_2^- + A_3^- r_2\right) \\
        \text{postsynaptic spike: } & w \to w + W\, r_1 \left(A_2^+ + A_3^+ o_2\right)

    with traces :math:`r_1, r_2` (``pre``, ``pre_slow``) and :math:`o_1, o_2` (``post``, ``post_slow``) that decay with
    :math:`\tau_+, \tau_x, \tau_-, \tau_y` and :math:`W = w_{max} - w_{min}`.  Pairs alone (:class:`STDP`) predict that
    high rates cancel; experiments show potentiation.

    Notes
    -----
    Traces are those just before the spike.  ``all_pairs = 1`` adds all spikes up, 0 counts the nearest.  A spike touches the
    synapses of the neuron that fired and no others.

    References
    ----------
    Pfister & Gerstner 2006, doi:10.1523/JNEUROSCI.1425-06.2006 (eqs. 1-4).

    Examples
    --------
    >>> minimal = TripletSTDP.visual_cortex_minimal_2006()
    >>> round(float(minimal.A3_plus), 5), float(minimal.tau_y)
    (0.0065, 114.0)
    """

    sites: ClassVar[Mapping[str, str]] = {"pre": "pre", "pre_slow": "pre", "post": "post", "post_slow": "post"}

    A2_plus: Param = param(5e-10, "1", "potentiation by pairs", bounds=(0, 1))
    A3_plus: Param = param(6.2e-3, "1", "potentiation by triplets", bounds=(0, 1))
    A2_minus: Param = param(7e-3, "1", "depression by pairs", bounds=(0, 1))
    A3_minus: Param = param(2.3e-4, "1", "depression by triplets", bounds=(0, 1))
    tau_plus: Param = param(16.8, "ms", "window of potentiation by pairs", bounds=(1, 500))
    tau_x: Param = param(101.0, "ms", "memory of presynaptic spikes in triplets", bounds=(1, 2000))
    tau_minus: Param = param(33.7, "ms", "window of depression by pairs", bounds=(1, 500))
    tau_y: Param = param(125.0, "ms", "memory of postsynaptic spikes in triplets", bounds=(1, 2000))
    all_pairs: Param = param(1.0, "1", "1 counts all spikes, 0 the nearest", bounds=(0, 1))
    pre = state(0.0, "1", "trace of presynaptic spikes", bounds=(0, 10))
    pre_slow = state(0.0, "1", "slow trace of presynaptic spikes", bounds=(0, 50))
    post = state(0.0, "1", "trace of postsynaptic spikes", bounds=(0, 10))
    post_slow = state(0.0, "1", "slow trace of postsynaptic spikes", bounds=(0, 50))

    @preset
    def visual_cortex_2006(cls) -> Self:
        """Visual cortex, all spikes, full model (Pfister & Gerstner 2006, doi:10.1523/JNEUROSCI.1425-06.2006)."""
        return cls()

    @preset
    def visual_cortex_minimal_2006(cls) -> Self:
        """Visual cortex, all spikes, minimal model (Pfister & Gerstner 2006, doi:10.1523/JNEUROSCI.1425-06.2006)."""
        return cls(A2_plus=0.0, A3_plus=6.5e-3, A2_minus=7.1e-3, A3_minus=0.0, tau_y=114.0)

    @preset
    def visual_cortex_nearest_2006(cls) -> Self:
        """Visual cortex, nearest spikes, minimal (Pfister & Gerstner 2006, doi:10.1523/JNEUROSCI.1425-06.2006)."""
        return cls(A2_plus=0.0, A3_plus=5e-2, A2_minus=8e-3, A3_minus=0.0, tau_y=40.0, all_pairs=0.0)

    @preset
    def hippocampus_minimal_2006(cls) -> Self:
        """Hippocampal culture, all spikes, minimal (Pfister & Gerstner 2006, doi:10.1523/JNEUROSCI.1425-06.2006)."""
        return cls(A2_plus=5.3e-3, A3_plus=8e-3, A2_minus=3.5e-3, A3_minus=0.0, tau_y=40.0)

    @preset
    def hippocampus_nearest_2006(cls) -> Self:
        """Hippocampal culture, nearest spikes, full (Pfister & Gerstner 2006, doi:10.1523/JNEUROSCI.1425-06.2006)."""
        return cls(
            A2_plus=4.6e-3, A3_plus=9.1e-3, A2_minus=3e-3, A3_minus=7.5e-9, tau_x=575.0, tau_y=47.0, all_pairs=0.0
        )

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(
            pre=-s.pre / self.tau_plus,
            pre_slow=-s.pre_slow / self.tau_x,
            post=-s.post / self.tau_minus,
            post_slow=-s.post_slow / self.tau_y,
        )

    def on_events(self, t: Array, s: Record, wiring: Wiring, sent: Array, fired: Array) -> Changes:
        down = dict(self.limits, A=self.A2_minus + self.A3_minus * s.pre_slow)
        up = dict(A=self.A2_plus + self.A3_plus * s.post_slow)
        wiring = ops.update_on_pre(wiring, sent, depressed, pre=down, post=s.post)
        wiring = ops.update_on_post(wiring, fired, potentiated, pre=dict(self.limits, trace=s.pre), post=up)
        return dict(
            weight=wiring.weight,
            pre=traced(s.pre, sent, self.all_pairs),
            pre_slow=traced(s.pre_slow, sent, self.all_pairs),
            post=traced(s.post, fired, self.all_pairs),
            post_slow=traced(s.post_slow, fired, self.all_pairs),
        )


def depressed(w: Array, pre: Mapping[str, Array], post: Array) -> Array:
    """The weight after a presynaptic spike."""
    return kept(w, -pre["A"] * post, pre)


def potentiated(w: Array, pre: Mapping[str, Array], post: Mapping[str, Array]) -> Array:
    """The weight after a postsynaptic spike."""
    return kept(w, pre["trace"] * post["A"], pre)
