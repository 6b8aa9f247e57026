"""A conductance without gates."""

from jax import Array

from brainnb.core.fields import Param, input, observable, param
from brainnb.core.record import Record

from .base import Channel


class Leak(Channel):
    r"""Leak: an ohmic conductance.

    .. math:: I_L = g_{max} (E - V)

    Defaults are the squid axon's (Hodgkin & Huxley 1952, doi:10.1113/jphysiol.1952.sp004764, table 3), with
    the reversal that puts rest at -65 mV.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(Leak(), T=1, V=-60, record=["I"])
    >>> round(float(ds.I[-1]), 4)
    1.6839
    """

    g_max: Param = param(0.3, "mS/cm2", "conductance", bounds=(0, 5))
    E: Param = param(-54.387, "mV", "reversal potential", bounds=(-100, -20))
    V = input(-65.0, "mV", "membrane potential", bounds=(-100, 60))
    I = observable("uA/cm2", "current, inward positive")

    def current(self, t: Array, s: Record, u: Record) -> Array:
        return self.g_max * (self.E - u.V)
