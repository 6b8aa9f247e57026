"""What all searches share: a population of free numbers, judged at once in one compiled program."""

import abc
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree

from brainnb.core.model import Model

from ..batches import Batch
from ..problem import Problem
from ..rules import Report, Rule
from ..select import Free, Selection, norm
from ..transforms import Transform


class Coordinates(eqx.Module):
    """Free numbers as one vector ``z`` around the start, in units in which 1 is a wide step everywhere.

    The unit is 1 where a transform makes a scale of factors, else the root mean square of the start (1 when it is zero).
    """

    start: Free
    unit: Free

    def free(self, z: Array) -> Free:
        """The free numbers at ``z``."""
        _, unravel = ravel_pytree(self.start)
        return jax.tree.map(lambda u, s, x: u + s * x, self.start, self.unit, unravel(z))

    def vector(self, free: Free) -> Array:
        """``z`` of free numbers."""
        return ravel_pytree(jax.tree.map(lambda u, s, x: (x - u) / s, self.start, self.unit, free))[0]


def coordinates(selection: Selection) -> Coordinates:
    """The coordinates of a search."""
    start = selection.start()
    unit = {}
    for path, way in selection.ways.items():
        size = jnp.sqrt(jnp.mean(start[path] ** 2))
        scaled = type(way) is Transform or hasattr(way, "signs")
        unit[path] = jnp.where(scaled & (size > 0), size, 1.0).astype(start[path].dtype)
    return Coordinates(start, unit)


class Population(Rule):
    """A search by populations; override :meth:`first`, :meth:`ask`, :meth:`tell` and :meth:`center`.

    An update judges a whole population, all on the same trials and with the same noise; its loss is that of the best.
    What is not finite counts as the worst.
    """

    steady: ClassVar[bool] = False
    """Whether losses of different updates are compared, so that all must be judged with the same noise."""

    @abc.abstractmethod
    def first(self, problem: Problem, n: int) -> Any:
        """The state of the search before the first population, in ``n`` numbers."""

    @abc.abstractmethod
    def ask(self, state: Any, key: Array) -> Array:
        """A population (members, n)."""

    @abc.abstractmethod
    def tell(self, state: Any, population: Array, losses: Array, key: Array) -> Any:
        """The state after a population was judged."""

    @abc.abstractmethod
    def center(self, state: Any) -> Array:
        """Where the search stands."""

    def begin(self, problem: Problem) -> Any:
        return self.first(problem, ravel_pytree(problem.selection.start())[0].size)

    def update(self, problem: Problem, carry: Any, batch: Batch, key: Array) -> tuple[Any, Report]:
        places = coordinates(problem.selection)
        drawing, noise, own = jax.random.split(key, 3)
        noise = jax.random.key(0) if self.steady else noise
        population = self.ask(carry, drawing)
        losses, metrics = judged(problem, places, population, batch, noise)
        best = jnp.argmin(losses)
        after = self.tell(carry, population, losses, own)
        moved = places.free(self.center(after)), places.free(self.center(carry))
        change = {p: norm(moved[0][p] - moved[1][p]) for p in problem.selection.paths}
        values = problem.selection.values(places.free(population[best]))
        return after, Report(losses[best], jax.tree.map(lambda x: x[best], metrics), {}, change, values)

    def model(self, problem: Problem, carry: Any) -> Model:
        return problem.selection.with_values(coordinates(problem.selection).free(self.center(carry)))


@jax.jit
def judged(
    problem: Problem, places: Coordinates, population: Array, batch: Batch, key: Array
) -> tuple[Array, dict[str, Array]]:
    """The loss and the metrics of every member."""
    losses, metrics = jax.vmap(lambda z: problem.objective(places.free(z), batch, key))(population)
    return jnp.where(jnp.isfinite(losses), losses, jnp.inf).astype(population.dtype), metrics
