"""A sweep on four devices gives what it gives on one; in a process that is told it has four."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

FOUR = """
import json, jax, numpy as np, brainnb as bn

class Noisy(bn.Model):
    tau: bn.Param = bn.param(10.0, "ms")
    x = bn.state(1.0)
    I = bn.input(0.0)
    def vector_field(self, t, s, u):
        return dict(x=(u.I - s.x) / self.tau)
    def diffusion(self, t, s, u):
        return dict(x=0.5)
    def on_step(self, t, s, u, key):
        return {}, dict(dice=jax.random.uniform(key))

run = dict(T=5, seed=2, record=["x", "dice"])
values = {"I": np.linspace(0, 1, 5), "tau": [5.0, 10.0]}
one = bn.sweep(Noisy(), values, devices=1, chunk=1, **run)
ways = {"all": {}, "three": dict(devices=3), "two named": dict(devices=jax.devices()[2:]), "chunks": dict(chunk=7)}
same = {name: bool((bn.sweep(Noisy(), values, **way, **run) == one).all().to_array().all()) for name, way in ways.items()}
few = bn.sweep(Noisy(), {"I": [0.0, 0.25]}, **run)
last = bn.sweep(Noisy(), {"I": [0.25]}, **run)
same["fewer points than devices"] = bool((few.x[1] == last.x[0]).all())
first = bn.simulate(Noisy(), T=5, seed=2)
go = dict(run, init=first)
same["continued"] = bool((bn.sweep(Noisy(), values, **go) == bn.sweep(Noisy(), values, devices=1, chunk=1, **go)).all().to_array().all())
reduced = bn.sweep(Noisy(), values, reduce=lambda rows: {"top": rows["x"].max()}, **run)
same["reduced"] = bool((reduced.top == one.x.max("time")).all())
with jax.default_device(jax.devices()[1]):
    same["the user's own device"] = bool((bn.sweep(Noisy(), values, **run).x == one.x).all())
from brainnb.run.blocks import Blocks, Job
from brainnb.run.devices import chosen
options = dict(T=1, dt=0.1, record=None, every=1, method=None, seed=0, size=None, init=None)
work = Blocks(Job(Noisy(), values, {}, options), lambda points, fits, enough: points, chosen(None))
state = work.run(np.arange(12) % 10).state.model.x
print(json.dumps(dict(same=same, devices=len(state.sharding.device_set), at_once=work.at_once)))
"""


@pytest.fixture(scope="module")
def answer():
    environment = os.environ | {
        "XLA_FLAGS": "--xla_force_host_platform_device_count=4",
        "JAX_ENABLE_X64": "1",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", FOUR], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_points_lie_on_all_devices(answer):
    assert answer["devices"] == 4
    assert answer["at_once"] == 12  # ten points, as many on every device


def test_devices_change_no_number(answer):
    assert answer["same"] == dict.fromkeys(answer["same"], True)
    assert len(answer["same"]) == 8
