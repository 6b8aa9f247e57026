"""The psychometric function of the decision network: how often it decides for the evidence, over coherence.

Run ``python benchmarks/decisions.py [TRIALS [SCALE]]`` from the root of the repository: by default 40 trials at each
coherence at full size (2000 cells), about ten minutes on one core.  The motion is seen for 1 s; the group that fires
more in its last 200 ms has decided.
"""

import sys
from time import perf_counter

import numpy as np
from scipy.optimize import curve_fit
from timing import versions

import brainnb as bn
from brainnb.networks import Wang2002

COHERENCES = (0.0, 3.2, 6.4, 12.8, 25.6, 51.2)  # percent


def decides(net, coherence, trial, dt=0.1):
    """Rates of the groups A and B in the last 200 ms, and when their difference first was 10 Hz (ms)."""
    ds = bn.simulate(net.replace(coherence=coherence), T=1100, dt=dt, seed=trial)
    window = round(100 / dt)
    groups = (ds["E.spike"].values[:, net.group(name)].mean(1) for name in "AB")
    a, b = (1e3 / dt * np.convolve(x, np.ones(window) / window, "valid") for x in groups)
    apart = np.flatnonzero(np.abs(a - b) > 10)
    return a[-window:].mean(), b[-window:].mean(), (apart[0] + window) * dt - 100 if len(apart) else np.nan


def weibull(c, alpha, beta):
    """The share of right answers by the usual curve: 0.5 without evidence, 1 for much; 0.82 at ``alpha``."""
    return 1 - 0.5 * np.exp(-((c / alpha) ** beta))


def main(trials=40, scale=1.0):
    versions("jax", "jaxlib", "numpy")
    net = Wang2002(scale=scale, start=100, duration=1000)
    begun, right = perf_counter(), {}
    for c in COHERENCES:
        found = np.array([decides(net, c, trial) for trial in range(trials)])
        a, b, apart = found.T
        right[c] = (a > b).mean()
        clear = np.abs(a - b) > 5
        error = np.sqrt(right[c] * (1 - right[c]) / trials)
        print(
            f"{c:5.1f} %: A wins {right[c]:.3f} +- {error:.3f} of {trials}; 5 Hz apart at the end {clear.mean():.2f}, "
            f"10 Hz apart after {np.nanmedian(apart):.0f} ms; winner {np.maximum(a, b).mean():.1f} Hz, "
            f"loser {np.minimum(a, b).mean():.1f} Hz",
            flush=True,
        )
    c = np.array(COHERENCES[1:])
    (alpha, beta), _ = curve_fit(weibull, c, [right[x] for x in c], p0=(9.0, 1.5), bounds=(0.1, 100))
    print(f"alpha {alpha:.1f} %, beta {beta:.2f}; {perf_counter() - begun:.0f} s for {trials * len(COHERENCES)} trials")


if __name__ == "__main__":
    main(*(kind(given) for kind, given in zip((int, float), sys.argv[1:], strict=False)))
