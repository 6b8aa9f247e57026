"""Connectors for wiring that exists already: a matrix, pairs of indices, compressed rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from brainnb.core.errors import ModelError

from .base import Connector, Pairs, Size
from .edges import count


@dataclass(frozen=True, eq=False)
class FromMatrix(Connector):
    """The wiring of a matrix: row = pre, column = post.

    Parameters
    ----------
    matrix : array, shape (n_pre, n_post)
        Booleans: is there a synapse?  Whole numbers: how many synapses.  A matrix of weights is refused, because
        its zeros may be synapses: give ``matrix != 0``.  Rate networks write weights as row = target: give
        the transpose of those.

    Examples
    --------
    >>> FromMatrix([[0, 1], [1, 2]]).connect(2, 2).post
    array([1, 0, 1, 1], dtype=int32)
    """

    matrix: Any

    def __post_init__(self) -> None:
        matrix = np.asarray(self.matrix)
        if matrix.ndim != 2:
            raise ModelError(
                f"FromMatrix: the matrix has shape {matrix.shape}; two axes were expected, (n_pre, n_post)."
            )
        if matrix.dtype.kind not in "biu" or (matrix.dtype.kind == "i" and (matrix < 0).any()):
            raise ModelError(
                f"FromMatrix: the matrix holds weights ({matrix.dtype}); give which pairs are connected, matrix != 0."
            )
        object.__setattr__(self, "matrix", matrix)

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        check_shape(self, self.matrix.shape, pre_size, post_size)
        pre, post = np.nonzero(self.matrix)
        synapses = self.matrix[pre, post].astype(np.int64)
        return np.repeat(pre, synapses), np.repeat(post, synapses)


@dataclass(frozen=True, eq=False)
class FromSparse(Connector):
    """The wiring of a SciPy sparse matrix or array: every stored entry is one synapse; row = pre, column = post.

    Parameters
    ----------
    matrix : scipy sparse array, shape (n_pre, n_post)
        Stored zeros are synapses too; drop them with ``matrix.eliminate_zeros()``.

    Examples
    --------
    >>> import scipy.sparse
    >>> FromSparse(scipy.sparse.eye_array(3)).connect(3, 3).post
    array([0, 1, 2], dtype=int32)
    """

    matrix: Any

    def __post_init__(self) -> None:
        import scipy.sparse

        if not scipy.sparse.issparse(self.matrix):
            raise ModelError(f"FromSparse: {type(self.matrix).__name__} is no sparse matrix of SciPy; try FromMatrix.")

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        check_shape(self, self.matrix.shape, pre_size, post_size)
        entries = self.matrix.tocoo()
        return entries.row, entries.col


@dataclass(frozen=True, eq=False)
class FromPairs(Connector):
    """The wiring of two lists of indices; a pair that stands there twice is two synapses.

    Parameters
    ----------
    pre, post : arrays of int, shape (synapses,)

    Examples
    --------
    >>> FromPairs([0, 0, 2], [1, 3, 0]).connect(3, 4).out_degree
    array([2, 0, 1])
    """

    pre: Any
    post: Any

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        return self.pre, self.post


@dataclass(frozen=True, eq=False)
class FromCSR(Connector):
    """The wiring of compressed rows: the targets of neuron ``i`` are ``indices[indptr[i]:indptr[i + 1]]``.

    Parameters
    ----------
    indices : array of int, shape (synapses,)
        Neurons that receive.
    indptr : array of int, shape (n_pre + 1,)
        Where each row begins; from 0 up to the number of synapses.

    Examples
    --------
    >>> FromCSR(indices=[1, 3, 0], indptr=[0, 2, 2, 3]).connect(3, 4).pre
    array([0, 0, 2], dtype=int32)
    """

    indices: Any
    indptr: Any

    def __post_init__(self) -> None:
        indices, indptr = np.asarray(self.indices), np.asarray(self.indptr)
        if indptr.ndim != 1 or len(indptr) < 2 or indptr.dtype.kind not in "iu":
            raise ModelError("FromCSR: indptr must be whole numbers of shape (n_pre + 1,).")
        if indptr[0] != 0 or indptr[-1] != len(indices) or (np.diff(indptr.astype(np.int64)) < 0).any():
            raise ModelError(f"FromCSR: indptr must rise from 0 to the number of indices, {len(indices)}.")

    def pairs(self, pre_size: Size, post_size: Size, rng: np.random.Generator) -> Pairs:
        rows = len(self.indptr) - 1
        if rows != count(pre_size):
            raise ModelError(f"FromCSR: indptr describes {rows} neurons; the population before has {count(pre_size)}.")
        return np.repeat(np.arange(rows), np.diff(self.indptr)), self.indices


def check_shape(connector: Connector, shape: tuple[int, ...], pre_size: Size, post_size: Size) -> None:
    """A matrix fits its two populations; a transposed one is told so."""
    wanted = count(pre_size), count(post_size)
    if tuple(shape) != wanted:
        turned = "; it seems transposed: rows are pre, columns post" if tuple(shape[::-1]) == wanted else ""
        raise ModelError(
            f"{type(connector).__name__}: the matrix has shape {tuple(shape)}; the populations need {wanted}{turned}."
        )
