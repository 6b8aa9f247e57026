"""One way to solve the exercises of 04; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

net = bn.Network({"cell": bn.Population(bn.neurons.LIF(), 1)})

# %% exercise-1
synapse = bn.synapses.DualExponential(tau_rise=2, tau_decay=10)
peak = 2 * 10 * np.log(10 / 2) / (10 - 2)

bn.teach.check("04.1", peak, synapse=synapse)

# %% exercise-2
n = np.arange(1, 21)
ds = bn.sweep(net.replace({"gaba.weight": 0}), {"ampa.weight": 5.0 * n}, T=100, dt=0.1, record=["cell.V"])
peaks = ds["cell.V"].max("time").values.ravel() + 70
limits = (10 * -70 + n * 5 * 0) / (10 + n * 5) + 70

bn.teach.check("04.2", peaks, limit=limits, model=net)


# %% exercise-3
def turning_point(block):
    """Voltage of the largest inward current."""
    V = np.linspace(-100, 50, 1501)
    return V[np.argmax(block.current(1.0, V))]


bn.teach.check("04.3", turning_point)
