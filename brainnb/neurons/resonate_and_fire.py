"""The resonate-and-fire neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike


class ResonateAndFire(Model):
    r"""Resonate-and-fire: a damped oscillator with a threshold.

    .. math::

        \dot x = b x - \omega y + I, \qquad \dot y = \omega x + b y, \qquad
        y \ge 1: \; \text{spike}, \; x \to 0, \; y \to 1

    It explains why the timing of inputs matters: two weak pulses fire the neuron when they are one period apart, and a
    pulse of inhibition can fire it alone.  It is linear between spikes and has no spike shape.

    Inputs and observables
    ----------------------
    ``I`` : drive of x, per ms.  ``spike`` : 1 at the step in which y reached 1.

    Notes
    -----
    ``x`` stands for the current, ``y`` for the voltage, $z = x + i y$.  The paper has b = -1 and $\omega$ = 10; one
    unit of its time is 10 ms here.  A pulse of area A fires the neuron for A > 1.16426.

    References
    ----------
    Izhikevich 2001, doi:10.1016/S0893-6080(01)00078-8, eqs. 3-5.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(ResonateAndFire(), T=20, dt=0.01, init={"x": 1.2}, record=["spike"])
    >>> int(ds.spike.sum())
    1
    """

    default_method: ClassVar[str] = "rk4"

    b: Param = param(-0.1, "1/ms", "damping", bounds=(-2, 0))
    omega: Param = param(1.0, "1/ms", "angular frequency", bounds=(0.01, 12))

    x = state(0.0, "1", "current-like variable", bounds=(-2, 2))
    y = state(0.0, "1", "voltage-like variable", bounds=(-2, 1))
    I = input(0.0, "1/ms", "drive of x", bounds=(-1, 2))

    @preset
    def izhikevich_2001(cls) -> Self:
        """b/omega = -1/10, a resonance of 159 Hz (Izhikevich 2001)."""
        return cls()

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(x=self.b * s.x - self.omega * s.y + u.I, y=self.omega * s.x + self.b * s.y)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        fired = spike(s.y - 1.0)
        return dict(x=(1.0 - fired) * s.x, y=(1.0 - fired) * s.y + fired), dict(spike=fired)
