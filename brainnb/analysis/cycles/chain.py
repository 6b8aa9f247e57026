r"""One turn of Newton's method for a cycle: its linear system, solved in stages in one compiled program.

Each interval alone gives its values as a linear function of its first one.  The chain of intervals that is left,
$C_j X_j + D_j X_{j+1} + E_j y = 0$, is shortened by orthogonal elimination of the nodes between others (Wright 1992,
doi:10.1137/0913044), which stays stable where orbits run apart as fast as they run together.  Its last link,
$C X_0 + D X_N$, holds the Floquet multipliers, $-C v = \mu D v$ (Fairgrieve & Jepson 1991, doi:10.1137/0728076), and
with the scalar equations gives the first node; the others follow in reverse.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.xla import in_turn

from .collocation import Field, M, Orbit, System, linearised, product

JOINED = 4
"""So many links of a chain become one, in all places at once ..."""

FEW = 16
"""... until so few are left, which become one together."""


class Conditions(NamedTuple):
    """Linear scalar equations for an orbit, as many as it has scalars; the last one is across the curve.

    ``onto`` (k, N, n) and ``direct`` (k, k) are their derivatives to its nodes and its scalars, ``defect`` (k,) is what a
    guess misses.
    """

    onto: Array
    direct: Array
    defect: Array


class Link(NamedTuple):
    """The last link of the chain, ``C X_0 + D X_N = 0`` for variations of the orbit.

    ``growth`` is the integral of the divergence over a period: the logarithm of the product of all multipliers.
    """

    C: Array
    D: Array
    growth: Array


class Turn(NamedTuple):
    """A turn of Newton's method."""

    orbit: Orbit
    """The cycle with its correction."""
    along: Orbit
    """The direction of the curve."""
    told: Array
    """(k + 2,): the correction of each scalar, the largest of a value, and the cosine between the direction and the last condition's."""
    A: Array
    """(N, M, n, n + k + 1): each interval alone, its values by the first one, by the scalars, and their correction."""
    link: Link


def turn(
    field: Field, orbit: Orbit, h: Array, given: Conditions, sign: Array | float = 1.0, own: int | None = None
) -> Turn:
    """One turn of Newton's method at an orbit; to be compiled.  The last link is that of the first ``own`` states."""
    system = in_turn(lambda *given: linearised(field, *given, own))(orbit, h, sign)
    A = intervals(system)
    step, towards, last = newton(A, given, sign)
    if own is not None:
        last = last_link(links(A[:, :, :own, :own]))
    n = len(last)
    cosine = 1 / jnp.sqrt(product(towards, towards, h))
    told = jnp.concatenate([step.s, jnp.stack([jnp.abs(step.u).max(), cosine])])
    return Turn(
        orbit.plus(1.0, step), towards.times(cosine), told, A, Link(last[:, :n], last[:, n : 2 * n], system.growth)
    )


@in_turn
def intervals(system: System) -> Array:
    """(N, M, n, n + k + 1): each interval alone, its values by the first one, by the scalars, and their correction."""
    found = jnp.linalg.solve(system.matrix, system.right)
    return found.reshape(len(found), M, found.shape[1] // M, -1)


def links(A: Array, sign: Array | float = 1.0) -> Array:
    """(N, n, 2n + ...): the chain of the intervals in ``A``, its columns for X_j, X_{j+1} and the rest."""
    N, _, n, _ = A.shape
    ahead = jnp.broadcast_to(-jnp.eye(n), (N, n, n)).at[-1].multiply(sign)
    return jnp.concatenate([A[:, -1, :, :n], ahead, A[:, -1, :, n:]], -1)


@in_turn
def fewer(chain: Array) -> tuple[Array, Array]:
    """A chain without the nodes between every fourth, or between the first and the last of few.

    Returns
    -------
    Array (N / k, n, 2n + ...)
    Array (N / k, (k - 1) n, 2n + ...)
        The nodes between, by the first, the last and the rest.
    """
    N, n, width = chain.shape
    k = JOINED if N > FEW and N % JOINED == 0 else N
    rows, inner, across = k * n, (k - 1) * n, (k + 1) * n
    chain = jnp.swapaxes(chain.reshape(N // k, k, n, width), 1, 2)
    # Every link stands n columns further right than the one before: rows that are n too long, read on in rows of the right length.
    wide = jnp.pad(chain[..., : 2 * n], [(0, 0)] * 3 + [(0, rows)]).reshape(N // k, n, -1)
    nodes = wide[..., : k * across].reshape(N // k, rows, across)
    rest = chain[..., 2 * n :].reshape(N // k, rows, -1)
    joined = jnp.concatenate([nodes[..., n:rows], nodes[..., :n], nodes[..., rows:], rest], -1)
    turned = _turned(joined)
    return jnp.triu(turned[:, inner:, inner:]), -_solved(turned[:, :inner], inner)


def _turned(matrix: Array) -> Array:
    """Rows turned until nothing but what is not to be read stands below the diagonal."""
    return jnp.swapaxes(jnp.linalg.qr(matrix, mode="raw")[0], -1, -2)


def _solved(turned: Array, unknown: int) -> Array:
    """The first columns by the others."""
    return jax.lax.linalg.triangular_solve(turned[..., :unknown], turned[..., unknown:], left_side=True)


def last_link(chain: Array) -> Array:
    """(n, 2n + ...): C, D and the rest of the one link that a chain comes to."""
    while len(chain) > 1:
        chain, _ = fewer(chain)
    return chain[0]


@in_turn
def newton(A: Array, given: Conditions, sign: Array | float = 1.0) -> tuple[Orbit, Orbit, Array]:
    """The correction of a cycle and the direction of its curve, from its intervals and scalar equations; and its last link."""
    n = A.shape[2]
    chain, onto = links(A, sign), given.onto
    direct = jnp.concatenate([given.direct, given.defect[:, None]], 1)
    left_out = []
    while len(chain) > 1:
        chain, onto, direct, between = _shorter(chain, onto, direct)
        left_out.append(between)
    (last,) = chain
    closed = jnp.concatenate([last[:, :n] + last[:, n : 2 * n], last[:, 2 * n :]], 1)
    equations = jnp.concatenate([closed, jnp.concatenate([onto[:, 0], direct], 1)])
    right = jnp.stack([-equations[:, -1], jnp.zeros(len(equations)).at[-1].set(1.0)], 1)
    found = _unknowns(jnp.concatenate([equations[:, :-1], right], 1))
    u, rest = _everywhere(A, found, left_out)
    return Orbit(u[..., 0], rest[:-1, 0]), Orbit(u[..., 1], rest[:-1, 1]), last


@in_turn
def _shorter(chain: Array, onto: Array, direct: Array) -> tuple[Array, Array, Array, Array]:
    """A chain and the scalar equations without the nodes between, and these by the others."""
    chain, between = fewer(chain)
    return chain, *_without(onto, direct, between), between


@in_turn
def _unknowns(equations: Array) -> Array:
    """The solution of square equations with their right sides."""
    return _solved(_turned(equations), len(equations))


@in_turn
def _everywhere(A: Array, found: Array, left_out: list[Array]) -> tuple[Array, Array]:
    """The values at all places, by the first node and the scalars in ``found``; and these."""
    N, _, n, width = A.shape
    nodes, rest = found[None, :n], jnp.concatenate([found[n:], jnp.array([[1.0, 0.0]])])
    for between in reversed(left_out):
        nodes = _with(nodes, rest, between)
    inner = A[:, :-1].reshape(N, -1, width) @ jnp.concatenate([nodes, jnp.broadcast_to(rest, (N, *rest.shape))], 1)
    return jnp.concatenate([nodes[:, None], inner.reshape(N, M - 1, n, 2)], 1), rest


@in_turn
def _without(onto: Array, direct: Array, between: Array) -> tuple[Array, Array]:
    """Scalar equations when the nodes between are left out of a chain."""
    k, N, n = onto.shape
    G, inner, _ = between.shape
    onto = jnp.swapaxes(onto.reshape(k, G, N // G, n), 0, 1)
    by = onto[:, :, 1:].reshape(G, k, inner) @ between
    around = onto[:, :, 0] + by[..., :n] + jnp.roll(by[..., n : 2 * n], 1, 0)
    return jnp.swapaxes(around, 0, 1), direct + by[..., 2 * n :].sum(0)


@in_turn
def _with(nodes: Array, rest: Array, between: Array) -> Array:
    """The nodes of a chain with those between them."""
    G, n, columns = nodes.shape
    around = [nodes, jnp.roll(nodes, -1, 0), jnp.broadcast_to(rest, (G, *rest.shape))]
    inner = (between @ jnp.concatenate(around, 1)).reshape(G, -1, n, columns)
    return jnp.concatenate([nodes[:, None], inner], 1).reshape(-1, n, columns)
