"""One way to solve the exercises of 10; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

neuron = bn.neurons.FitzHughNagumo()

# %% exercise-1
at = bn.fixed_points(neuron, I=0.0).isel(point=0)
first = at.eigenvalue.values[0]
answer = {"V": at.V.item(), "w": at.w.item(), "growth": first.real, "turning": first.imag, "word": at.stability.item()}

bn.teach.check("10.1", answer, model=neuron)

# %% exercise-2
at = bn.fixed_points(neuron, I=0.0).isel(point=0)
pushes = np.linspace(0.5, 0.6, 201)
starts = {"V": at.V.item() + pushes, "w": np.full(201, at.w.item())}
peaks = bn.simulate(neuron, T=100, dt=0.02, size=201, init=starts).V.max("time").values
smallest_push = pushes[(peaks > 0.5).argmax()]

bn.teach.check("10.2", smallest_push, model=neuron)

# %% exercise-3
at = bn.fixed_points(neuron, I=0.0).isel(point=0)
start = {"V": at.V.item() + 0.7, "w": at.w.item()}
taus = np.arange(4.0, 8.0, 0.05)
peaks = [bn.simulate(neuron.replace(tau=tau), T=100, dt=0.02, init=start).V.max().item() for tau in taus]
slow_enough = taus[(np.array(peaks) > 0.5).argmax()]

bn.teach.check("10.3", slow_enough, model=neuron)
