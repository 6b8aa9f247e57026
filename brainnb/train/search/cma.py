"""CMA-ES: a cloud of samples that learns the shape of the valley it is in."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError

from ..problem import Problem
from ..rules import register
from .population import Population


class Cloud(eqx.Module):
    """A normal distribution, and the paths along which it has gone: ``C`` = ``axes`` ``widths``² ``axes``ᵀ."""

    mean: Array
    sigma: Array
    C: Array
    axes: Array
    widths: Array
    path: Array
    path_sigma: Array
    told: Array


@register("cma")
class CMAES(Population):
    r"""Covariance matrix adaptation: samples a normal distribution, and moves and shapes it by the better half.

    .. math::

        x_k &\sim m + \sigma\, \mathcal N(0, C), \qquad m \leftarrow \sum_{i \le \mu} w_i\, x_{i:\lambda} \\
        C &\leftarrow (1 - c_1 - c_\mu) C + c_1\, p_c p_c^T + c_\mu \sum_i w_i\, y_{i:\lambda} y_{i:\lambda}^T

    with :math:`y = (x - m) / \sigma`, and the step :math:`\sigma` grows when the path of :math:`m` is longer than chance
    would make it.  Only the order of losses counts, so fresh trials in every update serve as well.  For some to a hundred
    numbers, where gradients vanish, explode or do not exist; :math:`C` has their number squared.

    Parameters
    ----------
    sigma : float
        First standard deviation, in the units of the free numbers: 0.3 is 30 percent.
    size : int, optional
        Members of a population, :math:`4 + \lfloor 3 \ln n \rfloor` by default.

    References
    ----------
    Hansen & Ostermeier 2001, doi:10.1162/106365601750190398; the constants are those of Hansen 2016, arXiv:1604.00772,
    table 1, without negative weights.
    """

    sigma: float = 0.3
    size: int | None = eqx.field(static=True, default=None)

    def __check_init__(self) -> None:
        if not self.sigma > 0:
            raise ModelError(f"CMAES: sigma={self.sigma!r}; a number above 0 was expected.")
        if self.size is not None and (not isinstance(self.size, int) or self.size < 4):
            raise ModelError(f"CMAES: size={self.size!r}; 4 members or more were expected.")

    def first(self, problem: Problem, n: int) -> Cloud:
        return cloud(jnp.zeros(n), self.sigma)

    def ask(self, state: Cloud, key: Array) -> Array:
        n = state.mean.size
        normal = jax.random.normal(key, (self.size or members(n), n), state.mean.dtype)
        return state.mean + state.sigma * (normal * state.widths) @ state.axes.T

    def tell(self, state: Cloud, population: Array, losses: Array, key: Array) -> Cloud:
        return adapted(state, population, losses)

    def center(self, state: Cloud) -> Array:
        return state.mean

    def ended(self, problem: Problem, carry: Cloud) -> str | None:
        size = float(carry.sigma * jnp.max(carry.widths))
        least = 10 * float(jnp.finfo(carry.mean.dtype).eps) * max(1.0, float(jnp.max(jnp.abs(carry.mean))))
        return "the samples have come together in one point" if size < least else None


def members(n: int) -> int:
    """The usual size of a population."""
    return 4 + int(3 * math.log(max(n, 1)))


def cloud(mean: Array, sigma: float) -> Cloud:
    """A round distribution."""
    n, zero = mean.size, jnp.zeros_like(mean)
    eye = jnp.eye(n, dtype=mean.dtype)
    return Cloud(mean, jnp.asarray(sigma, mean.dtype), eye, eye, zero + 1, zero, zero, jnp.int32(0))


def adapted(state: Cloud, population: Array, losses: Array) -> Cloud:
    """The distribution after a population was judged; equations 38 to 47 of the tutorial."""
    count, n = population.shape
    dtype = state.mean.dtype
    mu = count // 2
    raw = np.log((count + 1) / 2) - np.log(np.arange(1, mu + 1))
    w = raw / raw.sum()
    eff = 1 / np.sum(w**2)
    c_sigma = (eff + 2) / (n + eff + 5)
    d_sigma = 1 + 2 * max(0.0, math.sqrt((eff - 1) / (n + 1)) - 1) + c_sigma
    c_c = (4 + eff / n) / (n + 4 + 2 * eff / n)
    c_1 = 2 / ((n + 1.3) ** 2 + eff)
    c_mu = min(1 - c_1, 2 * (eff - 2 + 1 / eff) / ((n + 2) ** 2 + eff))
    usual = math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n**2))  # the mean length of a normal vector

    y = (population[jnp.argsort(losses)[:mu]] - state.mean) / state.sigma
    step = jnp.asarray(w, dtype) @ y
    round_step = state.axes @ ((state.axes.T @ step) / state.widths)
    path_sigma = (1 - c_sigma) * state.path_sigma + math.sqrt(c_sigma * (2 - c_sigma) * eff) * round_step
    length = jnp.linalg.norm(path_sigma)
    told = state.told + 1
    calm = length / jnp.sqrt(1 - (1 - c_sigma) ** (2.0 * told)) < (1.4 + 2 / (n + 1)) * usual
    path = (1 - c_c) * state.path + calm * math.sqrt(c_c * (2 - c_c) * eff) * step
    C = (
        (1 - c_1 - c_mu + (1 - calm) * c_1 * c_c * (2 - c_c)) * state.C
        + c_1 * jnp.outer(path, path)
        + c_mu * (y.T * jnp.asarray(w, dtype)) @ y
    )
    C = ((C + C.T) / 2).astype(dtype)
    every = max(1, int(1 / ((c_1 + c_mu) * n * 10)))

    def axes() -> tuple[Array, Array]:
        squares, axes = jnp.linalg.eigh(C)
        return axes, jnp.sqrt(jnp.maximum(squares, jnp.finfo(dtype).tiny))

    found = jax.lax.cond(told % every == 0, axes, lambda: (state.axes, state.widths))
    sigma = state.sigma * jnp.exp(jnp.minimum(1.0, (c_sigma / d_sigma) * (length / usual - 1)))
    after = Cloud(
        (state.mean + state.sigma * step).astype(dtype), sigma.astype(dtype), C, *found,
        path.astype(dtype), path_sigma.astype(dtype), told,
    )  # fmt: skip
    # a population in which nothing is finite has no order
    return jax.tree.map(lambda new, old: jnp.where(jnp.isfinite(losses).any(), new, old), after, state)
