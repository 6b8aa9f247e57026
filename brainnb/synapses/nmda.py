"""NMDA receptors: slow, saturating, and by default blocked by magnesium."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from jax import Array

from brainnb.core.fields import Param, param, state
from brainnb.core.model import preset
from brainnb.core.record import Record

from .base import Kinetics, Output
from .outputs import MagnesiumBlock
from .transmitter import Pulsed


class NMDA(Kinetics):
    r"""NMDA receptors of network models: spikes fill ``x``, which opens what is not yet open.

    .. math:: \tau_{rise} \dot x = -x, \quad x \to x + 1; \qquad \dot g = -\frac{g}{\tau_{decay}} + a\,x\,(1 - g)

    It explains persistent activity and slow integration of evidence: the gate outlives a spike by 100 ms and
    saturates at high rates.

    Notes
    -----
    By default a conductance with magnesium block.  One state for each presynaptic neuron, or for each synapse
    (``align="edge"``).  Driven by a constant rate :math:`\nu` the mean of ``x`` is :math:`\nu \tau_{rise}`.

    References
    ----------
    Wang 2002, doi:10.1016/S0896-6273(02)01092-9.

    Examples
    --------
    >>> NMDA().default_output()
    MagnesiumBlock(E=0 mV, Mg=1 mM, alpha=0.062 1/mV, beta=3.57 mM)
    """

    linear: ClassVar[bool] = False
    onto: ClassVar[str | None] = "x"

    tau_rise: Param = param(2.0, "ms", "time constant of opening", bounds=(0.1, 50))
    tau_decay: Param = param(100.0, "ms", "time constant of closing", bounds=(1, 1000))
    a: Param = param(0.5, "1/ms", "rate of opening", bounds=(0, 10))
    x = state(0.0, "1", "what opens it", bounds=(0, 10))
    g = state(0.0, "1", "fraction of open receptors", bounds=(0, 1))

    @preset
    def wang_2002(cls) -> Self:
        """Of the decision network (Wang 2002, doi:10.1016/S0896-6273(02)01092-9)."""
        return cls()

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(x=-s.x / self.tau_rise, g=-s.g / self.tau_decay + self.a * s.x * (1.0 - s.g))

    def gate(self, t: Array, s: Record) -> Array:
        return s.g

    def default_output(self) -> Output:
        return MagnesiumBlock()


class NMDASecondOrder(Pulsed):
    r"""NMDA receptors in two steps: a pulse of glutamate binds, and what is bound opens.

    .. math::

        \dot x = \alpha_x\, T(t)\,(1 - x) - \beta_x x, \qquad \dot g = \alpha_g\, x\,(1 - g) - \beta_g g

    Both steps saturate, so a high rate fills the receptors whatever the weight.

    Notes
    -----
    By default a conductance with magnesium block.  One state for each presynaptic neuron, or for each synapse
    (``align="edge"``).  The numbers are those of tutorials of the second-order scheme; ``beta_g`` gives the decay of
    100 ms that is usual for NMDA receptors.

    References
    ----------
    Destexhe, Mainen & Sejnowski 1994, doi:10.1007/BF00961734 (kinetic schemes of any order).

    Examples
    --------
    >>> import brainnb as bn
    >>> float(NMDASecondOrder().vector_field(0.0, bn.Record(t_pulse=0.0, released=1.0, x=0.0, g=0.0), bn.Record())["x"])
    1.0
    """

    T_dur: Param = param(0.5, "ms", "length of a pulse", bounds=(0.01, 10))
    alpha_x: Param = param(1.0, "1/(mM*ms)", "rate of binding", bounds=(0.001, 50))
    beta_x: Param = param(0.5, "1/ms", "rate of unbinding", bounds=(0.001, 10))
    alpha_g: Param = param(2.0, "1/ms", "rate of opening", bounds=(0.001, 50))
    beta_g: Param = param(0.01, "1/ms", "rate of closing", bounds=(0.0001, 1))
    x = state(0.0, "1", "fraction of receptors with glutamate", bounds=(0, 1))
    g = state(0.0, "1", "fraction of open receptors", bounds=(0, 1))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(
            x=self.alpha_x * self.transmitter(t, s) * (1.0 - s.x) - self.beta_x * s.x,
            g=self.alpha_g * s.x * (1.0 - s.g) - self.beta_g * s.g,
        )

    def gate(self, t: Array, s: Record) -> Array:
        return s.g

    def default_output(self) -> Output:
        return MagnesiumBlock()
