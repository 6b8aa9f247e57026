"""The Butera neuron: a pacemaker of breathing that bursts by its persistent sodium current."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.units import empirical


@empirical
def opened(V: Any, half: float, width: float) -> Any:
    r"""$1 / (1 + e^{(V - \theta)/\sigma})$: closed to open where the width is negative."""
    return 1.0 / (1.0 + jnp.exp((V - half) / width))


@empirical
def towards(V: Any, x: Any, half: float, width: float, slowest: float) -> Any:
    r"""Derivative of a gate with $\tau = \bar\tau / \cosh\frac{V - \theta}{2\sigma}$, per ms."""
    return (opened(V, half, width) - x) * jnp.cosh((V - half) / (2.0 * width)) / slowest


class Butera(Model):
    r"""Butera–Rinzel–Smith, model 1: bursts by a persistent sodium current that inactivates over seconds.

    .. math::

        C \dot V &= g_{Na} m_\infty^3 (1 - n) (E_{Na} - V) + g_{NaP} m_{p\infty} h (E_{Na} - V)
            + g_K n^4 (E_K - V) + g_L (E_L - V) + I \\
        \dot x &= \frac{x_\infty(V) - x}{\tau_x(V)}, \quad x \in \{n, h\}

    It explains how a cell of the pre-Bötzinger complex is silent, bursts or fires tonically with its excitability
    (``E_L``), and sets the rhythm of breathing.  One slow variable, no calcium: for bursts by calcium see
    :class:`~brainnb.neurons.ChayKeizer`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (pA), inward positive.

    Notes
    -----
    Bursts come every 1.6 to 6.8 s; a first run of 30 s lets the slow gate settle.  Between ``E_L`` = -60 and -57.5 mV it
    bursts, at -62 mV it is silent, from -56 mV on it fires tonically.

    References
    ----------
    Butera, Rinzel & Smith 1999, doi:10.1152/jn.1999.82.1.382, model 1.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(Butera(E_L=-50), T=1000, dt=0.1)
    >>> ds.bn.spike_count(start=500).item() > 40
    True
    """

    default_method: ClassVar[str] = "rk4"

    C: Param = param(21.0, "pF", "membrane capacitance", bounds=(5, 50))
    g_Na: Param = param(28.0, "nS", "maximal conductance of the fast sodium current", bounds=(0, 60))
    g_NaP: Param = param(2.8, "nS", "maximal conductance of the persistent sodium current", bounds=(0, 10))
    E_Na: Param = param(50.0, "mV", "sodium reversal potential", bounds=(20, 80))
    g_K: Param = param(11.2, "nS", "maximal potassium conductance", bounds=(0, 30))
    E_K: Param = param(-85.0, "mV", "potassium reversal potential", bounds=(-110, -60))
    g_L: Param = param(2.8, "nS", "leak conductance", bounds=(0, 10))
    E_L: Param = param(-57.5, "mV", "leak reversal potential: how excitable the cell is", bounds=(-70, -40))
    tau_h: Param = param(10000.0, "ms", "slowest inactivation of the persistent current", bounds=(500, 20000))

    V = state(-60.0, "mV", "membrane potential", bounds=(-80, 40))
    n = state(0.0, "1", "potassium activation", bounds=(0, 1))
    h = state(0.6, "1", "inactivation of the persistent current (1 is open)", bounds=(0, 1))
    I = input(0.0, "pA", "injected current", bounds=(-20, 40))

    @preset
    def bursting(cls) -> Self:
        """Bursts of 7 spikes every 1.6 s (Butera et al. 1999)."""
        return cls()

    @preset
    def silent(cls) -> Self:
        """At rest (Butera et al. 1999)."""
        return cls(E_L=-65.0)

    @preset
    def tonic(cls) -> Self:
        """Tonic firing (Butera et al. 1999)."""
        return cls(E_L=-54.0)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        fast = self.g_Na * opened(s.V, -34.0, -5.0) ** 3 * (1.0 - s.n)
        persistent = self.g_NaP * opened(s.V, -40.0, -6.0) * s.h
        potassium = self.g_K * s.n**4 * (self.E_K - s.V)
        current = (fast + persistent) * (self.E_Na - s.V) + potassium + self.g_L * (self.E_L - s.V) + u.I
        return dict(
            V=current / self.C,
            n=towards(s.V, s.n, -29.0, -4.0, 10.0),
            h=(opened(s.V, -48.0, 6.0) - s.h) * speed(s.V) / self.tau_h,
        )


@empirical
def speed(V: Any) -> Any:
    r"""$\cosh\frac{V + 48}{12}$: how much faster the persistent current inactivates than at -48 mV."""
    return jnp.cosh((V + 48.0) / 12.0)
