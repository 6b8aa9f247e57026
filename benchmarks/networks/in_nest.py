"""NEST on one thread: `iaf_cond_exp` (COBA), `iaf_psc_exp` (CUBA, exact) and `hh_cond_exp_traub` (COBAHH).

Conductance models are integrated by NEST's adaptive Runge-Kutta-Fehlberg method, more accurate a step than anything
else here, so only CUBA is like for like; `hh_cond_exp_traub` spikes at the first maximum above 0 mV, not at -20 mV, and
is refractory to spikes for 2 ms.  Delays are one step, 0.1 ms.  Every run builds the network anew, apart from its time.
"""

from time import perf_counter

import nest
import numpy as np
from common import DT, FAN_IN, T_E, T_I, WEIGHTS, Built, Run, excitatory

DISTRIBUTIONS = ("nest-simulator",)
LIF = dict(C_m=200.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0)  # tau 20 ms with a leak of 10 nS
CELLS = {
    "COBA": ("iaf_cond_exp", LIF | dict(g_L=10.0, E_L=-60.0, I_e=200.0, E_ex=0.0, E_in=-80.0)),
    "CUBA": ("iaf_psc_exp", LIF | dict(tau_m=20.0, E_L=-49.0)),
    "COBAHH": ("hh_cond_exp_traub", dict(E_L=-60.0, V_T=-63.0, E_ex=0.0, E_in=-80.0)),
}
LEAK = {"COBA": 10.0, "CUBA": 10.0, "COBAHH": 1.0}  # nS (or pA/mV) in one unit of a weight


def wire(network: str, n: int):
    """The network with its recorder."""
    nest.ResetKernel()
    nest.set(resolution=DT, local_num_threads=1, rng_seed=int(np.random.default_rng().integers(1, 2**31 - 1)))
    model, parameters = CELLS[network]
    cells = nest.Create(model, n, parameters | dict(tau_syn_ex=T_E, tau_syn_in=T_I))
    rng = np.random.default_rng()
    if network == "CUBA":
        cells.V_m = rng.uniform(-60.0, -50.0, n)
    else:
        cells.V_m = rng.normal(*((-55.0, 2.0) if network == "COBA" else (-65.0, 5.0)), n)
    half = excitatory(n)
    w_e, w_i = (w * LEAK[network] for w in WEIGHTS[network])
    rule = dict(rule="pairwise_bernoulli", p=FAN_IN / n)
    nest.Connect(cells[:half], cells, rule, dict(weight=w_e, delay=DT))
    nest.Connect(cells[half:], cells, rule, dict(weight=-abs(w_i), delay=DT))
    if network == "COBAHH":  # the conductances of the start, as one spike with a weight for each cell
        for mean, spread, sign in ((4.0, 1.5, 1.0), (20.0, 12.0, -1.0)):
            kick = nest.Create("spike_generator", params=dict(spike_times=[DT]))
            weights = sign * 10.0 * np.maximum(rng.normal(mean, spread, n), 0.0)
            nest.Connect(kick, cells, "all_to_all", dict(weight=weights[:, None], delay=DT))
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    return recorder


def build(network: str, n: int, T: float) -> Built:
    nest.verbosity = nest.VerbosityLevel.ERROR

    def run() -> Run:
        begun = perf_counter()
        recorder = wire(network, n)
        nest.Prepare()
        begun = perf_counter()
        nest.Run(T)
        seconds = perf_counter() - begun
        nest.Cleanup()
        events = recorder.get("events")
        return Run(seconds, np.round(events["times"] / DT).astype(np.int64), np.asarray(events["senders"]) - 1)

    begun = perf_counter()
    wire(network, n)
    return Built(run, {"wiring": perf_counter() - begun}, "float64")
