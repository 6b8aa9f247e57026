"""What the settings of XLA's CPU compiler bring: the same runs with BRAINNB_XLA off, on and fused.

    python benchmarks/xla.py [--repeats 3]

Settings belong to a process, so every contender is one; they take turns, and each run is the best of five after a
warm-up, in seconds of the processor (all threads), which other programs disturb less than the clock on the wall.
What a run computes is compared as well.  What `fused` gives to populations it takes from single cells
(docs/do/compiling.md).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from time import process_time

import numpy as np
from timing import versions

SETTINGS = {
    "off": {"BRAINNB_XLA": "off"},
    "on": {},
    "fused": {"BRAINNB_XLA": "fused"},
}


def workloads() -> dict[str, Callable[[int], float]]:
    """Runs of the kinds that occur; each returns a number that says what was computed."""
    import brainnb as bn

    hh, lif = bn.neurons.HodgkinHuxley(), bn.neurons.LIF()
    currents = np.linspace(0.0, 20.0, 50)

    def one(k: int) -> float:
        return float(bn.simulate(hh, T=200, dt=0.02, I=10.0 + 0.01 * k, record=["V"]).V.mean())

    def all_states(k: int) -> float:
        return float(bn.simulate(hh, T=200, dt=0.02, I=10.0 + 0.01 * k).V.mean())

    def sweep(k: int) -> float:
        ds = bn.sweep(hh.replace(C=1.0 + 0.001 * k), {"I": currents}, T=100, dt=0.02, record=["V"])
        return float(ds.V.mean())

    def sweep_reduced(k: int) -> float:
        many = np.linspace(0.0, 20.0, 500)
        model = hh.replace(C=1.0 + 0.001 * k)
        ds = bn.sweep(model, {"I": many}, T=20, dt=0.02, record=["V"], reduce=highest)
        return float(ds.V.mean())

    def highest(rows):
        return {"V": rows["V"].max()}

    def population(k: int) -> float:
        ds = bn.simulate(lif, T=200, dt=0.1, I=20.0 + 0.01 * k, size=4000, record=["spike"], every=20)
        return float(ds.spike.mean())

    def cells(k: int) -> float:
        ds = bn.simulate(hh, T=20, dt=0.02, I=10.0 + 0.01 * k, size=1000, record=["V"], every=50)
        return float(ds.V.mean())

    return {
        "one HH, V recorded": one,
        "one HH, all states": all_states,
        "sweep, 50 HH": sweep,
        "sweep, 500 HH reduced": sweep_reduced,
        "4000 LIF": population,
        "1000 HH": cells,
    }


def measure() -> None:
    """In a child: the best of five of every workload, as JSON."""
    found = {}
    for name, run in workloads().items():
        first, _ = run(0), run(1)
        spent = []
        for k in range(2, 7):
            begun = process_time()
            run(k)
            spent.append(process_time() - begun)
        found[name] = (min(spent), first)
    print(json.dumps(found))


def child(setting: dict[str, str]) -> dict[str, list[float]]:
    environment = {k: v for k, v in os.environ.items() if k not in ("XLA_FLAGS", "BRAINNB_XLA")}
    done = subprocess.run(
        [sys.executable, __file__, "--measure"], env=environment | setting, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        measure()
        return
    versions("jax", "jaxlib")
    runs = {name: [] for name in SETTINGS}
    for _ in range(given.repeats):
        for name, setting in SETTINGS.items():
            runs[name].append(child(setting))
    print(f"\n{'':24}" + "".join(f"{name:>20}" for name in SETTINGS) + f"{'off / on':>12}")
    for work in runs["on"][0]:
        times = {name: statistics.median(run[work][0] for run in found) for name, found in runs.items()}
        values = [found[0][work][1] for found in runs.values()]
        assert np.allclose(values, values[0], rtol=1e-3), f"{work}: the settings disagree, {values}"
        print(
            f"{work:24}"
            + "".join(f"{s * 1e3:17.2f} ms" for s in times.values())
            + f"{times['off'] / times['on']:11.1f}x"
        )


if __name__ == "__main__":
    main()
