"""The Izhikevich neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike
from brainnb.core.units import empirical

CEILING = 1000.0
"""mV beyond which the upstroke grows no more: far above any peak, far below overflow."""


@empirical
def upstroke(V: Any) -> Any:
    r"""$0.04 V^2 + 5 V + 140$ mV/ms: fitted to the start of a spike."""
    return 0.04 * V**2 + 5.0 * V + 140.0


class SimpleModel(Model):
    """What the models of 2003 and 2004 share: two variables, four numbers, the reset."""

    default_method: ClassVar[str] = "sequential_euler"

    a: Param = param(0.02, "1/ms", "rate of recovery", bounds=(0.001, 0.2))
    b: Param = param(0.2, "1/ms", "sensitivity of recovery to V", bounds=(0, 0.5))
    c: Param = param(-65.0, "mV", "V after a spike", bounds=(-80, -40))
    d: Param = param(8.0, "mV/ms", "recovery added by a spike", bounds=(0, 12))
    V_peak: Param = param(30.0, "mV", "V that ends the spike", bounds=(0, 60))

    V = state(-70.0, "mV", "membrane potential", bounds=(-90, 30))
    w = state(-14.0, "mV/ms", "recovery (u in the paper)", bounds=(-20, 20))
    I = input(0.0, "mV/ms", "injected current", bounds=(-10, 40))

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(w=jnp.broadcast_to(self.b * s.V, s.w.shape)))

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        fired = spike(s.V - self.V_peak)
        V = jnp.minimum(s.V, self.V_peak)  # a step may overshoot the peak by any amount
        return dict(V=(1.0 - fired) * V + fired * self.c, w=s.w + fired * self.d), dict(spike=fired)


class Izhikevich(SimpleModel):
    r"""Izhikevich's simple model: the firing patterns of cortex from four numbers.

    .. math::

        \dot V &= 0.04 V^2 + 5 V + 140 - w + I, \qquad \dot w = a (b V - w) \\
        V &\ge V_{peak}: \; \text{spike}, \; V \to c, \; w \to w + d

    It explains how one fast variable with a parabola, one recovery variable and a reset give regular, fast, bursting
    and chattering cells, cheaply enough for large networks.  Its numbers are fitted, not measured: for parameters
    with a meaning see :class:`~brainnb.neurons.AdEx`, for the patterns of 2004
    :class:`~brainnb.neurons.Izhikevich2004`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (mV/ms).  ``spike`` : 1 at the step in which the peak was reached.

    Notes
    -----
    The paper's recovery $u$ is called ``w`` here (``u.`` holds the inputs).  The model belongs to its integration
    scheme: the author's programs step V first and w with the new V, which is the default here
    (``"sequential_euler"``).  At dt = 0.1 ms and I = 10 the regular-spiking cell then fires at 22 Hz and the
    fast-spiking one at 125 Hz; with plain Euler the latter fires at 130 Hz.  Beyond 1000 mV the growth of V is
    held, so that no stage of another method overflows.

    References
    ----------
    Izhikevich 2003, doi:10.1109/TNN.2003.820440, eqs. 1-3 and fig. 2.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(Izhikevich.fast_spiking(), T=1000, dt=0.1, I=10, record=["spike"])
    >>> int(ds.spike.sum())
    126
    """

    @preset
    def regular_spiking(cls) -> Self:
        """RS, the common excitatory cell (Izhikevich 2003, doi:10.1109/TNN.2003.820440, fig. 2)."""
        return cls()

    @preset
    def intrinsically_bursting(cls) -> Self:
        """IB, a burst, then single spikes (Izhikevich 2003, doi:10.1109/TNN.2003.820440, fig. 2)."""
        return cls(c=-55.0, d=4.0)

    @preset
    def chattering(cls) -> Self:
        """CH, bursts at a high rate (Izhikevich 2003, doi:10.1109/TNN.2003.820440, fig. 2)."""
        return cls(c=-50.0, d=2.0)

    @preset
    def fast_spiking(cls) -> Self:
        """FS, inhibitory, fast without adaptation (Izhikevich 2003, doi:10.1109/TNN.2003.820440, fig. 2)."""
        return cls(a=0.1, d=2.0)

    @preset
    def low_threshold_spiking(cls) -> Self:
        """LTS, inhibitory, with a low threshold (Izhikevich 2003, doi:10.1109/TNN.2003.820440, fig. 2)."""
        return cls(b=0.25, d=2.0)

    @preset
    def thalamo_cortical(cls) -> Self:
        """TC, rebound bursts after inhibition (Izhikevich 2003, doi:10.1109/TNN.2003.820440, fig. 2)."""
        return cls(b=0.25, d=0.05)

    @preset
    def resonator(cls) -> Self:
        """RZ, prefers inputs at its own frequency (Izhikevich 2003, doi:10.1109/TNN.2003.820440, fig. 2)."""
        return cls(a=0.1, b=0.26, d=2.0)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        growth = upstroke(jnp.minimum(s.V, CEILING))
        return dict(V=growth - s.w + u.I, w=self.a * (self.b * s.V - s.w))
