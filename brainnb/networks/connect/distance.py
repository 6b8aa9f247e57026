"""Connectors that look at the distance between two neurons."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.networks import profiles
from brainnb.networks.space import Positions, Sheet

from .base import Connector, Pairs, Size, check_positive, check_probability
from .cells import near_pairs

Array = np.ndarray
Space = Sheet | Positions
PAIRS_AT_ONCE = 2**21


class DistanceConnector(Connector):
    """Each pair is connected with a probability that depends on the distance, independently of all others.

    Subclasses give the probability; one that also gives a bound that never rises with distance is drawn in time
    proportional to its synapses, without looking at the pairs that are far apart.
    """

    space: Space
    self_connections: bool

    def probability(self, distance: Array) -> Array:
        """Probability of a synapse at each distance."""
        raise ModelError(f"{type(self).__name__} must define probability(self, distance).")

    def bound(self, distance: Array) -> Array | None:
        """A probability that is nowhere exceeded from this distance on; None where none is known."""
        return None

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        self.candidates(pre_size, post_size, self.self_connections)
        x, y = self.space.both(pre_size, post_size)
        if self.bound(np.zeros(1)) is None:
            pre, post = self._every_pair(x, y, rng)
        else:
            pre, post = near_pairs(x, y, self.space, self._checked, self.bound, rng)
        if not self.self_connections:
            pre, post = pre[pre != post], post[pre != post]
        return pre, post

    def _every_pair(self, x: Array, y: Array, rng: np.random.Generator) -> Pairs:
        """Blocks of rows, so that the matrix of all pairs is never held."""
        rows = max(1, PAIRS_AT_ONCE // len(y))
        pre, post = [], []
        for first in range(0, len(x), rows):
            chance = self._checked(self.space.distance(x[first : first + rows, None], y[None]))
            i, j = np.nonzero(rng.random(chance.shape) < chance)
            pre.append(i + first)
            post.append(j)
        return np.concatenate(pre), np.concatenate(post)

    def _checked(self, distance: Array) -> Array:
        chance = np.asarray(self.probability(distance))
        if chance.shape != distance.shape:
            raise ModelError(
                f"{type(self).__name__}: the probability has shape {chance.shape} for distances of shape {distance.shape}."
            )
        if chance.size and not (chance.min() >= 0 and chance.max() <= 1):
            raise OutOfBounds(
                f"{type(self).__name__}: probabilities from {chance.min():g} to {chance.max():g}; between 0 and 1 was expected."
            )
        return chance


@dataclass(frozen=True)
class ByDistance(DistanceConnector):
    """Any probability that depends on distance, as a function of an array of distances.

    Parameters
    ----------
    function : callable
        Distances in, probabilities of the same shape out.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.
    self_connections : bool
        False leaves out the synapse of a neuron onto itself; for a population onto itself.

    Notes
    -----
    Every pair is looked at, so time grows with the product of the two sizes; memory does not.

    Examples
    --------
    >>> ByDistance(lambda d: np.where((d > 0.2) & (d < 0.3), 0.5, 0.0)).connect(400, 400)
    Edges(11877 synapses, 400 -> 400 neurons, 29.7 in and 29.7 out on average)
    """

    function: Callable[[Array], Array]
    space: Space = field(default_factory=Sheet)
    self_connections: bool = True

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ModelError(f"ByDistance: {self.function!r} is no function of distance.")

    def probability(self, distance: Array) -> Array:
        return self.function(distance)


@dataclass(frozen=True)
class Gaussian(DistanceConnector):
    r"""Near neurons are likely to be connected: $p(d) = p\,e^{-d^2 / 2\sigma^2}$.

    Parameters
    ----------
    sigma : float
        Width, in the unit of ``space``.
    p : float
        Probability at distance 0.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.
    self_connections : bool
        False leaves out the synapse of a neuron onto itself; for a population onto itself.

    Examples
    --------
    >>> Gaussian(sigma=0.1, p=0.5).connect((20, 20), (20, 20))
    Edges(4253 synapses, (20, 20) -> (20, 20) neurons, 10.6 in and 10.6 out on average)
    """

    sigma: float
    p: float = 1.0
    space: Space = field(default_factory=Sheet)
    self_connections: bool = True

    def __post_init__(self) -> None:
        check_positive("Gaussian", "sigma", self.sigma)
        check_probability("Gaussian", "p", self.p)

    def probability(self, distance: Array) -> Array:
        return self.p * profiles.gaussian(distance, self.sigma)

    bound = probability


@dataclass(frozen=True)
class Exponential(DistanceConnector):
    r"""Near neurons are likely to be connected: $p(d) = p\,e^{-d / \lambda}$, as measured in cortex.

    Parameters
    ----------
    length : float
        Length constant $\lambda$, in the unit of ``space``.
    p : float
        Probability at distance 0.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.
    self_connections : bool
        False leaves out the synapse of a neuron onto itself; for a population onto itself.

    Examples
    --------
    >>> Exponential(length=0.1, p=0.5).connect((20, 20), (20, 20))
    Edges(3888 synapses, (20, 20) -> (20, 20) neurons, 9.7 in and 9.7 out on average)
    """

    length: float
    p: float = 1.0
    space: Space = field(default_factory=Sheet)
    self_connections: bool = True

    def __post_init__(self) -> None:
        check_positive("Exponential", "length", self.length)
        check_probability("Exponential", "p", self.p)

    def probability(self, distance: Array) -> Array:
        return self.p * profiles.exponential(distance, self.length)

    bound = probability


@dataclass(frozen=True)
class MexicanHat(DistanceConnector):
    r"""Near neurons are connected, those in a surround are not, far ones not either.

    $p(d) = p\,\big[\,e^{-d^2/2\sigma^2} - b\,e^{-d^2/2\sigma_s^2}\,\big]_+$: what a Mexican hat leaves above zero.  For a
    hat with its negative brim, connect and let the weights have the sign: :class:`brainnb.networks.init.MexicanHat`.

    Parameters
    ----------
    sigma, sigma_surround : float
        Widths of centre and surround, in the unit of ``space``.
    surround : float
        Strength $b$ of the surround, 0 to 1.
    p : float
        Probability of the centre alone at distance 0.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.
    self_connections : bool
        False leaves out the synapse of a neuron onto itself; for a population onto itself.

    Examples
    --------
    >>> MexicanHat(sigma=0.1, sigma_surround=0.2, surround=0.5).connect((20, 20), (20, 20))
    Edges(1733 synapses, (20, 20) -> (20, 20) neurons, 4.3 in and 4.3 out on average)
    """

    sigma: float
    sigma_surround: float
    surround: float = 0.5
    p: float = 1.0
    space: Space = field(default_factory=Sheet)
    self_connections: bool = True

    def __post_init__(self) -> None:
        check_positive("MexicanHat", "sigma", self.sigma)
        check_positive("MexicanHat", "sigma_surround", self.sigma_surround)
        check_probability("MexicanHat", "surround", self.surround)
        check_probability("MexicanHat", "p", self.p)

    def probability(self, distance: Array) -> Array:
        hat = profiles.mexican_hat(distance, self.sigma, self.sigma_surround, self.surround)
        return self.p * np.maximum(hat, 0.0)

    def bound(self, distance: Array) -> Array:
        return self.p * profiles.gaussian(distance, self.sigma)


@dataclass(frozen=True)
class WithinDistance(DistanceConnector):
    """All pairs up to a distance are connected with the same probability, none beyond.

    Parameters
    ----------
    radius : float
        Greatest distance, in the unit of ``space``.
    p : float
        Probability up to there.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.
    self_connections : bool
        False leaves out the synapse of a neuron onto itself; for a population onto itself.

    Examples
    --------
    >>> WithinDistance(radius=1.0, space=Sheet(extent=5.0)).connect(5, 5).out_degree
    array([2, 3, 3, 3, 2])
    """

    radius: float
    p: float = 1.0
    space: Space = field(default_factory=Sheet)
    self_connections: bool = True

    def __post_init__(self) -> None:
        check_positive("WithinDistance", "radius", self.radius)
        check_probability("WithinDistance", "p", self.p)

    def probability(self, distance: Array) -> Array:
        rounding = 1e-9 * self.radius  # a neighbour exactly at the radius is inside
        return np.where(distance <= self.radius + rounding, self.p, 0.0)

    bound = probability
