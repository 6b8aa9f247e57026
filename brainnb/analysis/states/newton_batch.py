r"""Many states at once down to where a system stands still: Levenberg–Marquardt on :math:`q = |F|^2/2`.

One compiled loop for all candidates.  The damping follows the residual, so the end is Newton's method where the
Jacobian is regular; where it is singular the descent stops at a true minimum of q, which is the ghost of a resting
point and no failure.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..cases import Case
from ..flow import Constants, Flow, kernel
from .free_descent import LARGE, gathered

STEPS = 200
ROUND, FEW = 25, 8
TOLERANCE = 1e-10


def rest(flow: Flow, x: Array, p: Constants, map: bool) -> Array:
    """What vanishes at a resting point: dx/dt, or F(x) - x."""
    return flow(x, p) - x if map else flow(x, p)


@kernel(static=("flow", "map"))
def descend(flow: Flow, x: Array, mu: Array, p: Constants, scale: Array, steps: Array, map: bool) -> tuple[Array, ...]:
    """States, |F|, rounding level of F, relative gradient of q, whether finished, and damping, for every row of ``x``.

    In units of ``scale``: y = x / scale, G = F / scale.
    """

    def G(y: Array) -> Array:
        return rest(flow, y * scale, p, map) / scale

    def once(carry: tuple) -> tuple:
        """Look at the trial, keep it when it is better, and make the next one."""
        y, trial, mu, g, J, done = carry
        g1, J1 = G(trial), jax.jacfwd(G)(trial)
        sound = jnp.isfinite(g1).all() & jnp.isfinite(J1).all()
        better = sound & (jnp.sum(g1**2) < jnp.sum(g**2)) & ~done
        y, g, J = jnp.where(better, trial, y), jnp.where(better, g1, g), jnp.where(better, J1, J)
        mu = jnp.where(better, jnp.maximum(mu * 0.2, 1e-16), jnp.minimum(mu * 6.0, 1e8))
        H = J.T @ J
        size = jnp.trace(H) / y.size + 1e-300
        lower = jax.scipy.linalg.cho_factor(H + (mu + 1e-14) * size * jnp.eye(y.size), lower=True)
        move = -jax.scipy.linalg.cho_solve(lower, J.T @ jnp.where(jnp.isfinite(g), g, 0.0))
        move = jnp.where(jnp.isfinite(move).all(), move, 0.0)
        stands = (jnp.abs(g) <= 32 * rounding(y, J)).all() | (jnp.abs(move) <= 4e-16 * (jnp.abs(y) + 0.1)).all()
        downhill = J.T @ jnp.where(jnp.isfinite(g), g, 0.0)
        lowest = jnp.linalg.norm(downhill) <= 1e-6 * jnp.linalg.norm(J) * jnp.linalg.norm(g)
        done = done | stands | lowest | (mu >= 1e8) | ~jnp.isfinite(g).all()
        return y, y + move, mu, g, J, done

    def rounding(y: Array, J: Array) -> Array:
        return 4e-16 * (jnp.abs(J) @ (jnp.abs(y) + 0.1))

    def go(carry: tuple) -> Array:
        i, (*_, done) = carry
        return (i < steps) & ~done.all()

    y, k = x / scale, len(x)
    nothing = jnp.full(y.shape, jnp.inf), jnp.zeros((k, y.shape[1], y.shape[1]))
    start = (y, y, mu, *nothing, jnp.zeros(k, bool))
    _, (y, _, mu, g, J, done) = jax.lax.while_loop(go, lambda c: (c[0] + 1, jax.vmap(once)(c[1])), (0, start))
    norm = jnp.linalg.norm(g * scale, axis=1)
    level = jnp.linalg.norm(jax.vmap(rounding)(y, J) * scale, axis=1)
    steep = jnp.linalg.norm(jnp.einsum("kij,ki->kj", J, jnp.where(jnp.isfinite(g), g, 0.0)), axis=1)
    steep = steep / (jnp.linalg.norm(J, axis=(1, 2)) * jnp.linalg.norm(g, axis=1) + 1e-300)
    return y * scale, norm, level, steep, done, mu


def lowest(found: Case, x: np.ndarray, scale: np.ndarray, map: bool, steps: int = STEPS) -> tuple[np.ndarray, ...]:
    """States, |F|, its rounding level and the relative gradient of q at the end of the descent from every row of ``x``.

    In large systems rows come near without a Jacobian first, and of those that come to one place one is polished.
    """
    if x.shape[1] > LARGE and len(x) > FEW:
        places, of = gathered(found, np.array(x, float), scale, map)
        return tuple(part[of] for part in polished(found, places, scale, map, steps))
    return polished(found, x, scale, map, steps)


def polished(found: Case, x: np.ndarray, scale: np.ndarray, map: bool, steps: int) -> tuple[np.ndarray, ...]:
    """The descent with Jacobians; of many rows in a batch of fixed size, so that one program serves any number."""
    x, numbers = np.array(x, float), np.full((3, len(x)), np.inf)
    mu, left = np.full(len(x), 1e-3), np.arange(len(x))
    large = x.shape[1] > LARGE
    few = FEW if x.shape[1] > 16 and (large or len(x) > FEW) else 0
    rounds = [(len(x), ROUND if few else steps)] if not large else []
    if few:
        rounds += [(few, steps if large else steps - ROUND)] * -(-len(x) // few)
    for k, some in rounds:
        some = some if left.size else 0
        rows = np.resize(left if left.size else np.arange(min(k, len(x))), k)
        y, *found_numbers, done, damp = (
            np.asarray(a) for a in descend(found.flow, x[rows], mu[rows], found.p, scale, some, map)
        )
        if some:
            x[rows], numbers[:, rows], mu[rows] = y, np.array(found_numbers), np.maximum(damp, 1e-16)
            left = left[~done] if k > few else left[min(k, left.size) :]
        if not left.size and k == few:
            break
    return x, *numbers


def settle(
    found: Case, x: np.ndarray, map: bool, steps: int = STEPS, scale: np.ndarray | None = None
) -> tuple[np.ndarray, ...]:
    """Resting points nearest to rows of ``x``, what is left of the motion, and whether they stand still."""
    y, norm, level, _ = lowest(found, x, spread(x) if scale is None else scale, map, steps)
    return y, norm, np.isfinite(norm) & (norm <= np.maximum(TOLERANCE, 1000 * level))


def spread(cloud: np.ndarray) -> np.ndarray:
    """How far each state goes in a cloud: its standard deviation, or its size where it does not move."""
    sd = cloud.std(axis=0)
    size = np.abs(cloud).max(axis=0)
    top = max(sd.max(initial=0.0), 1e-300)
    return np.where(
        sd > 1e-3 * top, sd, np.where(size > 0, np.maximum(size, 1e-3 * top), max(top, 1e-3) if top > 1e-200 else 1.0)
    )
