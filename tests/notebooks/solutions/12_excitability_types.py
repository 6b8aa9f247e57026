"""One way to solve the exercises of 12; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

A, B = bn.neurons.MorrisLecar.snic(), bn.neurons.MorrisLecar.hopf()

# %% exercise-1
axon = bn.neurons.HodgkinHuxley()
slowest = {}
for name, cell, span in (("B", B, (60, 120)), ("axon", axon, (5.5, 7.5))):
    ds = bn.bifurcation(cell, "I", span)
    slowest[name] = 1000 / ds.special_period.values[ds.special_kind.values == "cycle_fold"].item()
answer = {"A": 40.0, **slowest}

bn.teach.check("12.1", answer, A=A, B=B, axon=axon)

# %% exercise-2
onset = bn.bifurcation(A, "I", (30, 60)).special_value.min().item()
d = np.logspace(-2, -1, 5)
f = np.array([1000 / bn.analysis.cycle(A, I=onset + x).period.item() for x in d])
closer = 1000 / bn.analysis.cycle(A, I=onset + 0.001).period.item()
answer = {"exponent": np.polyfit(np.log(d), np.log(f), 1)[0], "factor": closer / 0.001**0.5}

bn.teach.check("12.2", answer, A=A)

# %% exercise-3
gaps = np.arange(5.0, 120.5, 0.5)
fires = {}
for name, cell, I, height in (("A", A, 35, 110), ("B", B, 85, 60)):
    points = bn.fixed_points(cell, I=I)
    rest = points.isel(point=[word.startswith("stable") for word in points.stability.values].index(True))
    pulses = bn.inputs.Pulses(amplitude=height, baseline=I, start=10, period=20, duration=2, count=2)
    init = {"V": rest.V.item(), "w": rest.w.item()}
    ds = bn.sweep(cell, {"I.period": gaps}, T=250, I=pulses, init=init, record=["V"])
    fires[name] = gaps[ds.V.max("time").values > 0]
late = fires["B"][fires["B"] >= 30]
answer = {"longest": fires["A"].max(), "from": late.min(), "to": late.max()}

bn.teach.check("12.3", answer, A=A, B=B)
