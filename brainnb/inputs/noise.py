"""Random stimuli: coloured noise that evolves, and noise that is the same in every run."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, param, state
from brainnb.core.record import Record

from .base import SAME, Stimulus


class Noise(Stimulus):
    r"""Ornstein–Uhlenbeck noise: Gaussian, with a correlation that decays in time.

    .. math::

        \dot x = \frac{mean - x}{\tau} + \sigma \sqrt{\frac{2}{\tau}}\, \xi(t), \qquad
        \langle x \rangle = mean, \quad \mathrm{sd}(x) = \sigma, \quad
        \langle \delta x(t)\, \delta x(t + T) \rangle = \sigma^2 e^{-T / \tau}

    It stands for the sum of many small synaptic events.  ``sigma`` is the standard deviation that is seen, whatever
    ``tau``; a run starts in the stationary state.  Another ``seed=`` of the run gives other noise.

    Notes
    -----
    The noise is integrated with the model, so the method must take noise (``"euler"``, ``"exponential_euler"``,
    ``"strang"``, or one of the stochastic methods); a model whose own method takes none runs with ``"euler"``.  All units of a population share it;
    ``sigma`` as an array of one value per unit gives every unit noise of its own.
    With Euler–Maruyama the variance is $\sigma^2 / (1 - dt / 2\tau)$: 1 % too large at dt = tau / 50.

    References
    ----------
    Uhlenbeck & Ornstein 1930, doi:10.1103/PhysRev.36.823; as input to neurons: Destexhe et al. 2001,
    doi:10.1016/S0306-4522(01)00344-X, eqs. 2-3.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=500, I=Noise(mean=5, sigma=2, tau=2), record=["I"])
    >>> abs(float(ds.I.mean()) - 5) < 1, 1.5 < float(ds.I.std()) < 2.5
    (True, True)
    """

    mean: Param = param(0.0, SAME, "mean")
    sigma: Param = param(1.0, SAME, "standard deviation", bounds=(0, None))
    tau: Param = param(5.0, "ms", "correlation time", bounds=(0.1, 1000))
    x = state(0.0, SAME, "momentary value")

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        shape = size + jnp.broadcast_shapes(*(jnp.shape(p) for p in (self.mean, self.sigma, self.tau)))
        spread = jnp.zeros(shape) if key is None else jax.random.normal(key, shape)
        return Record(x=self.mean + self.sigma * spread)

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(x=(self.mean - s.x) / self.tau)

    def diffusion(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(x=self.sigma * jnp.sqrt(2.0 / self.tau))

    def value(self, t: Array, s: Record) -> Array:
        return s.x


class Wiener(Stimulus):
    r"""A random walk without memory of where it was: Brownian motion.

    .. math::

        dx = \frac{\sigma}{\sqrt{time\_to\_sigma}}\, dW, \qquad x(0) = start\_value, \qquad
        \mathrm{sd}(x(t)) = \sigma \sqrt{t / time\_to\_sigma}

    Its increments are white noise.  For a fluctuation around a mean use :class:`Noise`; white noise on a state belongs
    in the model, as ``diffusion``.

    Notes
    -----
    Euler–Maruyama is exact for it at any dt.  Another ``seed=`` of the run gives another walk.  All units of a
    population share it; ``sigma`` as an array of one value per unit gives every unit a walk of its own.

    Reference: Wiener 1923, doi:10.1002/sapm192321131.

    Examples
    --------
    >>> import brainnb as bn
    >>> import numpy as np
    >>> walks = Wiener(sigma=np.full(2000, 3.0), time_to_sigma=20)
    >>> ds = bn.simulate(bn.neurons.LIF(), T=20, size=2000, I=walks, record=["I"])
    >>> 2.85 < float(ds.I[-1].std()) < 3.15
    True
    """

    start_value: Param = param(0.0, SAME, "value at t = 0")
    sigma: Param = param(1.0, SAME, "standard deviation after the given time", bounds=(0, None))
    time_to_sigma: Param = param(100.0, "ms", "time after which the standard deviation is sigma", bounds=(1e-3, None))
    x = state(0.0, SAME, "momentary value")

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        shape = size + jnp.broadcast_shapes(*(jnp.shape(p) for p in (self.start_value, self.sigma, self.time_to_sigma)))
        return Record(x=self.start_value + jnp.zeros(shape))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(x=0.0 * s.x / self.time_to_sigma)

    def diffusion(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        return dict(x=self.sigma / jnp.sqrt(self.time_to_sigma))

    def value(self, t: Array, s: Record) -> Array:
        return s.x


class FrozenNoise(Stimulus):
    r"""Gaussian noise held constant for an interval at a time, the same in every run.

    .. math:: I(t) = mean + \sigma\, \xi_k, \qquad k = \lfloor t / interval \rfloor, \quad \xi_k \sim N(0, 1)

    The draws depend on ``noise_seed`` alone, not on the run's seed: trials with different intrinsic noise, sliders
    that are moved and neurons that are compared all receive the same input, as in experiments on the reliability of
    spike times.  For noise that is new in every run use :class:`Noise`.

    Notes
    -----
    A new value begins at ``t == k * interval``; choose an interval of at least dt.  The power below
    ``1 / interval`` is $2 \sigma^2\, interval$.  A parameter given as an array gives every unit draws of its own.

    Reference: Mainen & Sejnowski 1995, doi:10.1126/science.7770778.

    Examples
    --------
    >>> noise = FrozenNoise(mean=5, sigma=2, interval=1)
    >>> float(noise(3.0)) == float(noise(3.9)), float(noise(3.9)) == float(noise(4.0))
    (True, False)
    """

    mean: Param = param(0.0, SAME, "mean")
    sigma: Param = param(1.0, SAME, "standard deviation", bounds=(0, None))
    interval: Param = param(1.0, "ms", "time for which a value is held", bounds=(0.01, 1000))
    noise_seed: Param = param(0.0, "1", "number of the noise: another one, other draws", bounds=(0, 1_000_000))

    def value(self, t: Array, s: Record) -> Array:
        # 1e-3 of an interval: times are rounded, and a value begins at its edge rather than a step later
        k = jnp.floor(t / self.interval + 1e-3)
        k, seed, _, _ = jnp.broadcast_arrays(k, self.noise_seed, self.mean, self.sigma)
        draws = jax.vmap(draw)(seed.ravel(), k.ravel(), jnp.arange(k.size)).reshape(k.shape)
        return self.mean + self.sigma * draws


def draw(seed: Array, k: Array, unit: Array) -> Array:
    """The k-th number of one unit: the same whenever it is asked for."""
    key = jax.random.key(seed.astype(jnp.int32))
    for part in (k.astype(jnp.int32), unit):
        key = jax.random.fold_in(key, part)
    return jax.random.normal(key, (), seed.dtype)
