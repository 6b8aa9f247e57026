"""Networks whose wiring is measured: who reaches whom is fixed, how strongly is learned."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, param, static

from .rate_network import RateNetwork

TARGETS, SOURCES = (
    ("post", "to", "target", "targets", "post_neuron"),
    ("pre", "from", "source", "sources", "pre_neuron"),
)
"""Names of dimensions that say which way a table of connections goes."""
SIGNS = ("kept", "learned")


class ConnectomeNetwork(RateNetwork):
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

    wiring: Param = param(((0.0,),), "1", "measured connections, to from")
    weight: Param = param(1.0, "1", "what a unit of the wiring weighs", bounds=(-1e3, 1e3))
    signs: str = static("kept")

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
        C = table(wiring)
        if signs not in SIGNS:
            raise ModelError(f"ConnectomeNetwork: signs={signs!r}; {' or '.join(map(repr, SIGNS))} was expected.")
        if radius is not None:
            C = C * (radius / largest(C))
        if options.get("excitatory") is not None:
            raise ModelError("ConnectomeNetwork: excitatory=...; the signs stand in the wiring, one for each synapse.")
        super().__init__(**options | {"N": len(C), "inputs": inputs, "outputs": outputs, "weight": weight})
        self.wiring, self.signs = C, signs

    def connectivity(self) -> Array:
        """The weights that act."""
        W = (jnp.abs(self.weight) if self.signs == "kept" else self.weight) * jax.lax.stop_gradient(self.wiring)
        return W if self.autapses else W * (1.0 - jnp.eye(self.N))


def table(wiring: Any) -> np.ndarray:
    """Connections as a square array, to from."""
    if hasattr(wiring, "dims"):
        dims = tuple(map(str, wiring.dims))
        to = [d for d in dims if d.lower() in TARGETS]
        back = [d for d in dims if d.lower() in SOURCES]
        if len(dims) != 2 or len(to) != 1 or len(back) != 1:
            raise ModelError(
                f"wiring has the dimensions {dims}; one named `post` and one named `pre` were expected: "
                "wiring.rename({'...': 'post', '...': 'pre'}) says which way it goes."
            )
        wiring = wiring.transpose(to[0], back[0]).values
    C = np.asarray(wiring, float)
    if C.ndim != 2 or C.shape[0] != C.shape[1]:
        raise ModelError(f"wiring has shape {C.shape}; a square table, to from, was expected.")
    if not np.isfinite(C).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(C))[0])
        raise ModelError(f"wiring is not a number at {at}; write 0 where there is no connection.")
    return C


def largest(C: np.ndarray) -> float:
    """The spectral radius; without cycles there is none to scale."""
    found = float(np.abs(np.linalg.eigvals(C)).max())
    if found < 1e-12 * max(float(np.abs(C).max()), 1e-300):
        raise ModelError(
            "radius: this wiring has no cycles, so its spectral radius is 0; leave radius out and set gain."
        )
    return found
