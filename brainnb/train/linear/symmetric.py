"""A symmetric matrix of which one half is written."""

from typing import Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

AT_ONCE = 8
"""Products of rows that one pass over the matrix takes away: as many as fit into the registers of a processor."""

LINE = 16
"""Numbers of single precision in a line of a cache: rows that begin anywhere are multiplied a fifth slower."""


class Symmetric(eqx.Module):
    """The lower half of a symmetric matrix in stripes, (rows, columns up to the diagonal), filled up with zeros to whole lines.

    A single stripe is the whole matrix.
    """

    stripes: tuple[Array, ...]

    @classmethod
    def of(cls, P: Array, rows: int) -> Self:
        """The stripes of a matrix, of so many rows each."""
        n = aligned(len(P))
        P = jnp.pad(P, (0, n - len(P)))
        return cls(tuple(P[begin : begin + rows, : begin + rows] for begin in range(0, n, rows)))

    def whole(self, n: int) -> Array:
        """The matrix of ``n`` rows; of several stripes it equals its transpose to the last bit."""
        width = self.stripes[-1].shape[1]
        half = jnp.concatenate([jnp.pad(S, ((0, 0), (0, width - S.shape[1]))) for S in self.stripes])[:n, :n]
        return half if len(self.stripes) == 1 else jnp.tril(half) + jnp.tril(half, -1).T

    def __matmul__(self, x: Array) -> Array:
        """The product with a vector of whole lines: what is left of the diagonal acts along its rows and its columns."""
        found, above = [], jnp.zeros_like(x)
        for S in reversed(self.stripes):
            rows, end = S.shape
            begin = end - rows
            found.append(above[begin:] + S @ x[:end])
            above = above[:begin] + (x[begin:end] @ S)[:begin]
        return jnp.concatenate(found[::-1])

    def lowered(self, A: Array, F: Array) -> Self:
        """$(P - A^T A) / F$, in place: a product of matrices would make a table of its own and read it again."""
        passes = len(A) // AT_ONCE

        def some(i: Array, stripes: tuple[Array, ...]) -> tuple[Array, ...]:
            rows = jax.lax.dynamic_slice_in_dim(A, AT_ONCE * i, AT_ONCE)
            share = jnp.where(i == passes - 1, 1 / F, 1.0).astype(A.dtype)
            return tuple(share * (S - products(rows, *S.shape)) for S in stripes)

        return Symmetric(jax.lax.fori_loop(0, passes, some, self.stripes))


def products(rows: Array, count: int, end: int) -> Array:
    """What ``rows`` take from a stripe of ``count`` rows up to column ``end``."""
    return sum(row[end - count : end, None] * row[:end] for row in rows)


def aligned(n: int) -> int:
    """So many numbers as whole lines hold."""
    return -(-n // LINE) * LINE
