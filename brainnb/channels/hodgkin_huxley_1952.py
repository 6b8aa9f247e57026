r"""Sodium and potassium of the squid giant axon (Hodgkin & Huxley 1952, doi:10.1113/jphysiol.1952.sp004764).

Voltages are absolute with rest near -65 mV; the original counts from rest with the opposite sign.
Rates are per ms at 6.3 °C.
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
def alpha_m(V: Any) -> Any:
    r"""$0.1 (V + 40) / (1 - e^{-(V + 40)/10})$ per ms."""
    return 0.1 * exprel_rate(V + 40.0, 10.0)


@empirical
def beta_m(V: Any) -> Any:
    r"""$4 e^{-(V + 65)/18}$ per ms."""
    return 4.0 * jnp.exp(-(V + 65.0) / 18.0)


@empirical
def alpha_h(V: Any) -> Any:
    r"""$0.07 e^{-(V + 65)/20}$ per ms."""
    return 0.07 * jnp.exp(-(V + 65.0) / 20.0)


@empirical
def beta_h(V: Any) -> Any:
    r"""$1 / (1 + e^{-(V + 35)/10})$ per ms."""
    return 1.0 / (1.0 + jnp.exp(-(V + 35.0) / 10.0))


@empirical
def alpha_n(V: Any) -> Any:
    r"""$0.01 (V + 55) / (1 - e^{-(V + 55)/10})$ per ms."""
    return 0.01 * exprel_rate(V + 55.0, 10.0)


@empirical
def beta_n(V: Any) -> Any:
    r"""$0.125 e^{-(V + 65)/80}$ per ms."""
    return 0.125 * jnp.exp(-(V + 65.0) / 80.0)


class SodiumHH1952(Channel):
    r"""Fast sodium of the squid axon.

    .. math::

        I_{Na} = g_{max} m^3 h (E - V), \qquad \dot x = \alpha_x(V)(1 - x) - \beta_x(V)\, x

    Reference: Hodgkin & Huxley 1952, doi:10.1113/jphysiol.1952.sp004764, eqs. 14-24.

    Examples
    --------
    >>> import brainnb as bn
    >>> clamp = bn.simulate(SodiumHH1952(), T=5, dt=0.01, V=-20)
    >>> round(float(clamp.m[-1]), 3)
    0.876
    """

    g_max: Param = param(120.0, "mS/cm2", "maximal conductance", bounds=(0, 400))
    E: Param = param(50.0, "mV", "reversal potential", bounds=(0, 100))
    m = state(0.0529, "1", "activation", bounds=(0, 1))
    h = state(0.5961, "1", "inactivation (1 is open)", bounds=(0, 1))
    V = input(-65.0, "mV", "membrane potential", bounds=(-100, 60))
    I = observable("uA/cm2", "current, inward positive")

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(m=relax(alpha_m(u.V), beta_m(u.V), s.m), h=relax(alpha_h(u.V), beta_h(u.V), s.h))

    def current(self, t: Array, s: Record, u: Record) -> Array:
        return self.g_max * s.m**3 * s.h * (self.E - u.V)

    def steady_state(self, V: Any) -> Mapping[str, Any]:
        return dict(m=settled(alpha_m(V), beta_m(V)), h=settled(alpha_h(V), beta_h(V)))


class PotassiumHH1952(Channel):
    r"""Delayed rectifier of the squid axon.

    .. math:: I_K = g_{max} n^4 (E - V), \qquad \dot n = \alpha_n(V)(1 - n) - \beta_n(V)\, n

    Reference: Hodgkin & Huxley 1952, doi:10.1113/jphysiol.1952.sp004764, eqs. 6-13.

    Examples
    --------
    >>> import brainnb as bn
    >>> round(float(bn.simulate(PotassiumHH1952(), T=50, dt=0.1, V=-20).n[-1]), 3)
    0.835
    """

    g_max: Param = param(36.0, "mS/cm2", "maximal conductance", bounds=(0, 150))
    E: Param = param(-77.0, "mV", "reversal potential", bounds=(-120, -40))
    n = state(0.3177, "1", "activation", bounds=(0, 1))
    V = input(-65.0, "mV", "membrane potential", bounds=(-100, 60))
    I = observable("uA/cm2", "current, inward positive")

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(n=relax(alpha_n(u.V), beta_n(u.V), s.n))

    def current(self, t: Array, s: Record, u: Record) -> Array:
        return self.g_max * s.n**4 * (self.E - u.V)

    def steady_state(self, V: Any) -> Mapping[str, Any]:
        return dict(n=settled(alpha_n(V), beta_n(V)))
