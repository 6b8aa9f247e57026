"""One way to solve the exercises of 18; each block replaces the notebook's cell of that id."""

import numpy as np
import xarray as xr

import brainnb as bn

curve = fed = None  # as in the notebook

# %% exercise-1
flat = dict(form="rate", activation="linear", tau=1)
line = bn.rates.RateNetwork(20, weight=np.eye(20, k=-1), weight_in=np.eye(20)[:, :1], **flat)
drawn = bn.rates.echo_state_network(20, density=1.0, bias=0.0, activation="linear")
capacities = {"line": curve(line).sum(), "drawn": curve(drawn).sum()}

bn.teach.check("18.1", capacities, line=line, drawn=drawn)

# %% exercise-2
ds = bn.datasets.narma(3200, seed=5)
data = xr.Dataset({"I": ds.u, "out": ds.y, "weight": (ds.time >= 200) * 1.0})
mine = bn.fit(
    bn.rates.echo_state_network(100, seed=1), data, method=bn.train.Ridge(1e-8), train="readout.*", precision="float64"
).model

bn.teach.check("18.2", mine)

# %% exercise-3
found = bn.teach.specimen("18")
net, known = found["net"], found["known"]
kept = slice(340, None)
errors = {}
for p in 10.0 ** np.arange(-8, 5):
    part = known.isel(time=slice(0, 340))
    model = bn.fit(net, part, method=bn.train.Ridge(p), train="readout.*", precision="float64").model
    ds = bn.simulate(model, T=500, dt=1, I=fed(known.I.values), record=["out"], precision="float64")
    errors[p] = float(np.mean((ds.out.values[kept, 0] - known.out.values[kept]) ** 2))
penalty = min(errors, key=errors.get)
run = bn.fit(net, known, method=bn.train.RLS(penalty=penalty), train="readout.*", precision="float64")

bn.teach.check("18.3", penalty, run=run)
