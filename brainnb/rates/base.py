"""What rate models share: transfer functions that stay finite."""

from typing import Any

import jax
import jax.numpy as jnp

PER_MS = 1e-3
"""One Hz in 1/ms: sliders count rates in Hz, equations in ms."""


def logistic(x: Any) -> Any:
    r"""$1 / (1 + e^{-x})$ without overflow at any ``x``."""
    return jax.nn.sigmoid(x)


def over_one_minus_exp(z: Any) -> Any:
    r"""$z / (1 - e^{-z})$, finite at its removable singularity $z = 0$, where it is 1."""
    small = jnp.abs(z) < 0.02
    # the series is exact to 1e-10 inside; the exponent is held so that no branch overflows
    series = 1.0 + z * (0.5 + z * (1.0 / 12.0 - z * z / 720.0))
    exponent = jnp.where(small, -1.0, jnp.minimum(-z, 80.0))
    return jnp.where(small, series, z / (1.0 - jnp.exp(exponent)))
