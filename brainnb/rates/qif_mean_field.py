"""The exact mean field of quadratic integrate-and-fire neurons."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record

PI = float(np.pi)


class QIFMeanField(Model):
    r"""Montbrió–Pazó–Roxin: the exact rate and mean voltage of infinitely many quadratic integrate-and-fire neurons.

    .. math::

        \tau \dot r &= \frac{\Delta}{\pi \tau} + 2 r v \\
        \tau \dot v &= v^2 + \bar\eta + J \tau r + I - (\pi \tau r)^2

    It explains bistability and damped oscillations of a network whose single neurons are known, without the spikes:
    the equations are exact for Lorentzian excitability and all-to-all coupling.  Sparse coupling, other distributions
    and finite size are outside; the neurons are :class:`~brainnb.neurons.QIF`.

    Inputs and observables
    ----------------------
    ``I`` : common input, dimensionless.

    Notes
    -----
    ``r`` is in 1/ms: times 1000 it is in Hz.  ``v`` is in the dimensionless unit of the quadratic form.  The paper has
    $\tau = 1$; 10 ms is a membrane.  At rest $v = -\Delta / (2 \pi \tau r)$.

    References
    ----------
    Montbrió, Pazó & Roxin 2015, doi:10.1103/PhysRevX.5.021028, eq. 12.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(QIFMeanField(), T=300, I=bn.inputs.Pulse(amplitude=3, start=50, duration=100))
    >>> round(1000 * float(ds.r[0])), round(1000 * float(ds.r[-1]))
    (8, 103)
    """

    default_method: ClassVar[str] = "rk4"

    tau: Param = param(10.0, "ms", "membrane time constant", bounds=(0.5, 100))
    Delta: Param = param(1.0, "1", "half-width of the distribution of excitability", bounds=(0.05, 5))
    eta: Param = param(-5.0, "1", "centre of the distribution of excitability", bounds=(-15, 10))
    J: Param = param(15.0, "1", "coupling", bounds=(-30, 30))

    r = state(0.008113444, "1/ms", "population rate", bounds=(0, 0.3))
    v = state(-1.96162, "1", "mean voltage", bounds=(-4, 4))
    I = input(0.0, "1", "common input", bounds=(-5, 10))

    @preset
    def montbrio_pazo_roxin_2015(cls) -> Self:
        """Bistable: rest at 8 Hz, activity at 103 Hz (Montbrió, Pazó & Roxin 2015, fig. 2)."""
        return cls()

    @preset
    def monostable(cls) -> Self:
        """No coupling: one state for every input (Montbrió, Pazó & Roxin 2015)."""
        return cls(J=0.0)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        active = self.tau * s.r
        return dict(
            r=(self.Delta / (PI * self.tau) + 2.0 * s.r * s.v) / self.tau,
            v=(s.v**2 + self.eta + self.J * active + u.I - (PI * active) ** 2) / self.tau,
        )
