"""The Wilson–Cowan model of an excitatory and an inhibitory population."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record

from .base import logistic


class WilsonCowan(Model):
    r"""Wilson–Cowan: the fractions of active excitatory and inhibitory cells.

    .. math::

        \tau_E \dot E &= -E + (k_E - r E)\, S_E(w_{EE} E - w_{EI} I + P) \\
        \tau_I \dot I &= -I + (k_I - r I)\, S_I(w_{IE} E - w_{II} I + Q) \\
        S(x) &= \frac{1}{1 + e^{-a (x - \theta)}} - \frac{1}{1 + e^{a \theta}}, \qquad k = 1 - \frac{1}{1 + e^{a \theta}}

    It explains multiple resting states, hysteresis and the oscillations of coupled excitation and inhibition in a
    plane that can be drawn.  Its variables are fractions, not spikes; synchrony within a population is outside.

    Inputs and observables
    ----------------------
    ``P``, ``Q`` : drive of the excitatory and of the inhibitory population, dimensionless.

    Notes
    -----
    ``w_EI`` is the weight from I to E (the paper's $c_2$).  $S(0) = 0$, so that silence is a resting state without
    drive.  With equal time constants they only set the clock; 10 ms is chosen here.
    With the default weights the population oscillates between P = 1.07 and 1.88 (homoclinic and Hopf).

    References
    ----------
    Wilson & Cowan 1972, doi:10.1016/S0006-3495(72)86068-5, eqs. 11-12, 15, fig. 11.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(WilsonCowan(), T=500, dt=0.1, P=1.25)
    >>> round(float(ds.E[2500:].max()), 2)
    0.27
    """

    default_method: ClassVar[str] = "rk4"

    tau_E: Param = param(10.0, "ms", "time constant of excitation", bounds=(0.5, 100))
    tau_I: Param = param(10.0, "ms", "time constant of inhibition", bounds=(0.5, 100))
    w_EE: Param = param(16.0, "1", "weight from E to E", bounds=(0, 30))
    w_EI: Param = param(12.0, "1", "weight from I to E", bounds=(0, 30))
    w_IE: Param = param(15.0, "1", "weight from E to I", bounds=(0, 30))
    w_II: Param = param(3.0, "1", "weight from I to I", bounds=(0, 30))
    a_E: Param = param(1.3, "1", "steepness of the excitatory response", bounds=(0.1, 5))
    a_I: Param = param(2.0, "1", "steepness of the inhibitory response", bounds=(0.1, 5))
    theta_E: Param = param(4.0, "1", "threshold of the excitatory response", bounds=(0, 10))
    theta_I: Param = param(3.7, "1", "threshold of the inhibitory response", bounds=(0, 10))
    r: Param = param(1.0, "1", "refractory fraction", bounds=(0, 2))

    E = state(0.1, "1", "fraction of active excitatory cells", bounds=(-0.1, 0.6))
    I = state(0.05, "1", "fraction of active inhibitory cells", bounds=(-0.1, 0.6))
    P = input(0.0, "1", "drive of the excitatory population", bounds=(-2, 4))
    Q = input(0.0, "1", "drive of the inhibitory population", bounds=(-2, 4))

    @preset
    def limit_cycle(cls) -> Self:
        """Oscillates for P = 1.25 (Wilson & Cowan 1972, fig. 11)."""
        return cls()

    @preset
    def bistable(cls) -> Self:
        """Two resting states without drive (Wilson & Cowan 1972, fig. 4, with w_EE = 12)."""
        return cls(w_EE=12.0, w_EI=4.0, w_IE=13.0, w_II=11.0, a_E=1.2, theta_E=2.8, a_I=1.0, theta_I=4.0)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        to_E = self.w_EE * s.E - self.w_EI * s.I + u.P
        to_I = self.w_IE * s.E - self.w_II * s.I + u.Q
        return dict(
            E=(-s.E + self._active(s.E, to_E, self.a_E, self.theta_E)) / self.tau_E,
            I=(-s.I + self._active(s.I, to_I, self.a_I, self.theta_I)) / self.tau_I,
        )

    def _active(self, x: Any, drive: Any, a: Any, theta: Any) -> Any:
        """Cells that become active: those that are free to times those that are driven to."""
        at_rest = logistic(-a * theta)
        return (1.0 - at_rest - self.r * x) * (logistic(a * (drive - theta)) - at_rest)
