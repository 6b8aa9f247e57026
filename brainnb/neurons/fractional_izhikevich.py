"""The Izhikevich neuron of fractional order."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param, state
from brainnb.core.model import preset
from brainnb.core.record import Record
from brainnb.integrators import CaputoL1

from .izhikevich import CEILING, SimpleModel, upstroke


class FractionalIzhikevich(SimpleModel):
    r"""Izhikevich's simple model with derivatives of fractional order: one cell, many patterns, by its memory alone.

    .. math::

        D^\alpha V &= 0.04 V^2 + 5 V + 140 - w + I, \qquad D^\alpha w = a (b V - w) \\
        V &\ge V_{peak}: \; \text{spike}, \; V \to c, \; w \to w + d

    with Caputo's derivative $D^\alpha$ of order $0 < \alpha \le 1$, in which everything since the begin counts.
    It explains that a cell which remembers on many time scales at once bursts, chatters and fires fast with the
    parameters of the regular-spiking one, that its first spike comes later and that it adapts.  It does not say which
    process remembers; for adaptation with a time constant see :class:`~brainnb.neurons.AdEx`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (mV/ms).  ``spike`` : 1 at the step in which the peak was reached.

    Notes
    -----
    The model belongs to its scheme even more than the ordinary one: a reset is a jump, and a jump of a state of
    fractional order decays like $(t / dt)^{\alpha - 1}$.  The patterns of the paper are those of the explicit L1
    formula at dt = 0.1 ms, which is the default here; at dt = 0.05 the cell of order 0.87 chatters.  For $\alpha = 1$
    it is Izhikevich's neuron by Euler's method.  A step costs as much as there were steps before it.

    References
    ----------
    Teka, Upadhyay & Mondal 2018, doi:10.1016/j.cnsns.2017.07.026; scheme: Teka et al. 2014,
    doi:10.1371/journal.pcbi.1003526.

    Examples
    --------
    >>> import brainnb as bn
    >>> model = FractionalIzhikevich.chattering()
    >>> ds = bn.simulate(model, T=300, I=10, record=["spike"])
    >>> bool(ds.spike.sum() > bn.simulate(model.replace(alpha=1), T=300, I=10, record=["spike"]).spike.sum())
    True
    """

    default_method: ClassVar[Any] = CaputoL1(corrections=0)

    alpha: Param = param(1.0, "1", "order of the derivatives: 1 has no memory", bounds=(0.1, 1))

    V = state(-65.0, "mV", "membrane potential", bounds=(-90, 30), order="alpha")
    w = state(-13.0, "mV/ms", "recovery (u in the paper)", bounds=(-20, 20), order="alpha")

    @preset
    def regular_spiking(cls) -> Self:
        """Order 1: the ordinary regular-spiking cell (Teka et al. 2018, doi:10.1016/j.cnsns.2017.07.026)."""
        return cls()

    @preset
    def intrinsically_bursting(cls) -> Self:
        """Order 0.87: a burst, then single spikes (Teka et al. 2018, doi:10.1016/j.cnsns.2017.07.026)."""
        return cls(alpha=0.87)

    @preset
    def chattering(cls) -> Self:
        """Order 0.8: short bursts (Teka et al. 2018, doi:10.1016/j.cnsns.2017.07.026)."""
        return cls(alpha=0.8)

    @preset
    def bursting(cls) -> Self:
        """Order 0.7: longer bursts (Teka et al. 2018, doi:10.1016/j.cnsns.2017.07.026)."""
        return cls(alpha=0.7)

    @preset
    def long_bursts(cls) -> Self:
        """Order 0.5: long bursts with long pauses (Teka et al. 2018, doi:10.1016/j.cnsns.2017.07.026)."""
        return cls(alpha=0.5)

    @preset
    def fast_spiking(cls) -> Self:
        """Order 0.3: fast without a pause (Teka et al. 2018, doi:10.1016/j.cnsns.2017.07.026)."""
        return cls(alpha=0.3)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        growth = upstroke(jnp.minimum(s.V, CEILING))
        return dict(V=growth - s.w + u.I, w=self.a * (self.b * s.V - s.w))
