"""One way to solve the exercises of 01; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

neuron = bn.neurons.LIF(tau=20, R=0.1, V_rest=-70, V_th=-50, V_reset=-60, t_ref=2)

# %% exercise-1
mine = neuron.replace(tau=12, R=0.16, V_th=-52)
weakest = (mine.V_th - mine.V_rest) / mine.R

bn.teach.check("01.1", weakest, model=mine)

# %% exercise-2
cell = bn.teach.specimen("01")
weak, strong = cell.V.isel(I=0), cell.V.isel(I=1)
rest, end = weak.sel(time=19).item(), weak[-1].item()
R = (end - rest) / cell.I[0].item()
tau = weak.time.where(weak > rest + (1 - np.exp(-1)) * (end - rest)).min().item() - 20

first, second = cell.bn.spike_times().sel(I=cell.I[1]).values[:2]
between = strong.sel(time=slice(first, second - 0.05))
t_ref = float((between == between[0]).sum()) * 0.1

bn.teach.check("01.2", {"tau": tau, "R": R, "V_th": strong.max().item(), "t_ref": t_ref})

# %% exercise-3
frequencies = [2, 5, 10, 20, 50]  # Hz
gain, phase = [], []
for f in frequencies:
    ds = bn.simulate(neuron, T=1000, dt=0.1, I=bn.inputs.Sine(mean=0, amplitude=50, frequency=f))
    late = ds.V.values[5000:] + 70
    turned = 2 * np.pi * f * ds.time.values[5000:] / 1000
    s, c = 2 * (late * np.sin(turned)).mean(), 2 * (late * np.cos(turned)).mean()
    gain.append(np.hypot(s, c) / (0.1 * 50))
    phase.append(np.degrees(np.arctan2(c, s)))

bn.teach.check("01.3", gain, phase=phase, model=neuron)
