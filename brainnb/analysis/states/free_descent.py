r"""The way down for large systems, without a Jacobian: Levenberg–Marquardt whose steps are solved by conjugate gradients.

A step needs products of the Jacobian with vectors only, which cost as much as the field itself.  It leads near the
minima of :math:`q = |F|^2/2`; the last digits are for :mod:`.newton_batch`, once for each of them.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..cases import Case
from ..flow import Constants, Flow, kernel

LARGE = 48
"""States from which on it pays."""

STEPS, INNER, EXACT = 80, 60, 0.03
"""Steps, products in each, and how exactly a step is solved."""

SAME = 1e-4
"""Root mean square distance, in units of the scale, within which two ends are one."""


@kernel(static=("flow", "map"))
def fall(flow: Flow, x: Array, p: Constants, scale: Array, steps: Array, inner: Array, map: bool) -> Array:
    """Where the rows of ``x`` come to, near enough for Newton's method."""

    def G(y: Array) -> Array:
        f = flow(y * scale, p)
        return (f - y * scale if map else f) / scale

    def once(carry: tuple) -> tuple:
        """A step, kept when it is better."""
        y, mu, done = carry
        g, push = jax.linearize(G, y)
        pull = jax.linear_transpose(push, y)
        b = -pull(g)[0]
        steep = jnp.sum(b * b)
        size = jnp.sum(push(b) ** 2) / (steep + 1e-300) + 1e-300

        def product(v: Array) -> Array:
            return pull(push(v))[0] + mu * size * v

        move = conjugate(product, b, inner)
        after = G(y + move)
        better = jnp.isfinite(after).all() & (jnp.sum(after**2) < jnp.sum(g**2)) & ~done
        near = jnp.sqrt(jnp.mean(move**2)) <= 1e-3 * SAME
        low = steep <= 1e-12 * size * jnp.sum(g**2)
        done = done | low | (near & better) | (mu >= 1e8) | ~jnp.isfinite(g).all()
        mu = jnp.where(better, jnp.maximum(mu * 0.2, 1e-12), jnp.minimum(mu * 6.0, 1e8))
        return jnp.where(better, y + move, y), mu, done

    def go(carry: tuple) -> Array:
        i, (_, _, done) = carry
        return (i < steps) & ~done.all()

    y = x / scale
    start = (y, jnp.full(len(x), 1e-2), jnp.zeros(len(x), bool))
    _, (y, _, _) = jax.lax.while_loop(go, lambda c: (c[0] + 1, jax.vmap(once)(c[1])), (0, start))
    return y * scale


def conjugate(product: object, b: Array, most: Array) -> Array:
    """The solution of ``product(v) = b`` to the part :data:`EXACT`, in at most so many products."""
    bb = jnp.sum(b * b)

    def go(carry: tuple) -> Array:
        k, _, _, _, rr = carry
        return (k < most) & (rr > EXACT**2 * bb)

    def once(carry: tuple) -> tuple:
        k, v, r, d, rr = carry
        Ad = product(d)
        a = rr / (jnp.sum(d * Ad) + 1e-300)
        v, r = v + a * d, r - a * Ad
        new = jnp.sum(r * r)
        return k + 1, v, r, r + new / (rr + 1e-300) * d, new

    _, v, *_ = jax.lax.while_loop(go, once, (0, jnp.zeros_like(b), b, b, bb))
    return v


def gathered(found: Case, x: np.ndarray, scale: np.ndarray, map: bool) -> tuple[np.ndarray, np.ndarray]:
    """One row for every place that rows of ``x`` fall to, and for each row of ``x`` the number of its place."""
    y = np.asarray(fall(found.flow, x, found.p, scale, STEPS, INNER, map))
    y = np.where(np.isfinite(y).all(axis=1, keepdims=True), y, x)
    places: list[int] = []
    of = np.zeros(len(y), int)
    for i, row in enumerate(y / scale):
        apart = [np.sqrt(np.mean((row - y[k] / scale) ** 2)) for k in places]
        if apart and min(apart) < SAME:
            of[i] = int(np.argmin(apart))
        else:
            of[i] = len(places)
            places.append(i)
    return y[places], of
