"""Ten minutes of a network of 100 Hodgkin–Huxley cells to the disk: memory, a kill on the way, the same file at the end.

    python benchmarks/long_run.py [--minutes 10] [--dt 0.05] [--keep FOLDER]

One process runs undisturbed, another one is killed (SIGKILL) half-way and started again; what is in the two stores must
be equal to the last bit.  Every 20th step is recorded; the peak memory of every process is printed, and that of a run a
tenth as long beside it.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from timing import versions

import brainnb as bn

EVERY = 20


class Ring(bn.neurons.HodgkinHuxley):
    """Squid axons in a ring, each coupled to what its two neighbours did 2 ms ago."""

    g: bn.Param = bn.param(0.05, "mS/cm2", "conductance to each neighbour", bounds=(0, 1))
    delay: bn.Param = bn.param(2.0, "ms", "time to a neighbour", bounds=(0.1, 5))
    V_ago = bn.history("V", "delay", "membrane potential, some time ago")

    def vector_field(self, t, s, u):
        own, past = super().vector_field(t, s, u), s.V_ago(self.delay)
        heard = self.g * (jnp.roll(past, 1) + jnp.roll(past, -1) - 2 * s.V)
        return {**own, "V": own["V"] + heard / self.C}


def run(folder: str, T: float, dt: float) -> None:
    """In a child: the run, then what it took."""
    begun = time.perf_counter()
    ring = Ring()
    drive = np.linspace(5.0, 15.0, 100)
    ds = bn.simulate(ring, T=T, dt=dt, I=drive, size=100, record=["V"], every=EVERY, store=folder, precision="float32")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps(dict(peak=used, seconds=time.perf_counter() - begun, status=ds.attrs["status"])))


def child(folder: Path, T: float, dt: float) -> subprocess.Popen:
    asked = [sys.executable, "-W", "ignore", __file__, "--child", str(folder), "--T", str(T), "--dt", str(dt)]
    return subprocess.Popen(asked, stdout=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen, what: str) -> None:
    out, _ = process.communicate()
    assert process.returncode == 0, f"{what}: exit code {process.returncode}"
    told = json.loads(out.splitlines()[-1])
    print(f"{what:34} {told['status']:>10}  peak {told['peak'] / 1e6:6.0f} MB  {told['seconds']:7.1f} s", flush=True)


def killed_half_way(process: subprocess.Popen, folder: Path, records: int) -> None:
    """Kill the process when the store holds half of the records."""
    reached = 0
    while process.poll() is None:
        time.sleep(0.1)
        if (folder / "valid.json").exists():
            reached = bn.open_run(folder).sizes["time"]
            if reached > records // 2:
                process.kill()
    process.wait()
    print(f"{'killed':34} at {reached / records:.0%}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--dt", type=float, default=0.05)
    options.add_argument("--keep", type=Path, help="where the stores stay; by default they are removed")
    options.add_argument("--child", help=argparse.SUPPRESS)
    options.add_argument("--T", type=float, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        run(given.child, given.T, given.dt)
        return
    versions("jax", "zarr")
    T = given.minutes * 60_000.0
    folder = given.keep or Path(tempfile.mkdtemp())
    try:
        finished(child(folder / "tenth.zarr", T / 10, given.dt), f"{given.minutes / 10:g} minutes")
        bn.open_run(folder / "tenth.zarr")  # imports what the watch over the next ones needs
        finished(child(folder / "whole.zarr", T, given.dt), f"{given.minutes:g} minutes")
        killed_half_way(child(folder / "killed.zarr", T, given.dt), folder / "killed.zarr", round(T / given.dt / EVERY))
        finished(child(folder / "killed.zarr", T, given.dt), "the same call again")
        whole, again = bn.open_run(folder / "whole.zarr"), bn.open_run(folder / "killed.zarr")
        for begin in range(0, whole.sizes["time"], 10_000):
            part = slice(begin, begin + 10_000)
            assert np.array_equal(whole.V[part].values, again.V[part].values), f"the runs differ after record {begin}"
        print(f"equal to the last bit: {whole.sizes['time']:,} records of 100 cells")
    finally:
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
