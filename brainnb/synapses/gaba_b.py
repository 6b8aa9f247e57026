"""The slow inhibitory receptor, which opens channels through a G-protein."""

from collections.abc import Mapping
from typing import Any, Self

from jax import Array

from brainnb.core.fields import Param, param, state
from brainnb.core.model import preset
from brainnb.core.record import Record

from .base import Output
from .outputs import Conductance
from .transmitter import Pulsed


class GABAb(Pulsed):
    r"""The slow inhibitory receptor: GABA activates receptors, they make G-protein, and four of it open a channel.

    .. math::

        \dot r = K_1 T(t)\,(1 - r) - K_2 r, \qquad \dot G = K_3 r - K_4 G, \qquad
        g = \frac{G^4}{G^4 + K_d}

    It explains why single spikes hardly show and bursts give a current that lasts for hundreds of milliseconds.

    Notes
    -----
    By default a conductance that reverses at -95 mV (potassium).  One state for each presynaptic neuron, or for each
    synapse (``align="edge"``).

    References
    ----------
    Destexhe & Sejnowski 1995, doi:10.1073/pnas.92.21.9515; the reduced form and its numbers: Destexhe, Mainen &
    Sejnowski 1998, in Koch & Segev, Methods in Neuronal Modeling.

    Examples
    --------
    >>> from brainnb import Record
    >>> round(float(GABAb().gate(0.0, Record(G=100.0**0.25))), 6)  # half open at the fourth root of K_d
    0.5
    """

    T_max: Param = param(0.5, "mM", "transmitter in the cleft during a pulse", bounds=(0, 10))
    T_dur: Param = param(0.3, "ms", "length of a pulse", bounds=(0.01, 10))
    K1: Param = param(0.09, "1/(mM*ms)", "rate at which GABA activates receptors", bounds=(0.001, 5))
    K2: Param = param(0.0012, "1/ms", "rate at which receptors are inactivated", bounds=(0.0001, 1))
    K3: Param = param(0.18, "uM/ms", "rate at which active receptors make G-protein", bounds=(0.001, 5))
    K4: Param = param(0.034, "1/ms", "rate at which G-protein decays", bounds=(0.001, 1))
    K_d: Param = param(100.0, "uM**4", "fourth power of the G-protein that opens half of the channels", bounds=(1, 1e4))

    r = state(0.0, "1", "fraction of active receptors", bounds=(0, 1))
    G = state(0.0, "uM", "active G-protein", bounds=(0, 10))

    @preset
    def destexhe_1998(cls) -> Self:
        """Reduced cascade (Destexhe, Mainen & Sejnowski 1998, in Koch & Segev, Methods in Neuronal Modeling)."""
        return cls()

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(
            r=self.K1 * self.transmitter(t, s) * (1.0 - s.r) - self.K2 * s.r,
            G=self.K3 * s.r - self.K4 * s.G,
        )

    def gate(self, t: Array, s: Record) -> Array:
        G4 = s.G**4
        return G4 / (G4 + self.K_d)

    def default_output(self) -> Output:
        return Conductance(E=-95.0)
