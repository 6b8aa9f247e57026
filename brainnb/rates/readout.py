"""Readouts: what is read from a network, and what linear rules learn."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, param, static
from brainnb.core.model import Model

from .products import count, products


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
        return jnp.einsum("oi,...i->...o", self.weight, self.weighted(x)) + self.bias

    def weighted(self, x: Array) -> Array:
        """What the weights act on."""
        return x


class PolynomialReadout(Readout):
    r"""A weighted sum of products of features, up to ``degree`` of them: a linear readout of a nonlinear function.

    .. math:: y = \sum_i w_i x_i + \sum_{i \le j} w_{ij} x_i x_j + \dots + b

    It reads what a linear readout cannot, such as the sign of a product, at the price of
    :math:`\binom{n + d}{d}` weights: of a hundred features 5150 at degree 2.

    Parameters
    ----------
    weight : array (outputs, products)
        One column for each product, in the order of scikit-learn's ``PolynomialFeatures(include_bias=False)``:
        :math:`x_1, x_2, \dots, x_1^2, x_1 x_2, \dots`
    bias : array (outputs,)
    degree : int
        Most factors of a product.
    interaction_only : bool
        Whether no feature enters a product twice.

    Examples
    --------
    >>> PolynomialReadout.zeros(3, 1, degree=2).weight.shape  # 3 features, 6 products of two
    (1, 9)
    >>> PolynomialReadout(np.ones((1, 5)))(jnp.array([2.0, 3.0])).tolist()  # 2 + 3 + 4 + 6 + 9
    [24.0]
    """

    degree: int = static(2)
    interaction_only: bool = static(False)

    def __init__(self, weight: Any, bias: Any = None, *, degree: int = 2, interaction_only: bool = False):
        if isinstance(degree, bool) or not isinstance(degree, int) or degree < 1:
            raise ModelError(f"PolynomialReadout: degree={degree!r}; a whole number from 1 was expected.")
        super().__init__(weight, bias)
        self.degree, self.interaction_only = degree, interaction_only

    @classmethod
    def zeros(
        cls, features: int, outputs: int = 1, *, degree: int = 2, interaction_only: bool = False
    ) -> "PolynomialReadout":
        """A readout of so many features that has learned nothing."""
        columns = count(features, range(1, degree + 1), interaction_only)
        return cls(np.zeros((outputs, columns)), degree=degree, interaction_only=interaction_only)

    def weighted(self, x: Array) -> Array:
        return products(x, range(1, self.degree + 1), self.interaction_only)
