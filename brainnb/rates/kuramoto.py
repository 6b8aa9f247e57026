"""The Kuramoto model of coupled phases."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.fields import Param, observable, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record

GOLDEN = 0.6180339887498949
"""Turns between the starting phases of neighbours: any number of oscillators is spread evenly."""


class Kuramoto(Model):
    r"""Kuramoto: oscillators that pull each other's phase.

    .. math::

        \dot\theta_i = \omega_i + \frac{K}{N} \sum_j \sin(\theta_j - \theta_i), \qquad
        R\, e^{i \psi} = \frac{1}{N} \sum_j e^{i \theta_j}

    It explains synchrony as a phase transition: with Lorentzian frequencies of half-width $g$ order appears at
    $K_c = 2 g$ and grows as $R = \sqrt{1 - K_c / K}$.  Amplitudes, delays and wiring are outside.

    Inputs and observables
    ----------------------
    No input.  ``R`` : order, 0 (incoherent) to 1 (in phase), of all oscillators of the run.

    Notes
    -----
    The oscillators are the units of the run, ``bn.simulate(Kuramoto(), T, size=200)``: all of them are coupled, so
    units of this model are not independent as those of other models are.  Frequencies are one number or one for each
    unit; :meth:`lorentzian` makes those of the theory.  Phases start spread by the golden ratio, and grow without wrapping.

    References
    ----------
    Kuramoto 1984, doi:10.1007/978-3-642-69689-3, section 5.4; Strogatz 2000, doi:10.1016/S0167-2789(00)00094-4.

    Examples
    --------
    >>> import brainnb as bn
    >>> model = Kuramoto.lorentzian(500, centre=0.2, width=0.05).replace(K=0.3)
    >>> ds = bn.simulate(model, T=600, size=500, record=["R"])
    >>> round(float(ds.R[3000:].mean()), 2)
    0.82
    """

    default_method: ClassVar[str] = "rk4"

    omega: Param = param(0.2, "1/ms", "angular frequency", bounds=(-1000, 1000))
    K: Param = param(0.1, "1/ms", "coupling", bounds=(-1, 10))

    theta = state(0.0, "1", "phase in radians", bounds=(0, 2 * np.pi))
    R = observable("1", "order of all oscillators")

    @preset
    def identical(cls) -> Self:
        """Equal frequencies: any coupling above 0 brings all into phase (Kuramoto 1984)."""
        return cls()

    @classmethod
    def lorentzian(cls, count: int, centre: float = 0.2, width: float = 0.05, **values: Any) -> Self:
        """A model for ``size=count``: frequencies at the quantiles of a Lorentzian, so that there is no luck of the draw."""
        quantiles = (np.arange(1, count + 1) - 0.5) / count
        return cls(omega=centre + width * np.tan(np.pi * (quantiles - 0.5)), **values)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        turns = np.arange(int(np.prod(size))).reshape(size) * GOLDEN % 1.0
        return s.merge(dict(theta=s.theta + 2.0 * np.pi * turns))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        # sum of sines as a mean field: N operations instead of N squared
        x, y = jnp.cos(s.theta), jnp.sin(s.theta)
        return dict(theta=self.omega + self.K * (jnp.mean(y) * x - jnp.mean(x) * y))

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        return {}, dict(R=jnp.hypot(jnp.mean(jnp.cos(s.theta)), jnp.mean(jnp.sin(s.theta))))
