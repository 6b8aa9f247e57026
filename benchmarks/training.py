"""Training by brainnb, BrainPy and snnTorch, in one run: a spiking network by back-propagation, and FORCE.

    python benchmarks/training.py [--spikes STEPS,UNITS,BATCH ...] [--force STEPS,UNITS ...] [--repeats 7] [--seconds 2]

The spiking network has 100 channels in, leaky units with recurrent weights and a surrogate slope, and two leaky
outputs; one iteration is a forward and a backward run over a batch and a step of Adam.  FORCE learns four sines by
recursive least squares in every step of 0.1.  Sizes, weights and data are in `benchmarks/training/setups.py`, the same
for all, in single precision; one file a contender.  What is not installed is left out, and said so (`pip install brainpy
snntorch torch`).

The first call, with everything that is built and compiled, is timed apart; then all take turns, in another order every
round, so that drift of the machine hits all alike.  The loss that each has reached is printed beside its time: a
contender that learns nothing has computed something else.  `MB` is what a gradient of brainnb's holds besides its data, by the report of the compiler.
"""

import argparse
import importlib
import statistics
import sys
from importlib import metadata
from pathlib import Path
from random import Random
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent / "training"))

from setups import Force, Spikes
from timing import versions

MODULES = ("ours", "in_brainpy", "in_snntorch")


def contenders(task: str) -> dict:
    """Who takes part, by name."""
    found = {}
    for module in MODULES:
        try:
            found |= importlib.import_module(module).CONTENDERS[task]
        except ImportError as error:
            print(f"{module}: left out, {error}", flush=True)
    return found


def measure(task: str, setup: Spikes | Force, given: argparse.Namespace) -> None:
    """Build all, take turns, print a table."""
    unit = "ms/iteration" if task == "spikes" else "µs/sample"
    print(f"\n## {task}: {', '.join(f'{name} {x}' for name, x in setup._asdict().items())}\n", flush=True)
    calls, first, held = {}, {}, {}
    for name, build in contenders(task).items():
        begun = perf_counter()
        calls[name], held[name] = build(setup)
        first[name] = perf_counter() - begun
    spent: dict[str, list[float]] = {name: [] for name in calls}
    told: dict[str, list[float]] = {name: [] for name in calls}
    made = dict.fromkeys(calls, 0)
    for k in range(given.repeats):
        for name in Random(k).sample(list(calls), len(calls)):  # the threads of some are awake a while after their turn
            call = calls[name]
            begun, count = perf_counter(), 0
            while not count or perf_counter() - begun < given.seconds / given.repeats:
                value, n = call()
                count += n
                told[name].append(value)
            spent[name].append((perf_counter() - begun) / count * (1e3 if task == "spikes" else 1e6))
            made[name] += count
    base = statistics.median(spent[next(iter(calls))])
    print(f"| contender | first s | {unit} | least | most | x brainnb | MB | made | error at first | at the end |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, times in spent.items():
        middle = statistics.median(times)
        print(
            f"| {name} | {first[name]:.1f} | {middle:.2f} | {min(times):.2f} | {max(times):.2f} | {middle / base:.2f} | "
            f"{held[name]:.1f} | {made[name]} | {told[name][0]:.3g} | {told[name][-1]:.3g} |",
            flush=True,
        )


def sizes(kind: type, given: str) -> Spikes | Force:
    """Sizes as they are typed."""
    return kind(*(int(x) for x in given.split(",")))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--spikes", nargs="*", default=["100,100,64", "100,200,256", "1000,100,64"])
    options.add_argument("--force", nargs="*", default=["10000,500", "10000,1000"])
    options.add_argument("--repeats", type=int, default=7)
    options.add_argument("--seconds", type=float, default=4.0, help="of each contender in all")
    given = options.parse_args()
    names = ("jax", "jaxlib", "brainpy", "snntorch", "torch")
    there = {d.metadata["Name"] for d in metadata.distributions()}
    versions(*(name for name in names if name in there))
    for size in given.spikes:
        measure("spikes", sizes(Spikes, size), given)
    for size in given.force:
        measure("force", sizes(Force, size), given)


if __name__ == "__main__":
    main()
