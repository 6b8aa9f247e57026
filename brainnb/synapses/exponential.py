"""Synapses that are linear in the spikes: delta, exponential, alpha, two exponentials."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.fields import Param, param, state
from brainnb.core.record import Record

from .base import Kinetics


class Delta(Kinetics):
    r"""Each event moves the potential behind the synapse at once by the weight.

    .. math:: V \to V + w \quad \text{when a spike arrives}

    The synapse of Brunel's and of van Vreeswijk's networks, simple enough for theory.  A cell in its refractory time
    does not hear it.  The weight is in the unit of the potential (mV); no output applies.

    References
    ----------
    Brunel 2000, doi:10.1023/A:1008925309027.

    Examples
    --------
    >>> import brainnb as bn
    >>> net = bn.Network(
    ...     populations={"E": bn.Population(bn.neurons.LIF(), 2)},
    ...     projections={"EE": bn.Projection("E", "E", bn.connect.AllToAll(), Delta(), weight=0.1)},
    ... )
    >>> net.parameters()["EE.weight"].unit
    'mV'
    """

    jumps: ClassVar[bool] = True

    def gate(self, t: Array, s: Record) -> Array:
        return jnp.zeros(())


class Exponential(Kinetics):
    r"""Opens at once by the weight and closes exponentially.

    .. math:: \tau \dot g = -g, \qquad g \to g + w

    Peak and start of the response are ``w``; its area is :math:`w \tau`.

    References
    ----------
    Brette et al. 2007, doi:10.1007/s10827-007-0038-6.

    Examples
    --------
    >>> from brainnb import Record
    >>> float(Exponential(tau=5).arrive(0.0, Record(g=1.0), 0.5)["g"])
    1.5
    """

    onto: ClassVar[str | None] = "g"

    tau: Param = param(5.0, "ms", "time constant of closing", bounds=(0.1, 500))
    g = state(0.0, "1", "how far it is open, in the unit of the weight")

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(g=-s.g / self.tau)

    def gate(self, t: Array, s: Record) -> Array:
        return s.g


class Alpha(Kinetics):
    r"""Opens and closes with one time constant; the weight is the peak, reached ``tau`` after the event.

    .. math:: \tau \dot g = e\,x - g, \quad \tau \dot x = -x, \quad x \to x + w; \qquad
        g(t) = w \frac{t}{\tau} e^{1 - t / \tau}

    References
    ----------
    Rall 1967, doi:10.1152/jn.1967.30.5.1138.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(Alpha(tau=2), T=10, dt=0.01, init={"x": 1.0})  # after an event of weight 1
    >>> round(float(ds.g.max()), 3), float(ds.time[ds.g.values.argmax()])
    (1.0, 2.0)
    """

    onto: ClassVar[str | None] = "x"

    tau: Param = param(2.0, "ms", "time of the peak", bounds=(0.1, 500))
    x = state(0.0, "1", "what opens it, in the unit of the weight")
    g = state(0.0, "1", "how far it is open, in the unit of the weight")

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(x=-s.x / self.tau, g=(np.e * s.x - s.g) / self.tau)

    def gate(self, t: Array, s: Record) -> Array:
        return s.g


class DualExponential(Kinetics):
    r"""Opens with one time constant and closes with a longer one; the weight is the peak.

    .. math::

        g(t) = w\,a \left(e^{-t/\tau_{decay}} - e^{-t/\tau_{rise}}\right), \qquad
        a = \frac{r^{r / (r - 1)}}{r - 1}, \quad r = \tau_{decay} / \tau_{rise}

    Notes
    -----
    The difference of two exponentials, each stepped exactly.  ``tau_rise`` is shorter than ``tau_decay``; where they
    meet the synapse is :class:`Alpha`.  Equal time constants are moved apart by 1 in 1000.

    References
    ----------
    Destexhe, Mainen & Sejnowski 1994, doi:10.1162/neco.1994.6.1.14; Roth & van Rossum 2009 (eq. 7.4).

    Examples
    --------
    >>> round(float(DualExponential(tau_rise=2, tau_decay=10).peak_factor()), 4)
    1.8692
    """

    tau_rise: Param = param(0.5, "ms", "time constant of opening", bounds=(0.01, 200))
    tau_decay: Param = param(5.0, "ms", "time constant of closing", bounds=(0.1, 1000))
    rise = state(0.0, "1", "what is still to open, in the unit of the weight")
    decay = state(0.0, "1", "what is not yet closed, in the unit of the weight")

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(rise=-s.rise / self._fast(), decay=-s.decay / self.tau_decay)

    def arrive(self, t: Array, s: Record, x: Array) -> Mapping[str, Any]:
        a = self.peak_factor()
        return dict(rise=s.rise + a * x, decay=s.decay + a * x)

    def gate(self, t: Array, s: Record) -> Array:
        return s.decay - s.rise

    def peak_factor(self) -> Array:
        """By how much the difference of the exponentials is scaled so that its peak is 1."""
        log_r = jnp.log(self.tau_decay / self._fast())
        r1 = jnp.expm1(log_r)
        return jnp.exp(log_r * (1.0 + r1) / r1) / r1

    def _fast(self) -> Array:
        near = jnp.abs(self.tau_decay / self.tau_rise - 1.0) < 1e-3
        return jnp.where(near, self.tau_decay / 1.001, self.tau_rise)
