"""The spike: a step forward, a smooth slope backward, so that simulation and training are one path."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Slope = Callable[[Array], Array]


def fast_sigmoid(x: Float[Array, "..."], sharpness: float = 10.0) -> Float[Array, "..."]:
    r"""Slope $1 / (1 + k |x|)^2$ (Zenke & Ganguli 2018, doi:10.1162/neco_a_01086)."""
    return 1.0 / (1.0 + sharpness * jnp.abs(x)) ** 2


def sigmoid(x: Float[Array, "..."], sharpness: float = 4.0) -> Float[Array, "..."]:
    r"""Slope of the logistic function, $k\,\sigma(kx)(1 - \sigma(kx))$."""
    z = jax.nn.sigmoid(sharpness * x)
    return sharpness * z * (1.0 - z)


def arctan(x: Float[Array, "..."], sharpness: float = 2.0) -> Float[Array, "..."]:
    r"""Slope $\frac{k/2}{1 + (\pi k x / 2)^2}$ (Fang et al. 2021, doi:10.1109/ICCV48922.2021.00266)."""
    return 0.5 * sharpness / (1.0 + (0.5 * jnp.pi * sharpness * x) ** 2)


def triangle(x: Float[Array, "..."], sharpness: float = 1.0) -> Float[Array, "..."]:
    r"""Slope $\max(0, 1 - k|x|)$ (Bellec et al. 2018, arXiv:1803.09574)."""
    return jnp.maximum(0.0, 1.0 - sharpness * jnp.abs(x))


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _heaviside(x: Array, slope: Slope) -> Array:
    return (x >= 0).astype(x.dtype)


@_heaviside.defjvp
def _heaviside_jvp(slope: Slope, primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    (x,), (dx,) = primals, tangents
    return _heaviside(x, slope), slope(x) * dx


def spike(x: Float[Array, "..."], slope: Slope = fast_sigmoid) -> Float[Array, "..."]:
    r"""1 where ``x >= 0``, else 0; its derivative is the surrogate ``slope(x)``.

    Parameters
    ----------
    x : array
        Distance to threshold, $V - V_{th}$; exactly at threshold the unit spikes.
    slope : callable
        The surrogate derivative: :func:`fast_sigmoid`, :func:`sigmoid`, :func:`arctan`, :func:`triangle`, one of
        :mod:`brainnb.core.surrogates`, or any function of ``x``.  Pass a named function: a fresh lambda compiles anew.

    Returns
    -------
    array
        0 or 1 in the dtype of ``x``.

    Examples
    --------
    >>> import jax
    >>> float(spike(0.5)), float(jax.grad(spike)(0.0))
    (1.0, 1.0)
    """
    return _heaviside(jnp.asarray(x, dtype=jnp.result_type(x, float)), slope)
