"""What a connector gives: the synapses as two arrays of indices."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds

Array = np.ndarray
INDEX = np.int32
MOST_NEURONS = 2**31 - 1


@dataclass(frozen=True, eq=False, repr=False)
class Edges:
    """Synapses, one entry each, sorted by ``pre`` and then by ``post``.

    Attributes
    ----------
    pre, post : int32 array, shape (synapses,)
        Which neuron each synapse leaves and which it reaches.  Neurons of a population with several axes are
        counted row by row, as in ``np.ravel_multi_index``.
    pre_size, post_size : tuple of int
        The shapes of the two populations.

    Examples
    --------
    >>> edges = Edges.of([1, 0, 1], [0, 2, 2], 2, 3)
    >>> edges
    Edges(3 synapses, 2 -> 3 neurons, 1.0 in and 1.5 out on average)
    >>> edges.matrix()
    array([[0, 0, 1],
           [1, 0, 1]])
    """

    pre: Array
    post: Array
    pre_size: tuple[int, ...]
    post_size: tuple[int, ...]

    @classmethod
    def of(cls, pre: Any, post: Any, pre_size: Any, post_size: Any, where: str = "Edges") -> "Edges":
        """Check and sort two arrays of indices.

        Raises
        ------
        ModelError
            Where the arrays are no whole numbers or have different lengths.
        OutOfBounds
            Where an index is outside its population.
        """
        pre_size, post_size = size_of(pre_size, f"{where}: pre_size"), size_of(post_size, f"{where}: post_size")
        n_pre, n_post = count(pre_size), count(post_size)
        pre, post = _indices(pre, n_pre, "pre", where), _indices(post, n_post, "post", where)
        if pre.shape != post.shape:
            raise ModelError(f"{where}: pre has {len(pre)} entries and post {len(post)}; a synapse needs one of each.")
        if not _rising(pre, post):
            place = pre.astype(np.int64) * n_post + post
            place.sort()
            pre = (place // n_post).astype(INDEX)
            post = (place - pre.astype(np.int64) * n_post).astype(INDEX)
        return cls(pre.astype(INDEX, copy=False), post.astype(INDEX, copy=False), pre_size, post_size)

    @property
    def n_pre(self) -> int:
        """Number of neurons that send."""
        return count(self.pre_size)

    @property
    def n_post(self) -> int:
        """Number of neurons that receive."""
        return count(self.post_size)

    @property
    def out_degree(self) -> Array:
        """Synapses that leave each neuron, shape (n_pre,)."""
        return np.bincount(self.pre, minlength=self.n_pre)

    @property
    def in_degree(self) -> Array:
        """Synapses that reach each neuron, shape (n_post,)."""
        return np.bincount(self.post, minlength=self.n_post)

    @property
    def indptr(self) -> Array:
        """Where the synapses of each neuron begin: ``post[indptr[i]:indptr[i + 1]]`` are the targets of ``i``."""
        return np.concatenate([[0], np.cumsum(self.out_degree)])

    def matrix(self) -> Array:
        """Number of synapses of every pair, shape (n_pre, n_post): row = pre, column = post."""
        counts = np.zeros((self.n_pre, self.n_post), np.int64)
        np.add.at(counts, (self.pre, self.post), 1)
        return counts

    def __len__(self) -> int:
        return len(self.pre)

    def __repr__(self) -> str:
        each_in, each_out = len(self) / self.n_post, len(self) / self.n_pre
        sizes = f"{_shown(self.pre_size)} -> {_shown(self.post_size)}"
        return f"Edges({len(self)} synapses, {sizes} neurons, {each_in:.1f} in and {each_out:.1f} out on average)"


def size_of(size: Any, where: str) -> tuple[int, ...]:
    """A population's shape as a tuple; an empty population is refused."""
    axes = tuple(size) if isinstance(size, Iterable) and not isinstance(size, str) else (size,)
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in axes)
    if not axes or not whole:
        raise ModelError(f"{where} = {size!r}; a number of neurons or a tuple such as (20, 20) was expected.")
    if min(axes) < 1:
        raise OutOfBounds(f"{where} = {size!r}: the population is empty; every axis needs at least one neuron.")
    axes = tuple(int(n) for n in axes)
    if count(axes) > MOST_NEURONS:
        raise OutOfBounds(f"{where} = {size!r} is more than {MOST_NEURONS} neurons, the most that an index can count.")
    return axes


def count(size: tuple[int, ...]) -> int:
    """Number of neurons in a population of this shape; Python's integers do not overflow."""
    total = 1
    for n in size:
        total *= n
    return total


def _indices(values: Any, n: int, name: str, where: str) -> Array:
    found = np.asarray(values)
    if found.ndim != 1:
        raise ModelError(
            f"{where}: {name} has shape {found.shape}; one index for each synapse was expected, shape (n,)."
        )
    if not len(found):
        return np.zeros(0, INDEX)
    if found.dtype.kind not in "iu":
        raise ModelError(f"{where}: {name} is {found.dtype}; whole numbers were expected: {name}.astype(int).")
    low, high = int(found.min()), int(found.max())
    if low < 0 or high >= n:
        wrong = low if low < 0 else high
        raise OutOfBounds(f"{where}: {name} holds the index {wrong}; the population has neurons 0 to {n - 1}.")
    return found


def _rising(pre: Array, post: Array) -> bool:
    """Whether the pairs are sorted already; looks at them without making large arrays of them."""
    later = pre[1:] > pre[:-1]
    later |= (pre[1:] == pre[:-1]) & (post[1:] >= post[:-1])
    return bool(later.all())


def _shown(size: tuple[int, ...]) -> str:
    return str(size[0]) if len(size) == 1 else str(size)
