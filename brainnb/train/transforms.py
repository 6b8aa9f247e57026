"""Bounds as transforms: an optimiser moves a free number, the parameter stays where it may be."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Bounds

INSIDE = 1e-3
"""How far from a bound a start is moved inwards: at the bound itself a transform is flat and nothing is learned."""


class Transform(eqx.Module):
    r"""No bound at all: $x = u$."""

    def free(self, x: Array) -> Array:
        """The free number ``u`` of a value ``x``."""
        return x

    def bounded(self, u: Array) -> Array:
        """The value ``x`` of a free number ``u``."""
        return u

    def edge(self, x: np.ndarray) -> float:
        """How far, at most, values lie outside of where they can be learned."""
        return 0.0


class Between(Transform):
    r"""Two bounds: $x = a + (b - a) / (1 + e^{-u})$."""

    low: float = eqx.field(static=True)
    high: float = eqx.field(static=True)

    def free(self, x: Array) -> Array:
        part = jnp.clip((x - self.low) / (self.high - self.low), INSIDE, 1 - INSIDE)
        return jnp.log(part) - jnp.log1p(-part)

    def bounded(self, u: Array) -> Array:
        return self.low + (self.high - self.low) * jax.nn.sigmoid(u)

    def edge(self, x: np.ndarray) -> float:
        least = INSIDE * (self.high - self.low)
        return float(max(np.max(self.low + least - x), np.max(x - self.high + least), 0.0))


class Above(Transform):
    r"""One bound: $x = a + \log(1 + e^u)$, or $b - \log(1 + e^u)$ with ``sign=-1``."""

    bound: float = eqx.field(static=True)
    sign: int = eqx.field(static=True, default=1)

    def free(self, x: Array) -> Array:
        above = jnp.maximum(self.sign * (x - self.bound), INSIDE)
        return above + jnp.log(-jnp.expm1(-above))

    def bounded(self, u: Array) -> Array:
        return self.bound + self.sign * jax.nn.softplus(u)

    def edge(self, x: np.ndarray) -> float:
        return float(max(np.max(INSIDE - self.sign * (x - self.bound)), 0.0))


class Log(Transform):
    r"""Positive numbers on a scale of factors: $x = e^u$."""

    def free(self, x: Array) -> Array:
        return jnp.log(jnp.maximum(x, INSIDE * jnp.maximum(jnp.max(x), INSIDE)))

    def bounded(self, u: Array) -> Array:
        return jnp.exp(u)

    def edge(self, x: np.ndarray) -> float:
        return float(max(np.max(INSIDE * max(np.max(x), INSIDE) - x), 0.0))


class Signed(Transform):
    r"""Every value keeps the sign it starts with, whatever its size (Dale's law for a matrix): $x = s\,|u|$."""

    signs: Array

    def free(self, x: Array) -> Array:
        return jnp.abs(x)

    def bounded(self, u: Array) -> Array:
        return self.signs.astype(u.dtype) * jnp.abs(u)


def of(bounds: Bounds) -> Transform:
    """The transform that keeps a value within ``bounds``."""
    low, high = bounds
    if low is not None and high is not None:
        return Between(low, high)
    if low is not None:
        return Above(low)
    return Transform() if high is None else Above(high, -1)


def named(name: object, bounds: Bounds, path: str) -> Transform:
    """The transform that ``transforms={path: name}`` asks for."""
    if isinstance(name, Transform):
        return name
    if name == "log":
        if bounds[0] is not None and bounds[0] < 0:
            raise ModelError(f"transforms: 'log' is for positive values; `{path}` is bounded by {bounds[0]:g}.")
        return Log()
    if name in ("bounds", None):
        return of(bounds)
    if name == "none":
        return Transform()
    raise ModelError(f"transforms[{path!r}] = {name!r}: 'bounds', 'log', 'none' or a Transform was expected.")


def moved(path: str, x: np.ndarray, transform: Transform) -> str | None:
    """A sentence when a start lies on a bound, where nothing could be learned, and is moved off it."""
    if not x.size or not (by := transform.edge(x)) > 1e-9 * max(1.0, float(np.max(np.abs(x)))) or math.isnan(by):
        return None
    return f"`{path}` starts on a bound, where nothing can be learned: it begins {by:.3g} further inside."
