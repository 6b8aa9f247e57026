"""Initialisers: weights, delays, and parameters that differ from neuron to neuron.

``init(shape, seed)`` fills an array, ``init.on(edges, seed)`` gives one number for each synapse.
"""

from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from .base import FromArray, FromFunction, Initialiser
from .distance import ByDistance, ConductionDelay, DistanceInitialiser, ExponentialDecay, GaussianDecay, MexicanHat
from .distributions import Choice, Constant, Gamma, LogNormal, Normal, One, TruncatedNormal, Uniform, Zero
from .matrices import DeltaOrthogonal, Identity, Orthogonal
from .scaling import (
    KaimingNormal,
    KaimingUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
    XavierNormal,
    XavierUniform,
)

__all__ = [
    "ByDistance",
    "Choice",
    "ConductionDelay",
    "Constant",
    "DeltaOrthogonal",
    "DistanceInitialiser",
    "ExponentialDecay",
    "FromArray",
    "FromFunction",
    "Gamma",
    "GaussianDecay",
    "Identity",
    "Initialiser",
    "KaimingNormal",
    "KaimingUniform",
    "LecunNormal",
    "LecunUniform",
    "LogNormal",
    "MexicanHat",
    "Normal",
    "One",
    "Orthogonal",
    "TruncatedNormal",
    "Uniform",
    "VarianceScaling",
    "XavierNormal",
    "XavierUniform",
    "Zero",
    "as_initialiser",
]


def as_initialiser(value: Any) -> Initialiser:
    """``value`` as an initialiser: one already, a number, an array, or a function ``f(shape, rng)``.

    Raises
    ------
    ModelError
        Where it is none of these.

    Examples
    --------
    >>> as_initialiser(1.5)(2)
    array([1.5, 1.5])
    """
    if isinstance(value, Initialiser):
        return value
    if isinstance(value, type) and issubclass(value, Initialiser):
        raise ModelError(f"`{value.__name__}` is a class; give its numbers: bn.init.{value.__name__}(...).")
    if callable(value):
        return FromFunction(value)
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return Constant(value)
    if isinstance(value, list | tuple | np.ndarray) or hasattr(value, "__array__"):
        host = np.asarray(value)
        return Constant(host.item()) if host.ndim == 0 else FromArray(host)
    raise ModelError(
        f"{value!r} is no initialiser; give a number, an array, one of bn.init, such as bn.init.Normal(1.0, 0.1), or a "
        f"function f(shape, rng)."
    )
