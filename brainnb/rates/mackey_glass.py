"""The Mackey–Glass equation."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, history, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record


class MackeyGlass(Model):
    r"""Mackey–Glass: one quantity, regulated too late, from rest over rhythm to chaos.

    .. math:: \dot x = \frac{\beta\, x(t - \tau)}{1 + x(t - \tau)^n} - \gamma x

    It explains diseases of a rhythm by a delay alone, and is the series on which forecasts are tested.  A single equation
    with a delay has as many dimensions as its past: chaos needs no second variable.

    Notes
    -----
    One unit of model time counts as 1 ms.  With the default numbers the rest at x = 1 loses its stability at
    $\tau = 4.7082$ with $\omega = 0.3873$ per ms (Hopf), periods double from 13, and beyond 16.8 the motion is chaotic:
    at 17 neighbours part with 0.007 per ms.  Before the run x was what it is at the begin, or what
    ``init={"x": function}`` says.

    References
    ----------
    Mackey & Glass 1977, doi:10.1126/science.267326, eq. 4b; exponents: Farmer 1982,
    doi:10.1016/0167-2789(82)90042-2.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(MackeyGlass(), T=2000, dt=0.1, every=10)
    >>> [round(float(x), 1) for x in (ds.x[300:].min(), ds.x[300:].max())]
    [0.4, 1.3]
    """

    default_method: ClassVar[str] = "rk4"

    beta: Param = param(0.2, "1", "production, per ms", bounds=(0, 1))
    gamma: Param = param(0.1, "1", "decay, per ms", bounds=(0, 1))
    n: Param = param(10.0, "1", "steepness of the regulation", bounds=(1, 20))
    tau: Param = param(17.0, "ms", "delay of the regulation", bounds=(0, 50))

    x = state(1.2, "1", "concentration", bounds=(0, 2))
    x_ago = history("x", "tau", "concentration when the regulation was sent")

    @preset
    def chaotic(cls) -> Self:
        """Delay 17: weak chaos, the series of forecasting contests (Mackey & Glass 1977; Farmer 1982)."""
        return cls()

    @preset
    def periodic(cls) -> Self:
        """Delay 8: a rhythm (Mackey & Glass 1977)."""
        return cls(tau=8.0)

    @preset
    def at_rest(cls) -> Self:
        """Delay 4, below the Hopf point: back to rest (after Mackey & Glass 1977)."""
        return cls(tau=4.0)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        then = s.x_ago(self.tau)
        return dict(x=self.beta * then / (1.0 + then**self.n) - self.gamma * s.x)
