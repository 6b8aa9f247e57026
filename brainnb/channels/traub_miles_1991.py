r"""Sodium and potassium of hippocampal pyramidal cells (Traub & Miles 1991, ISBN 978-0-521-36481-2).

The rates are written in $x = V - V_T$, so that one number shifts the threshold of both channels. Rates are per ms.
"""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, observable, param, state
from brainnb.core.record import Record
from brainnb.core.units import empirical

from .base import Channel, exprel_rate, relax, settled


@empirical
def alpha_m(x: Any) -> Any:
    r"""$0.32 (x - 13) / (1 - e^{-(x - 13)/4})$ per ms."""
    return 0.32 * exprel_rate(x - 13.0, 4.0)


@empirical
def beta_m(x: Any) -> Any:
    r"""$0.28 (40 - x) / (1 - e^{-(40 - x)/5})$ per ms."""
    return 0.28 * exprel_rate(40.0 - x, 5.0)


@empirical
def alpha_h(x: Any) -> Any:
    r"""$0.128 e^{(17 - x)/18}$ per ms."""
    return 0.128 * jnp.exp((17.0 - x) / 18.0)


@empirical
def beta_h(x: Any) -> Any:
    r"""$4 / (1 + e^{(40 - x)/5})$ per ms."""
    return 4.0 / (1.0 + jnp.exp((40.0 - x) / 5.0))


@empirical
def alpha_n(x: Any) -> Any:
    r"""$0.032 (x - 15) / (1 - e^{-(x - 15)/5})$ per ms."""
    return 0.032 * exprel_rate(x - 15.0, 5.0)


@empirical
def beta_n(x: Any) -> Any:
    r"""$0.5 e^{(10 - x)/40}$ per ms."""
    return 0.5 * jnp.exp((10.0 - x) / 40.0)


class SodiumTraubMiles(Channel):
    r"""Fast sodium of hippocampal pyramidal cells.

    .. math::

        I_{Na} = g_{max} m^3 h (E - V), \qquad \dot y = \alpha_y(V - V_T)(1 - y) - \beta_y(V - V_T)\, y

    Use it with :class:`PotassiumTraubMiles` at the same ``V_T`` (``model.replace({"*.V_T": -60})`` moves both).

    Notes
    -----
    The defaults are the density form of the benchmark cell of Brette et al. 2007: 20 uS on 20 000 um2. The rates are
    the simplified ones of that benchmark.

    References
    ----------
    Traub & Miles 1991, *Neuronal Networks of the Hippocampus*; Brette et al. 2007, doi:10.1007/s10827-007-0038-6,
    appendix B, benchmark 3.

    Examples
    --------
    >>> import brainnb as bn
    >>> clamp = bn.simulate(SodiumTraubMiles(), T=5, dt=0.01, V=-20)
    >>> round(float(clamp.m[-1]), 3)
    0.904
    """

    g_max: Param = param(100.0, "mS/cm2", "maximal conductance", bounds=(0, 400))
    E: Param = param(50.0, "mV", "reversal potential", bounds=(0, 100))
    V_T: Param = param(-63.0, "mV", "shifts the threshold", bounds=(-80, -40))
    m = state(0.0097, "1", "activation", bounds=(0, 1))
    h = state(0.9976, "1", "inactivation (1 is open)", bounds=(0, 1))
    V = input(-65.0, "mV", "membrane potential", bounds=(-100, 60))
    I = observable("uA/cm2", "current, inward positive")

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        x = u.V - self.V_T
        return dict(m=relax(alpha_m(x), beta_m(x), s.m), h=relax(alpha_h(x), beta_h(x), s.h))

    def current(self, t: Array, s: Record, u: Record) -> Array:
        return self.g_max * s.m**3 * s.h * (self.E - u.V)

    def steady_state(self, V: Any) -> Mapping[str, Any]:
        x = V - self.V_T
        return dict(m=settled(alpha_m(x), beta_m(x)), h=settled(alpha_h(x), beta_h(x)))


class PotassiumTraubMiles(Channel):
    r"""Delayed rectifier of hippocampal pyramidal cells.

    .. math:: I_K = g_{max} n^4 (E - V), \qquad \dot n = \alpha_n(V - V_T)(1 - n) - \beta_n(V - V_T)\, n

    Notes
    -----
    The defaults are the density form of the benchmark cell of Brette et al. 2007: 6 uS on 20 000 um2.

    References
    ----------
    Traub & Miles 1991, *Neuronal Networks of the Hippocampus*; Brette et al. 2007, doi:10.1007/s10827-007-0038-6,
    appendix B, benchmark 3.

    Examples
    --------
    >>> import brainnb as bn
    >>> round(float(bn.simulate(PotassiumTraubMiles(), T=50, dt=0.1, V=-20).n[-1]), 3)
    0.804
    """

    g_max: Param = param(30.0, "mS/cm2", "maximal conductance", bounds=(0, 150))
    E: Param = param(-90.0, "mV", "reversal potential", bounds=(-120, -40))
    V_T: Param = param(-63.0, "mV", "shifts the threshold", bounds=(-80, -40))
    n = state(0.0271, "1", "activation", bounds=(0, 1))
    V = input(-65.0, "mV", "membrane potential", bounds=(-100, 60))
    I = observable("uA/cm2", "current, inward positive")

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        x = u.V - self.V_T
        return dict(n=relax(alpha_n(x), beta_n(x), s.n))

    def current(self, t: Array, s: Record, u: Record) -> Array:
        return self.g_max * s.n**4 * (self.E - u.V)

    def steady_state(self, V: Any) -> Mapping[str, Any]:
        x = V - self.V_T
        return dict(n=settled(alpha_n(x), beta_n(x)))
