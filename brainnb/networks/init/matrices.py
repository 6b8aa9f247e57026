"""Initialisers with the structure of a matrix: the identity, and matrices that keep lengths."""

import math
from dataclasses import dataclass

import numpy as np

from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.networks.connect.base import check_number

from .base import Array, Initialiser, Shape


@dataclass(frozen=True)
class Identity(Initialiser):
    """Ones on the diagonal of a matrix, times a value.

    Examples
    --------
    >>> Identity(0.5)((2, 3))
    array([[0.5, 0. , 0. ],
           [0. , 0.5, 0. ]])
    """

    value: float = 1.0

    def __post_init__(self) -> None:
        check_number("Identity", "value", self.value)

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        if len(shape) != 2:
            raise ModelError(f"Identity: shape {shape} has {len(shape)} axes; a matrix has two.")
        return self.value * np.eye(*shape)


@dataclass(frozen=True)
class Orthogonal(Initialiser):
    """A random matrix with orthonormal rows or columns, whichever are fewer: it keeps lengths.

    Uniform over all such matrices.  With more than two axes, the first is one side and all others together the other.

    Parameters
    ----------
    gain : float
        Factor of all entries.

    References
    ----------
    Saxe, McClelland, Ganguli (2014) Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks. arXiv:1312.6120; Mezzadri (2007) How to generate random matrices from the classical compact groups. Notices AMS 54, 592–604.

    Examples
    --------
    >>> W = Orthogonal()((3, 5))
    >>> bool(np.allclose(W @ W.T, np.eye(3)))
    True
    """

    gain: float = 1.0

    def __post_init__(self) -> None:
        check_number(type(self).__name__, "gain", self.gain)

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        if len(shape) < 2:
            raise ModelError(f"Orthogonal: shape {shape} has {len(shape)} axes; a matrix has at least two.")
        rows, columns = shape[0], math.prod(shape[1:])
        drawn = rng.normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(drawn)
        q *= np.where(np.diag(r) < 0, -1.0, 1.0)  # without this the result is not uniform (Mezzadri)
        return self.gain * (q if rows >= columns else q.T).reshape(shape)


@dataclass(frozen=True)
class DeltaOrthogonal(Initialiser):
    """A convolution that is an orthogonal matrix in its middle and 0 elsewhere.

    The shape is (outputs, one, two or three axes of the kernel, inputs), with at least as many outputs as inputs.

    Parameters
    ----------
    gain : float
        Factor of all entries.

    References
    ----------
    Xiao et al. (2018) Dynamical isometry and a mean field theory of CNNs. arXiv:1806.05393

    Examples
    --------
    >>> W = DeltaOrthogonal()((4, 3, 3, 2))
    >>> bool(np.allclose(W[:, 1, 1].T @ W[:, 1, 1], np.eye(2))), int(np.count_nonzero(W))
    (True, 8)
    """

    gain: float = 1.0

    def __post_init__(self) -> None:
        check_number("DeltaOrthogonal", "gain", self.gain)

    def fill(self, shape: Shape, rng: np.random.Generator) -> Array:
        if not 3 <= len(shape) <= 5:
            raise ModelError(f"DeltaOrthogonal: shape {shape}; (outputs, axes of the kernel..., inputs) was expected.")
        if shape[-1] > shape[0]:
            raise OutOfBounds(
                f"DeltaOrthogonal: shape {shape} has fewer outputs, {shape[0]}, than inputs, {shape[-1]}."
            )
        values = np.zeros(shape)
        middle = tuple((n - 1) // 2 for n in shape[1:-1])
        values[(slice(None), *middle, slice(None))] = Orthogonal(self.gain).fill((shape[0], shape[-1]), rng)
        return values
