"""One way to solve the exercises of 09; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

circuit = bn.rates.WongWang()


def first_choice(c):
    """As in the notebook."""
    raise NotImplementedError


# %% exercise-1
ends = []
for start in ({"S1": 0.3, "S2": 0.3}, {"S1": 0.6, "S2": 0.1}):
    last = bn.simulate(circuit, T=4000, dt=1, mu=30, init=start).isel(time=-1)
    ends.append((last.S1.item(), last.S2.item()))

bn.teach.check("09.1", {"undecided": ends[0], "chose_1": ends[1]}, model=circuit)

# %% exercise-2
fractions = [(first_choice(c)[0] == 1).mean() for c in (0, 0.032, 0.064, 0.128)]

bn.teach.check("09.2", fractions, model=circuit)

# %% exercise-3
weakest = []
for at in (300, 700):
    tried = np.linspace(0, 0.1, 201)
    pulse = bn.inputs.Pulse(start=at, duration=100)
    ds = bn.sweep(circuit, {"I_2.amplitude": tried}, T=4000, dt=1, mu=30, c=0.1, I_2=pulse).isel(time=-1)
    weakest.append(tried[(ds.S2 > ds.S1).values.argmax()])

bn.teach.check("09.3", weakest, model=circuit)
