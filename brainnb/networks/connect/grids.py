"""Neighbours on a grid and on a ring."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds

from .base import Connector, Pairs, Size, check_count
from .edges import count


class Lattice(Connector):
    """Each neuron reaches those at fixed steps from it on the grid of its population."""

    periodic: bool
    self_connections: bool

    def steps(self, axes: int) -> np.ndarray:
        """Steps to the neighbours, shape (neighbours, axes)."""
        raise ModelError(f"{type(self).__name__} must define steps(self, axes).")

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        if pre_size != post_size:
            raise ModelError(
                f"{type(self).__name__}: neighbours are defined within one population; pre is {pre_size}, post {post_size}."
            )
        n, steps = count(pre_size), self.steps(len(pre_size))
        pre = np.broadcast_to(np.arange(n)[:, None], (n, len(steps)))
        post, inside = np.zeros(pre.shape, np.int64), np.ones(pre.shape, bool)
        for here, step, size in zip(np.unravel_index(np.arange(n), pre_size), steps.T, pre_size, strict=True):
            there = here[:, None] + step
            if self.periodic:
                there %= size
            inside &= (there >= 0) & (there < size)
            post = post * size + there
        if not self.self_connections:
            inside &= post != pre
        pre, post = pre[inside], post[inside]
        if self.periodic and (np.ptp(steps, axis=0) >= pre_size).any():  # around a short axis two steps meet
            pre, post = np.divmod(np.unique(pre * n + post), n)
        return pre, post


@dataclass(frozen=True)
class GridFour(Lattice):
    """Each neuron reaches its direct neighbours: four on a sheet, two on a line, six in a volume.

    Parameters
    ----------
    periodic : bool
        True: the grid has no border; what leaves on one side comes in on the other.
    self_connections : bool
        True: also itself.

    Examples
    --------
    >>> GridFour().connect((3, 3), (3, 3)).out_degree.reshape(3, 3)
    array([[2, 3, 2],
           [3, 4, 3],
           [2, 3, 2]])
    """

    periodic: bool = False
    self_connections: bool = False

    def steps(self, axes: int) -> np.ndarray:
        one = np.eye(axes, dtype=int)
        return np.concatenate([one, -one, 0 * one[:1]])


@dataclass(frozen=True)
class GridN(Lattice):
    """Each neuron reaches all within ``n`` steps along each axis: a square of side 2 n + 1.

    Parameters
    ----------
    n : int
        Steps along each axis.
    periodic : bool
        True: the grid has no border.
    self_connections : bool
        True: also itself.

    Examples
    --------
    >>> set(GridN(2, periodic=True).connect((9, 9), (9, 9)).out_degree.tolist())
    {24}
    """

    n: int
    periodic: bool = False
    self_connections: bool = False

    def __post_init__(self) -> None:
        check_count(type(self).__name__, "n", self.n, least=1)

    def steps(self, axes: int) -> np.ndarray:
        return np.array(list(itertools.product(range(-self.n, self.n + 1), repeat=axes)))


@dataclass(frozen=True)
class GridEight(GridN):
    """Each neuron reaches its neighbours, diagonal ones too: eight on a sheet.

    Parameters
    ----------
    periodic : bool
        True: the grid has no border.
    self_connections : bool
        True: also itself.

    Examples
    --------
    >>> GridEight().connect((3, 3), (3, 3)).out_degree.reshape(3, 3)
    array([[3, 5, 3],
           [5, 8, 5],
           [3, 5, 3]])
    """

    n: int = field(default=1, init=False, repr=False)


@dataclass(frozen=True)
class Ring(Connector):
    """Each neuron reaches ``neighbours`` on each side of a ring, whatever the shape of the population.

    Parameters
    ----------
    neighbours : int
        Neurons reached on each side.
    self_connections : bool
        True: also itself.

    Examples
    --------
    >>> Ring(1).connect(4, 4).matrix()
    array([[0, 1, 0, 1],
           [1, 0, 1, 0],
           [0, 1, 0, 1],
           [1, 0, 1, 0]])
    """

    neighbours: int
    self_connections: bool = False

    def __post_init__(self) -> None:
        check_count("Ring", "neighbours", self.neighbours, least=1)

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        n = self.onto_itself(pre_size, post_size, "a ring")
        if 2 * self.neighbours >= n:
            raise OutOfBounds(
                f"Ring: neighbours = {self.neighbours} on each side need more than {2 * self.neighbours} neurons; got {n}."
            )
        near = np.arange(1, self.neighbours + 1)
        steps = np.concatenate([-near, near, [0] if self.self_connections else []]).astype(int)
        pre = np.repeat(np.arange(n), len(steps))
        return pre, (pre + np.tile(steps, n)) % n
