"""NEST's side of `benchmarks/microcircuit.py`: `iaf_psc_exp` with exact integration, total numbers of synapses fixed."""

import json
import resource
import sys
from importlib import metadata
from time import perf_counter

import nest
import numpy as np

SETTLED = 100.0  # ms before rates are taken


def wire(scale: float, given: dict) -> tuple[list, list]:
    """Populations and their recorders, from what the model's file says; smaller circuits as by van Albada et al. 2015."""
    neurons, outside, pairs, rates = (np.array(given[k]) for k in ("neurons", "background", "synapses", "rates"))
    start, spread, unit = given["start"], given["spread"], given["unit"]
    sizes = np.maximum(1, np.rint(neurons * scale)).astype(int)
    mean = np.where(np.arange(8) % 2 == 0, unit, -4 * unit) * np.ones((8, 1))
    mean[0, 2] *= 2
    missing = (mean * (pairs / neurons[:, None]) * rates).sum(axis=1) + unit * outside * 8.0
    current = 0.5e-3 * (1 - np.sqrt(scale)) * missing
    cells, recorders = [], []
    for p in range(8):
        constants = dict(E_L=-65.0, V_reset=-65.0, V_th=-50.0, C_m=250.0, tau_m=10.0, t_ref=2.0)
        found = nest.Create(
            "iaf_psc_exp", int(sizes[p]), constants | dict(tau_syn_ex=0.5, tau_syn_in=0.5, I_e=float(current[p]))
        )
        found.V_m = nest.random.normal(start[p], spread[p])
        drive = nest.Create("poisson_generator", params=dict(rate=8.0 * outside[p] * scale))
        nest.Connect(drive, found, syn_spec=dict(weight=unit / np.sqrt(scale), delay=0.1))
        recorder = nest.Create("spike_recorder", params=dict(start=SETTLED))
        nest.Connect(found, recorder)
        cells.append(found)
        recorders.append(recorder)
    for q in range(8):
        nest.CopyModel("static_synapse", f"from_{q}")  # one model holds 134 million synapses at most
    for p in range(8):
        for q in range(8):
            number, weight = int(np.rint(pairs[p, q] * scale**2)), mean[p, q] / np.sqrt(scale)
            if not number:
                continue
            low, high = (0.0, np.inf) if weight > 0 else (-np.inf, 0.0)
            delay = 1.5 if q % 2 == 0 else 0.75
            nest.Connect(
                cells[q],
                cells[p],
                dict(rule="fixed_total_number", N=number, allow_autapses=True, allow_multapses=True),
                dict(
                    synapse_model=f"from_{q}",
                    weight=nest.math.redraw(nest.random.normal(weight, abs(weight) * 0.1), low, high),
                    delay=nest.math.redraw(nest.random.normal(delay, delay / 2), 0.05, np.inf),
                ),
            )
    return cells, recorders


def main() -> None:
    scale, T, repeats, threads = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=0.1, local_num_threads=threads, rng_seed=12)
    begun = perf_counter()
    cells, recorders = wire(scale, json.load(sys.stdin))
    nest.Prepare()
    nest.Run(SETTLED)
    build = perf_counter() - begun
    seconds = []
    for _ in range(repeats):
        begun = perf_counter()
        nest.Run(T)
        seconds.append(perf_counter() - begun)
    rates = [r.n_events / len(found) / (repeats * T) * 1e3 for r, found in zip(recorders, cells, strict=True)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    versions = f"NEST {metadata.version('nest-simulator')}, threads {threads}"
    print(json.dumps(dict(build=build, memory=memory, seconds=seconds, rates=rates, versions=versions)))


if __name__ == "__main__":
    main()
