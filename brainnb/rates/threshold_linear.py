"""A pair of threshold-linear populations."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record


class ThresholdLinear(Model):
    r"""An excitatory and an inhibitory population whose rates grow linearly above threshold.

    .. math::

        \tau_E \dot r_E &= -r_E + \beta_E\, [w_{EE} r_E - w_{EI} r_I + I_E]_+ \\
        \tau_I \dot r_I &= -r_I + \beta_I\, [w_{IE} r_E - w_{II} r_I + I_I]_+

    It explains amplification and balance with two numbers a population; areas of it make hierarchies of time scales.
    Rates never saturate: beyond the linear regime use :class:`~brainnb.rates.WilsonCowan`.

    Inputs and observables
    ----------------------
    ``I_E``, ``I_I`` : current into each population (pA).

    Notes
    -----
    ``w_EI`` is the weight from I to E.  Defaults are the local circuit of the areas of the macaque model.  The slope at
    threshold is that of the silent side, 0.

    References
    ----------
    Chaudhuri et al. 2015, doi:10.1016/j.neuron.2015.09.008, eqs. 1-2; Murray et al. 2014's time scales motivate it.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(ThresholdLinear(), T=500, I_E=100, I_I=0)
    >>> round(float(ds.r_E[-1]), 2), round(float(ds.r_I[-1]), 2)
    (15.36, 12.21)
    """

    default_method: ClassVar[str] = "rk4"

    tau_E: Param = param(20.0, "ms", "time constant of excitation", bounds=(1, 200))
    tau_I: Param = param(10.0, "ms", "time constant of inhibition", bounds=(1, 200))
    beta_E: Param = param(0.066, "Hz/pA", "gain of excitation", bounds=(0, 1))
    beta_I: Param = param(0.351, "Hz/pA", "gain of inhibition", bounds=(0, 2))
    w_EE: Param = param(24.3, "pA/Hz", "weight from E to E", bounds=(0, 100))
    w_EI: Param = param(19.7, "pA/Hz", "weight from I to E", bounds=(0, 100))
    w_IE: Param = param(12.2, "pA/Hz", "weight from E to I", bounds=(0, 100))
    w_II: Param = param(12.5, "pA/Hz", "weight from I to I", bounds=(0, 100))

    r_E = state(10.0, "Hz", "rate of excitation", bounds=(0, 200))
    r_I = state(35.0, "Hz", "rate of inhibition", bounds=(0, 200))
    I_E = input(0.0, "pA", "current into excitation", bounds=(-500, 1500))
    I_I = input(0.0, "pA", "current into inhibition", bounds=(-500, 1500))

    @preset
    def chaudhuri_2015(cls) -> Self:
        """Local circuit of an area without its hierarchy (Chaudhuri et al. 2015)."""
        return cls()

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        to_E = self.w_EE * s.r_E - self.w_EI * s.r_I + u.I_E
        to_I = self.w_IE * s.r_E - self.w_II * s.r_I + u.I_I
        return dict(
            r_E=(-s.r_E + self.beta_E * jax.nn.relu(to_E)) / self.tau_E,
            r_I=(-s.r_I + self.beta_I * jax.nn.relu(to_I)) / self.tau_I,
        )
