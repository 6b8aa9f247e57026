"""The cortical microcircuit (Potjans & Diesmann 2014) by brainnb and NEST, one after the other in one run.

    python benchmarks/microcircuit.py [--scale 1] [--T 1000] [--repeats 3] [--peers PYTHON] [--threads 1]

Poisson drive, steps of 0.1 ms, all spikes recorded.  Each contender is a process of its own that ends before the next
begins: at full size NEST needs 14 GB.  Told are the seconds of building (with compilation), the largest memory, and the
real-time factor, wall time over biological time, of `--repeats` stretches of `--T` ms that follow one another; rates
of the eight layers are told beside the published ones, which hold at full size.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from brainnb.networks.published import microcircuit as model

HERE = Path(__file__).parent / "networks"
CONTENDERS = {"brainnb": ("microcircuit_ours.py", False), "NEST": ("microcircuit_in_nest.py", True)}


def numbers() -> str:
    """The tables of the model, for simulators that have none."""
    found = dict(
        neurons=model.NEURONS,
        background=model.BACKGROUND,
        synapses=model.synapses(),
        rates=model.RATES,
        start=model.START,
        spread=model.SPREAD,
    )
    unit = float(model.PSP * model.pA_per_mV())  # pA
    return json.dumps({name: x.tolist() for name, x in found.items()} | dict(unit=unit))


def told(script: str, interpreter: str, given: argparse.Namespace) -> dict:
    """What one contender's process says at its end."""
    command = [interpreter, str(HERE / script), str(given.scale), str(given.T), str(given.repeats), str(given.threads)]
    done = subprocess.run(command, input=numbers(), capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["it said nothing"])[-1]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--scale", type=float, default=0.1)
    options.add_argument("--T", type=float, default=1000.0)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--threads", type=int, default=1, help="of NEST")
    options.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    options.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=list(CONTENDERS))
    given = options.parse_args()
    print(f"Microcircuit, scale {given.scale:g}, {given.repeats} x {given.T:g} ms\n")
    print("| contender | build s | GB | RTF | least | most | Hz L23E L23I L4E L4I L5E L5I L6E L6I | versions |")
    print("|---|---|---|---|---|---|---|---|")
    for name in given.contenders:
        script, peer = CONTENDERS[name]
        found = told(script, given.peers if peer else sys.executable, given)
        if "failed" in found:
            print(f"| {name} | left out: {found['failed']} |")
            continue
        factors = [seconds / given.T * 1e3 for seconds in found["seconds"]]
        rates = " ".join(f"{rate:.3f}" for rate in found["rates"])
        print(
            f"| {name} | {found['build']:.1f} | {found['memory']:.1f} | {statistics.median(factors):.2f} | "
            f"{min(factors):.2f} | {max(factors):.2f} | {rates} | {found['versions']} |",
            flush=True,
        )
    published = " ".join(f"{rate:.3f}" for rate in model.RATES)
    print(f"| published, full size | | | | | | {published} | Senk et al. 2025 |")


if __name__ == "__main__":
    main()
