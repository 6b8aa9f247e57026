"""One way to solve the exercises of 17; each block replaces the notebook's cell of that id."""

import numpy as np

import brainnb as bn

cell = intervals = numbers = None  # as in the notebook

# %% exercise-1
free = cell.replace(mu=0.0, sigma=4.0, V_th=60.0)
V = bn.simulate(free, T=2000, dt=0.2, size=400, every=5, record=["V"]).V.values[100:]
lags = np.arange(1, 60)
correlation = np.array([(V[:-lag] * V[lag:]).mean() for lag in lags]) / V.var()
answer = {"variance": V.var(), "correlation_time": np.interp(-np.exp(-1), -correlation, lags)}

bn.teach.check("17.1", answer, model=free)

# %% exercise-2
from scipy.integrate import quad  # noqa: E402
from scipy.special import erfcx  # noqa: E402


def theory(mu, sigma):
    return 1000 / (2 + 20 * np.sqrt(np.pi) * quad(lambda u: erfcx(-u), (10 - mu) / sigma, (20 - mu) / sigma)[0])


steps = np.array([0.4, 0.2, 0.1, 0.05])
rates = [intervals(cell.replace(mu=15.0, sigma=5.0), T=1000, size=1500, dt=dt)[1] for dt in steps]
simulated = np.polyfit(np.sqrt(steps), rates, 1)[1]

bn.teach.check("17.2", theory, simulated=simulated, model=cell)

# %% exercise-3
mu = np.arange(20, 28, 0.5)
cv = bn.analysis.siegert(mu=mu, sigma=5.0, **numbers).cv.values
half = mu[np.abs(cv - 0.5).argmin()]

bn.teach.check("17.3", half, model=cell)
