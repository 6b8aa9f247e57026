"""One way to solve the exercises of 19; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

Judge = task = how = asked = levels = EARLY = None  # as in the notebook

# %% exercise-1
losses = {"nothing": np.log(3), "when": 15 / 40 * np.log(2)}

bn.teach.check("19.1", losses)

# %% exercise-2
small = bn.fit(Judge(N=20, seed=1), task(), **how).model

bn.teach.check("19.2", small)

# %% exercise-3
for seed in (1, 2, 4, 5, 6):
    mine = small if seed == 1 else bn.fit(Judge(N=20, seed=seed), task(), **how).model
    did, _, _ = asked(mine, levels)
    states = np.moveaxis(did.x.values[: EARLY + 1 : 3], 0, 1).reshape(-1, 20)
    points = bn.slow_points(mine, states)
    words = points.stability.values[points.q.values < 1e-6].astype(str)
    if sum(w.startswith("stable") for w in words) >= 2 and any(w.startswith("saddle") for w in words):
        break

bn.teach.check("19.3", points, model=mine)
