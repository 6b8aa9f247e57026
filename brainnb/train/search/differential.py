"""Differential evolution: members of a population move along the differences between others."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError

from ..gradients.downhill import refuse_batches
from ..problem import Problem
from ..rules import register
from ..starts import drawn
from .population import Population, coordinates


class Members(eqx.Module):
    """A population and its losses; infinite before it was judged."""

    places: Array
    losses: Array


@register("differential_evolution")
class DifferentialEvolution(Population):
    r"""Every member tries a mixture of itself and of the best, moved along a difference of two others.

    .. math:: v = x_{best} + F\, (x_a - x_b), \qquad F \sim U(0.5, 1) \text{ in every update}

    Each number is taken from :math:`v` with the probability ``crossover`` (at least one is), and what is better stays:
    "best/1/bin" with dither.  The first population is drawn evenly within bounds, as several starts are.  It needs more
    trials than CMA-ES and is caught less easily by one valley of many.

    Parameters
    ----------
    size : int, optional
        Members, ten for each number, from 20 to 200 by default.
    crossover : float
    spread : float, optional
        How far the first population is scattered around the model; evenly within bounds by default.
    seed : int
        Of the first population.

    Raises
    ------
    ModelError
        For batches: losses of different updates are compared.

    References
    ----------
    Storn & Price 1997, doi:10.1023/A:1008202821328.
    """

    size: int | None = eqx.field(static=True, default=None)
    crossover: float = 0.7
    spread: float | None = None
    seed: int = eqx.field(static=True, default=0)

    steady: ClassVar[bool] = True

    def __check_init__(self) -> None:
        if self.size is not None and (not isinstance(self.size, int) or self.size < 4):
            raise ModelError(f"DifferentialEvolution: size={self.size!r}; 4 members or more were expected.")
        if not 0 < self.crossover <= 1:
            raise ModelError(f"DifferentialEvolution: crossover={self.crossover!r}; above 0 and up to 1 was expected.")

    def first(self, problem: Problem, n: int) -> Members:
        refuse_batches("differential_evolution", problem)
        size = self.size or min(max(20, 10 * n), 200)
        found = drawn(problem.selection, jax.random.key(self.seed), size, self.spread)
        places = jax.vmap(coordinates(problem.selection).vector)(found)
        return Members(places, jnp.full(size, jnp.inf, places.dtype))

    def ask(self, state: Members, key: Array) -> Array:
        count, n = state.places.shape
        first, second, mixing, one, far = jax.random.split(key, 5)
        a = jax.random.randint(first, (count,), 1, count)  # how far around the circle the two others are: never oneself
        b = jax.random.randint(second, (count,), 1, count - 1)
        b = b + (b >= a)
        at = jnp.arange(count)
        best = state.places[jnp.argmin(state.losses)]
        F = jax.random.uniform(far, (), state.places.dtype, 0.5, 1.0)
        v = best + F * (state.places[(at + a) % count] - state.places[(at + b) % count])
        taken = jax.random.uniform(mixing, (count, n)) < self.crossover
        taken = taken.at[at, jax.random.randint(one, (count,), 0, n)].set(True)
        unknown = jnp.isinf(state.losses).all()
        return jnp.where(taken & ~unknown, v, state.places)

    def tell(self, state: Members, population: Array, losses: Array, key: Array) -> Members:
        better = losses <= state.losses
        return Members(jnp.where(better[:, None], population, state.places), jnp.where(better, losses, state.losses))

    def center(self, state: Members) -> Array:
        return state.places[jnp.argmin(state.losses)]

    def ended(self, problem: Problem, carry: Members) -> str | None:
        spread = float(jnp.max(jnp.std(carry.places, 0)))
        least = 10 * float(jnp.finfo(carry.places.dtype).eps) * max(1.0, float(jnp.max(jnp.abs(carry.places))))
        return "the population has come together in one point" if spread < least else None
