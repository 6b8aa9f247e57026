"""One way to solve the exercises of 22; each block replaces the notebook's cell of that id."""

import brainnb as bn

squid = pulse = asked = recording = walks = how = None  # as in the notebook

# %% exercise-1
cell = bn.teach.specimen("22")
fitted = bn.fit(squid, cell[["V"]], method="lbfgs", steps=60, **asked).model
answer = {"g_Na": float(fitted.g_Na), "g_K": float(fitted.g_K)}

bn.teach.check("22.1", answer)

# %% exercise-2
run = bn.fit(squid.replace(g_Na=100.0, g_K=30.0, g_L=0.4), recording[["V"]], method="lbfgs", steps=100, **asked)

bn.teach.check("22.2", run)

# %% exercise-3
stuck = walks["B"].model
missing = 7 - int(bn.simulate(stuck, T=120, I=pulse, **how).bn.spike_count())
tries = [
    bn.fit(squid.replace(g_Na=x, g_K=y), recording[["V"]], method="lbfgs", steps=100, **asked)
    for x, y in ((40.0, 60.0), (80.0, 50.0))
]
found = min(tries, key=lambda run: run.loss).model
pair = ("g_Na", "g_K")

bn.teach.check("22.3", found, stuck=stuck, missing=missing, pair=pair)
