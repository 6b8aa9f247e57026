"""Maps that keep neighbourhoods."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from brainnb.core.errors import OutOfBounds
from brainnb.networks.space import Sheet

from .base import Connector, Pairs, Size, check_count
from .distance import Array, Space
from .edges import count


@dataclass(frozen=True)
class Topographic(Connector):
    """Each neuron listens to the ``n`` nearest to its place: a map that keeps neighbourhoods.

    Populations of different sizes are laid over each other, as retina and cortex are.

    Parameters
    ----------
    n : int
        Synapses onto each neuron.
    space : Sheet or Positions
        Where the neurons lie; by default both populations cover a sheet of side 1.

    Examples
    --------
    >>> Topographic(n=1).connect(8, 4).matrix().sum(axis=0)
    array([1, 1, 1, 1])
    """

    n: int = 1
    space: Space = field(default_factory=Sheet)

    def __post_init__(self) -> None:
        check_count("Topographic", "n", self.n, least=1)

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        if self.n > count(pre_size):
            raise OutOfBounds(
                f"Topographic: n = {self.n}, but there are only {count(pre_size)} neurons to choose from."
            )
        x, y = self.space.both(pre_size, post_size)
        nearest = _tree(x, self.space.period(x.shape[1])).query(y, k=np.arange(1, self.n + 1))[1]
        return nearest.ravel(), np.repeat(np.arange(len(y)), self.n)


def _tree(x: Array, period: Array | None) -> Any:
    from scipy.spatial import cKDTree

    return cKDTree(x, boxsize=period)
