"""What every channel is: gates driven by the voltage, and the current they let through."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.known import known
from brainnb.core.model import Model
from brainnb.core.record import Record
from brainnb.core.units import empirical


class Channel(Model):
    """A conductance in a membrane.

    Declare an input ``V`` and gates as states; write :meth:`vector_field` for the gates and :meth:`current`.
    A channel is a model of its own: ``bn.simulate(SodiumHH1952(), T=5, V=-20)`` is a voltage clamp.
    """

    default_method: ClassVar[str] = "exponential_euler"

    def current(self, t: Array, s: Record, u: Record) -> Array:
        """Current into the cell, inward positive, in the unit of conductance times mV."""
        raise ModelError(f"{type(self).__name__} must define current(self, t, s, u): the current it lets in.")

    def steady_state(self, V: Any) -> Mapping[str, Any]:
        """Gates at rest when the membrane sits at ``V``; empty for a channel without gates."""
        return {}

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        """Report the current, so that a clamp or a cell can be asked for ``I``."""
        return {}, {"I": self.current(t, s, u)}


def relax(alpha: Any, beta: Any, x: Any) -> Any:
    r"""Derivative of a gate from its rates, $\alpha (1 - x) - \beta x$."""
    return alpha * (1.0 - x) - beta * x


def settled(alpha: Any, beta: Any) -> Any:
    r"""Steady state of a gate from its rates, $\alpha / (\alpha + \beta)$."""
    return alpha / (alpha + beta)


def exprel_rate(x: Any, scale: float) -> Any:
    r"""$\frac{x}{1 - e^{-x / k}}$, finite at its removable singularity $x = 0$, where it is $k$."""
    return scale * exprel(x / scale)


@known
def exprel(z: Array) -> Array:
    r"""$\frac{z}{1 - e^{-z}}$, finite at 0."""
    small = jnp.abs(z) < 0.02
    # the series is exact to 1e-10 inside; outside, 1 - exp loses no digits (and is cheaper than expm1)
    series = 1.0 + z * (0.5 + z * (1.0 / 12.0 - z * z / 720.0))
    return jnp.where(small, series, z / (1.0 - jnp.exp(jnp.where(small, -1.0, -z))))


@empirical
def thermal_factor(celsius: Any, reference: float, q10: float = 3.0) -> Any:
    r"""$q_{10}^{(T - T_{ref})/10}$: how much faster gates move than at the temperature they were measured at."""
    return q10 ** ((celsius - reference) / 10.0)
