"""One way to solve the exercises of 13; each block replaces the notebook's cell of that id."""

import brainnb as bn

neuron = bn.neurons.HindmarshRose()

# %% exercise-1
spikes_per_burst = [
    bn.fast_slow(neuron, "z", T=4000, I=I, cycles=False).attrs["spikes_per_burst"] for I in (1.8, 2.0, 2.2, 2.5, 2.8)
]

bn.teach.check("13.1", spikes_per_burst, neuron=neuron)

# %% exercise-2
ds = bn.bifurcation(neuron, "z", (1.0, 3.5), hold=("z",), I=2.0)
answer = {kind: 2.0 - ds.special_value.values[ds.special_kind.values == kind].min() for kind in ("fold", "homoclinic")}

bn.teach.check("13.2", answer, neuron=neuron)

# %% exercise-3
import jax.numpy as jnp  # noqa: E402


class Burster(bn.neurons.INapIK):
    """Sodium, potassium, and a potassium current that is slow."""

    q = bn.state(0.0, "1", "activation of the slow potassium current", bounds=(0, 1))

    def vector_field(self, t, s, u):
        fast = super().vector_field(t, s, u)
        q_inf = 1.0 / (1.0 + jnp.exp((-20.0 - s.V) / 5.0))
        return fast | dict(V=fast["V"] + 5.0 * s.q * (self.E_K - s.V) / self.C, q=(q_inf - s.q) / 50.0)


burster = Burster(g_K=9.0, tau=0.152)
ds = bn.bifurcation(burster, "q", (-0.05, 0.2), hold=("q",), I=5.0)
window = [ds.special_value.values[ds.special_kind.values == kind].min() for kind in ("fold", "homoclinic")]

bn.teach.check("13.3", burster, window=window)
