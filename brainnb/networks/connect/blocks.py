"""Modules: groups of neurons that are connected more within than between."""

from dataclasses import dataclass

import numpy as np

from brainnb.core.errors import OutOfBounds

from .base import Connector, Pairs, Size, check_count, check_probability
from .draw import bernoulli
from .edges import count


@dataclass(frozen=True)
class Modular(Connector):
    """Groups of neighbouring indices, connected with one probability inside and another between: a block model.

    Parameters
    ----------
    modules : int
        Number of groups; each population is cut into as many parts of (nearly) equal size.
    inside, between : float
        Probability of a synapse within a group, and from one to another.
    self_connections : bool
        False leaves out the synapse of a neuron onto itself; for a population onto itself.

    References
    ----------
    Holland, Laskey, Leinhardt (1983) Stochastic blockmodels: first steps. Soc. Networks 5, 109–137.
    doi:10.1016/0378-8733(83)90021-7

    Examples
    --------
    >>> Modular(modules=4, inside=0.2, between=0.01).connect(400, 400)
    Edges(9275 synapses, 400 -> 400 neurons, 23.2 in and 23.2 out on average)
    """

    modules: int
    inside: float
    between: float
    self_connections: bool = True

    def __post_init__(self) -> None:
        check_count("Modular", "modules", self.modules, least=1)
        check_probability("Modular", "inside", self.inside)
        check_probability("Modular", "between", self.between)

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        self.candidates(pre_size, post_size, self.self_connections)
        n_pre, n_post = count(pre_size), count(post_size)
        if self.modules > min(n_pre, n_post):
            raise OutOfBounds(
                f"Modular: modules = {self.modules}, but a population has only {min(n_pre, n_post)} neurons."
            )
        rows, columns = self._borders(n_pre), self._borders(n_post)
        pre, post = [], []
        for a in range(self.modules):
            height = rows[a + 1] - rows[a]
            for p, first, last in (
                (self.inside, columns[a], columns[a + 1]),
                (self.between, columns[a + 1], columns[a] + n_post),  # all others, counted around the end
            ):
                if first < last:
                    i, j = np.divmod(bernoulli(rng, int(height * (last - first)), p), last - first)
                    pre.append(rows[a] + i)
                    post.append((first + j) % n_post)
        pre, post = np.concatenate(pre), np.concatenate(post)
        return (pre, post) if self.self_connections else (pre[pre != post], post[pre != post])

    def module_of(self, n: int) -> np.ndarray:
        """The group of each of ``n`` neurons."""
        return np.repeat(np.arange(self.modules), np.diff(self._borders(n)))

    def _borders(self, n: int) -> np.ndarray:
        return np.arange(self.modules + 1) * n // self.modules
