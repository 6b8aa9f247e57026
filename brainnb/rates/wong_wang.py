"""The reduced decision model of Wong and Wang."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, input, observable, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.units import empirical

from .base import PER_MS, over_one_minus_exp


@empirical
def firing_rate(x: Any, d: Any) -> Any:
    r"""$x / (1 - e^{-d x})$ in Hz, for ``x`` in Hz and ``d`` in s; $1/d$ at $x = 0$."""
    return over_one_minus_exp(d * x) / d


@empirical
def opening(S: Any, gamma: Any, rate: Any) -> Any:
    """How fast spikes at ``rate`` (Hz) open the closed synapses, 1/ms."""
    return (1.0 - S) * gamma * PER_MS * rate


class WongWang(Model):
    r"""Wong–Wang: two populations compete for a decision by slow NMDA synapses.

    .. math::

        \dot S_i = -\frac{S_i}{\tau_S} + (1 - S_i)\, \gamma\, r_i, \qquad
        r_i = \frac{a I_i - b}{1 - e^{-d (a I_i - b)}}, \qquad
        I_i = J_{self} S_i - J_{other} S_j + I_0 + J_{ext}\, \mu (1 \pm c)

    It explains slow ramping, winner-take-all choices, their speed and errors, and working memory after the stimulus.
    Firing rates follow the synapses at once: faster phenomena need the network of spiking cells.

    Inputs and observables
    ----------------------
    ``mu`` : rate of the stimulus (Hz).  ``c`` : coherence, -1 to 1; positive favours population 1.
    ``I_1``, ``I_2`` : further current into each population (nA), for instance noise.
    ``r1``, ``r2`` : firing rates (Hz).

    Notes
    -----
    Time is in ms; ``a``, ``b``, ``d`` keep the paper's Hz, nA and s.  Coherence is a fraction here, per cent in the paper.
    The rate at the removable singularity $a I = b$ is $1/d$.  The paper's noise is an Ornstein–Uhlenbeck current of
    2 ms and 0.02 nA: give it as a stimulus.

    References
    ----------
    Wong & Wang 2006, doi:10.1523/JNEUROSCI.3733-05.2006, appendix (reduced two-variable model).

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(WongWang(), T=3000, dt=1, mu=30, c=0.064)
    >>> round(float(ds.S1[-1]), 3), round(float(ds.S2[-1]), 3)
    (0.663, 0.049)
    """

    default_method: ClassVar[str] = "rk4"

    tau_S: Param = param(100.0, "ms", "time constant of NMDA synapses", bounds=(10, 500))
    gamma: Param = param(0.641, "1", "saturation of NMDA synapses by a spike", bounds=(0, 2))
    J_self: Param = param(0.2609, "nA", "coupling within a population", bounds=(0, 1))
    J_other: Param = param(0.0497, "nA", "inhibition by the other population", bounds=(0, 0.5))
    J_ext: Param = param(5.2e-4, "nA/Hz", "coupling of the stimulus", bounds=(0, 0.005))
    I_0: Param = param(0.3255, "nA", "background current", bounds=(0.2, 0.5))
    a: Param = param(270.0, "Hz/nA", "gain of the firing rate", bounds=(50, 500))
    b: Param = param(108.0, "Hz", "offset of the firing rate", bounds=(0, 300))
    d: Param = param(0.154, "s", "curvature of the firing rate", bounds=(0.01, 1))

    S1 = state(0.1, "1", "open NMDA synapses of population 1", bounds=(0, 1))
    S2 = state(0.1, "1", "open NMDA synapses of population 2", bounds=(0, 1))
    mu = input(0.0, "Hz", "rate of the stimulus", bounds=(0, 100))
    c = input(0.0, "1", "coherence", bounds=(-1, 1))
    I_1 = input(0.0, "nA", "further current into population 1", bounds=(-0.1, 0.1))
    I_2 = input(0.0, "nA", "further current into population 2", bounds=(-0.1, 0.1))
    r1 = observable("Hz", "firing rate of population 1")
    r2 = observable("Hz", "firing rate of population 2")

    @preset
    def wong_wang_2006(cls) -> Self:
        """The reduced model of two variables (Wong & Wang 2006, appendix)."""
        return cls()

    @preset
    def ampa_2006(cls) -> Self:
        """With AMPA at recurrent synapses, tau_S = 60 ms, for mu = 0 to 30 Hz (Wong & Wang 2006; BrainPy 2023, fig. 5)."""
        return cls(tau_S=60.0, J_self=0.3725, J_other=0.1137, J_ext=0.00117, I_0=0.3297)

    def rates(self, s: Record, u: Record) -> tuple[Array, Array]:
        """Firing rates of both populations, Hz."""
        first = self.J_self * s.S1 - self.J_other * s.S2 + self.I_0 + self.J_ext * u.mu * (1.0 + u.c) + u.I_1
        second = self.J_self * s.S2 - self.J_other * s.S1 + self.I_0 + self.J_ext * u.mu * (1.0 - u.c) + u.I_2
        return firing_rate(self.a * first - self.b, self.d), firing_rate(self.a * second - self.b, self.d)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        r1, r2 = self.rates(s, u)
        return dict(
            S1=-s.S1 / self.tau_S + opening(s.S1, self.gamma, r1),
            S2=-s.S2 / self.tau_S + opening(s.S2, self.gamma, r2),
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        r1, r2 = self.rates(s, u)
        return {}, dict(r1=r1, r2=r2)
