"""The algorithms of evosax, by name."""

import functools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError, UnknownName, unknown_message

from ..problem import Problem
from ..starts import drawn
from .population import Population, coordinates


class State(eqx.Module):
    """The state of an algorithm, and the best place of its newest population."""

    inner: Any
    at: Array


class Evosax(Population):
    """An algorithm of evosax: ``bn.fit(..., method=bn.train.Evosax("PSO", size=64))``.

    Compiled together with the model, as all searches are; ``pip install evosax``.

    Parameters
    ----------
    algorithm : str
        The name of a class of ``evosax.algorithms``: ``"CMA_ES"``, ``"Open_ES"``, ``"PSO"``, ``"SNES"``, ...
    size : int
        Members of a population.
    sigma : float
        First standard deviation of those that sample a distribution; those that keep a population begin with one that is
        drawn as several starts are.
    seed : int
        Of the first population.

    Raises
    ------
    UnknownName
        For an algorithm that evosax does not have.
    ModelError
        When evosax is not installed.

    References
    ----------
    Lange 2023, doi:10.1145/3583133.3590733.
    """

    algorithm: str = eqx.field(static=True)
    size: int = eqx.field(static=True, default=32)
    sigma: float = 0.3
    seed: int = eqx.field(static=True, default=0)

    def __check_init__(self) -> None:
        known = [n for n in dir(algorithms()) if isinstance(getattr(algorithms(), n), type)]
        if self.algorithm not in known:
            raise UnknownName(unknown_message("algorithm", self.algorithm, known, where="evosax"))

    def first(self, problem: Problem, n: int) -> State:
        key, zero = jax.random.key(self.seed), jnp.zeros(n)
        made, params = self.made(n)
        if hasattr(params, "std_init"):
            return State(strong(made.init(key, zero, params)), zero)
        places = jax.vmap(coordinates(problem.selection).vector)(drawn(problem.selection, key, self.size))
        return State(strong(made.init(key, places, jnp.full(self.size, jnp.inf), params)), zero)

    def made(self, n: int) -> tuple[Any, Any]:
        """The algorithm and its parameters."""
        made = algorithm(self.algorithm, self.size, n)
        params = made.default_params
        return made, params.replace(std_init=self.sigma) if hasattr(params, "std_init") else params

    def ask(self, state: State, key: Array) -> Array:
        made, params = self.made(state.at.size)
        return made.ask(key, state.inner, params)[0].astype(state.at.dtype)

    def tell(self, state: State, population: Array, losses: Array, key: Array) -> State:
        made, params = self.made(state.at.size)
        asked, _ = jax.random.split(key)
        inner, _ = made.tell(asked, population, losses, state.inner, params)
        inner = jax.tree.map(lambda new, old: jnp.asarray(new, old.dtype), inner, state.inner)
        return State(inner, population[jnp.argmin(losses)])

    def center(self, state: State) -> Array:
        return getattr(state.inner, "mean", state.at)


def algorithms() -> Any:
    """The optional package."""
    try:
        from evosax import algorithms
    except ImportError:
        raise ModelError("bn.train.Evosax needs evosax: pip install evosax. method='cma' is always there.") from None
    return algorithms


@functools.cache
def algorithm(name: str, size: int, n: int) -> Any:
    """One object for each size, so that the same rule finds its compiled program."""
    return getattr(algorithms(), name)(population_size=size, solution=jnp.zeros(n))


def strong(state: Any) -> Any:
    """Without weak types, which a loop would not keep."""
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.asarray(x).dtype), state)
