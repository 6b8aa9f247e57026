"""What progress and Stop cost: a chunked run with a progress callback against one plain scan of the same steps.

    python benchmarks/chunked.py [--repeats 9]

The goal is at most 10 % over the scan.  Both record the voltage of every 10th step of a million.
"""

import argparse
import statistics
from collections.abc import Callable

import jax
import numpy as np
from timing import first_call, report, rounds, versions

import brainnb as bn
from brainnb.run.simulate import prepare
from brainnb.run.step import recording_step

DT, STEPS, EVERY = 0.02, 1_000_000, 10


def plain_scan(model: bn.Model) -> Callable[[int], float]:
    """The same step in one ``lax.scan``, its values traced as well, nothing around it."""
    prepared = prepare(model, DT * STEPS, DT, {"I": 10.0}, record=["V"], every=EVERY)
    run, system = prepared.run, prepared.system

    @jax.jit
    def scan(system, state, current, dt):
        driven = type(system)(system.model, system.drives.merge({"I": current}))

        def step(i, s):
            return recording_step(run.plan.method, ("V",), driven, s, i, np.float32(0), dt, run.key)

        def record(s, r):
            s = jax.lax.fori_loop(0, EVERY - 1, lambda j, s: step(r * EVERY + j, s)[0], s)
            return step(r * EVERY + EVERY - 1, s)

        return jax.lax.scan(record, state, np.arange(STEPS // EVERY, dtype=np.int32))

    def call(k: int) -> float:
        _, rows = jax.block_until_ready(scan(system, run.state, np.float32(10.0 + 0.01 * k), np.float32(DT)))
        return float(rows["V"][-1])

    return call


def chunked(model: bn.Model, progress: Callable[[float], None] | None) -> Callable[[int], float]:
    """The public call."""

    def call(k: int) -> float:
        ds = bn.simulate(model, DT * STEPS, DT, I=10.0 + 0.01 * k, record=["V"], every=EVERY, progress=progress)
        return float(ds.V[-1])

    return call


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repeats", type=int, default=9)
    repeats = options.parse_args().repeats
    versions("jax")
    model = bn.neurons.HodgkinHuxley()
    reports: list[float] = []
    calls = {
        "one plain scan": plain_scan(model),
        "simulate": chunked(model, None),
        "simulate with progress": chunked(model, reports.append),
    }
    cold = {name: first_call(call) for name, call in calls.items()}
    ends = [call(0) for call in calls.values()]
    assert np.ptp(ends) < 1.0, f"the contenders disagree: {ends}"
    warm = rounds(calls, repeats)
    report("Hodgkin–Huxley, 1 000 000 steps", cold, warm, "one plain scan")
    cost = statistics.median(b / a for a, b in zip(warm["one plain scan"], warm["simulate with progress"], strict=True))
    print(f"progress and Stop cost {100 * (cost - 1):+.1f} % (median of pairs); {len(reports)} reports in all")


if __name__ == "__main__":
    main()
