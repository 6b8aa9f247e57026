"""The Stuart–Landau oscillator."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record


class StuartLandau(Model):
    r"""Stuart–Landau: the normal form of a Hopf bifurcation.

    .. math:: \dot z = (a + i \omega - |z|^2)\, z + I, \qquad z = x + i y

    It explains how oscillations are born, with amplitude $\sqrt a$ and frequency $\omega$; whole-brain models use it
    for every region.  It has no wave form of its own: any rhythm close to its onset looks like this.

    Inputs and observables
    ----------------------
    ``I`` : drive of x, dimensionless.

    Notes
    -----
    One unit of model time counts as 1 ms: the period is $2 \pi / \omega$ ms.  For a < 0 it is a damped resonator.

    References
    ----------
    Stuart 1960, doi:10.1017/S002211206000116X; whole-brain use: Deco et al. 2017, doi:10.1038/s41598-017-03073-5.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(StuartLandau(), T=300, dt=0.1)
    >>> round(float(ds.x[1000:].max()), 3)
    0.5
    """

    default_method: ClassVar[str] = "rk4"

    a: Param = param(0.25, "1", "distance from the bifurcation; the amplitude is its root", bounds=(-2, 2))
    omega: Param = param(0.2, "1", "angular frequency, per ms", bounds=(0, 3))

    x = state(0.1, "1", "real part", bounds=(-2, 2))
    y = state(0.0, "1", "imaginary part", bounds=(-2, 2))
    I = input(0.0, "1", "drive of x", bounds=(-1, 1))

    @preset
    def oscillating(cls) -> Self:
        """Above the bifurcation: amplitude 0.5, period 31.4 ms (after Stuart 1960)."""
        return cls()

    @preset
    def damped(cls) -> Self:
        """Below the bifurcation, as regions driven by noise (Deco et al. 2017)."""
        return cls(a=-0.02)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        growth = self.a - s.x**2 - s.y**2
        return dict(x=growth * s.x - self.omega * s.y + u.I, y=growth * s.y + self.omega * s.x)
