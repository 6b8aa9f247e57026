"""The FitzHugh–Rinzel neuron of fractional order."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record


class FractionalFitzHughRinzel(Model):
    r"""FitzHugh–Rinzel with derivatives of fractional order: bursts, and how memory slows them.

    .. math::

        D^\alpha V = V - \frac{V^3}{3} - w + y + I, \qquad
        D^\alpha w = \delta (a + V - b w), \qquad
        D^\alpha y = \mu (c - V - d y)

    with Caputo's derivative $D^\alpha$ of order $0 < \alpha \le 1$.  For $\alpha = 1$ it is FitzHugh–Nagumo with a very
    slow current, which lets it burst: oscillations of small amplitude grow into spikes and die again (elliptic
    bursting).  It explains how memory, an order below 1, makes the rate lower and the first spike later.  Its variables
    are dimensionless; it does not say which process remembers.

    Inputs and observables
    ----------------------
    ``I`` : stimulus, dimensionless; bursts are at 0.3125.

    Notes
    -----
    One unit of model time counts as 1 ms.  The slow current needs some 2000 ms until the first burst.  At I = 0.5
    the interval between spikes is 40 ms for order 1, 46 for 0.95, 55 for 0.9, 120 for 0.8.  A step costs as much as
    there were steps before it; ``method=bn.integrators.GrunwaldLetnikov(memory=...)`` bounds it.

    References
    ----------
    Mondal, Sharma, Upadhyay & Mondal 2019, doi:10.1038/s41598-019-52061-4, eq. 1; ordinary model: FitzHugh & Rinzel
    1976 (unpublished), in Rinzel 1987, doi:10.1007/978-3-642-93360-8_26.

    Examples
    --------
    >>> import brainnb as bn
    >>> peaks = lambda alpha: bn.simulate(FractionalFitzHughRinzel(alpha=alpha), T=400, dt=0.2, I=0.5).V.values
    >>> [int(((v[:-1] < 0.5) & (v[1:] >= 0.5)).sum()) for v in (peaks(1.0), peaks(0.8))]
    [11, 4]
    """

    default_method: ClassVar[str] = "caputo_l1"

    alpha: Param = param(1.0, "1", "order of the derivatives: 1 has no memory", bounds=(0.1, 1))
    a: Param = param(0.7, "1", "recovery offset", bounds=(0, 2))
    b: Param = param(0.8, "1", "recovery slope", bounds=(0, 2))
    c: Param = param(-0.775, "1", "offset of the slow current", bounds=(-1.5, 0.5))
    d: Param = param(1.0, "1", "slope of the slow current", bounds=(0, 2))
    delta: Param = param(0.08, "1", "rate of recovery, per ms", bounds=(0.01, 0.5))
    mu: Param = param(0.0001, "1", "rate of the slow current, per ms", bounds=(0, 0.02))

    V = state(-1.0, "1", "membrane potential", bounds=(-3, 3), order="alpha")
    w = state(-0.5, "1", "recovery variable", bounds=(-2, 3), order="alpha")
    y = state(0.0, "1", "slow current", bounds=(-0.5, 0.5), order="alpha")
    I = input(0.3125, "1", "stimulus", bounds=(-1, 3))

    @preset
    def bursting(cls) -> Self:
        """Order 1, the ordinary model: elliptic bursts (Mondal et al. 2019, doi:10.1038/s41598-019-52061-4)."""
        return cls()

    @preset
    def slowed_by_memory(cls) -> Self:
        """Order 0.9: fewer spikes, the first one later (Mondal et al. 2019, doi:10.1038/s41598-019-52061-4)."""
        return cls(alpha=0.9)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(
            V=s.V - s.V**3 / 3.0 - s.w + s.y + u.I,
            w=self.delta * (self.a + s.V - self.b * s.w),
            y=self.mu * (self.c - s.V - self.d * s.y),
        )
