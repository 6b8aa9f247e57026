"""Outputs: from the gate of a synapse to a current into the cell."""

from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param

from .base import Output


class Current(Output):
    r"""The gate is the current: the synapse does not feel the potential behind it.

    .. math:: I = g

    The CUBA synapse: linear, so mean-field theory is simple.  Weights carry the sign.

    References
    ----------
    Brette et al. 2007, doi:10.1007/s10827-007-0038-6.

    Examples
    --------
    >>> float(Current().current(2.0, -65.0))
    2.0
    """

    def current(self, g: Array, V: Array) -> Array:
        return jnp.asarray(g)


class Conductance(Output):
    r"""The gate is a conductance: the current vanishes at the reversal potential, and changes sign there.

    .. math:: I = g\,(E - V)

    The COBA synapse.  Weights are positive; ``E`` says whether it excites.

    References
    ----------
    Brette et al. 2007, doi:10.1007/s10827-007-0038-6.

    Examples
    --------
    >>> float(Conductance(E=0).current(2.0, -65.0))
    130.0
    """

    driving: ClassVar[str] = "mV"

    E: Param = param(0.0, "mV", "reversal potential", bounds=(-120, 80))

    def current(self, g: Array, V: Array) -> Array:
        return g * (self.E - V)


class MagnesiumBlock(Output):
    r"""A conductance that magnesium blocks unless the cell is depolarised: the coincidence detector of NMDA receptors.

    .. math:: I = \frac{g\,(E - V)}{1 + [\mathrm{Mg}]\, e^{-\alpha V} / \beta}

    References
    ----------
    Jahr & Stevens 1990, doi:10.1523/JNEUROSCI.10-09-03178.1990; the form with 3.57 and 0.062: Wang 2002,
    doi:10.1016/S0896-6273(02)01092-9.

    Examples
    --------
    >>> block = MagnesiumBlock()
    >>> round(float(block.current(1.0, -65.0)), 3), round(float(block.current(1.0, -20.0)), 3)
    (3.878, 10.163)
    """

    driving: ClassVar[str] = "mV"

    E: Param = param(0.0, "mV", "reversal potential", bounds=(-120, 80))
    Mg: Param = param(1.0, "mM", "magnesium outside the cell", bounds=(0, 10))
    alpha: Param = param(0.062, "1/mV", "how fast the block is relieved", bounds=(0, 0.2))
    beta: Param = param(3.57, "mM", "magnesium that halves the conductance at 0 mV", bounds=(0.1, 20))

    def current(self, g: Array, V: Array) -> Array:
        return g * (self.E - V) / (1.0 + self.Mg * jnp.exp(-self.alpha * V) / self.beta)
