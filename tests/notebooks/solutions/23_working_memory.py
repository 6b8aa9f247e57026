"""One way to solve the exercises of 23; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

ring = wander = spiking = match = how = None  # as in the notebook


# %% exercise-1
def decode(U):
    x = -np.pi + 2 * np.pi * np.arange(len(U)) / len(U)
    return np.degrees(np.arctan2(U @ np.sin(x), U @ np.cos(x)))


bn.teach.check("23.1", decode)

# %% exercise-2
one, two = ring(48, sigma=0.8), ring(96, sigma=0.8)
slopes = {}
for name, model in (("one", one), ("two", two)):
    t, angle = wander(model, trials=2000, T=1000)
    slopes[name] = np.polyfit(t, angle.var(1), 1)[0]

bn.teach.check("23.2", slopes, one=one, two=two)

# %% exercise-3
adaptive = bn.fit(spiking(30, seed=2), match(500), steps=200, **how)
without = bn.fit(spiking(30, beta=0.0, seed=2), match(500), steps=200, **how)

bn.teach.check("23.3", adaptive, without=without)
