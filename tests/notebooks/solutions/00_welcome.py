"""One way to solve the exercises of 00; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

hh = bn.neurons.HodgkinHuxley()

# %% exercise-1
current = 7.0  # three intervals of about 17 ms do not fit into 50 ms, two do

bn.teach.check("00.1", current)

# %% exercise-2
faster = hh.replace(temperature=12)

bn.teach.check("00.2", faster)

# %% exercise-3
ds = bn.sweep(hh, {"I": np.linspace(0, 20, 41)}, T=1000, dt=0.05, record=["V"])
rates = ds.bn.rate(start=200)

bn.teach.check("00.3", rates)
