"""A rate map: 100 x 100 points of the squid axon (current and sodium conductance), 1000 ms each.

    python benchmarks/sweep.py [--side 100] [--T 1000] [--sample 10] [--part sweep|memory|brainpy]

``sweep``    time of ``bn.sweep`` with ``reduce=`` against a loop of ``bn.simulate``.  The loop is timed on a sample of
             the points and scaled up, and says so; the sample's rates must equal those of the map.
``memory``   peak memory of the same sweep with 1000 and with 10 000 points, each in a process of its own.
``brainpy``  the same map by BrainPy's vmap, where BrainPy is installed (pip install brainpy, with numpy < 2.4); its
             time for a part of the points is scaled up.

Without ``--part`` everything runs, one after the other.
"""

import argparse
import json
import resource
import subprocess
import sys
from time import perf_counter

import numpy as np
from timing import versions

DT = 0.02
SLICE = 100  # points that BrainPy runs at once: its recording of more does not fit in memory


def grid(side: int, points: int | None = None) -> dict[str, np.ndarray]:
    """Currents and conductances; ``points`` makes the grid longer in its first direction only."""
    return {"I": np.linspace(0, 20, side if points is None else points // side), "g_Na": np.linspace(80, 160, side)}


def crossings(rows):
    """Upward crossings of 0 mV."""
    V = rows["V"]
    return {"spikes": ((V[1:] >= 0) & (V[:-1] < 0)).sum()}


def rate_map(values: dict[str, np.ndarray], T: float, chunk: int | None = None):
    import brainnb as bn

    return bn.sweep(bn.neurons.HodgkinHuxley(), values, T=T, dt=DT, record=["V"], reduce=crossings, chunk=chunk).spikes


def sweep(side: int, T: float, sample: int) -> None:
    """Sweep and loop."""
    import brainnb as bn

    values = grid(side)
    hh = bn.neurons.HodgkinHuxley()
    rate_map({"I": [0.0, 1.0], "g_Na": [100.0, 120.0]}, T)  # imports
    begun = perf_counter()
    found = rate_map(values, T)
    whole = perf_counter() - begun
    chosen = np.random.default_rng(0).integers(0, side, (sample, 2))
    bn.simulate(hh, T=T, dt=DT, I=1.0, record=["V"])
    begun = perf_counter()
    counts = []
    for i, j in chosen:
        ds = bn.simulate(hh.replace(g_Na=values["g_Na"][j]), T=T, dt=DT, I=values["I"][i], record=["V"])
        counts.append(int(crossings({"V": ds.V.values})["spikes"]))
    each = (perf_counter() - begun) / sample
    far = max(abs(int(found[i, j]) - n) for (i, j), n in zip(chosen, counts, strict=True))
    assert far <= 1, f"a rate of the map is {far} spikes from the loop's"
    points = side * side
    print(f"{f'bn.sweep, {side} x {side} points of {T:g} ms, compilation included':66} {whole:10.1f} s")
    name = f"loop of bn.simulate, extrapolated from {sample} points"
    print(f"{name:66} {each * points:10.1f} s   {each * points / whole:.1f}x")


def memory(side: int, T: float) -> None:
    """Peak memory in processes of their own."""
    for points in (1000, 10_000):
        asked = [sys.executable, __file__, "--part", "peak", "--side", "100", "--T", str(T), "--points", str(points)]
        done = subprocess.run(asked, capture_output=True, text=True, check=True)
        told = json.loads(done.stdout.splitlines()[-1])
        print(
            f"{points:6} points of {T:g} ms in blocks of 200: peak {told['peak'] / 1e6:8.0f} MB, {told['seconds']:.1f} s"
        )


def peak(T: float, points: int) -> None:
    begun = perf_counter()
    rate_map(grid(100, points), T, chunk=200)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps(dict(peak=used, seconds=perf_counter() - begun)))


def brainpy(side: int, T: float, sample: int) -> None:
    """BrainPy's vmap over points; spikes are counted while it runs, so that nothing is recorded."""
    import brainpy as bp
    import brainpy.math as bm
    import jax
    import jax.numpy as jnp

    bm.set_dt(DT)
    steps = round(T / DT)

    def run(currents, conductances):
        group = bp.dyn.HH(1, gL=0.3, method="exp_auto", V_initializer=bp.init.Constant(-65.0))
        group.reset_state()
        group.gNa = conductances

        def step(i):
            before = group.V.value
            bp.share.save(i=i, t=i * DT)
            group.update(currents)
            return ((group.V.value >= 0) & (before < 0)).sum()

        return bm.for_loop(step, jnp.arange(steps), progress_bar=False).sum()

    chosen = np.random.default_rng(1).integers(0, side, (SLICE * max(1, sample // 10), 2))
    values = grid(side)
    I, g = values["I"][chosen[:, 0]], values["g_Na"][chosen[:, 1]]
    mapped = jax.jit(jax.vmap(run))
    begun = perf_counter()
    jax.block_until_ready(mapped(jnp.asarray(I[:SLICE]), jnp.asarray(g[:SLICE])))
    first = perf_counter() - begun
    begun = perf_counter()
    blocks = [mapped(jnp.asarray(I[k : k + SLICE]), jnp.asarray(g[k : k + SLICE])) for k in range(0, len(I), SLICE)]
    counts = np.concatenate(jax.block_until_ready(blocks))
    each = (perf_counter() - begun) / len(I)
    points = side * side
    name = f"BrainPy {bp.__version__}'s vmap, extrapolated from {len(I)} points"
    print(f"{name:66} {each * points:10.1f} s   first block {first:.1f} s")
    try:
        from brainnb.run import designs
    except ImportError as error:
        print(f"its rates are not compared: {error}")
        return
    ours = rate_map(designs.zipped({"I": I, "g_Na": g}), T).values
    print(f"rates within one spike of brainnb's at {np.mean(abs(ours - counts) <= 1):.0%} of these points")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--side", type=int, default=100)
    options.add_argument("--T", type=float, default=1000.0)
    options.add_argument("--sample", type=int, default=10)
    options.add_argument("--points", type=int, default=1000, help=argparse.SUPPRESS)
    options.add_argument("--part", choices=("sweep", "memory", "brainpy", "peak"))
    given = options.parse_args()
    if given.part == "peak":
        peak(given.T, given.points)
        return
    versions("jax", "brainpy")
    if given.part in (None, "sweep"):
        sweep(given.side, given.T, given.sample)
    if given.part in (None, "memory"):
        memory(given.side, min(given.T, 20.0))
    if given.part in (None, "brainpy"):
        try:
            brainpy(given.side, given.T, given.sample)
        except ImportError as error:
            print(f"BrainPy: skipped, {error}")


if __name__ == "__main__":
    main()
