"""The theta neuron."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.fields import Param, input, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.core.spikes import spike

PI = float(np.pi)


class Theta(Model):
    r"""Theta neuron (Ermentrout–Kopell): a spike as a turn of a phase, without a reset.

    .. math:: \tau \dot\theta = (1 - \cos\theta) + (1 + \cos\theta)\, I, \qquad \theta = \pi: \; \text{spike}

    It explains the onset of firing by a saddle-node on a circle, in one smooth variable: for I < 0 it is excitable, for
    I > 0 it fires with period $\pi \tau / \sqrt I$.  It has no voltage: $\tan(\theta/2)$ is that of the normal form of
    :class:`~brainnb.neurons.QIF`.

    Inputs and observables
    ----------------------
    ``I`` : distance from the onset of firing, dimensionless.  ``spike`` : 1 at the step in which the phase passed pi.

    Notes
    -----
    The phase continues at $-\pi$ with what it overshot, so intervals do not depend on the step to first order.

    References
    ----------
    Ermentrout & Kopell 1986, doi:10.1137/0146017; Ermentrout 2008, doi:10.4249/scholarpedia.1398.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(Theta(), T=1000, dt=0.1, I=0.25, record=["spike"])
    >>> int(ds.spike.sum())
    16
    """

    default_method: ClassVar[str] = "rk4"

    tau: Param = param(10.0, "ms", "time constant", bounds=(0.1, 100))

    theta = state(-1.0, "1", "phase in radians", bounds=(-PI, PI))
    I = input(0.0, "1", "distance from the onset of firing", bounds=(-1, 2))

    @preset
    def ermentrout_kopell_1986(cls) -> Self:
        """The canonical form, with a time constant of 10 ms (Ermentrout & Kopell 1986)."""
        return cls()

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        x = jnp.cos(s.theta)
        return dict(theta=((1.0 - x) + (1.0 + x) * u.I) / self.tau)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        fired = spike(s.theta - PI)
        return dict(theta=s.theta - 2.0 * PI * fired), dict(spike=fired)
