"""Models in another process, classes that only a notebook knows included."""

import pickle
import subprocess
import sys
from pathlib import Path

import cloudpickle
import jax
import numpy as np

import brainnb as bn

ROOT = Path(__file__).parents[3]

NOTEBOOK = """
import sys, cloudpickle, brainnb as bn

class Base(bn.Model):
    tau: bn.Param = bn.param(20.0, "ms", "time constant", bounds=(1, 100))
    V = bn.state(0.0, "mV", "membrane potential")
    I = bn.input(0.0, "mV", "drive")
    def vector_field(self, t, s, u):
        return dict(V=(u.I - s.V) / self.tau)

class Twice(Base):
    gain: bn.Param = bn.param(2.0, "1", "gain")
    leak: bn.channels.Leak = bn.part(bn.channels.Leak)
    kind: str = bn.static("plain")
    def vector_field(self, t, s, u):
        return dict(V=self.gain * super().vector_field(t, s, u)["V"])

class Own(Base):
    def __init__(self, half):
        self.tau = 2 * half

sys.stdout.buffer.write(cloudpickle.dumps((Twice(tau=7.0, kind="special"), Twice, Own(5.0), Own)))
"""


def from_a_notebook():
    done = subprocess.run([sys.executable, "-c", NOTEBOOK], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_a_class_that_only_a_notebook_knows_is_whole_again():
    sent = from_a_notebook()
    model, Twice, own, Own = pickle.loads(sent)
    assert (model.tau.item(), model.kind, list(model.parts())) == (7.0, "special", ["leak"])
    assert list(model.parameters()) == ["tau", "gain", "leak.g_max", "leak.E"]
    assert (list(model.states()), list(model.inputs())) == (["V"], ["I"])
    assert len(jax.tree.leaves(model)) == 4
    np.testing.assert_allclose(
        bn.simulate(model, T=10, I=5.0).V, bn.simulate(Twice(tau=3.5, gain=1.0), T=10, I=5.0).V, rtol=1e-6
    )
    assert model.replace(tau=8).tau.item() == 8.0
    assert isinstance(Twice(), type(model))
    ds = bn.sweep(model, {"gain": [1.0, 2.0], "I": [0.0, 5.0]}, T=5)
    assert ds.V.dims == ("gain", "I", "time")
    assert (own.tau.item(), Own(4.0).tau.item()) == (10.0, 8.0)
    again = pickle.loads(sent)
    assert type(again[0]) is type(model)  # so that a worker compiles once
    twice = cloudpickle.loads(cloudpickle.dumps(model))
    assert twice.parameters().keys() == model.parameters().keys()


def test_numbers_keep_their_precision_where_the_other_process_has_less():
    with jax.enable_x64(True):
        sent = pickle.dumps(bn.neurons.LIF(tau=10 / 3))
    with jax.enable_x64(False):
        model = pickle.loads(sent)
    assert model.tau.dtype == np.float64
    assert float(model.tau) == 10 / 3


def test_an_ordinary_class_stays_the_class_it_is():
    model = bn.neurons.Cell({"leak": bn.channels.Leak(), "K": bn.channels.PotassiumHH1952()})
    back = pickle.loads(pickle.dumps(model))
    assert type(back) is bn.neurons.Cell
    assert list(back.parameters()) == list(model.parameters())
    assert jax.tree.structure(back) == jax.tree.structure(model)
