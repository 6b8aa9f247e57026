"""Scaled coordinates: states by how far they go, parameters by their range, so that one step length suits all."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..ahead import Program
from ..cases import Case
from ..flow import Constants, Flow, kernel


class Frame(NamedTuple):
    """Where a flow is looked at: ``z = (x - shift) / size`` for the states, then for the free parameters.

    ``index`` says which constants are free; ``p`` holds the others.  All of it is traced: another parameter, range or
    preset is another frame for the same compiled kernel.
    """

    p: Constants
    index: np.ndarray
    shift: np.ndarray
    size: np.ndarray

    def out(self, z: np.ndarray) -> np.ndarray:
        """Model units of scaled coordinates."""
        return self.shift + self.size * np.asarray(z)

    def into(self, y: np.ndarray) -> np.ndarray:
        """Scaled coordinates of model units."""
        return (np.asarray(y) - self.shift) / self.size

    def plain(self) -> "Frame":
        """The same free parameters in the model's own units."""
        return Frame(self.p, self.index, np.zeros_like(self.shift), np.ones_like(self.size))


def frame(case: Case, paths: tuple[str, ...], ranges: tuple[tuple[float, float], ...]) -> Frame:
    """The frame of a case with free parameters."""
    box = case.box()
    shift = np.concatenate([box[:, 0], [lo for lo, _ in ranges]])
    size = np.concatenate([box[:, 1] - box[:, 0], [hi - lo for lo, hi in ranges]])
    return Frame(case.p, np.array([case.constant(path) for path in paths], int), shift, size)


def scaled(flow: Flow, at: Frame) -> Callable[[Array], Array]:
    """``dz/dt`` of the states as a function of states and free parameters, all scaled."""
    n = flow.n

    def slope(z: Array) -> Array:
        y = at.shift + at.size * z
        return flow(y[:n], at.p.put(at.index, y[n:])) / at.size[:n]

    return slope


@kernel(brief=True)
def linear(flow: Flow, z: Array, at: Frame) -> tuple[Array, Array]:
    """The slope and its derivative at many points: (K, n) and (K, n, n + free)."""
    f = scaled(flow, at)

    def both(z: Array) -> tuple[Array, Array]:
        value = f(z)
        return value, value

    def one(z: Array) -> tuple[Array, Array]:
        derivative, value = jax.jacfwd(both, has_aux=True)(z)
        return value, derivative

    return jax.vmap(one)(z)


@kernel(brief=True)
def quadratic(flow: Flow, z: Array, v: Array, at: Frame) -> tuple[Array, Array, Array]:
    """Besides :func:`linear` the derivative of ``A v`` along each of the directions ``v`` (K, m, n + free)."""
    f = scaled(flow, at)

    def one(z: Array, v: Array) -> tuple[Array, Array, Array]:
        def along(z: Array) -> tuple[Array, Array]:
            value, slope = jax.linearize(f, z)
            found = jnp.concatenate([value[None], jax.vmap(slope)(v)])
            return found, value

        derivative, value = jax.jacfwd(along, has_aux=True)(z)
        return value, derivative[0], derivative[1:]

    return jax.vmap(one)(z, v)


def soon(flow: Flow, at: Frame) -> list[Program]:
    """The program that special points will ask for."""
    z = np.full((batch(flow.n, 24), len(at.size)), 0.5)
    return [(quadratic, (flow, z, np.repeat(z[:, None], 2, 1), at))]


def batch(n: int, most: int) -> int:
    """How many points go through a kernel at once: fewer where one point is large, but the same number every time."""
    return most if n <= 8 else max(4, most // 4) if n <= 64 else 2


def linear_at(flow: Flow, z: np.ndarray, at: Frame) -> tuple[np.ndarray, np.ndarray]:
    """:func:`linear` for any number of points."""
    size = batch(flow.n, 64)
    parts = [_host(linear(flow, block, at)) for block in _blocks(z, size)]
    if len(parts) == 1:
        return tuple(x[: len(z)] for x in parts[0])
    return tuple(np.concatenate(found)[: len(z)] for found in zip(*parts, strict=True))


def quadratic_at(flow: Flow, z: np.ndarray, v: np.ndarray, at: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """:func:`quadratic` for any number of points and directions (K, m, n + free)."""
    size, count, m = batch(flow.n, 24), len(z), v.shape[1]
    found: list[list[np.ndarray]] = [[], [], []]
    for first in range(0, m, 2):  # two directions at a time, so that one compiled kernel serves all
        pair = v[:, first : first + 2]
        pair = pair if pair.shape[1] == 2 else np.repeat(pair, 2, axis=1)
        parts = [_host(quadratic(flow, a, b, at)) for a, b in zip(_blocks(z, size), _blocks(pair, size), strict=True)]
        for kept, values in zip(found, zip(*parts, strict=True), strict=True):
            kept.append(np.concatenate(values)[:count])
    return found[0][0], found[1][0], np.concatenate(found[2], axis=1)[:, :m]


def wide(v: np.ndarray, size: int) -> np.ndarray:
    """Directions (K, m, n) of the states alone as (K, m, size) of all that is free, filled up with zeros."""
    found = np.zeros((*v.shape[:2], size))
    found[..., : v.shape[2]] = v
    return found


def _host(found: tuple[Array, ...]) -> list[np.ndarray]:
    return [np.asarray(x) for x in found]


def _blocks(z: np.ndarray, size: int) -> list[np.ndarray]:
    """Equal blocks of ``size`` rows; the last is filled up with its last row."""
    z = np.asarray(z, float)
    short = -len(z) % size
    whole = z
    if short:
        whole = np.empty((len(z) + short, *z.shape[1:]))
        whole[: len(z)], whole[len(z) :] = z, z[-1:]
    return [whole[i : i + size] for i in range(0, len(whole), size)]


def solve(matrix: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Solve many systems; those that are singular or not finite give NaN and do not spoil the others."""
    whole = np.isfinite(matrix).all() and np.isfinite(side).all()
    good = slice(None) if whole else np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(side).all(axis=1)
    found = np.full(side.shape, np.nan)
    try:
        found[good] = np.linalg.solve(matrix[good], side[good][..., None])[..., 0]
    except np.linalg.LinAlgError:
        for i in np.arange(len(matrix))[good]:
            try:
                found[i] = np.linalg.solve(matrix[i], side[i])
            except np.linalg.LinAlgError:
                continue  # stays NaN
    return found
