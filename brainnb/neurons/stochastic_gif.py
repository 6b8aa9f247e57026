"""The generalised integrate-and-fire neuron with escape noise, of Mensi and Pozzorini."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax
import jax.numpy as jnp
from jax import Array

from brainnb.core.fields import Param, input, observable, param, state
from brainnb.core.model import Model, preset
from brainnb.core.record import Record
from brainnb.inputs.edges import reached

from .lif import NEVER
from .recorded import fires

STEEPEST = 20.0
"""Largest exponent of the intensity: a spike in every step, whatever its length."""


class StochasticGIF(Model):
    r"""Integrate-and-fire with currents and a threshold that spikes move, which fires at random near the threshold.

    .. math::

        C \dot V &= -g_L (V - E_L) - \eta_1 - \eta_2 + I, \qquad
        \lambda = \lambda_0 \exp\frac{V - V_T - \gamma_1 - \gamma_2}{\Delta V} \\
        \dot\eta_j &= -\eta_j / \tau_{\eta j}, \qquad \dot\gamma_j = -\gamma_j / \tau_{\gamma j} \\
        \text{spike} &: \; V \to V_{reset} \text{ for } t_{ref}, \quad \eta_j \to \eta_j + q_j, \quad
        \gamma_j \to \gamma_j + d_j

    It explains spike trains of cortical neurons in noisy currents to a few milliseconds (GIF of Mensi, Pozzorini and Gerstner).  The
    probability of recorded spikes is smooth in its parameters, so that maximum likelihood finds them:
    :class:`~brainnb.train.SpikeLikelihood`.  It has no spike shape; without randomness see :class:`~brainnb.neurons.GIF` and :class:`~brainnb.neurons.GLIF`.

    Inputs and observables
    ----------------------
    ``I`` : injected current (pA), inward positive.  ``recorded`` : spikes of a recording, 0 or 1 at each step: given, they
    and not its own reset the neuron; below 0, the default, it fires by itself.  ``spike`` : 1 at the step of a spike.
    ``expected`` : $\int \lambda \, dt$ over the step, before its spike.  ``intensity`` : $\lambda$ at its end (1/ms); 0 during
    ``t_ref``.

    Notes
    -----
    A step has a spike with probability $1 - e^{-\int \lambda dt}$.  ``lambda_0`` is 1 Hz by convention: another value only shifts
    $V_T$, so do not learn both.

    References
    ----------
    Mensi et al. 2012, doi:10.1152/jn.00408.2011; Pozzorini et al. 2015, doi:10.1371/journal.pcbi.1004275, eqs. 1-4.

    Examples
    --------
    >>> import brainnb as bn
    >>> ds = bn.simulate(StochasticGIF(), T=1000, dt=0.1, I=300.0, record=["spike"], seed=1)
    >>> 5 < int(ds.spike.sum()) < 60
    True
    """

    default_method: ClassVar[str] = "exponential_euler"

    C: Param = param(83.1, "pF", "membrane capacitance", bounds=(10, 1000))
    g_L: Param = param(3.7, "nS", "leak conductance", bounds=(0.1, 100))
    E_L: Param = param(-67.0, "mV", "leak reversal potential", bounds=(-100, -40))
    V_reset: Param = param(-36.7, "mV", "potential after a spike", bounds=(-100, -20))
    t_ref: Param = param(4.0, "ms", "refractory time", bounds=(0, 20))
    V_T: Param = param(-39.6, "mV", "threshold at rest", bounds=(-80, 0))
    Delta_V: Param = param(1.4, "mV", "softness of the threshold", bounds=(0.1, 10))
    lambda_0: Param = param(0.001, "1/ms", "intensity at the threshold", bounds=(0.000001, 1))
    q_1: Param = param(56.7, "pA", "first current started by a spike, outward", bounds=(-500, 1000))
    q_2: Param = param(-6.9, "pA", "second current started by a spike", bounds=(-500, 1000))
    tau_q_1: Param = param(57.8, "ms", "time constant of the first current", bounds=(1, 2000))
    tau_q_2: Param = param(218.2, "ms", "time constant of the second current", bounds=(1, 2000))
    d_1: Param = param(11.7, "mV", "threshold raised by a spike, fast part", bounds=(-20, 50))
    d_2: Param = param(1.8, "mV", "threshold raised by a spike, slow part", bounds=(-20, 50))
    tau_d_1: Param = param(53.8, "ms", "time constant of the fast part", bounds=(1, 2000))
    tau_d_2: Param = param(640.0, "ms", "time constant of the slow part", bounds=(1, 2000))

    V = state(-67.0, "mV", "membrane potential", bounds=(-90, -20))
    eta_1 = state(0.0, "pA", "first current after spikes", bounds=(-100, 500))
    eta_2 = state(0.0, "pA", "second current after spikes", bounds=(-200, 200))
    gamma_1 = state(0.0, "mV", "fast part of the threshold", bounds=(0, 60))
    gamma_2 = state(0.0, "mV", "slow part of the threshold", bounds=(0, 60))
    hazard = state(0.0, "1", "integral of the intensity since the last spike", bounds=(0, 5))
    counted = state(0.0, "1", "that integral at the begin of the step", discrete=True)
    t_last = state(NEVER, "ms", "time of the last spike", discrete=True)
    I = input(0.0, "pA", "injected current", bounds=(-100, 2000))
    recorded = input(-1.0, "1", "recorded spikes that reset it; below 0 it fires by itself", bounds=(-2, 1))

    expected = observable("1", "spikes expected in this step")
    intensity = observable("1/ms", "intensity of spikes")

    @preset
    def mensi_2012(cls) -> Self:
        """A cortical cell with spike-triggered currents and threshold (Mensi et al. 2012, as in NEST's gif_population)."""
        return cls()

    @preset
    def without_adaptation(cls) -> Self:
        """A leaky integrator with escape noise alone (Gerstner & van Hemmen 1992, doi:10.1088/0954-898X_3_2_004)."""
        return cls(q_1=0.0, q_2=0.0, d_1=0.0, d_2=0.0, V_reset=-60.0)

    def init_state(self, size: tuple[int, ...] = (), key: Array | None = None) -> Record:
        s = super().init_state(size, key)
        return s.merge(dict(V=jnp.broadcast_to(self.E_L, s.V.shape)))

    def intensity_at(self, t: Array, s: Record) -> Array:
        """The intensity of spikes (1/ms); none in the refractory time."""
        above = (s.V - self.V_T - s.gamma_1 - s.gamma_2) / self.Delta_V
        return reached(t, s.t_last + self.t_ref) * self.lambda_0 * jnp.exp(jnp.minimum(above, STEEPEST))

    def vector_field(self, t: Array, s: Record, u: Record) -> Mapping[str, Any]:
        free = reached(t, s.t_last + self.t_ref) * 1.0
        return dict(
            V=free * (u.I - s.eta_1 - s.eta_2 - self.g_L * (s.V - self.E_L)) / self.C,
            eta_1=-s.eta_1 / self.tau_q_1,
            eta_2=-s.eta_2 / self.tau_q_2,
            gamma_1=-s.gamma_1 / self.tau_d_1,
            gamma_2=-s.gamma_2 / self.tau_d_2,
            hazard=self.intensity_at(t, s),
        )

    def on_step(self, t: Array, s: Record, u: Record, key: Array) -> tuple[Mapping, Mapping]:
        expected = s.hazard - s.counted
        own = jax.random.uniform(key, s.V.shape, s.V.dtype) < -jnp.expm1(-expected)
        fired = fires(u.recorded, own)
        kicks = dict(eta_1=self.q_1, eta_2=self.q_2, gamma_1=self.d_1, gamma_2=self.d_2)
        changed = {name: s[name] + fired * kick for name, kick in kicks.items()}
        changed |= dict(
            V=jnp.where(fired, self.V_reset, s.V),
            hazard=jnp.where(fired, 0.0, s.hazard),
            counted=jnp.where(fired, 0.0, s.hazard),
            t_last=jnp.where(fired, t, s.t_last),
        )
        return changed, dict(spike=fired * 1.0, expected=expected, intensity=self.intensity_at(t, s))
