"""Working memory in synapses: clusters that take turns (Mi, Katkov & Tsodyks 2017)."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, input, param, state, static
from brainnb.core.model import Model
from brainnb.core.record import Record


class Mi2017(Model):
    r"""Clusters of neurons with facilitating synapses and one common inhibition: a memory of few items.

    .. math::

        \tau \dot h_\mu &= -h_\mu + J_{EE}\, u_\mu x_\mu R_\mu - J_{EI} R_I + I_b + I_\mu(t), \qquad
        R = \alpha \ln(1 + e^{h / \alpha}) \\
        \tau \dot h_I &= -h_I + J_{IE} \sum_\mu R_\mu \\
        \dot u_\mu &= \frac{U - u_\mu}{\tau_f} + U (1 - u_\mu) R_\mu, \qquad
        \dot x_\mu = \frac{1 - x_\mu}{\tau_d} - u_\mu x_\mu R_\mu

    An item is held because its synapses stay facilitated: its cluster fires a short burst now and then, which refreshes
    them.  Clusters take turns, as inhibition lets only one fire at a time.  As a turn takes time, and facilitation does
    not last for ever, only a few fit in: the *capacity*.

    Inputs and observables
    ----------------------
    ``I_b`` : background excitation (Hz); with less the memory is lost.  ``R`` : rate of every cluster (Hz); ``R_I`` : of
    the inhibition.

    Notes
    -----
    The first ``items`` clusters are shown something: cluster :math:`\mu` gets a pulse of height ``cue`` at
    ``start`` + :math:`\mu` ``apart``.  The states ``h``, ``use`` (:math:`u`) and ``x`` have a value for each of the ``clusters``.
    Rates are in Hz, times in ms.  A step of 0.2 ms is enough.

    References
    ----------
    Mi, Katkov & Tsodyks 2017, doi:10.1016/j.neuron.2016.12.004, eqs. 1-5; numbers as in simulations of its fig. 2.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(Mi2017(items=3), T=4000, dt=0.2, record=["R"], every=10)
    >>> (ds.R.sel(time=slice(3000, None)).max("time") > 50).values.astype(int).tolist()
    [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    """

    default_method: ClassVar[str] = "rk4"

    clusters: int = static(16)
    J_EE: Param = param(8.0, "1", "excitation within a cluster", bounds=(0, 20))
    J_EI: Param = param(1.1, "1", "inhibition of the clusters", bounds=(0, 10))
    J_IE: Param = param(1.75, "1", "excitation of the inhibition", bounds=(0, 10))
    U: Param = param(0.3, "1", "fraction of the resources that a first spike takes", bounds=(0.01, 1))
    tau_f: Param = param(1500.0, "ms", "time constant of facilitation", bounds=(10, 10_000))
    tau_d: Param = param(300.0, "ms", "time constant of recovery from depression", bounds=(10, 5000))
    tau: Param = param(8.0, "ms", "time constant of the clusters", bounds=(1, 100))
    alpha: Param = param(1.5, "Hz", "how soft the threshold of the gain is", bounds=(0.1, 20))
    items: Param = param(4.0, "1", "how many clusters are shown something", bounds=(0, 16))
    cue: Param = param(225.0, "Hz", "height of the pulses", bounds=(0, 500))
    start: Param = param(100.0, "ms", "begin of the first pulse", bounds=(0, 2000))
    apart: Param = param(100.0, "ms", "from one pulse to the next", bounds=(10, 1000))
    duration: Param = param(30.0, "ms", "length of a pulse", bounds=(1, 200))

    h = state(0.0, "Hz", "synaptic input of every cluster", bounds=(-50, 300))
    use = state(0.3, "1", "fraction of the resources that the next spike takes", bounds=(0, 1))
    x = state(1.0, "1", "resources that are left", bounds=(0, 1))
    h_I = state(0.0, "Hz", "input of the inhibition", bounds=(0, 500))
    I_b = input(8.0, "Hz", "background excitation", bounds=(0, 20))

    def __check_init__(self) -> None:
        if isinstance(self.clusters, bool) or not isinstance(self.clusters, int) or self.clusters < 1:
            raise ModelError(f"Mi2017: clusters = {self.clusters!r}; a whole number from 1 was expected.")

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        shape = (*size, self.clusters)
        U = jnp.broadcast_to(jnp.asarray(self.U)[..., None], shape)
        return s.merge(
            dict(h=jnp.broadcast_to(s.h[..., None], shape), use=U, x=jnp.broadcast_to(s.x[..., None], shape))
        )

    def rate(self, h: Array) -> Array:
        """The gain: a threshold at 0 with a soft bend."""
        return self.alpha * jnp.logaddexp(0.0, h / self.alpha)

    def shown(self, t: Array) -> Array:
        """What is shown to every cluster at this time."""
        cluster = jnp.arange(self.clusters)
        since = t - self.start - self.apart * cluster
        return self.cue * ((cluster < self.items) & (since >= 0) & (since < self.duration))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        R, R_I = self.rate(s.h), self.rate(s.h_I)[..., None]
        fired = 1e-3 * R  # per ms
        excited = self.J_EE * s.use * s.x * R - self.J_EI * R_I + jnp.asarray(u.I_b)[..., None] + self.shown(t)
        return dict(
            h=(excited - s.h) / self.tau,
            use=(self.U - s.use) / self.tau_f + self.U * (1.0 - s.use) * fired,
            x=(1.0 - s.x) / self.tau_d - s.use * s.x * fired,
            h_I=(self.J_IE * jnp.sum(R, -1) - s.h_I) / self.tau,
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return {}, dict(R=self.rate(s.h), R_I=self.rate(s.h_I))
