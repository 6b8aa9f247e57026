"""One way to solve the exercises of 16; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

lorenz = twins = glass = net = None  # as in the notebook

# %% exercise-1
r = np.linspace(2.9, 3.6, 100_001)
once, twice = 2 - r, 4 + 2 * r - r**2
doublings = [r[np.abs(slope + 1).argmin()] for slope in (once, twice)]

bn.teach.check("16.1", doublings)

# %% exercise-2
run = bn.simulate(lorenz, T=420, dt=0.005, every=400)
starts = {name: run[name].values[10:] for name in "xyz"}
ds = bn.simulate(twins, T=12, dt=0.005, every=20, size=200, init=starts, record=["distance"])
early = (ds.time > 2) & (ds.time < 10)
slope = np.polyfit(ds.time[early], ds.distance.values[early].mean(1), 1)[0]
answer = {"measured": slope * np.log(10), "computed": bn.lyapunov(lorenz).exponent[0].item()}

bn.teach.check("16.2", answer, model=lorenz)

# %% exercise-3
delay = bn.analysis.delay_hopf(glass, "tau", (1.0, 8.0), {"x": 1.0}).tau[0].item()
gain = 1 / np.linalg.eigvals(net.W).real.max()

bn.teach.check("16.3", {"delay": delay, "gain": gain}, delayed=glass, network=net)
