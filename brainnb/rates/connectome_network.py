"""Networks whose wiring is measured: who reaches whom is fixed, how strongly is learned."""

from typing import Any

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, param

from .rate_network import RateNetwork
from .wiring import Wired, checked, largest, table


class ConnectomeNetwork(Wired, RateNetwork):
    r"""A :class:`RateNetwork` on measured wiring: connections that are not there stay away whatever is learned.

    .. math:: W_{ij} = g_{ij}\, C_{ij} \;\text{ with } g_{ij} \to |g_{ij}| \text{ where signs are kept}

    It explains how much of what a circuit does follows from its wiring; what a synapse counts is a guess until it is
    learned.

    Parameters
    ----------
    wiring : array (N, N) or DataArray
        Counts or strengths, to from; a DataArray has dimensions named ``post`` and ``pre`` (or ``to`` and ``from``, ``target`` and
        ``source``) in any order.  The sign of an entry is the sign of the synapse.
    weight : number or array
        What a unit of wiring weighs, g: one for all, (N,) one for each source, (N, 1) for each target, or (N, N).
    radius : number, optional
        Scale the wiring so that its spectral radius is this.
    signs : {"kept", "learned"}
        Whether weights act by their size, so that every synapse keeps the sign of the wiring, or may turn it.
    inputs, outputs, activation, form, autapses, direct, tau, weight_in, weight_back, bias, readout, scale, seed
        As for :class:`RateNetwork`.

    Inputs and observables
    ----------------------
    As for :class:`RateNetwork`.  ``train="weight*"`` learns what synapses count and leaves the wiring alone.

    Raises
    ------
    ModelError
        Wiring that is no square table, is not finite, or does not say which way it goes.

    References
    ----------
    Lappalainen et al. 2024, doi:10.1038/s41586-024-07939-3; as reservoirs Suárez et al. 2021,
    doi:10.1038/s42256-021-00376-1.

    Examples
    --------
    >>> net = ConnectomeNetwork([[0, 2.0], [-1.0, 0]], inputs=2)
    >>> net.replace(weight=-0.5).connectivity().tolist()  # signs are kept
    [[0.0, 1.0], [-0.5, 0.0]]
    """

    weight: Param = param(1.0, "1", "what a unit of the wiring weighs", bounds=(-1e3, 1e3))

    def __init__(
        self,
        wiring: Any = ((0.0, 1.0, -1.0), (-1.0, 0.0, 1.0), (1.0, -1.0, 0.0)),
        inputs: int = 1,
        outputs: int = 1,
        *,
        weight: Any = 1.0,
        radius: float | None = None,
        signs: str = "kept",
        **options: Any,
    ):
        C, signs = table(wiring), checked(signs, "ConnectomeNetwork")
        if radius is not None:
            C = C * (radius / largest(C))
        if options.get("excitatory") is not None:
            raise ModelError("ConnectomeNetwork: excitatory=...; the signs stand in the wiring, one for each synapse.")
        RateNetwork.__init__(self, **options | {"N": len(C), "inputs": inputs, "outputs": outputs, "weight": weight})
        self.wiring, self.signs = C, signs
