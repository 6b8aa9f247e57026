"""The balanced network of van Vreeswijk & Sompolinsky, with integrate-and-fire neurons."""

import math

from brainnb import neurons
from brainnb.core.errors import OutOfBounds
from brainnb.synapses import Delta

from .. import connect, init
from ..network import Network
from ..population import Population
from ..projection import Projection

DISTANCE = 10.0
"""From rest to the threshold of the excitatory cells, mV: the unit of all weights."""

WEIGHTS = {"EE": 1.0, "EI": 1.0, "IE": -2.0, "II": -1.8}
FROM_OUTSIDE = {"E": 1.0, "I": 0.8}


class VreeswijkSompolinsky(Network):
    r"""Excitation and inhibition that are each far too strong and cancel: irregular firing without any noise.

    .. math::

        \tau \dot V = -V + \sqrt{K}\, E\, r_{ext}\, \tau, \qquad V \to V + J / \sqrt{K} \text{ with each spike}

    It explains why neurons with thousands of inputs fire irregularly, and why a large network answers fast and
    linearly: the mean inputs, of order :math:`\sqrt{K}`, cancel, which sets the rates to multiples of the rate
    outside, whatever the cells are; fluctuations of order 1 remain and make the spikes.

    Parameters
    ----------
    n : int
        Neurons, half of them excitatory (``E``), half inhibitory (``I``).
    inputs : int
        Synapses from either population onto each neuron, :math:`K`, on average.
    rate : float
        Of the neurons outside, Hz; they act by their mean alone.  With the weights of the paper both populations tend
        to this rate as :math:`K` grows.
    seed : int
        Draws synapses and first potentials.

    Notes
    -----
    The paper has binary neurons; these leaky ones have its weights (1, 1, -2, -1.8), drives (1, 0.8) and thresholds
    (1, 0.7), in units of 10 mV.  With few inputs the drive from outside is too
    weak for the excitatory cells, and they fall silent.

    References
    ----------
    van Vreeswijk & Sompolinsky 1996, doi:10.1126/science.274.5293.1724; 1998, doi:10.1162/089976698300017214.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(VreeswijkSompolinsky(), T=1000)
    >>> 0.8 < float(ds.bn.cv("E.spike", start=100).mean()) < 1.3
    True
    """

    def __init__(self, n: int = 4000, inputs: int = 400, rate: float = 40.0, seed: int = 0):
        half = n // 2
        if not 1 <= inputs <= half:
            raise OutOfBounds(f"VreeswijkSompolinsky: inputs = {inputs}; from 1 to {half}, half of the neurons.")
        tau, cells = 10.0, {}
        for name, distance in (("E", DISTANCE), ("I", 0.7 * DISTANCE)):
            cells[name] = neurons.LIF(tau=tau, R=1.0, V_rest=0.0, V_th=distance, V_reset=0.0, t_ref=0.0)
        drive = {k: math.sqrt(inputs) * x * 1e-3 * rate * tau * DISTANCE for k, x in FROM_OUTSIDE.items()}
        super().__init__(
            populations={
                k: Population(cell, half, init={"V": init.Uniform(0.0, 7.0)}, inputs={"I": drive[k]})
                for k, cell in cells.items()
            },
            projections={
                name: Projection(
                    *name,
                    connect.FixedProbability(inputs / half),
                    Delta(),
                    weight=J * DISTANCE / math.sqrt(inputs),
                )
                for name, J in WEIGHTS.items()
            },
            seed=seed,
        )
