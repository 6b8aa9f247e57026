"""Five areas of the ventral visual stream, each of them a network (Wang et al. 2023)."""

from brainnb import neurons
from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.synapses import Conductance, Exponential

from .. import connect, init
from ..network import Network
from ..population import Population
from ..projection import Projection

AREAS = ("V1", "V2", "V4", "TEO", "TEpd")
SHARE = (
    (0.0, 0.7322, 0.1277, 0.0270, 0.0036),
    (0.7636, 0.0, 0.1513, 0.0033, 0.0011),
    (0.0130, 0.3908, 0.0, 0.2378, 0.0749),
    (0.0, 0.0246, 0.2559, 0.0, 0.2313),
    (0.0, 0.0002, 0.0274, 0.1376, 0.0),
)
"""Share of its long-range input that an area (row) gets from another (column)."""
DELAY = {
    ("V1", "V2"): 2.66, ("V1", "V4"): 4.23, ("V1", "TEO"): 4.26, ("V1", "TEpd"): 7.29, ("V2", "V4"): 2.69,
    ("V2", "TEO"): 3.49, ("V2", "TEpd"): 5.66, ("V4", "TEO"): 2.80, ("V4", "TEpd"): 4.71, ("TEO", "TEpd"): 3.06,
}  # fmt: skip
"""Time between two areas in either direction, ms."""
FAN_IN = 80
"""Synapses onto each neuron within its area, and from each other area, at any size."""
E, I = Conductance(E=0.0), Conductance(E=-80.0)


def area(n: int, seed: int) -> Network:
    """One area: four fifths excitatory cells, one fifth inhibitory ones, at rest."""
    sizes = {"E": n * 4 // 5, "I": n - n * 4 // 5}
    kinds = {"E": (Exponential(tau=5.0), 1.2, E), "I": (Exponential(tau=10.0), 53.6, I)}
    return Network(
        populations={
            name: Population(neurons.TraubMilesPoint(E_L=-65.0), k, init={"V": init.Normal(-65.0, 1.0)})
            for name, k in sizes.items()
        },
        projections={
            pre + post: Projection(
                pre, post, connect.FixedProbability(FAN_IN / n), synapse, weight=weight, output=output
            )
            for pre, (synapse, weight, output) in kinds.items()
            for post in sizes
        },
        seed=seed,
    )


class VentralStream(Network):
    r"""V1, V2, V4, TEO and TEpd: networks of Hodgkin–Huxley type cells that send to each other, both ways.

    A stimulus to V1 travels up the areas, one after the other: each adds the time on the way and the time to gather a
    volley.

    Parameters
    ----------
    n : int
        Neurons of each area, four fifths of them excitatory; each has 80 synapses from its own area and 80 from each
        other that reaches it, whatever ``n``.
    strength : float
        Conductance of a long-range synapse that had the whole share, nS, by default that of the synapses within an
        area; :math:`w_{ij} = strength \cdot share_{ij}`.
    seed : int
        Draws synapses and first potentials.

    Notes
    -----
    Areas are networks in the network: ``"V1.E.V"``, ``"V2.EI.weight"``; long-range projections from excitatory to
    excitatory cells are ``"V1_V2.weight"``.  Shares and delays are those of the paper, weights within an area 0.006 and 0.268
    mS/cm2 (1.2 and 53.6 nS per cell).  The cell is that of :class:`COBAHH` with ``E_L`` at -65 mV: at -60 mV it fires
    without any input.  Give the stimulus as ``inputs={"V1.E.I": bn.inputs.Pulse(amplitude=200, duration=100)}``
    (1 uA/cm2).  How long-range synapses are drawn is our choice: the fan-in of 80, and ``strength``; above 2.5 nS areas
    keep each other firing after the stimulus.  The first run
    compiles for about a minute.

    References
    ----------
    Wang et al. 2023, doi:10.7554/eLife.86365, fig. 2D, appendix 9; connectivity: Markov et al. 2014,
    doi:10.1093/cercor/bhs270.

    Examples
    --------
    >>> net = VentralStream(n=200)
    >>> round(float(net.links["V1_V2"].weight / net.links["V4_TEO"].weight), 3)
    2.984
    """

    def __init__(self, n: int = 4000, strength: float = 1.2, seed: int = 0):
        if isinstance(n, bool) or not isinstance(n, int):
            raise ModelError(f"VentralStream: n = {n!r}; a whole number was expected.")
        if n < FAN_IN:
            raise OutOfBounds(f"VentralStream: n = {n}; at least {FAN_IN} neurons in each area were expected.")
        super().__init__(
            populations={name: area(n, seed + i) for i, name in enumerate(AREAS)},
            projections={
                f"{source}_{target}": Projection(
                    f"{source}.E",
                    f"{target}.E",
                    connect.FixedProbability(FAN_IN / n),
                    Exponential(tau=5.0),
                    weight=strength * SHARE[i][j],
                    delay=DELAY.get((source, target)) or DELAY[target, source],
                    output=E,
                )
                for i, target in enumerate(AREAS)
                for j, source in enumerate(AREAS)
                if SHARE[i][j]
            },
            seed=seed,
        )
