"""A population that fires like a clock."""

import numpy as np

import brainnb as bn
from brainnb.run.cache import trace_count


def test_it_fires_at_its_times_and_compiles_nothing():
    clock = bn.Population(bn.networks.Regular(), 2, parameters={"start": np.array([5.0, 7.5])})
    net = bn.Network({"clock": clock})
    bn.simulate(net, T=200, dt=0.1)
    before = trace_count()
    for rate in (20.0, 35.0, 60.0):
        ds = bn.simulate(net.replace({"clock.rate": rate}), T=200, dt=0.1)
        for i, start in enumerate((5.0, 7.5)):
            at = ds.time.values[ds["clock.spike"].values[:, i] > 0]
            late = at - np.arange(start, 200 + 1e-6, 1000 / rate)  # the end of the step
            assert late.min() > -0.01
            assert late.max() < 0.11
    assert trace_count() == before
