"""One way to solve the exercises of 11; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

neuron = bn.neurons.MorrisLecar()

# %% exercise-1
grows = []
currents = np.arange(93.0, 95.0, 0.1)
for I in currents:
    at = bn.fixed_points(neuron, I=I).isel(point=0)
    V = bn.simulate(neuron, T=1500, I=I, init={"V": at.V.item() + 0.2, "w": at.w.item()}).V.values
    grows.append(np.ptp(V[-3000:]) > np.ptp(V[3000:6000]))
found = bn.bifurcation(neuron, "I", (60, 120), cycles=False)
answer = {"simulated": currents[np.argmax(grows)], "followed": found.special_value[0].item()}

bn.teach.check("11.1", answer, model=neuron)


# %% exercise-2
def stairs(currents, init):
    fires = []
    for I in currents:
        run = bn.simulate(neuron, T=2000, I=I, init=init)
        init = {"V": run.V[-1].item(), "w": run.w[-1].item()}
        fires.append(run.V[-5000:].max().item() > 0)
    return np.array(fires)


up, down = np.arange(90.0, 98.0, 0.5), np.arange(96.0, 86.0, -0.5)
at = bn.fixed_points(neuron, I=90.0).isel(point=0)
starts = up[stairs(up, {"V": at.V.item(), "w": at.w.item()}).argmax()]
stops = down[stairs(down, {"V": 0.0, "w": 0.1})][-1]
at = bn.fixed_points(neuron, I=92.0).isel(point=0)
current = bn.inputs.Ramp(start_value=92.0, end_value=104.0, duration=3000.0)
V = bn.simulate(neuron, T=3000, I=current, init={"V": at.V.item(), "w": at.w.item()}).V
fired = V.time[(V.values > 0).argmax()].item()
answer = {"starts": starts, "stops": stops, "ramp": 92 + 12 * fired / 3000}

bn.teach.check("11.2", answer, model=neuron)

# %% exercise-3
line = bn.bifurcation(fhn, "I", (0, 1.5), param2=("a", (0.4, 1.0)), cycles=False)  # noqa: F821
k = (line.branch_kind.values == "hopf_curve").argmax()
I, a = (line[name].values[k] for name in ("I", "a"))
good = np.isfinite(I)
slope = np.polyfit(a[good], I[good], 1)[0]

bn.teach.check("11.3", slope, model=fhn)  # noqa: F821
