"""Runs into a store and dies there: started by test_store_kills.py as a process of its own.

Reads one job a line (JSON) and answers each with the exit status of a forked child that did it.  The libraries are
imported once, before JAX computes anything, so that a child costs little more than its run.
"""

import json
import os
import sys

import jax
import xarray  # noqa: F401
import zarr  # noqa: F401

import brainnb as bn
import brainnb.run.simulate
import brainnb.run.store as store
from brainnb.run import loop


class Wanderer(bn.Model):
    """Noise in the dynamics and in the jumps, a counter, and more than one unit."""

    tau: bn.Param = bn.param(10.0, "ms", "time constant")
    x = bn.state(0.0, "mV", "wanders")
    steps = bn.state(0, "1", "steps done", discrete=True)

    def vector_field(self, t, s, u):
        return dict(x=-s.x / self.tau)

    def diffusion(self, t, s, u):
        return dict(x=0.5)

    def on_step(self, t, s, u, key):
        return dict(steps=s.steps + 1), dict(dice=jax.random.uniform(key, s.x.shape))


def run(path, records=400):
    """Small pieces, so that a short run has many moments to die at."""
    store.PIECE_BYTES, store.COMMIT_SECONDS, loop.TARGET_SECONDS = 32 * 28, 0.001, 1e-5
    return bn.simulate(
        Wanderer(), T=records * 0.2, dt=0.1, every=2, size=3, record=["x", "dice", "steps"], seed=4, store=path
    )


def die_at(n):
    """End the process, as SIGKILL would, at the n-th named moment."""
    passed = 0

    def reached(moment):
        nonlocal passed
        passed += 1
        if passed == n:
            os.write(1, f"{moment}\n".encode())
            os._exit(9)

    store.reached = reached


def main():
    for line in sys.stdin:
        job = json.loads(line)
        if child := os.fork():
            if job.get("kill") is not None:
                import signal
                import time

                time.sleep(job["kill"])
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)
            continue
        if "limit" in job:
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (job["limit"], job["limit"]))
        if "at" in job:
            die_at(job["at"])
        try:
            run(job["path"], job.get("records", 400))
        except bn.StoreError as error:
            print(error, flush=True)
            os._exit(3)
        os._exit(0)


if __name__ == "__main__":
    main()
