"""Connectors in which every pair of neurons is treated alike: all, one to one, and at random."""

from dataclasses import dataclass

import numpy as np

from brainnb.core.errors import OutOfBounds

from .base import Connector, Pairs, Size, check_count, check_probability
from .draw import bernoulli, distinct, pairs_at, past_self
from .edges import count


@dataclass(frozen=True)
class OneToOne(Connector):
    """Each neuron reaches the neuron of the same index; the populations have equal numbers.

    Examples
    --------
    >>> OneToOne().connect(3, 3).matrix()
    array([[1, 0, 0],
           [0, 1, 0],
           [0, 0, 1]])
    """

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        n = np.arange(self.onto_itself(pre_size, post_size, "one to one"))
        return n, n


@dataclass(frozen=True)
class AllToAll(Connector):
    """Each neuron reaches every neuron.

    Parameters
    ----------
    self_connections : bool
        False leaves out the synapse of a neuron onto itself; for a population onto itself.

    Examples
    --------
    >>> len(AllToAll().connect(4, 5)), len(AllToAll(self_connections=False).connect(4, 4))
    (20, 12)
    """

    self_connections: bool = True

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        each = self.candidates(pre_size, post_size, self.self_connections)
        return pairs_at(np.arange(count(pre_size) * each), count(post_size), self.self_connections)


@dataclass(frozen=True)
class FixedProbability(Connector):
    r"""Each pair is connected with the same probability, independently: the Erdős–Rényi graph.

    In- and out-degrees are binomial, with mean $p\,N$ and variance $p(1-p)N$.

    Parameters
    ----------
    p : float
        Probability of a synapse, 0 to 1.
    self_connections : bool
        False leaves out the synapse of a neuron onto itself; for a population onto itself.

    Notes
    -----
    Cost is proportional to the synapses, not to the pairs: the gaps between synapses are geometric.

    References
    ----------
    Batagelj, Brandes (2005) Efficient generation of large random networks. Phys. Rev. E 71, 036113.
    doi:10.1103/PhysRevE.71.036113

    Examples
    --------
    >>> FixedProbability(0.02).connect(3200, 800, seed=1)
    Edges(51262 synapses, 3200 -> 800 neurons, 64.1 in and 16.0 out on average)
    """

    p: float
    self_connections: bool = True

    def __post_init__(self) -> None:
        check_probability("FixedProbability", "p", self.p)

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        each = self.candidates(pre_size, post_size, self.self_connections)
        return pairs_at(bernoulli(rng, count(pre_size) * each, self.p), count(post_size), self.self_connections)


@dataclass(frozen=True)
class FixedInDegree(Connector):
    """Each neuron receives the same number of synapses, from neurons chosen at random.

    In-degrees are all ``n``; out-degrees are binomial.

    Parameters
    ----------
    n : int
        Synapses onto each neuron.
    self_connections : bool
        False: no neuron is chosen by itself; for a population onto itself.
    multiple : bool
        True: the same neuron may be chosen more than once.

    Examples
    --------
    >>> set(FixedInDegree(80).connect(3200, 800).in_degree.tolist())
    {80}
    """

    n: int
    self_connections: bool = True
    multiple: bool = False

    def __post_init__(self) -> None:
        check_count("FixedInDegree", "n", self.n)

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        among = self.candidates(pre_size, post_size, self.self_connections, "pre")
        post, pre = _each_chooses(self, count(post_size), among, rng)
        return pre, post


@dataclass(frozen=True)
class FixedOutDegree(Connector):
    """Each neuron sends the same number of synapses, to neurons chosen at random.

    Out-degrees are all ``n``; in-degrees are binomial.

    Parameters
    ----------
    n : int
        Synapses from each neuron.
    self_connections : bool
        False: no neuron chooses itself; for a population onto itself.
    multiple : bool
        True: the same neuron may be chosen more than once.

    Examples
    --------
    >>> set(FixedOutDegree(16).connect(3200, 800).out_degree.tolist())
    {16}
    """

    n: int
    self_connections: bool = True
    multiple: bool = False

    def __post_init__(self) -> None:
        check_count("FixedOutDegree", "n", self.n)

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        return _each_chooses(self, count(pre_size), self.candidates(pre_size, post_size, self.self_connections), rng)


@dataclass(frozen=True)
class FixedTotalNumber(Connector):
    """A given number of synapses between neurons chosen at random.

    Parameters
    ----------
    n : int
        Synapses in all.
    self_connections : bool
        False leaves out synapses of a neuron onto itself; for a population onto itself.
    multiple : bool
        True: the same pair may be drawn more than once, as in the cortical microcircuit.

    References
    ----------
    Potjans, Diesmann (2014) The cell-type specific cortical microcircuit. Cereb. Cortex 24, 785–806.
    doi:10.1093/cercor/bhs358

    Examples
    --------
    >>> len(FixedTotalNumber(1000).connect(300, 50))
    1000
    """

    n: int
    self_connections: bool = True
    multiple: bool = False

    def __post_init__(self) -> None:
        check_count("FixedTotalNumber", "n", self.n)

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        pairs = count(pre_size) * self.candidates(pre_size, post_size, self.self_connections)
        _enough(self, pairs, "pairs of neurons")
        places = rng.integers(0, pairs, self.n) if self.multiple else distinct(rng, 1, pairs, self.n)[0]
        return pairs_at(places.astype(np.int64), count(post_size), self.self_connections)


def _each_chooses(
    connector: "FixedInDegree | FixedOutDegree", rows: int, among: int, rng: np.random.Generator
) -> Pairs:
    """Every row and what it has chosen among the other side."""
    n = connector.n
    _enough(connector, among, "neurons to choose from")
    chosen = rng.integers(0, among, (rows, n), dtype=np.int32) if connector.multiple else distinct(rng, rows, among, n)
    own = np.arange(rows, dtype=np.int32)[:, None]
    if not connector.self_connections:
        chosen = past_self(chosen, own)
    return np.repeat(own[:, 0], n), chosen.ravel()


def _enough(connector: "FixedInDegree | FixedOutDegree | FixedTotalNumber", there: int, what: str) -> None:
    if connector.n > (there if not connector.multiple else connector.n if there else 0):
        raise OutOfBounds(
            f"{type(connector).__name__}: n = {connector.n}, but there are only {there} {what}"
            f"{'' if connector.multiple else '; choose fewer, or multiple=True'}."
        )
