"""A hundred moves of every kind of slider on the balanced network of 4000 neurons: nothing is traced anew."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.run.cache import trace_count

MOVES = 100
PATHS = (
    "EE.weight",
    "IE.weight",
    "EI.delay",
    "EE.delay",
    "E.tau",
    "I.V_th",
    "E.t_ref",
    "II.synapse.tau",
    "IE.output.E",
    "E.I",
)
"""Weights, delays, parameters of neurons and synapses, and a drive."""


@pytest.fixture(scope="module")
def net():
    """COBA with delays."""
    tau, E, weight = {"E": 5.0, "I": 10.0}, {"E": 0.0, "I": -80.0}, {"E": 6.0, "I": 67.0}
    cell = bn.neurons.LIF(tau=20.0, R=0.1, V_rest=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0)
    start = {"init": {"V": bn.init.Normal(-55.0, 2.0)}, "inputs": {"I": 200.0}}
    return bn.Network(
        populations={"E": bn.Population(cell, 3200, **start), "I": bn.Population(cell, 800, **start)},
        projections={
            pre + post: bn.Projection(
                pre,
                post,
                bn.connect.FixedProbability(0.02),
                bn.synapses.Exponential(tau=tau[pre]),
                weight=weight[pre],
                delay=1.5,
                output=bn.synapses.Conductance(E=E[pre]),
            )
            for pre in "EI"
            for post in "EI"
        },
    )


def moves(values):
    """A hundred moves, a few per cent each, of every type in which numbers come."""
    types = itertools.cycle([float, np.float64, np.float32, round, np.asarray, jnp.asarray])
    for i, path, kind in zip(range(MOVES), itertools.cycle(PATHS), types):
        yield path, kind(values[path] * (1 + 0.01 * (i // len(PATHS))))


def test_moves_by_replace(net):
    rows = net.parameters()
    values = {path: float(rows[path].value) if path in rows else 200.0 for path in PATHS}
    bn.simulate(net, T=2.0, inputs={"E.I": 200.0})
    before, seen = trace_count(), set()
    for path, value in moves(values):
        drive = value if path == "E.I" else 200.0
        changed = net if path == "E.I" else net.replace({path: value})
        ds = bn.simulate(changed, T=2.0, inputs={"E.I": drive})
        seen.add(int(ds["E.spike"].sum()))
    assert trace_count() == before
    assert len(seen) > 10  # they were felt


def test_moves_in_the_viewer(net):
    view = bn.widgets.NetworkViewer(net, T=2.0)
    view.run()
    view.wait()
    values = {path: float(view.controls[path].value) for path in PATHS}
    before, seen = trace_count(), set()
    for path, value in moves(values):
        view.set({path: float(value)})
        view.wait()
        seen.add(int(view.result["E.spike"].sum()))
    assert trace_count() == before
    assert view.problem is None
    assert len(seen) > 10
