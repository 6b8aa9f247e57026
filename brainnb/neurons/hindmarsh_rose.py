"""The Hindmarsh–Rose neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record


class HindmarshRose(Model):
    r"""Hindmarsh–Rose: bursts in three variables, two fast and one slow.

    .. math::

        \dot x &= y - a x^3 + b x^2 - z + I \\
        \dot y &= c - d x^2 - y \\
        \dot z &= r\,[S (x - x_R) - z]

    It explains bursting as a fast system pushed back and forth by a slow one, and the road from single spikes over
    bursts to chaos as I grows.  Its variables and its time are dimensionless: nothing in it is a conductance.

    Inputs and observables
    ----------------------
    ``I`` : stimulus, dimensionless.

    Notes
    -----
    One unit of model time counts as 1 ms.  ``S`` is the paper's $s$.  I = 1.5 gives single spikes, 2 bursts of two,
    3.25 chaos.  The run starts at rest for I = 0.

    References
    ----------
    Hindmarsh & Rose 1984, doi:10.1098/rspb.1984.0024, the third-order system.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(HindmarshRose(), T=1000, dt=0.05, I=2)
    >>> peaks = (ds.x[1:] > 1) & (ds.x[:-1].values <= 1)
    >>> int(peaks[10000:].sum())
    8
    """

    default_method: ClassVar[str] = "rk4"

    a: Param = param(1.0, "1", "cubic coefficient", bounds=(0.5, 2))
    b: Param = param(3.0, "1", "quadratic coefficient", bounds=(2, 4))
    c: Param = param(1.0, "1", "constant of the recovery", bounds=(0, 2))
    d: Param = param(5.0, "1", "curvature of the recovery", bounds=(3, 7))
    r: Param = param(0.006, "1", "rate of the slow variable", bounds=(0, 0.05))
    S: Param = param(4.0, "1", "strength of the slow feedback", bounds=(0, 8))
    x_R: Param = param(-1.6, "1", "x at which the slow feedback vanishes", bounds=(-3, 0))

    x = state(-1.6045, "1", "membrane potential, dimensionless", bounds=(-2, 2.5))
    y = state(-11.873, "1", "fast recovery", bounds=(-20, 2))
    z = state(-0.0181, "1", "slow adaptation", bounds=(-1, 5))
    I = input(0.0, "1", "stimulus", bounds=(-1, 6))

    @preset
    def hindmarsh_rose_1984(cls) -> Self:
        """Bursts for I = 1.5 to 3.3 (Hindmarsh & Rose 1984, doi:10.1098/rspb.1984.0024)."""
        return cls()

    @preset
    def slow(cls) -> Self:
        """Long bursts: r = 0.001 (Hindmarsh & Rose 1984, doi:10.1098/rspb.1984.0024)."""
        return cls(r=0.001)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(
            x=s.y - self.a * s.x**3 + self.b * s.x**2 - s.z + u.I,
            y=self.c - self.d * s.x**2 - s.y,
            z=self.r * (self.S * (s.x - self.x_R) - s.z),
        )
