"""Slow points: where they begin, what is kept, the projection, the trained map."""

import high_systems as systems
import numpy as np
import pytest

import brainnb as bn
from brainnb.run import cache


def test_from_a_run_and_its_axes():
    model = systems.Network(g=1.5, W=[[1.0, 0.2], [0.2, 1.0]], b=[0.0, 0.0])
    ds = bn.simulate(model, T=20, dt=0.1, init={"x": [0.1, 0.2]})
    found = bn.slow_points(model, ds, count=16, noise=0.5)
    assert found.sizes["candidate"] == 200
    assert (found.speed < 1e-10).all()
    axes = found.axis.values
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(found.projection, (found.x.values - found.center.values) @ axes.T, atol=1e-12)
    assert float(found.share.sum()) == pytest.approx(1.0)
    assert int(found.found_from.sum()) <= 16


def test_a_trained_network_is_a_map_with_inputs():
    W = np.array([[1.6, 0.0], [0.0, 0.3]])
    model = systems.Elman(W=W, w=np.array([0.5, 0.0]))
    found = bn.slow_points(model, map=True, drive=0.0)
    assert found.sizes["point"] == 3
    x = found.x.values
    np.testing.assert_allclose(np.tanh(x @ W.T), x, atol=1e-12)
    np.testing.assert_allclose(found.jacobian.values, (1 - x[:, :, None] ** 2) * W, atol=1e-12)
    np.testing.assert_allclose(found.input_jacobian.values[:, :, 0], (1 - x**2) * [0.5, 0.0], atol=1e-12)
    before = cache.trace_count()
    pushed = bn.slow_points(model, map=True, drive=2.0)
    assert cache.trace_count() == before
    assert (pushed.kind == "fixed point").sum() == 1


def test_it_says_what_it_left_out():
    found = bn.slow_points(systems.SaddleNode(), mu=1.0, q_max=1e-3)
    assert found.sizes["point"] == 0
    assert "left out" in found.attrs["status"]
    assert found.attrs["left_out"] == found.attrs["candidates"]
