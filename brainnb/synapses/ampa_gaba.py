"""Fast receptors with two states: AMPA and GABA_A."""

from typing import ClassVar, Self

from brainnb.core.fields import Param, param
from brainnb.core.model import preset

from .transmitter import TwoState


class AMPA(TwoState):
    r"""The fast excitatory receptor: opened by a pulse of glutamate, closing by itself; it saturates.

    .. math:: \dot g = \alpha\, T(t)\,(1 - g) - \beta g, \qquad T = T_{max} \text{ for } T_{dur} \text{ after each spike}

    The gate lies between 0 and 1, so the weight is the conductance with all receptors open.  Where saturation plays no
    part :class:`Exponential` is cheaper.

    Notes
    -----
    By default a conductance that reverses at 0 mV.  One state for each presynaptic neuron, or for each synapse
    (``align="edge"``); pulses that overlap are one longer pulse.  At the end of a pulse the gate is
    :math:`\frac{\alpha T}{\alpha T + \beta} (1 - e^{-(\alpha T + \beta) T_{dur}})`.

    References
    ----------
    Destexhe, Mainen & Sejnowski 1994, doi:10.1162/neco.1994.6.1.14.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(AMPA(), T=10, dt=0.01, method="exponential_euler", init={"t_pulse": 0.0, "released": 1.0})
    >>> round(float(ds.g.max()), 3), float(ds.time[ds.g.values.argmax()])
    (0.618, 1.0)
    """

    alpha: Param = param(1.1, "1/(mM*ms)", "rate of opening", bounds=(0.01, 50))
    beta: Param = param(0.19, "1/ms", "rate of closing", bounds=(0.001, 10))

    reversal: ClassVar[float] = 0.0

    @preset
    def destexhe_1994(cls) -> Self:
        """Fit to hippocampal currents (Destexhe, Mainen & Sejnowski 1994, doi:10.1162/neco.1994.6.1.14)."""
        return cls()


class GABAa(TwoState):
    r"""The fast inhibitory receptor: opened by a pulse of GABA, closing by itself; it saturates.

    .. math:: \dot g = \alpha\, T(t)\,(1 - g) - \beta g, \qquad T = T_{max} \text{ for } T_{dur} \text{ after each spike}

    The gate lies between 0 and 1, so the weight is the conductance with all receptors open.

    Notes
    -----
    By default a conductance that reverses at -80 mV.  One state for each presynaptic neuron, or for each synapse
    (``align="edge"``); pulses that overlap are one longer pulse.

    References
    ----------
    Destexhe, Mainen & Sejnowski 1994, doi:10.1162/neco.1994.6.1.14.

    Examples
    --------
    >>> GABAa().default_output()
    Conductance(E=-80 mV)
    """

    alpha: Param = param(5.0, "1/(mM*ms)", "rate of opening", bounds=(0.01, 50))
    beta: Param = param(0.18, "1/ms", "rate of closing", bounds=(0.001, 10))

    reversal: ClassVar[float] = -80.0

    @preset
    def destexhe_1998(cls) -> Self:
        """Fast rise (Destexhe, Mainen & Sejnowski 1998, in Koch & Segev, Methods in Neuronal Modeling)."""
        return cls()

    @preset
    def destexhe_1994(cls) -> Self:
        """Slower rise (Destexhe, Mainen & Sejnowski 1994, doi:10.1162/neco.1994.6.1.14)."""
        return cls(alpha=0.53)
