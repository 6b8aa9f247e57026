"""One way to solve the exercises of 02; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

axon = bn.neurons.HodgkinHuxley()


# %% exercise-1
def weakest_pulse(width, heights):
    """First of the heights that makes a spike."""
    pulse = bn.inputs.Pulse(start=5, duration=width)
    ds = bn.sweep(axon, {"I.amplitude": heights}, T=60, dt=0.02, record=["V"], I=pulse)
    return heights[ds.bn.spike_count().values.argmax()]


weakest = weakest_pulse(1.0, np.linspace(6, 8, 81))

bn.teach.check("02.1", weakest, model=axon)

# %% exercise-2
widths = [0.2, 0.5, 1, 2, 5]  # ms
thresholds = [weakest_pulse(width, np.geomspace(2, 40, 301)) for width in widths]
rheobase = weakest_pulse(50, np.linspace(2, 3, 101))
finer = np.linspace(1.2, 2, 9)  # the curve bends too much between 1 and 2 ms for one straight line
heights = [weakest_pulse(width, np.linspace(3, 8, 101)) for width in finer]
chronaxie = np.interp(-2 * rheobase, -np.array(heights), finer)

bn.teach.check("02.2", thresholds, chronaxie=chronaxie, model=axon)

# %% exercise-3
pulls = np.linspace(-5, 0, 201)
pulse = bn.inputs.Pulse(start=5, duration=20)
ds = bn.sweep(axon, {"I.amplitude": pulls}, T=65, dt=0.02, record=["V"], I=pulse)
weakest_pull = pulls[ds.bn.spike_count(start=25).values > 0].max()

bn.teach.check("02.3", weakest_pull, model=axon)
