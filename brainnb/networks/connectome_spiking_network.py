"""Spiking networks whose wiring is measured."""

from typing import Any

import numpy as np

from brainnb.rates.wiring import Wired, checked, table

from .spiking_network import SpikingNetwork


class ConnectomeSpikingNetwork(Wired, SpikingNetwork):
    r"""A :class:`SpikingNetwork` on measured wiring: connections that are not there stay away whatever is learned.

    .. math:: W_{ij} = g_{ij}\, C_{ij} \;\text{ with } g_{ij} \to |g_{ij}| \text{ where signs are kept}

    It explains what a circuit can do with spikes on its own wiring.

    Parameters
    ----------
    wiring : array (N, N) or DataArray
        As for :class:`brainnb.rates.ConnectomeNetwork`.
    weight : number or array (N, N)
        What a unit of wiring weighs, g.
    signs : {"kept", "learned"}
        Whether weights act by their size, so that every synapse keeps the sign of the wiring, or may turn it.
    inputs, outputs, ... : as for :class:`SpikingNetwork`

    Inputs and observables
    ----------------------
    As for :class:`SpikingNetwork`; ``"eprop"`` learns it like any other.

    References
    ----------
    Lappalainen et al. 2024, doi:10.1038/s41586-024-07939-3; Bellec et al. 2020, doi:10.1038/s41467-020-17236-y.

    Examples
    --------
    >>> net = ConnectomeSpikingNetwork([[0, 2.0], [-1.0, 0]], inputs=2, weight=0.5)
    >>> net.connectivity().tolist()
    [[0.0, 1.0], [-0.5, 0.0]]
    """

    def __init__(
        self,
        wiring: Any = ((0.0, 1.0, -1.0), (-1.0, 0.0, 1.0), (1.0, -1.0, 0.0)),
        inputs: int = 1,
        outputs: int = 1,
        *,
        weight: Any = 1.0,
        signs: str = "kept",
        **options: Any,
    ):
        C, signs = table(wiring), checked(signs, "ConnectomeSpikingNetwork")
        weight = np.broadcast_to(np.asarray(weight, float), C.shape)
        SpikingNetwork.__init__(self, **options | {"N": len(C), "inputs": inputs, "outputs": outputs, "weight": weight})
        self.wiring, self.signs = C, signs
