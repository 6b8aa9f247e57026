"""One way to solve the exercises of 05; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

everything, listening, released = [], lambda stp, source: None, lambda ds: []
facilitating = bn.synapses.TsodyksMarkram(U=0.2, tau_d=200, tau_f=1500)


# %% exercise-1
def resources(U, tau_d, rate, n):
    """The resources just before each of the first n spikes."""
    x, found = 1.0, []
    for _ in range(n):
        found.append(x)
        x = 1 - (1 - (1 - U) * x) * np.exp(-1000 / rate / tau_d)
    return found


bn.teach.check("05.1", resources)

# %% exercise-2
mine = bn.synapses.TsodyksMarkram(U=0.15, tau_d=300, tau_f=600)
settled = []
for rate in (5, 20, 50):
    ds = bn.simulate(listening(mine, bn.networks.Regular(rate=rate)), T=6000, record=everything)
    settled.append(released(ds)[-1])

bn.teach.check("05.2", settled, synapse=mine)

# %% exercise-3
rates = np.linspace(0.5, 20, 2000)
u = 0.2 / (1 - 0.8 * np.exp(-1000 / rates / 1500))
e = np.exp(-1000 / rates / 200)
x = (1 - e) / (1 - (1 - u) * e)
favourite = rates[np.argmax(u * x)]
gain = (u * x).max() / 0.2

bn.teach.check("05.3", favourite, gain=gain, synapse=facilitating)
