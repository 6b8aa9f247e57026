"""Connectors: which neuron reaches which.

A connector is a few numbers; ``connect(pre_size, post_size, seed)`` draws synapses from it.
"""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.networks.space import Positions, Sheet

from .base import Connector, FromFunction
from .blocks import Modular
from .distance import ByDistance, DistanceConnector, Exponential, Gaussian, MexicanHat, WithinDistance
from .edges import Edges
from .given import FromCSR, FromMatrix, FromPairs, FromSparse
from .graphs import PowerLawCluster, ScaleFree, ScaleFreeDual, SmallWorld
from .grids import GridEight, GridFour, GridN, Ring
from .topographic import Topographic
from .uniform import AllToAll, FixedInDegree, FixedOutDegree, FixedProbability, FixedTotalNumber, OneToOne

__all__ = [
    "AllToAll",
    "ByDistance",
    "Connector",
    "DistanceConnector",
    "Edges",
    "Exponential",
    "FixedInDegree",
    "FixedOutDegree",
    "FixedProbability",
    "FixedTotalNumber",
    "FromCSR",
    "FromFunction",
    "FromMatrix",
    "FromPairs",
    "FromSparse",
    "Gaussian",
    "GridEight",
    "GridFour",
    "GridN",
    "MexicanHat",
    "Modular",
    "OneToOne",
    "Positions",
    "PowerLawCluster",
    "Ring",
    "ScaleFree",
    "ScaleFreeDual",
    "Sheet",
    "SmallWorld",
    "Topographic",
    "WithinDistance",
    "as_connector",
]


def as_connector(value: Any) -> Connector:
    """``value`` as a connector: one already, a function, a matrix, or a pair of index arrays.

    Raises
    ------
    ModelError
        Where it is none of these.

    Examples
    --------
    >>> as_connector(np.eye(2, dtype=bool)).connect(2, 2).post
    array([0, 1], dtype=int32)
    """
    if isinstance(value, Connector):
        return value
    if isinstance(value, type) and issubclass(value, Connector):
        raise ModelError(f"`{value.__name__}` is a class; give its numbers: bn.connect.{value.__name__}(...).")
    if callable(value):
        return FromFunction(value)
    if isinstance(value, tuple) and len(value) == 2:
        return FromPairs(*value)
    if hasattr(value, "tocoo"):
        return FromSparse(value)
    if isinstance(value, np.ndarray) or hasattr(value, "__array__"):
        return FromMatrix(value)
    raise ModelError(
        f"{value!r} is no connector; give one of bn.connect, such as bn.connect.FixedProbability(0.02), a function "
        f"f(pre_size, post_size, rng) -> (pre, post), or a matrix of booleans (n_pre, n_post)."
    )
