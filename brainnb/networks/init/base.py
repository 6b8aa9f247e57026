"""What every initialiser is: a few numbers, and one call that fills an array."""

import abc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.networks.connect.base import generator
from brainnb.networks.connect.edges import Edges

Array = np.ndarray
Shape = tuple[int, ...]


class Initialiser(abc.ABC):
    """Base of all initialisers: weights, delays, and parameters that differ from neuron to neuron.

    ``init(shape, seed)`` fills an array; ``init.on(edges, seed)`` gives one number for each synapse.  Subclasses
    override :meth:`fill`.
    """

    def __call__(self, shape: Any, seed: Any = 0) -> Array:
        """An array of the given shape.

        Parameters
        ----------
        shape : int or tuple of int
        seed : int or sequence of int
            The same seed gives the same numbers, on every machine.

        Returns
        -------
        float array
        """
        where = type(self).__name__
        shape = shape_of(shape, where)
        return checked(self.fill(shape, generator(seed, where)), shape, where)

    def on(self, edges: Edges, seed: Any = 0) -> Array:
        """One number for each synapse, shape (synapses,)."""
        return self((len(edges),), seed)

    @abc.abstractmethod
    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        """Numbers for an array of this shape."""


@dataclass(frozen=True)
class FromFunction(Initialiser):
    """Any function ``f(shape, rng)`` that returns an array of the shape.

    Examples
    --------
    >>> FromFunction(lambda shape, rng: rng.choice([1.0, 2.0], shape))(4)
    array([2., 2., 2., 1.])
    """

    function: Callable[[Shape, np.random.Generator], Any]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ModelError(f"FromFunction: {self.function!r} is no function f(shape, rng).")

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        return self.function(shape, rng)


@dataclass(frozen=True, eq=False)
class FromArray(Initialiser):
    """Given numbers, one for each neuron or synapse.

    Examples
    --------
    >>> FromArray([0.5, 1.5])(2)
    array([0.5, 1.5])
    """

    values: Any

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        return np.asarray(self.values)


def checked(values: Any, shape: Shape, where: str) -> Array:
    """Finite floats of the shape that was asked for."""
    values = np.asarray(values)
    if values.dtype.kind not in "iuf":
        raise ModelError(f"{where}: the values are {values.dtype}; numbers were expected.")
    if values.shape != shape:
        raise ModelError(f"{where}: the values have shape {values.shape}; {shape} was expected.")
    if not np.isfinite(values).all():
        raise OutOfBounds(f"{where}: {int((~np.isfinite(values)).sum())} of {values.size} values are NaN or infinite.")
    return values.astype(float)


def shape_of(shape: Any, where: str) -> Shape:
    """A shape as a tuple; axes may have length 0, for a population without synapses."""
    axes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    if not all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 0 for n in axes):
        raise ModelError(f"{where}: shape = {shape!r}; a number of values or a tuple such as (20, 20) was expected.")
    return tuple(int(n) for n in axes)
