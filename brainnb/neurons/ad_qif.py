"""The adaptive quadratic integrate-and-fire neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike


class AdQIF(Model):
    r"""Adaptive quadratic integrate-and-fire: a parabola that starts spikes and one adaptation variable.

    .. math::

        \tau \dot V &= c\,(V - V_{rest})(V - V_c) - w + R I, \qquad \tau_w \dot w = a (V - V_{rest}) - w \\
        V &\ge V_{th}: \; \text{spike}, \; V \to V_{reset}, \; w \to w + b

    It explains adaptation, bursts and rebound spikes: :class:`~brainnb.neurons.Izhikevich`'s model with numbers that
    have a meaning.  Its upstroke is slower than the exponential one of :class:`~brainnb.neurons.AdEx`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (pA), inward positive.  ``spike`` : 1 at the step in which the threshold was reached.

    Notes
    -----
    Izhikevich's $0.04 V^2 + 5 V + 140$ is ``tau=1, c=0.04, V_rest=-82.6556, V_c=-42.3444``, with ``tau_w`` for $1/a$, ``a``
    for $b$, and a drive lower by $b\,V_{rest}$.  Rest is lost in a fold
    at $I = (c (V_c - V_{rest}) + a)^2 / 4 c R$, or before it in a Hopf bifurcation where $\tau_w > \tau / a$.  The parabola is held at its value at ``V_th``, so that no stage of a method overflows.

    References
    ----------
    Izhikevich 2003, doi:10.1109/TNN.2003.820440; Touboul 2008, doi:10.1137/070687268, sec. 2.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(AdQIF(), T=500, dt=0.05, I=200, record=["spike"])
    >>> int(ds.spike.sum())
    16
    """

    default_method: ClassVar[str] = "rk4"

    tau: Param = param(10.0, "ms", "membrane time constant", bounds=(0.5, 100))
    R: Param = param(0.1, "Gohm", "input resistance", bounds=(0.001, 2))
    c: Param = param(0.07, "1/mV", "curvature of the parabola", bounds=(0.005, 2))
    V_rest: Param = param(-65.0, "mV", "resting potential", bounds=(-100, 20))
    V_c: Param = param(-50.0, "mV", "potential beyond which a spike starts", bounds=(-80, 20))
    V_th: Param = param(-30.0, "mV", "potential that ends the upstroke", bounds=(-60, 1000))
    V_reset: Param = param(-68.0, "mV", "potential after a spike", bounds=(-1000, 20))
    a: Param = param(1.0, "1", "adaptation that follows V", bounds=(-2, 5))
    b: Param = param(0.1, "mV", "adaptation added by a spike", bounds=(-20, 50))
    tau_w: Param = param(10.0, "ms", "time constant of adaptation", bounds=(1, 1000))

    V = state(-65.0, "mV", "membrane potential", bounds=(-80, -30))
    w = state(0.0, "mV", "adaptation", bounds=(-20, 50))
    I = input(0.0, "pA", "injected current", bounds=(-100, 600))

    @preset
    def following_v(cls) -> Self:
        """Fast adaptation that follows V more than spikes: late first spike, then tonic firing (after Touboul 2008)."""
        return cls()

    @preset
    def bursting(cls) -> Self:
        """Bursts, for I = 200 pA: a high reset starts the next spike until w stops it (after Touboul 2008, sec. 4)."""
        return cls(a=0.5, b=6.0, tau_w=100.0, V_reset=-46.0)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(V=jnp.broadcast_to(self.V_rest, s.V.shape)))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        V = jnp.minimum(s.V, self.V_th)
        parabola = self.c * (V - self.V_rest) * (V - self.V_c)
        return dict(
            V=(parabola - s.w + self.R * u.I) / self.tau,
            w=(self.a * (V - self.V_rest) - s.w) / self.tau_w,
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        fired = spike(s.V - self.V_th)
        return dict(V=(1.0 - fired) * s.V + fired * self.V_reset, w=s.w + fired * self.b), dict(spike=fired)
