"""Initialisers whose variance fits the number of inputs or outputs of a unit.

A matrix is written as row = target, column = source, as in ``W_rec``: the last axis counts the inputs.  Further axes
between the first and the last, as in a convolution, are the receptive field and count on both sides.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from brainnb.core.errors import ModelError
from brainnb.networks.connect.base import check_positive

from .base import Array, Initialiser, Shape

MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("normal", "truncated_normal", "uniform")


@dataclass(frozen=True)
class VarianceScaling(Initialiser):
    r"""Random weights whose variance is $s / n$, so that activity neither grows nor dies from layer to layer.

    Parameters
    ----------
    scale : float
        $s$.
    mode : {"fan_in", "fan_out", "fan_avg"}
        Whether $n$ counts the inputs of a unit, its outputs, or is the mean of both.
    distribution : {"normal", "truncated_normal", "uniform"}
        All have the variance $s/n$; the truncated one is cut at two standard deviations and widened to keep it.

    See Also
    --------
    LecunNormal, LecunUniform : scale 1, fan in.
    XavierNormal, XavierUniform : scale 1, the mean of both.
    KaimingNormal, KaimingUniform : scale 2, fan in.

    Examples
    --------
    >>> W = VarianceScaling(2.0, "fan_in", "uniform")((300, 400))
    >>> (W.var() * 400).round(1)
    np.float64(2.0)
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"

    def __post_init__(self) -> None:
        where = type(self).__name__
        check_positive(where, "scale", self.scale)
        for name, value, known in (("mode", self.mode, MODES), ("distribution", self.distribution, DISTRIBUTIONS)):
            if value not in known:
                raise ModelError(f"{where}: {name} = {value!r}; one of {', '.join(map(repr, known))} was expected.")

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        fan_in, fan_out = fans(shape, type(self).__name__)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        std = math.sqrt(self.scale / max(n, 1))
        if self.distribution == "uniform":
            return rng.uniform(-math.sqrt(3) * std, math.sqrt(3) * std, shape)
        if self.distribution == "normal":
            return rng.normal(0, std, shape)
        from scipy.stats import truncnorm

        return truncnorm.ppf(rng.random(shape), -2, 2) * (std / truncnorm.std(-2, 2))


@dataclass(frozen=True)
class LecunNormal(VarianceScaling):
    """Normal weights with variance 1 / n, for units that are nearly linear, or SELU.

    $n$ is the inputs of a unit; the distribution is cut at two standard deviations.

    Parameters
    ----------
    scale : float
        Numerator of the variance.

    References
    ----------
    LeCun, Bottou, Orr, Müller (1998) Efficient BackProp. doi:10.1007/3-540-49430-8_2

    Examples
    --------
    >>> bool(abs(LecunNormal()((200, 200)).var() * 200 - 1) < 0.02)
    True
    """

    scale: float = 1.0
    mode: str = field(default="fan_in", init=False, repr=False)
    distribution: str = field(default="truncated_normal", init=False, repr=False)


@dataclass(frozen=True)
class LecunUniform(VarianceScaling):
    """Uniform weights with variance 1 / n, for units that are nearly linear, or SELU.

    $n$ is the inputs of a unit.

    Parameters
    ----------
    scale : float
        Numerator of the variance.

    References
    ----------
    LeCun, Bottou, Orr, Müller (1998) Efficient BackProp. doi:10.1007/3-540-49430-8_2

    Examples
    --------
    >>> bool(abs(LecunUniform()((200, 200)).var() * 200 - 1) < 0.02)
    True
    """

    scale: float = 1.0
    mode: str = field(default="fan_in", init=False, repr=False)
    distribution: str = field(default="uniform", init=False, repr=False)


@dataclass(frozen=True)
class XavierNormal(VarianceScaling):
    """Normal weights with variance 1 / n, for tanh units.

    $n$ is the mean of inputs and outputs; the distribution is cut at two standard deviations.

    Parameters
    ----------
    scale : float
        Numerator of the variance.

    References
    ----------
    Glorot, Bengio (2010) Understanding the difficulty of training deep feedforward neural networks. PMLR 9,
    249–256.

    Examples
    --------
    >>> bool(abs(XavierNormal()((200, 200)).var() * 200 - 1) < 0.02)
    True
    """

    scale: float = 1.0
    mode: str = field(default="fan_avg", init=False, repr=False)
    distribution: str = field(default="truncated_normal", init=False, repr=False)


@dataclass(frozen=True)
class XavierUniform(VarianceScaling):
    """Uniform weights with variance 1 / n, for tanh units.

    $n$ is the mean of inputs and outputs.

    Parameters
    ----------
    scale : float
        Numerator of the variance.

    References
    ----------
    Glorot, Bengio (2010) Understanding the difficulty of training deep feedforward neural networks. PMLR 9,
    249–256.

    Examples
    --------
    >>> bool(abs(XavierUniform()((200, 200)).var() * 200 - 1) < 0.02)
    True
    """

    scale: float = 1.0
    mode: str = field(default="fan_avg", init=False, repr=False)
    distribution: str = field(default="uniform", init=False, repr=False)


@dataclass(frozen=True)
class KaimingNormal(VarianceScaling):
    """Normal weights with variance 2 / n, for rectified units.

    $n$ is the inputs of a unit; the distribution is cut at two standard deviations.

    Parameters
    ----------
    scale : float
        Numerator of the variance.

    References
    ----------
    He, Zhang, Ren, Sun (2015) Delving deep into rectifiers. doi:10.1109/ICCV.2015.123

    Examples
    --------
    >>> bool(abs(KaimingNormal()((200, 200)).var() * 200 - 2) < 0.02)
    True
    """

    scale: float = 2.0
    mode: str = field(default="fan_in", init=False, repr=False)
    distribution: str = field(default="truncated_normal", init=False, repr=False)


@dataclass(frozen=True)
class KaimingUniform(VarianceScaling):
    """Uniform weights with variance 2 / n, for rectified units.

    $n$ is the inputs of a unit.

    Parameters
    ----------
    scale : float
        Numerator of the variance.

    References
    ----------
    He, Zhang, Ren, Sun (2015) Delving deep into rectifiers. doi:10.1109/ICCV.2015.123

    Examples
    --------
    >>> bool(abs(KaimingUniform()((200, 200)).var() * 200 - 2) < 0.02)
    True
    """

    scale: float = 2.0
    mode: str = field(default="fan_in", init=False, repr=False)
    distribution: str = field(default="uniform", init=False, repr=False)


def fans(shape: Shape, where: str) -> tuple[int, int]:
    """Inputs and outputs of one unit."""
    if len(shape) < 2:
        raise ModelError(
            f"{where}: shape {shape} has {len(shape)} axes; the fan of a unit needs a matrix, (n_post, n_pre)."
        )
    field = math.prod(shape[1:-1])
    return shape[-1] * field, shape[0] * field
