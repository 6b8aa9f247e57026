"""Graphs of network science: small worlds and scale-free growth."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds

from .base import Connector, Pairs, Size, check_count, check_probability

MOST_ROUNDS = 1000
"""Draws after which a neuron without a free target keeps its neighbour; reached in tiny, crowded graphs only."""
DRAWN_AT_ONCE = 2**14


@dataclass(frozen=True)
class SmallWorld(Connector):
    r"""Watts and Strogatz's graph: a ring of neighbours, of which some synapses are rewired at random.

    Few long-range synapses shorten all paths while neighbours stay clustered: clustering falls as
    $C(p) \approx C(0)(1 - p)^3$ with $C(0) = 3(k - 2) / 4(k - 1)$.  A rewired synapse never lands on a pair of the ring.

    Parameters
    ----------
    neighbours : int
        Neighbours $k$ of each neuron on the ring, half on each side: an even number.
    p : float
        Probability that a synapse is rewired.
    directed : bool
        False: both directions of a link are rewired together.  True: each synapse is rewired alone and keeps the
        neuron that it leaves, so that each neuron sends exactly $k$.

    References
    ----------
    Watts, Strogatz (1998) Collective dynamics of 'small-world' networks. Nature 393, 440–442.
    doi:10.1038/30918

    Examples
    --------
    >>> SmallWorld(neighbours=10, p=0.1).connect(1000, 1000)
    Edges(10000 synapses, 1000 -> 1000 neurons, 10.0 in and 10.0 out on average)
    """

    neighbours: int
    p: float
    directed: bool = False

    def __post_init__(self) -> None:
        check_count("SmallWorld", "neighbours", self.neighbours, least=2)
        check_probability("SmallWorld", "p", self.p)
        if self.neighbours % 2:
            raise OutOfBounds(
                f"SmallWorld: neighbours = {self.neighbours}; an even number was expected, half on each side."
            )

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        n = self.onto_itself(pre_size, post_size, "a small world")
        if self.neighbours >= n:
            raise OutOfBounds(
                f"SmallWorld: neighbours = {self.neighbours} need more than {self.neighbours} neurons; got {n}."
            )
        half = np.arange(1, self.neighbours // 2 + 1)
        steps = np.concatenate([-half, half]) if self.directed else half
        pre = np.repeat(np.arange(n), len(steps))
        post = (pre + np.tile(steps, n)) % n
        post = self._rewired(pre, post, n, rng)
        return (pre, post) if self.directed else (np.concatenate([pre, post]), np.concatenate([post, pre]))

    def _rewired(self, pre: np.ndarray, post: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
        """New targets, drawn until none is the neuron itself or makes a second synapse of a pair.

        Old pairs stay reserved, so that a neuron that finds no free target can keep its neighbour.
        """
        post = post.copy()
        moving = np.flatnonzero(rng.random(len(pre)) < self.p)
        taken = np.sort(self._place(pre, post, n))
        for _ in range(MOST_ROUNDS):
            if not moving.size:
                break
            target = rng.integers(0, n, len(moving))
            place = self._place(pre[moving], target, n)
            settled = np.zeros(len(moving), bool)
            settled[np.unique(place, return_index=True)[1]] = True
            settled &= ~_holds(taken, place) & (target != pre[moving])
            post[moving[settled]] = target[settled]
            taken = np.sort(np.concatenate([taken, place[settled]]))
            moving = moving[~settled]
        return post

    def _place(self, pre: np.ndarray, post: np.ndarray, n: int) -> np.ndarray:
        """A number for each pair; both directions have the same where they belong together."""
        return pre * n + post if self.directed else np.minimum(pre, post) * n + np.maximum(pre, post)


class Growing(Connector):
    """A graph to which neurons are added one by one."""

    directed: bool

    def most_links(self) -> int:
        """The most links that a new neuron makes; the graph begins as a star of so many."""
        raise ModelError(f"{type(self).__name__} must define most_links(self).")

    def grow(self, graph: "Grown", newcomers: range) -> None:
        """Add the newcomers, each linked to different neurons, drawn in proportion to the links they have."""
        raise ModelError(f"{type(self).__name__} must define grow(self, graph, newcomers).")

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        n, star = self.onto_itself(pre_size, post_size, "growth"), self.most_links()
        if n <= star:
            raise OutOfBounds(
                f"{type(self).__name__}: {star} links of each neuron need more than {star} neurons; got {n}."
            )
        graph = Grown(rng)
        graph.add(0, range(1, star + 1))
        self.grow(graph, range(star + 1, n))
        newer, older = np.array(graph.ends).reshape(-1, 2).T
        first = newer == 0  # the star was drawn from its centre, which is the oldest
        newer, older = np.where(first, older, newer), np.where(first, newer, older)
        return (newer, older) if self.directed else (np.concatenate([newer, older]), np.concatenate([older, newer]))


class Grown:
    """Links so far.  Each neuron stands in ``ends`` as often as it has links, so a blind choice prefers the linked."""

    def __init__(self, rng: np.random.Generator):
        self.ends: list[int] = []
        self.chance = _uniform(rng)

    def add(self, new: int, targets: Iterable[int]) -> None:
        """Link ``new`` to each of the targets."""
        for target in targets:
            self.ends += (new, target)

    def popular(self, m: int) -> dict[int, None]:
        """``m`` different neurons, drawn in proportion to their links."""
        found: dict[int, None] = {}
        n, ends, chance = len(self.ends), self.ends, self.chance
        while len(found) < m:
            found[ends[int(next(chance) * n)]] = None
        return found


def _uniform(rng: np.random.Generator) -> Iterator[float]:
    """Random numbers below 1, drawn many at a time because one at a time is slow."""
    while True:
        yield from rng.random(DRAWN_AT_ONCE).tolist()


def _holds(rising: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Which values stand in an array that rises."""
    return rising[np.minimum(np.searchsorted(rising, values), len(rising) - 1)] == values


@dataclass(frozen=True)
class ScaleFree(Growing):
    r"""Barabási and Albert's graph: each new neuron links to ``m`` others, preferring those with many links.

    Degrees follow a power law, $P(k) \propto k^{-3}$: a few hubs have a large part of all links.

    Parameters
    ----------
    m : int
        Links of each new neuron.
    directed : bool
        False: every link is a synapse in both directions.  True: only from the new neuron to the older one.

    References
    ----------
    Barabási, Albert (1999) Emergence of scaling in random networks. Science 286, 509–512.
    doi:10.1126/science.286.5439.509

    Examples
    --------
    >>> edges = ScaleFree(m=2).connect(1000, 1000)
    >>> int(np.median(edges.in_degree)), int(edges.in_degree.max()) > 40
    (2, True)
    """

    m: int
    directed: bool = False

    def __post_init__(self) -> None:
        check_count(type(self).__name__, "m", self.m, least=1)

    def most_links(self) -> int:
        return self.m

    def grow(self, graph: "Grown", newcomers: range) -> None:
        for new in newcomers:
            graph.add(new, graph.popular(self.m))


@dataclass(frozen=True)
class ScaleFreeDual(Growing):
    """A scale-free graph in which a new neuron makes ``m1`` links with probability ``p``, else ``m2``.

    Parameters
    ----------
    m1, m2 : int
        Links of new neurons.
    p : float
        Probability of ``m1``.
    directed : bool
        True: only from the new neuron to the older one.

    References
    ----------
    Moshiri (2018) The dual-Barabási–Albert model. arXiv:1810.10538

    Examples
    --------
    >>> len(ScaleFreeDual(m1=1, m2=5, p=0.5, directed=True).connect(1000, 1000)) / 1000  # near 3
    2.955
    """

    m1: int
    m2: int
    p: float
    directed: bool = False

    def __post_init__(self) -> None:
        check_count("ScaleFreeDual", "m1", self.m1, least=1)
        check_count("ScaleFreeDual", "m2", self.m2, least=1)
        check_probability("ScaleFreeDual", "p", self.p)

    def most_links(self) -> int:
        return max(self.m1, self.m2)

    def grow(self, graph: "Grown", newcomers: range) -> None:
        for new in newcomers:
            graph.add(new, graph.popular(self.m1 if next(graph.chance) < self.p else self.m2))


@dataclass(frozen=True)
class PowerLawCluster(Growing):
    """Holme and Kim's graph: scale-free, and neighbours of a neuron are often linked with each other.

    After each preferential link, the next one goes with probability ``p`` to a neighbour of the neuron just reached,
    which closes a triangle.

    Parameters
    ----------
    m : int
        Links of each new neuron.
    p : float
        Probability of closing a triangle.
    directed : bool
        True: only from the new neuron to the older one.

    References
    ----------
    Holme, Kim (2002) Growing scale-free networks with tunable clustering. Phys. Rev. E 65, 026107.
    doi:10.1103/PhysRevE.65.026107

    Examples
    --------
    >>> len(PowerLawCluster(m=3, p=0.5).connect(100, 100))  # 3 links of the first star, 3 of each later neuron
    582
    """

    m: int
    p: float
    directed: bool = False

    def __post_init__(self) -> None:
        check_count("PowerLawCluster", "m", self.m, least=1)
        check_probability("PowerLawCluster", "p", self.p)

    def most_links(self) -> int:
        return self.m

    def grow(self, graph: "Grown", newcomers: range) -> None:
        friends: dict[int, list[int]] = {0: list(range(1, self.m + 1))} | {leaf: [0] for leaf in range(1, self.m + 1)}
        for new in newcomers:
            found = graph.popular(1)
            (last,) = found
            while len(found) < self.m:
                friend = self._friend(friends[last], found, graph.chance) if next(graph.chance) < self.p else None
                if friend is None:
                    (friend,) = graph.popular(1)
                    last = friend if friend not in found else last
                found[friend] = None
            graph.add(new, found)
            friends[new] = list(found)
            for friend in found:
                friends[friend].append(new)

    def _friend(self, friends: list[int], found: dict[int, None], chance: Iterator[float]) -> int | None:
        """One of the friends that is not yet found, each equally likely; None where all are."""
        for _ in range(4):  # mostly the first is; hubs have too many friends to look at them all
            friend = friends[int(next(chance) * len(friends))]
            if friend not in found:
                return friend
        free = [friend for friend in friends if friend not in found]
        return free[int(next(chance) * len(free))] if free else None
