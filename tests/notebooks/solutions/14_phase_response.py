"""One way to solve the exercises of 14; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

neuron = bn.neurons.FitzHughNagumo()

# %% exercise-1
twelve = (np.arange(12) + 0.5) / 12
ds = bn.sweep(twins.replace(push=0.02), {"phase": twelve}, T=240, dt=0.05, init=peak, record=["advance"])  # noqa: F821
responses = ds.advance.isel(time=-1).values / 0.02

bn.teach.check("14.1", responses, neuron=neuron)

# %% exercise-2
qif = bn.neurons.QIF.normal_form()
prc = bn.phase_response(neuron, I=0.5)
V = np.linspace(-10, 10, 1001)
Z = 1 / (V**2 + 1)
answer = {
    "fhn_lowest": prc.prc_V.min().item(), "fhn_highest": prc.prc_V.max().item(), "fhn_type": 2,
    "qif_lowest": Z.min(), "qif_highest": Z.max(), "qif_type": 1,
}  # fmt: skip

bn.teach.check("14.2", answer, neuron=neuron, qif=qif)

# %% exercise-3
talker = Talker.snic().replace(tau_s=10.0)  # noqa: F821
prc = bn.phase_response(talker, I=50.0)
Z, V, heard = prc.prc_V.values, prc.V.values, prc["open"].values
H = np.array([np.mean(Z * np.roll(heard, -k) * (20.0 - V)) for k in range(400)])
G = np.roll(H[::-1], 1) - H
stable = [k for k in range(1, 200) if G[k] > 0 >= G[k + 1]]
slow = Couple(g=0.05).replace({"*.tau_s": 10.0})  # noqa: F821
answer = {"predicted": stable[0] / 400, "simulated": lags(slow)[-1]}  # noqa: F821

bn.teach.check("14.3", answer, talker=talker, E=20.0)
