"""What every connector is: a few numbers, and one method that draws synapses."""

import abc
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds

from .edges import Edges, count, size_of

Pairs = tuple[Any, Any]
Size = tuple[int, ...]


class Connector(abc.ABC):
    """Base of all connectors.

    A connector is a frozen dataclass of the numbers that describe it; :meth:`connect` draws from it.  To write one,
    override :meth:`pairs`; sorting and checking are done here.  Where no numbers are to be kept, a function
    ``f(pre_size, post_size, rng) -> (pre, post)`` serves as well.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class ToTheNext(Connector):
    ...     steps: int = 1
    ...
    ...     def pairs(self, pre_size, post_size, rng):
    ...         pre = np.arange(count(pre_size))
    ...         return pre, (pre + self.steps) % count(post_size)
    >>> ToTheNext().connect(4, 4).post
    array([1, 2, 3, 0], dtype=int32)
    """

    def connect(self, pre_size: Any, post_size: Any, seed: Any = 0) -> Edges:
        """Draw the synapses from a population of shape ``pre_size`` to one of shape ``post_size``.

        Parameters
        ----------
        pre_size, post_size : int or tuple of int
            A number of neurons, or the axes of a grid of neurons.
        seed : int or sequence of int
            The same seed gives the same synapses, on every machine.

        Returns
        -------
        Edges
        """
        where = type(self).__name__
        pre_size, post_size = size_of(pre_size, f"{where}: pre_size"), size_of(post_size, f"{where}: post_size")
        pre, post = self.pairs(pre_size, post_size, generator(seed, where))
        return Edges.of(pre, post, pre_size, post_size, where)

    @abc.abstractmethod
    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        """Indices of the neurons before and after each synapse, in any order."""

    def onto_itself(self, pre_size: Size, post_size: Size, why: str) -> int:
        """Number of neurons, where this only makes sense within one population."""
        if count(pre_size) != count(post_size):
            raise ModelError(
                f"{type(self).__name__}: {why} only means something within one population; pre has {count(pre_size)} "
                f"neurons and post {count(post_size)}."
            )
        return count(pre_size)

    def candidates(self, pre_size: Size, post_size: Size, self_connections: bool, among: str = "post") -> int:
        """Number of neurons of ``among`` that one neuron of the other side may choose."""
        if self_connections:
            return count(post_size if among == "post" else pre_size)
        return self.onto_itself(pre_size, post_size, "self_connections=False") - 1


@dataclass(frozen=True)
class FromFunction(Connector):
    """Any function ``f(pre_size, post_size, rng) -> (pre, post)``.

    The sizes are tuples; ``rng`` is a ``numpy.random.Generator`` made from the seed.  Draw from nothing else, and the
    same seed gives the same synapses.

    Examples
    --------
    >>> def halves(pre_size, post_size, rng):
    ...     pre = np.arange(pre_size[0])
    ...     return pre, pre // 2
    >>> FromFunction(halves).connect(4, 2).in_degree
    array([2, 2])
    """

    function: Callable[[Size, Size, np.random.Generator], Pairs]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ModelError(f"FromFunction: {self.function!r} is no function f(pre_size, post_size, rng).")

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        name = getattr(self.function, "__name__", "the function")
        out = self.function(pre_size, post_size, rng)
        if not (isinstance(out, tuple) and len(out) == 2):
            raise ModelError(f"{name} returned {type(out).__name__}; a pair of index arrays was expected: (pre, post).")
        return out


def generator(seed: Any, where: str) -> np.random.Generator:
    """NumPy's generator for a seed; its stream does not depend on the machine."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise ModelError(f"{where}: seed = {seed!r}; a whole number that is not negative was expected.") from None


def check_probability(where: str, name: str, value: Any) -> None:
    """A number between 0 and 1."""
    check_number(where, name, value)
    if not 0 <= value <= 1:
        raise OutOfBounds(f"{where}: {name} = {value:g}; a probability between 0 and 1 was expected.")


def check_positive(where: str, name: str, value: Any) -> None:
    """A finite number above 0."""
    check_number(where, name, value)
    if value <= 0:
        raise OutOfBounds(f"{where}: {name} = {value:g}; a number above 0 was expected.")


def check_number(where: str, name: str, value: Any) -> None:
    """One real, finite number."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not number:
        raise ModelError(f"{where}: {name} = {value!r}; one number was expected.")
    if not math.isfinite(value):
        raise OutOfBounds(f"{where}: {name} = {value}; a finite number was expected.")


def check_count(where: str, name: str, value: Any, least: int = 0) -> None:
    """A whole number of at least ``least``."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise ModelError(f"{where}: {name} = {value!r}; a whole number was expected.")
    if value < least:
        raise OutOfBounds(f"{where}: {name} = {value}; at least {least} was expected.")
