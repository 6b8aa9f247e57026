"""One way to solve the exercises of 08; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

net, ping = bn.networks.ING(), bn.networks.PING()

# %% exercise-1
mine = bn.networks.ING(drive=1.5)
ds = bn.simulate(mine, T=1500, dt=0.05)
rate = ds.bn.population_rate(var="I.spike", width=2)
frequency = ds.bn.spectrum(rate, start=300, window=500).sel(frequency=slice(15, 100)).idxmax("frequency").item()

bn.teach.check("08.1", frequency, model=mine)

# %% exercise-2
frequencies = []
for tau in (5, 10, 20):
    ds = bn.simulate(net.replace({"II.synapse.tau": tau}), T=1000, dt=0.05)
    frequencies.append(1000 / ds.bn.period("I.spike", start=300).mean().item())

bn.teach.check("08.2", frequencies, model=net)

# %% exercise-3
full = float(ping.parameters()["EI.weight"].value)
factors = np.linspace(0, 0.6, 13)
ds = bn.sweep(ping, {"EI.weight": full * factors}, T=500, dt=0.05)
E, I = (ds.bn.rate(f"{p}.spike", start=200).mean(f"{p}_neuron").values for p in "EI")
strength = factors[(I >= 0.5 * E).argmax()]

bn.teach.check("08.3", {"strength": strength, "rate_without": E[0]}, model=ping)
