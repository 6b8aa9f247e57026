"""The quadratic integrate-and-fire neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike


class QIF(Model):
    r"""Quadratic integrate-and-fire: the simplest neuron that starts its own spike.

    .. math::

        \tau \dot V = c\,(V - V_{rest})(V - V_c) + R I, \qquad
        V \ge V_{th}: \; \text{spike}, \; V \to V_{reset}

    It explains class I excitability: every neuron near a saddle-node onset is this one, its rate grows as the root of
    the distance to rheobase.  It has no adaptation and no spike shape: see :class:`~brainnb.neurons.Izhikevich`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (pA), inward positive.  ``spike`` : 1 at the step in which the threshold was reached.

    Notes
    -----
    Rheobase is $c (V_c - V_{rest})^2 / 4 R$.  Above it the period is a difference of two arctangents.  The parabola is
    held at its value at ``V_th``, so that no stage of a method overflows.

    References
    ----------
    Latham et al. 2000, doi:10.1152/jn.2000.83.2.808; Ermentrout & Kopell 1986, doi:10.1137/0146017.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(QIF(), T=500, dt=0.05, I=60, record=["spike"])
    >>> int(ds.spike.sum())
    7
    """

    default_method: ClassVar[str] = "rk4"

    tau: Param = param(10.0, "ms", "membrane time constant", bounds=(0.5, 100))
    R: Param = param(0.1, "Gohm", "input resistance", bounds=(0.001, 2))
    c: Param = param(0.07, "1/mV", "curvature of the parabola", bounds=(0.005, 2))
    V_rest: Param = param(-65.0, "mV", "resting potential", bounds=(-100, 20))
    V_c: Param = param(-50.0, "mV", "potential beyond which a spike starts", bounds=(-80, 20))
    V_th: Param = param(-30.0, "mV", "potential that ends the upstroke", bounds=(-60, 1000))
    V_reset: Param = param(-68.0, "mV", "potential after a spike", bounds=(-1000, 20))

    V = state(-65.0, "mV", "membrane potential", bounds=(-80, -30))
    I = input(0.0, "pA", "injected current", bounds=(-100, 300))

    @preset
    def cortical(cls) -> Self:
        """A cell at rest at -65 mV whose spike starts at -50 mV (after Latham et al. 2000)."""
        return cls()

    @preset
    def normal_form(cls) -> Self:
        """V' = V^2 + R I from -10 to 10 with R I in its own unit (Ermentrout & Kopell 1986)."""
        return cls(tau=1.0, c=1.0, V_rest=0.0, V_c=0.0, V_th=10.0, V_reset=-10.0, R=1.0)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(V=jnp.broadcast_to(self.V_rest, s.V.shape)))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        V = jnp.minimum(s.V, self.V_th)
        return dict(V=(self.c * (V - self.V_rest) * (V - self.V_c) + self.R * u.I) / self.tau)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        fired = spike(s.V - self.V_th)
        return dict(V=(1.0 - fired) * s.V + fired * self.V_reset), dict(spike=fired)
