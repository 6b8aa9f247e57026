"""Izhikevich's minimal neuron of a persistent sodium and a potassium current."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record


class INapIK(Model):
    r"""Persistent sodium and potassium: the smallest conductance-based neuron that spikes.

    .. math::

        C \dot V &= g_{Na} m_\infty(V) (E_{Na} - V) + g_K n (E_K - V) + g_L (E_L - V) + I, \qquad
        \tau \dot n = n_\infty(V) - n \\
        x_\infty &= \frac{1}{1 + e^{(V_x - V)/k_x}}

    It explains on one phase plane how firing begins: with a potassium current of high threshold at a SNIC, with one of low
    threshold at a Hopf point, with a fast one beside rest.  Its spikes are schematic: for sodium that
    inactivates see :class:`~brainnb.neurons.HodgkinHuxley`.

    Inputs and observables
    ----------------------
    ``I`` : injected current density (uA/cm2), inward positive.

    Notes
    -----
    High threshold: rest is lost in a fold on the cycle at I = 4.5129.  Low threshold: Hopf at I = 14.659.

    References
    ----------
    Izhikevich 2007, *Dynamical Systems in Neuroscience*, doi:10.7551/mitpress/2526.001.0001, eqs. 4.1-4.2.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(INapIK(), T=100, dt=0.02, I=10)
    >>> ds.bn.spike_count().item()
    14
    """

    default_method: ClassVar[str] = "rk4"

    C: Param = param(1.0, "uF/cm2", "membrane capacitance", bounds=(0.2, 5))
    g_Na: Param = param(20.0, "mS/cm2", "maximal conductance of the persistent sodium current", bounds=(0, 50))
    E_Na: Param = param(60.0, "mV", "sodium reversal potential", bounds=(20, 80))
    g_K: Param = param(10.0, "mS/cm2", "maximal potassium conductance", bounds=(0, 40))
    E_K: Param = param(-90.0, "mV", "potassium reversal potential", bounds=(-120, -60))
    g_L: Param = param(8.0, "mS/cm2", "leak conductance", bounds=(0, 20))
    E_L: Param = param(-80.0, "mV", "leak reversal potential", bounds=(-100, -50))
    V_m: Param = param(-20.0, "mV", "half activation of sodium", bounds=(-50, 0))
    k_m: Param = param(15.0, "mV", "width of sodium activation", bounds=(1, 30))
    V_n: Param = param(-25.0, "mV", "half activation of potassium", bounds=(-60, 0))
    k_n: Param = param(5.0, "mV", "width of potassium activation", bounds=(1, 20))
    tau: Param = param(1.0, "ms", "time constant of potassium activation", bounds=(0.05, 10))

    V = state(-65.0, "mV", "membrane potential", bounds=(-80, 20))
    n = state(0.0, "1", "potassium activation", bounds=(0, 1))
    I = input(0.0, "uA/cm2", "injected current", bounds=(-20, 100))

    @preset
    def high_threshold(cls) -> Self:
        """Starts to fire arbitrarily slowly, at I = 4.51 (Izhikevich 2007, fig. 4.1a)."""
        return cls()

    @preset
    def low_threshold(cls) -> Self:
        """Starts to fire at a Hopf point, near I = 15 (Izhikevich 2007, fig. 4.1b)."""
        return cls(E_L=-78.0, V_n=-45.0)

    @preset
    def fast_potassium(cls) -> Self:
        """Firing and rest coexist: tau = 0.152 (Izhikevich 2007, chapter 6)."""
        return cls(tau=0.152)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        m = 1.0 / (1.0 + jnp.exp((self.V_m - s.V) / self.k_m))
        n_inf = 1.0 / (1.0 + jnp.exp((self.V_n - s.V) / self.k_n))
        sodium = self.g_Na * m * (self.E_Na - s.V)
        potassium = self.g_K * s.n * (self.E_K - s.V)
        return dict(V=(sodium + potassium + self.g_L * (self.E_L - s.V) + u.I) / self.C, n=(n_inf - s.n) / self.tau)
