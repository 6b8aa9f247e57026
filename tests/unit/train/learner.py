"""Run as a program: a training run with checkpoints, for tests that end it."""

import sys
import time
from pathlib import Path

import jax

sys.path.insert(0, str(Path(__file__).parents[3]))

import brainnb as bn
from tests.unit.train.conftest import Leaky, courses


def learn(folder, steps, **more):
    """Mini-batches in random order, with an optimiser that remembers."""
    data = courses(Leaky(w=2.0, tau=5.0))
    options = dict(train=["w", "tau"], optimizer=0.05, batch=2, seed=7, checkpoint=folder)
    return bn.fit(Leaky(), data, steps=steps, **options | more)


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    folder, steps, slow = sys.argv[1], int(sys.argv[2]), sys.argv[3:] == ["slow"]
    pause = (lambda run: (print(run.step, flush=True), time.sleep(0.05))) if slow else None
    run = learn(folder, steps, monitor=pause, save_every="50 ms" if slow else "30 s")
    print("end", float(run.model.w).hex(), float(run.model.tau).hex(), float(run.loss).hex(), flush=True)
