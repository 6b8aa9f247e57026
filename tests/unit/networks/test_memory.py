"""What networks cost in memory: synapses that are stored, and a million neurons whose synapses are not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import brainnb as bn

ROOT = Path(__file__).parents[3]

MILLION = """
import json, pathlib, re, resource
import brainnb as bn

n = 1_000_000
cells = bn.Population(bn.neurons.LIF(), n, init={"V": bn.init.Uniform(-65.0, -50.0)}, inputs={"I": 300.0})
drawn = bn.ops.JITNormal(0.5, 0.1, 80, 1, (n, n))
net = bn.Network({"E": cells}, {"EE": bn.Projection("E", "E", drawn, bn.synapses.Exponential(tau=5.0))})
ds = bn.simulate(net, T=0.5, record=["E.spike", "EE.synapse.g[:1000]"])
spikes, g = int(ds["E.spike"].sum()), float(ds["EE.synapse.g"][-1].mean())
status = pathlib.Path("/proc/self/status")  # what `resource` tells on Linux includes the process that started this one
peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text()).group(1)) if status.exists() else None
print(json.dumps(dict(spikes=spikes, g=g, kB=peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)))
"""


def test_a_million_neurons_with_synapses_that_are_never_stored_need_less_than_a_gigabyte():
    """The whole process, with all that it imports and compiles."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", MILLION], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["spikes"] > 1000
    # each spike reaches 80 of a million; in half a millisecond little of it has decayed
    assert found["g"] == pytest.approx(found["spikes"] * 80 / 1e6 * 0.5, rel=0.15)
    assert found["kB"] * 1024 < 1e9


@pytest.mark.parametrize("delay", [None, 1.5, bn.init.Uniform(0.5, 2.0)])
def test_a_million_synapses_cost_less_than_ten_bytes_each(delay):
    """All numbers that a network holds for them, with a weight for each, and a delay for each."""
    with jax.enable_x64(False):
        cells = bn.Population(bn.neurons.LIF(), 5_000)
        given = dict(weight=bn.init.Normal(1.0, 0.1), delay=delay)
        net = bn.Network({"E": cells}, {"EE": bn.Projection("E", "E", bn.connect.FixedOutDegree(200), **given)})
    link = net.links["EE"]
    assert link.wiring.size == 1_000_000
    assert np.ptp(link.weight) > 0.5
    assert sum(leaf.nbytes for leaf in jax.tree.leaves(link)) < 10 * link.wiring.size
