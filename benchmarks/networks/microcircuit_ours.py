"""brainnb's side of `benchmarks/microcircuit.py`: the published network through `bn.simulate`, each run going on."""

import json
import resource
import sys
from importlib import metadata
from time import perf_counter

import numpy as np

SETTLED = 100.0  # ms before rates are taken


def main() -> None:
    scale, T, repeats = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    begun = perf_counter()
    import brainnb as bn

    net = bn.networks.Microcircuit(scale=scale)
    last = bn.simulate(net, T=SETTLED, dt=0.1)
    build = perf_counter() - begun

    seconds, rates = [], []
    for _ in range(repeats):
        begin = last.isel(time=[-1]).copy(deep=True)
        last = None  # its memory serves the next run
        begun = perf_counter()
        last = bn.simulate(net, T=T, dt=0.1, init=begin)
        seconds.append(perf_counter() - begun)
        rates.append(list(net.rates(last).values()))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    versions = f"brainnb {metadata.version('brainnb')}, jax {metadata.version('jax')}"
    print(
        json.dumps(
            dict(build=build, memory=memory, seconds=seconds, rates=np.mean(rates, 0).tolist(), versions=versions)
        )
    )


if __name__ == "__main__":
    main()
