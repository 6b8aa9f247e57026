"""Short-term plasticity: how much a spike releases depends on the spikes just before."""

from collections.abc import Mapping
from typing import Any, Self

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record

SOON = 0.01
"""A time constant that is over before the next spike (ms): what it belongs to plays no part."""


class Release(Model):
    """What leaves the terminal of a presynaptic neuron when it fires; ``stp=`` of a projection takes it.

    States belong to the presynaptic neurons.  Subclasses declare them, write :meth:`vector_field` for the time between
    spikes and :meth:`release` for the moment of a spike.
    """

    def release(self, t: Array, s: Record, sent: Array) -> tuple[Array, Mapping[str, Any]]:
        """``(how much of the weight is released, changed states)`` of every presynaptic neuron; ``sent`` are its spikes."""
        raise NotImplementedError(f"{type(self).__name__} defines `release(self, t, s, sent)`.")


class TsodyksMarkram(Release):
    r"""Depression and facilitation in one model: resources ``x`` of which each spike takes the fraction ``use``.

    .. math::

        \dot u = \frac{U - u}{\tau_f}, \quad \dot x = \frac{1 - x}{\tau_d}; \qquad
        \text{at a spike: release } u\,x, \quad x \to x - u\,x, \quad u \to u + U (1 - u)

    It explains why some synapses transmit the onset of a train and others its persistence.  Above
    :math:`1 / (U \tau_d)` a depressing synapse tells changes of the rate, not the rate.

    Notes
    -----
    Exact between spikes with the methods that networks use.  The state ``use`` is :math:`u`, what the next spike would take; the form in
    which it decays to 0 and jumps before the release (:math:`u_0`) is the same with :math:`u = U + (1 - U)\,u_0`.  Where programs
    let it rest at :math:`U` and jump before the release, a rested synapse releases :math:`U + U(1 - U)`: another model.  The weight is
    that of a release of everything.  Of several spikes in one step together at most everything is released.
    At a regular rate with interval :math:`\Delta` and without facilitation the release settles at
    :math:`U \frac{1 - e^{-\Delta/\tau_d}}{1 - (1 - U) e^{-\Delta/\tau_d}}`.

    References
    ----------
    Tsodyks & Markram 1997, doi:10.1073/pnas.94.2.719; Markram, Wang & Tsodyks 1998, doi:10.1073/pnas.95.9.5323;
    Tsodyks, Pawelzik & Markram 1998, doi:10.1162/089976698300017502.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> synapse = TsodyksMarkram(U=0.5)
    >>> s = synapse.init_state((1,))
    >>> for _ in range(3):  # three spikes in no time
    ...     released, new = synapse.release(0.0, s, jnp.ones(1))
    ...     s = s.merge(new)
    ...     print(float(released[0]))
    0.5
    0.375
    0.109375
    """

    U: Param = param(0.15, "1", "fraction of the resources that the first spike takes", bounds=(0.001, 1))
    tau_f: Param = param(1500.0, "ms", "time constant of facilitation", bounds=(SOON, 10_000))
    tau_d: Param = param(200.0, "ms", "time constant of recovery from depression", bounds=(SOON, 10_000))
    use = state(0.0, "1", "fraction of the resources that the next spike takes", bounds=(0, 1))
    x = state(1.0, "1", "resources that are left", bounds=(0, 1))

    @preset
    def depressing_1997(cls) -> Self:
        """Depression between pyramidal cells (Tsodyks & Markram 1997, doi:10.1073/pnas.94.2.719)."""
        return cls(U=0.5, tau_f=SOON, tau_d=800.0)

    @preset
    def facilitating_1998(cls) -> Self:
        """Facilitation onto interneurons (Markram, Wang & Tsodyks 1998, doi:10.1073/pnas.95.9.5323)."""
        return cls(U=0.03, tau_f=530.0, tau_d=130.0)

    @preset
    def working_memory_2008(cls) -> Self:
        """Facilitation that holds items in memory (Mongillo, Barak & Tsodyks 2008, doi:10.1126/science.1150769)."""
        return cls(U=0.2, tau_f=1500.0, tau_d=200.0)

    @preset
    def pure_facilitation(cls) -> Self:
        """Facilitation whose resources are never short (a limit of Markram, Wang & Tsodyks 1998)."""
        return cls(U=0.03, tau_f=530.0, tau_d=SOON)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(use=jnp.broadcast_to(self.U, s.use.shape)))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(use=(self.U - s.use) / self.tau_f, x=(1.0 - s.x) / self.tau_d)

    def release(self, t: Array, s: Record, sent: Array) -> tuple[Array, Mapping[str, Any]]:
        released = s.x * jnp.minimum(s.use * sent, 1.0)
        use = s.use + jnp.minimum(self.U * sent, 1.0) * (1.0 - s.use)
        return released, dict(use=use, x=s.x - released)
