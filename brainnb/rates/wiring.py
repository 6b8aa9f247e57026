"""Measured wiring: who reaches whom is fixed, how strongly is learned."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, param, static
from brainnb.core.model import Model

TARGETS, SOURCES = (
    ("post", "to", "target", "targets", "post_neuron"),
    ("pre", "from", "source", "sources", "pre_neuron"),
)
"""Names of dimensions that say which way a table of connections goes."""
SIGNS = ("kept", "learned")


class Wired(Model):
    """What networks on measured wiring share: every weight is that of a unit of wiring."""

    wiring: Param = param(((0.0,),), "1", "measured connections, to from")
    signs: str = static("kept")

    def connectivity(self) -> Array:
        """The weights that act."""
        W = (jnp.abs(self.weight) if self.signs == "kept" else self.weight) * jax.lax.stop_gradient(self.wiring)
        return W if self.autapses else W * (1.0 - jnp.eye(self.N))


def checked(signs: str, owner: str) -> str:
    """What ``signs=`` may be."""
    if signs not in SIGNS:
        raise ModelError(f"{owner}: signs={signs!r}; {' or '.join(map(repr, SIGNS))} was expected.")
    return signs


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
