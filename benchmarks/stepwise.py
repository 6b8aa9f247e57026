"""What learning in compiled chunks gains over a loop in Python around one compiled update.

    python benchmarks/stepwise.py [--rounds 7] [--seconds 0.5]

Both make the same updates of the same run: back-propagation in a small rate network, and recursive least squares on a
hundred units in stretches of 10 samples.  They take turns; the median of the ratios counts.  Times are those of the
processor, which other work on the machine disturbs less.
"""

import argparse
import statistics
from collections.abc import Callable
from time import process_time

import jax
import numpy as np
import xarray as xr

import brainnb as bn
from brainnb.train.running.loop import Chunks


def sines(steps: int) -> xr.Dataset:
    """A constant input, and what should be made of it."""
    t = np.arange(float(steps))
    return xr.Dataset(
        {"I": ("time", np.ones(steps)), "out": ("time", np.sin(t / 8))}, {"time": ("time", t, {"units": "ms"})}
    )


def runs() -> dict[str, bn.train.TrainingRun]:
    """What is timed: two runs that have just begun."""
    small, reservoir = bn.rates.RateNetwork(20, tau=10.0, g=1.2, seed=0), bn.rates.echo_state_network(100)
    return {
        "back-propagation, 20 units, 50 steps": bn.fit(small, sines(50), train=["weight", "readout.*"], steps=2),
        "recursive least squares, 100 units, 10 samples": bn.fit(
            reservoir, sines(10), method=bn.train.RLS(samples=10), train="readout.*", steps=2
        ),
    }


def ways(chunks: Chunks) -> dict[str, Callable[[int], None]]:
    """Functions that make so many updates."""

    @jax.jit
    def update(carry: object, step: jax.Array) -> tuple:
        key = jax.random.fold_in(jax.random.key(0), step)
        return chunks.rule.update(chunks.problem, carry, chunks.problem.source.batch(key, step), key)

    def in_python(n: int) -> None:
        carry = chunks.now.carry
        for step in range(n):
            carry, report = update(carry, np.int32(step))
            float(report.loss)

    def in_chunks(n: int) -> None:
        while n:
            n -= len(chunks.run(n)[0]["loss"])

    return {"in Python": in_python, "in chunks": in_chunks}


def seconds(make: Callable[[int], None], n: int) -> float:
    """Of the processor, for so many updates."""
    begun = process_time()
    make(n)
    return process_time() - begun


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--seconds", type=float, default=0.5, help="of one turn, about")
    given = options.parse_args()
    for name, run in runs().items():
        made = ways(run.chunks)
        for make in made.values():
            make(200)  # compile, and learn how long a chunk may be
        n = max(200, int(given.seconds * 200 / seconds(made["in Python"], 200)))
        found = [{way: seconds(make, n) for way, make in made.items()} for _ in range(given.rounds)]
        ratio = statistics.median(f["in chunks"] / f["in Python"] for f in found)
        each = {way: 1e3 * statistics.median(f[way] for f in found) / n for way in made}
        print(f"{name}: " + ", ".join(f"{x:.3f} ms {way}" for way, x in each.items()) + f"; x {ratio:.2f}")


if __name__ == "__main__":
    main()
