"""The spiking network that is trained: its steps by hand, its gradients, its structure."""

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.networks import SpikingNetwork


def by_hand(net, I, dt=1.0):
    """The equations, step by step: V and spikes (time, unit), readout (time, outputs)."""
    n = net.N
    keep = {p: np.exp(-dt / float(getattr(net, p))) for p in ("tau", "tau_a", "tau_out")}
    W, W_in = np.asarray(net.connectivity()), np.asarray(net.weight_in)
    V, a, z, f = np.zeros((4, n))
    told = []
    for x in I:
        drive = W @ z + W_in @ x + np.asarray(net.bias)
        V = keep["tau"] * V + (1 - keep["tau"]) * drive - float(net.V_th) * z
        a = keep["tau_a"] * a + (1 - keep["tau_a"]) * z
        f = keep["tau_out"] * f + (1 - keep["tau_out"]) * z
        z = (float(net.V_th) + np.asarray(net.beta) * a <= V).astype(float)
        told.append((V, z, np.asarray(net.readout(f))))
    return [np.array(x) for x in zip(*told, strict=True)]


@pytest.fixture(scope="module")
def net():
    with jax.enable_x64(True):
        return SpikingNetwork(7, 2, 3, seed=4, scale=4.0, tau=8, tau_a=50, tau_out=12, beta=[0.5, 0, 0, 2, 0, 0, 1])


def test_every_step_is_the_one_that_is_written(net):
    I = np.random.default_rng(0).normal(1.0, 1.0, (60, 2))
    course = bn.inputs.FromData(np.arange(60.0), I, interpolation="previous")
    ds = bn.simulate(net, T=60, dt=1, I=course, record=["V", "spike", "out"])
    V, z, out = by_hand(net, I)
    assert z.sum() > 20
    assert np.array_equal(ds.spike, z)
    assert np.allclose(ds.V, V, rtol=0, atol=1e-12)
    assert np.allclose(ds.out, out, rtol=0, atol=1e-12)


def test_it_is_a_model_like_any_other(net):
    both = bn.sweep(net, {"tau": [8.0, 16.0]}, T=20, dt=1, I=[2.0, 1.0], record=["spike"])
    assert np.array_equal(both.spike.isel(tau=0), bn.simulate(net, T=20, dt=1, I=[2.0, 1.0], record=["spike"]).spike)
    assert (np.diag(net.connectivity()) == 0).all()
    assert SpikingNetwork(5, seed=1).replace(tau=3).tau == 3
