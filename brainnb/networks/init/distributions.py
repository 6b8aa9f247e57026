"""Initialisers that treat every entry alike: a constant, or a draw from a distribution."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.networks.connect.base import check_number, check_positive

from .base import Array, Initialiser, Shape


@dataclass(frozen=True)
class Constant(Initialiser):
    """The same number everywhere.

    Examples
    --------
    >>> Constant(0.6)(3)
    array([0.6, 0.6, 0.6])
    """

    value: float

    def __post_init__(self) -> None:
        check_number(type(self).__name__, "value", self.value)

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        return np.full(shape, float(self.value))


@dataclass(frozen=True)
class Zero(Initialiser):
    """0 everywhere."""

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        return np.zeros(shape)


@dataclass(frozen=True)
class One(Initialiser):
    """1 everywhere."""

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        return np.ones(shape)


@dataclass(frozen=True)
class Normal(Initialiser):
    r"""The normal distribution $\mathcal N(\mu, \sigma^2)$.

    Parameters
    ----------
    mean, std : float

    Examples
    --------
    >>> Normal(mean=-65.0, std=2.0)(10_000).mean().round(1)
    np.float64(-65.0)
    """

    mean: float = 0.0
    std: float = 1.0

    def __post_init__(self) -> None:
        check_number("Normal", "mean", self.mean)
        _check_spread("Normal", "std", self.std)

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.normal(self.mean, self.std, shape)


@dataclass(frozen=True)
class TruncatedNormal(Initialiser):
    r"""The normal distribution between two limits: values outside are drawn anew, none gather at the limits.

    Serves for delays and weights that must not change sign.

    Parameters
    ----------
    mean, std : float
        Of the normal distribution before it is cut.
    low, high : float
        Limits; one of them may be infinite.

    Examples
    --------
    >>> TruncatedNormal(mean=1.5, std=0.75, low=0.1)(10_000).min() >= 0.1
    np.True_
    """

    mean: float = 0.0
    std: float = 1.0
    low: float = -np.inf
    high: float = np.inf

    def __post_init__(self) -> None:
        check_number("TruncatedNormal", "mean", self.mean)
        check_positive("TruncatedNormal", "std", self.std)
        if not self.low < self.high:
            raise OutOfBounds(f"TruncatedNormal: low = {self.low} is not below high = {self.high}.")

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        from scipy.stats import truncnorm

        low, high = (self.low - self.mean) / self.std, (self.high - self.mean) / self.std
        drawn = truncnorm.ppf(rng.random(shape), low, high, self.mean, self.std)
        return np.clip(drawn, self.low, self.high)  # a value at the limit may be rounded past it


@dataclass(frozen=True)
class Uniform(Initialiser):
    """The uniform distribution between two limits.

    Parameters
    ----------
    low, high : float

    Examples
    --------
    >>> V0 = Uniform(-70.0, -50.0)(1000)
    >>> bool(V0.min() >= -70 and V0.max() < -50)
    True
    """

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        check_number("Uniform", "low", self.low)
        check_number("Uniform", "high", self.high)
        if self.low > self.high:
            raise OutOfBounds(f"Uniform: low = {self.low:g} is above high = {self.high:g}.")

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.uniform(self.low, self.high, shape)


@dataclass(frozen=True)
class LogNormal(Initialiser):
    r"""The log-normal distribution, given by the mean and standard deviation of the values themselves.

    Synaptic weights in cortex are spread like this: many weak ones, a few strong.

    Parameters
    ----------
    mean, std : float
        Of the values, not of their logarithm.

    Notes
    -----
    The logarithm is normal with variance $s^2 = \ln(1 + \sigma^2/\mu^2)$ and mean $\ln\mu - s^2/2$.

    References
    ----------
    Buzsáki, Mizuseki (2014) The log-dynamic brain. Nat. Rev. Neurosci. 15, 264–278. doi:10.1038/nrn3687

    Examples
    --------
    >>> LogNormal(mean=1.0, std=0.5)(100_000).std().round(2)
    np.float64(0.5)
    """

    mean: float
    std: float

    def __post_init__(self) -> None:
        check_positive("LogNormal", "mean", self.mean)
        _check_spread("LogNormal", "std", self.std)

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        variance = np.log1p((self.std / self.mean) ** 2)
        return rng.lognormal(np.log(self.mean) - variance / 2, np.sqrt(variance), shape)


@dataclass(frozen=True)
class Gamma(Initialiser):
    r"""The gamma distribution with density $\propto x^{k-1} e^{-x/\theta}$.

    Parameters
    ----------
    shape : float
        $k$; 1 is the exponential distribution.
    scale : float
        $\theta$; the mean is $k\theta$.

    Examples
    --------
    >>> Gamma(shape=2.0, scale=0.5)(100_000).mean().round(2)
    np.float64(1.0)
    """

    shape: float
    scale: float = 1.0

    def __post_init__(self) -> None:
        check_positive("Gamma", "shape", self.shape)
        check_positive("Gamma", "scale", self.scale)

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.gamma(self.shape, self.scale, shape)


@dataclass(frozen=True)
class Choice(Initialiser):
    """One of a few values, each with its probability.

    Parameters
    ----------
    values : sequence of float
    p : sequence of float, optional
        Probabilities, with sum 1; equal by default.

    Examples
    --------
    >>> Choice((1.0, -4.0), p=(0.8, 0.2))(10_000).mean().round(1)
    np.float64(-0.0)
    """

    values: tuple[float, ...]
    p: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _numbers("Choice", "values", self.values))
        if self.p is None:
            return
        object.__setattr__(self, "p", _numbers("Choice", "p", self.p))
        if len(self.p) != len(self.values) or min(self.p) < 0 or abs(sum(self.p) - 1) > 1e-9:
            raise OutOfBounds(f"Choice: p = {self.p}; {len(self.values)} probabilities with sum 1 were expected.")

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.choice(np.array(self.values), shape, p=self.p)


def _numbers(where: str, name: str, values: Any) -> tuple[float, ...]:
    found = np.asarray(values)
    if found.ndim != 1 or not found.size or found.dtype.kind not in "iuf" or not np.isfinite(found).all():
        raise ModelError(f"{where}: {name} = {values!r}; some finite numbers were expected, such as (1.0, 2.0).")
    return tuple(float(x) for x in found)


def _check_spread(where: str, name: str, value: Any) -> None:
    check_number(where, name, value)
    if value < 0:
        raise OutOfBounds(f"{where}: {name} = {value:g}; a number of at least 0 was expected.")
