"""The synfire chain of Diesmann, Gewaltig & Aertsen 1999."""

import math
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from brainnb import neurons
from brainnb.core.errors import OutOfBounds
from brainnb.synapses import Alpha

from .. import connect, init
from ..network import Network
from ..population import Population
from ..projection import Projection
from ..sources import PoissonDrive, SpikeTrains

PSC = 4.86 / math.e / 0.1
"""Peak of a synaptic current into 0.1 Gohm, pA: 4.86 mV of drive, a potential of 0.14 mV."""


class Synfire(Network):
    r"""Groups of neurons in a chain: a volley of spikes either sharpens from group to group, or dies out.

    .. math:: \tau \dot V = V_{rest} - V + R \sum_j w\,\frac{t - t_j}{\tau_{psp}}\, e^{1 - (t - t_j) / \tau_{psp}}

    It explains how precise spike times can travel through noisy cortex: what counts is the number of spikes in the
    volley and its width, and all volleys above a border end as the same one.

    Parameters
    ----------
    spikes : int
        Of the first volley.
    width : float
        Its standard deviation, ms.
    groups, size : int
        Groups in the chain, and neurons in each of them (population ``chain``, group after group).
    at : float
        Time of the first volley, ms.
    delay : float
        From group to group, ms.
    seed : int
        Draws the first volley and the first potentials.

    Notes
    -----
    Every neuron hears the background of 20 000 synapses, 88 % of them excitatory at 2 Hz, the others inhibitory at
    12.5 Hz, and fires now and then by itself.  ``net.replace({"pulse.times": net.volley(1.5)})`` sends another volley
    without compiling.

    References
    ----------
    Diesmann, Gewaltig & Aertsen 1999, doi:10.1038/990101.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(Synfire(spikes=100, width=1.0), T=120)
    >>> last = ds["chain.spike"][:, -100:]
    >>> bool(last.sel(time=slice(75, 115)).sum() > 90)
    True
    """

    default_record: ClassVar[str | None] = "chain.spike"

    def __init__(
        self,
        spikes: int = 100,
        width: float = 1.0,
        groups: int = 10,
        size: int = 100,
        at: float = 50.0,
        delay: float = 5.0,
        seed: int = 0,
    ):
        if width < 0:
            raise OutOfBounds(f"Synfire: width = {width:g} ms; a number that is not negative was expected.")
        if groups < 2:
            raise OutOfBounds(f"Synfire: groups = {groups}; a chain has at least two.")
        n = groups * size

        def to_the_next(pre_size: Any, post_size: Any, rng: Any) -> tuple[ndarray, ndarray]:
            pre, k = np.divmod(np.arange((groups - 1) * size * size), size)
            return pre, (pre // size + 1) * size + k

        def to_the_first(pre_size: Any, post_size: Any, rng: Any) -> tuple[ndarray, ndarray]:
            return np.divmod(np.arange(spikes * size), size)

        cell = neurons.LIF(tau=10.0, R=0.1, V_rest=-70.0, V_th=-55.0, V_reset=-70.0, t_ref=1.0)
        synapse = Alpha(tau=0.325)
        one = connect.OneToOne()
        super().__init__(
            populations={
                "pulse": Population(SpikeTrains(volley(spikes, width, at, seed)), spikes),
                "excite": Population(PoissonDrive(rate=2.0, number=17_600), n),
                "inhibit": Population(PoissonDrive(rate=12.5, number=2_400), n),
                "chain": Population(cell, n, init={"V": init.Normal(-61.8, 2.5)}),
            },
            projections={
                "first": Projection("pulse", "chain", to_the_first, synapse, weight=PSC),
                "next": Projection("chain", "chain", to_the_next, synapse, weight=PSC, delay=delay),
                "more": Projection("excite", "chain", one, synapse, weight=PSC),
                "less": Projection("inhibit", "chain", one, synapse, weight=-PSC),
            },
            seed=seed,
        )

    def volley(self, width: float, at: float = 50.0, seed: int = 0) -> ndarray:
        """Spike times of a volley of as many spikes, for ``replace({"pulse.times": ...})``."""
        return volley(self.number("pulse"), width, at, seed)


def volley(spikes: int, width: float, at: float, seed: int) -> ndarray:
    """Normally distributed times, one for each of so many neurons.

    Examples
    --------
    >>> volley(3, 0.0, 50.0, 0).tolist()
    [[50.0], [50.0], [50.0]]
    """
    return at + width * np.random.default_rng(seed).standard_normal((spikes, 1))
