"""A continuous attractor network on a ring."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jax import Array

from brainnb.core.errors import ModelError
from brainnb.core.fields import Param, input, observable, param, state, static
from brainnb.core.model import Model, preset
from brainnb.core.record import Record

ROOT_2, ROOT_2PI = float(np.sqrt(2.0)), float(np.sqrt(2.0 * np.pi))


class CANN(Model):
    r"""Continuous attractor network: a bump of activity on a ring that remembers and follows a position.

    .. math::

        \tau \dot U(x) &= -U(x) + \sum_{x'} J(x - x')\, r(x') + A\, e^{-(x - z)^2 / 4 a^2}, \qquad
        r = \frac{U^2}{1 + k \sum U^2} \\
        J(x) &= \frac{J_0}{\sqrt{2 \pi}\, a}\, e^{-x^2 / 2 a^2}

    It explains how a population holds a direction or a place without stimulus, smooth tracking, and its lag.  Positions
    are a ring of N places; noise, adaptation and drift by uneven weights are outside.

    Inputs and observables
    ----------------------
    ``A`` : height of the stimulus.  ``z`` : its position on the ring (rad, any turn).  ``position`` : where the bump is
    (rad), the angle of the population vector.

    Notes
    -----
    The papers' $u$ is ``U`` here. The state has N values: results have a dimension for them.  Sums run over the N places without the width of a place,
    so heights depend on N.  The bump $U = U_0 e^{-(x - z)^2 / 4 a^2}$ is an exact solution for $a \ll \pi$ with

    .. math::

        U_0 = \frac{J_0 \rho / \sqrt 2 + \sqrt{J_0^2 \rho^2 / 2 - 4 k \rho \sqrt{2 \pi}\, a}}{2 k \rho \sqrt{2 \pi}\, a},
        \quad \rho = \frac{N}{2 \pi}, \qquad k < k_c = \frac{J_0^2 \rho}{8 \sqrt{2 \pi}\, a}

    (:meth:`height`, :meth:`critical_k`).  Two places never coincide: the ring is $[-\pi, \pi)$ without its end.
    The product with J is a convolution, done by Fourier transform.

    References
    ----------
    Wu, Hamaguchi & Amari 2008, doi:10.1162/neco.2008.10-06-378, eqs. 1-9; Fung, Wong & Wu 2010,
    doi:10.1162/neco.2009.07-08-824.

    Examples
    --------
    >>> import brainnb as bn
    >>> model = CANN(k=0.1)
    >>> cue = bn.inputs.Pulse(amplitude=10.0, start=0.0, duration=20.0)
    >>> ds = bn.simulate(model, T=60, A=cue, z=1.0)
    >>> round(float(ds.U[-1].max()), 2), round(float(model.height()), 2)
    (22.56, 22.56)
    """

    default_method: ClassVar[str] = "rk4"

    N: int = static(512)
    tau: Param = param(1.0, "ms", "time constant", bounds=(0.1, 100))
    k: Param = param(8.1, "1", "global inhibition", bounds=(1e-5, 500))
    a: Param = param(0.5, "1", "half-width of the connections, rad", bounds=(0.1, 1.5))
    J_0: Param = param(4.0, "1", "strength of the connections", bounds=(1e-3, 20))

    U = state(0.0, "1", "synaptic input at every place", bounds=(-1, 30))
    position = observable("rad", "where the bump is")
    A = input(0.0, "1", "height of the stimulus", bounds=(-1, 50))
    z = input(0.0, "1", "position of the stimulus, rad", bounds=(-np.pi, np.pi))

    def __check_init__(self) -> None:
        if isinstance(self.N, bool) or not isinstance(self.N, int) or self.N < 2:
            raise ModelError(
                f"CANN.N = {self.N!r}: the number of places on the ring, a whole number from 2, was expected."
            )

    @preset
    def wu_2008(cls) -> Self:
        """Strong inhibition, k = 8.1: a bump that a stimulus easily moves (Wu, Hamaguchi & Amari 2008)."""
        return cls()

    @preset
    def weak_inhibition(cls) -> Self:
        """k = 0.1: a high bump (Wu, Hamaguchi & Amari 2008, in the setting of BrainPy 2023, fig. 5)."""
        return cls(k=0.1)

    def places(self) -> Array:
        """Positions on the ring, rad."""
        return -np.pi + 2.0 * np.pi * jnp.arange(self.N) / self.N

    def height(self, lower: bool = False) -> Array:
        """Height of the bump without stimulus; the ``lower`` root is the one at the border between bump and silence.

        NaN above :meth:`critical_k`, where no bump exists.
        """
        rho = self.N / (2.0 * np.pi)
        drive, width = self.J_0 * rho / ROOT_2, self.k * rho * ROOT_2PI * self.a
        root = jnp.sqrt(drive**2 - 4.0 * width)
        return (drive - root if lower else drive + root) / (2.0 * width)

    def critical_k(self) -> Array:
        """Inhibition above which no bump survives."""
        return self.J_0**2 * (self.N / (2.0 * np.pi)) / (8.0 * ROOT_2PI * self.a)

    def bump(self, z: Any = 0.0, lower: bool = False) -> Array:
        """The closed form of the bump at position ``z``: an initial state, ``init={"U": model.bump(1.0)}``."""
        return self.height(lower) * jnp.exp(-(turned(self.places() - z) ** 2) / (4.0 * self.a**2))

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(U=jnp.broadcast_to(s.U[..., None], (*size, self.N))))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        # a parameter of several rings has one value a ring: a last axis for the places
        tau, k, a, J_0, A, z = (x[..., None] for x in (self.tau, self.k, self.a, self.J_0, u.A, u.z))
        squared = s.U**2
        r = squared / (1.0 + k * jnp.sum(squared, -1, keepdims=True))
        distance = turned(2.0 * np.pi * jnp.arange(self.N) / self.N)
        J = J_0 / (ROOT_2PI * a) * jnp.exp(-(distance**2) / (2.0 * a**2))
        recurrent = jnp.fft.irfft(jnp.fft.rfft(J) * jnp.fft.rfft(r), self.N)
        stimulus = A * jnp.exp(-(turned(self.places() - z) ** 2) / (4.0 * a**2))
        return dict(U=(-s.U + recurrent + stimulus) / tau)

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return {}, dict(position=self.decoded(s.U))

    def decoded(self, U: Array) -> Array:
        """Where a bump is, rad: the angle of the vector that all places vote for."""
        rate, x = U**2, self.places()
        return jnp.arctan2(jnp.sum(rate * jnp.sin(x), -1), jnp.sum(rate * jnp.cos(x), -1))


def turned(angle: Any) -> Any:
    """An angle by the shorter way round, between -pi and pi."""
    return angle - 2.0 * np.pi * jnp.round(angle / (2.0 * np.pi))
