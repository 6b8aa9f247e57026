"""Initialisers that look at the distance between two neurons: weights that fall, delays that grow."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.networks import profiles
from brainnb.networks.connect.base import check_number, check_positive
from brainnb.networks.connect.edges import Edges
from brainnb.networks.space import Positions, Sheet

from .base import Array, Initialiser, Shape, checked

Space = Sheet | Positions


class DistanceInitialiser(Initialiser):
    """One number for each pair of neurons, from their distance.  Nothing is drawn, so the seed plays no part.

    Called with a shape (n_pre, n_post) it fills the matrix of all pairs, row = pre; :meth:`on` fills synapses only.
    """

    space: Space

    def value(self, distance: Array) -> Array:
        """The number at each distance."""
        raise ModelError(f"{type(self).__name__} must define value(self, distance).")

    def on(self, edges: Edges, seed: object = 0) -> Array:
        """One number for each synapse, shape (synapses,)."""
        x, y = self.space.both(edges.pre_size, edges.post_size)
        return checked(self.value(self.space.distance(x[edges.pre], y[edges.post])), (len(edges),), type(self).__name__)

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        if len(shape) != 2 or not all(shape):
            raise ModelError(
                f"{type(self).__name__}: shape {shape}; the matrix (n_pre, n_post) of two populations was expected, or "
                f"on(edges) for synapses between populations with several axes."
            )
        x, y = self.space.both(shape[:1], shape[1:])
        return self.value(self.space.distance(x[:, None], y[None]))


@dataclass(frozen=True)
class ByDistance(DistanceInitialiser):
    """Any number that depends on distance, as a function of an array of distances.

    Parameters
    ----------
    function : callable
        Distances in, numbers of the same shape out.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.

    Examples
    --------
    >>> ByDistance(lambda d: 2 * d)((1, 4))
    array([[0.75, 0.25, 0.25, 0.75]])
    """

    function: Callable[[Array], Array]
    space: Space = field(default_factory=Sheet)

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ModelError(f"ByDistance: {self.function!r} is no function of distance.")

    def value(self, distance: Array) -> Array:
        return self.function(distance)


@dataclass(frozen=True)
class GaussianDecay(DistanceInitialiser):
    r"""Weights that fall with distance: $w(d) = w_0\,e^{-d^2 / 2\sigma^2}$.

    Parameters
    ----------
    sigma : float
        Width, in the unit of ``space``.
    peak : float
        $w_0$, the weight at distance 0.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.

    Examples
    --------
    >>> GaussianDecay(sigma=0.5, peak=2.0)((2, 2)).round(3)
    array([[2.   , 1.213],
           [1.213, 2.   ]])
    """

    sigma: float
    peak: float = 1.0
    space: Space = field(default_factory=Sheet)

    def __post_init__(self) -> None:
        check_positive("GaussianDecay", "sigma", self.sigma)
        check_number("GaussianDecay", "peak", self.peak)

    def value(self, distance: Array) -> Array:
        return self.peak * profiles.gaussian(distance, self.sigma)


@dataclass(frozen=True)
class ExponentialDecay(DistanceInitialiser):
    r"""Weights that fall with distance: $w(d) = w_0\,e^{-d / \lambda}$.

    Parameters
    ----------
    length : float
        Length constant $\lambda$, in the unit of ``space``.
    peak : float
        $w_0$, the weight at distance 0.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.

    Examples
    --------
    >>> ExponentialDecay(length=0.5)((1, 2)).round(3)
    array([[0.607, 0.607]])
    """

    length: float
    peak: float = 1.0
    space: Space = field(default_factory=Sheet)

    def __post_init__(self) -> None:
        check_positive("ExponentialDecay", "length", self.length)
        check_number("ExponentialDecay", "peak", self.peak)

    def value(self, distance: Array) -> Array:
        return self.peak * profiles.exponential(distance, self.length)


@dataclass(frozen=True)
class MexicanHat(DistanceInitialiser):
    r"""Excitation near, inhibition around: $w(d) = w_0\big[\,e^{-d^2/2\sigma^2} - b\,e^{-d^2/2\sigma_s^2}\,\big]$.

    A difference of two Gaussians.

    Parameters
    ----------
    sigma, sigma_surround : float
        Widths of centre and surround, in the unit of ``space``.
    surround : float
        Strength $b$ of the surround; at distance 0 the weight is $w_0 (1 - b)$.
    peak : float
        $w_0$, the weight of the centre alone.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.

    Examples
    --------
    >>> MexicanHat(sigma=0.2, sigma_surround=0.4)((1, 4)).round(3)
    array([[-0.15 ,  0.346,  0.346, -0.15 ]])
    """

    sigma: float
    sigma_surround: float
    surround: float = 0.5
    peak: float = 1.0
    space: Space = field(default_factory=Sheet)

    def __post_init__(self) -> None:
        check_positive("MexicanHat", "sigma", self.sigma)
        check_positive("MexicanHat", "sigma_surround", self.sigma_surround)
        check_number("MexicanHat", "surround", self.surround)
        check_number("MexicanHat", "peak", self.peak)

    def value(self, distance: Array) -> Array:
        return self.peak * profiles.mexican_hat(distance, self.sigma, self.sigma_surround, self.surround)


@dataclass(frozen=True)
class ConductionDelay(DistanceInitialiser):
    r"""Delays of axons: $d / v$ and a fixed part, in ms.

    Parameters
    ----------
    speed : float
        $v$, in the unit of ``space`` for each ms; 0.3 with a sheet in mm is 0.3 m/s, a thin axon in cortex.
    fixed : float
        Delay at distance 0, ms.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.

    Examples
    --------
    >>> ConductionDelay(speed=0.5, fixed=1.0)((2, 2))
    array([[1., 2.],
           [2., 1.]])
    """

    speed: float
    fixed: float = 0.0
    space: Space = field(default_factory=Sheet)

    def __post_init__(self) -> None:
        check_positive("ConductionDelay", "speed", self.speed)
        check_number("ConductionDelay", "fixed", self.fixed)
        if self.fixed < 0:
            raise OutOfBounds(f"ConductionDelay: fixed = {self.fixed:g} ms; a delay is not negative.")

    def value(self, distance: Array) -> Array:
        return self.fixed + distance / self.speed
