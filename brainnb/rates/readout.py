"""A linear readout: what is read from a network, and what linear rules learn."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.fields import Param, param
from brainnb.core.model import Model


class Readout(Model):
    r"""A weighted sum of features, $y = W x + b$: a part of networks.

    A network names what it reads and writes in ``readouts``, ``{"readout": ("features", "out")}``; by this the linear
    rules of :func:`brainnb.fit` find their way.

    Parameters
    ----------
    weight : array (outputs, features)
    bias : array (outputs,)

    Examples
    --------
    >>> Readout(np.ones((1, 3)))(jnp.array([1.0, 2.0, 3.0])).tolist()
    [6.0]
    """

    weight: Param = param(((0.0,),), "1", "weights, one row for each output")
    bias: Param = param((0.0,), "1", "offset of each output")

    def __init__(self, weight: Any, bias: Any = None):
        self.weight = weight
        self.bias = np.zeros(np.shape(weight)[0]) if bias is None else bias

    def __call__(self, x: Array) -> Array:
        """The outputs (..., outputs) of features (..., features)."""
        return jnp.einsum("oi,...i->...o", self.weight, x) + self.bias
