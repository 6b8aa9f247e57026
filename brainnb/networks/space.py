"""Where neurons lie: a sheet that two populations share, or positions of one's own."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds

Array = np.ndarray
Size = tuple[int, ...]


@dataclass(frozen=True)
class Sheet:
    """Both populations cover the same line, sheet or volume, each neuron in the middle of its cell.

    Parameters
    ----------
    extent : float or tuple of float
        Length of the axes, in whatever unit distances are to have; one number serves all axes.
    periodic : bool
        True: opposite borders meet, a ring or a torus.

    Examples
    --------
    >>> Sheet(extent=4.0).positions((4,)).ravel()
    array([0.5, 1.5, 2.5, 3.5])
    >>> float(Sheet(extent=4.0, periodic=True).distance(np.array([0.5]), np.array([3.5])))
    1.0
    """

    extent: float | tuple[float, ...] = 1.0
    periodic: bool = False

    def __post_init__(self) -> None:
        if not (np.asarray(self.extent, float) > 0).all() or not np.isfinite(self.extent).all():
            raise OutOfBounds(f"Sheet: extent = {self.extent}; lengths above 0 were expected.")

    def positions(self, size: Size) -> Array:
        """Coordinates of the neurons of a population, shape (neurons, axes)."""
        extent = self._extent(len(size))
        cells = np.stack(np.unravel_index(np.arange(np.prod(size)), size), axis=-1)
        return (cells + 0.5) / size * extent

    def both(self, pre_size: Size, post_size: Size) -> tuple[Array, Array]:
        """Coordinates of both populations."""
        if len(pre_size) != len(post_size):
            raise ModelError(
                f"Sheet: pre has {len(pre_size)} axes, {pre_size}, and post {len(post_size)}, {post_size}; they share "
                f"one sheet, so give both populations as many."
            )
        return self.positions(pre_size), self.positions(post_size)

    def distance(self, x: Array, y: Array) -> Array:
        """Distances between coordinates along the last axis, the short way round where the sheet is periodic."""
        apart = np.abs(x - y)
        if self.periodic:
            apart = np.minimum(apart, self._extent(apart.shape[-1]) - apart)
        return np.sqrt(np.square(apart).sum(axis=-1))

    def period(self, axes: int) -> Array | None:
        """Lengths after which the axes repeat, or None."""
        return self._extent(axes) if self.periodic else None

    def _extent(self, axes: int) -> Array:
        extent = np.asarray(self.extent, float)
        if extent.shape not in ((), (axes,)):
            raise ModelError(
                f"Sheet: extent = {self.extent} has {extent.size} lengths; the population has {axes} axes."
            )
        return np.broadcast_to(extent, (axes,))


@dataclass(frozen=True, eq=False)
class Positions:
    """Neurons at given places, in any number of dimensions.

    Parameters
    ----------
    pre, post : array, shape (neurons, axes)
        Coordinates; ``post`` is ``pre`` for a population onto itself.

    Examples
    --------
    >>> space = Positions([[0.0, 0.0]], [[3.0, 4.0]])
    >>> space.distance(*space.both((1,), (1,)))
    array([5.])
    """

    pre: Any
    post: Any = None

    def __post_init__(self) -> None:
        pre = np.asarray(self.pre, float)
        post = pre if self.post is None else np.asarray(self.post, float)
        if pre.ndim != 2 or post.ndim != 2 or pre.shape[1] != post.shape[1]:
            raise ModelError(
                f"Positions: pre has shape {pre.shape} and post {post.shape}; (neurons, axes) was expected, with as many axes."
            )
        if not (np.isfinite(pre).all() and np.isfinite(post).all()):
            raise OutOfBounds("Positions: some coordinates are NaN or infinite.")
        object.__setattr__(self, "pre", pre)
        object.__setattr__(self, "post", post)

    def both(self, pre_size: Size, post_size: Size) -> tuple[Array, Array]:
        """Coordinates of both populations."""
        for name, places, size in (("pre", self.pre, pre_size), ("post", self.post, post_size)):
            if len(places) != np.prod(size):
                raise ModelError(f"Positions: {name} places {len(places)} neurons; the population has {np.prod(size)}.")
        return self.pre, self.post

    def distance(self, x: Array, y: Array) -> Array:
        """Distances between coordinates along the last axis."""
        return np.sqrt(np.square(x - y).sum(axis=-1))

    def period(self, axes: int) -> None:
        """Nothing repeats."""
