"""The FitzHugh–Nagumo neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record


class FitzHughNagumo(Model):
    r"""FitzHugh–Nagumo: excitability in two variables, a fast cubic and a slow line.

    .. math:: \dot V = V - \frac{V^3}{3} - w + I, \qquad \tau \dot w = V + a - b w

    It explains excitability without a threshold, rebound spikes, relaxation oscillations and excitation block in a
    plane that can be drawn.  Its variables are dimensionless: for voltages and currents see
    :class:`~brainnb.neurons.MorrisLecar`.

    Inputs and observables
    ----------------------
    ``I`` : stimulus, dimensionless.

    Notes
    -----
    FitzHugh writes $\dot x = c (y + x - x^3/3 + z)$, $\dot y = -(x - a + b y)/c$ with $c = 3$; here the fast variable
    is the clock and the recovery has the opposite sign, so that $\tau = c^2 = 9$.  The default $\tau = 12.5$ is the
    form in common use since: rest loses its stability at I = 0.33128 and regains it at 1.41872 (Hopf).  The run
    starts at rest for I = 0.

    References
    ----------
    FitzHugh 1961, doi:10.1016/S0006-3495(61)86902-6, eqs. 1-2; Nagumo et al. 1962, doi:10.1109/JRPROC.1962.288235;
    Izhikevich & FitzHugh 2006, doi:10.4249/scholarpedia.1349.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(FitzHughNagumo(), T=200, I=0.5)
    >>> round(float(ds.V[1000:].max()), 2)
    1.85
    """

    default_method: ClassVar[str] = "rk4"

    a: Param = param(0.7, "1", "recovery offset", bounds=(0, 2))
    b: Param = param(0.8, "1", "recovery slope", bounds=(0, 2))
    tau: Param = param(12.5, "ms", "recovery time constant", bounds=(1, 50))

    V = state(-1.1994, "1", "fast variable", bounds=(-3, 3))
    w = state(-0.6243, "1", "recovery variable", bounds=(-2, 3))
    I = input(0.0, "1", "stimulus", bounds=(-1, 3))

    @preset
    def standard(cls) -> Self:
        """The form in common use: oscillates for I = 0.33 to 1.42 (Izhikevich & FitzHugh 2006)."""
        return cls()

    @preset
    def fitzhugh_1961(cls) -> Self:
        """FitzHugh's own time scale, c = 3 (FitzHugh 1961, eqs. 1-2)."""
        return cls(tau=9.0)

    @preset
    def bistable(cls) -> Self:
        """Two resting points for I near 0.4: b = 1.6 (after FitzHugh 1961)."""
        return cls(b=1.6)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(V=s.V - s.V**3 / 3.0 - s.w + u.I, w=(s.V + self.a - self.b * s.w) / self.tau)
