"""The spike: a step forward, a surrogate slope backward."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

import brainnb as bn
from brainnb.core import spikes

SLOPES = [spikes.fast_sigmoid, spikes.sigmoid, spikes.arctan, spikes.triangle]


@pytest.mark.parametrize("slope", SLOPES)
def test_forward_is_a_step_that_is_one_at_threshold(slope):
    x = jnp.array([-1e4, -1e-6, 0.0, 1e-6, 1e4])
    assert bn.spike(x, slope).tolist() == [0, 0, 1, 1, 1]


@pytest.mark.parametrize("slope", SLOPES)
def test_backward_is_the_slope(slope):
    x = jnp.linspace(-2, 2, 9)
    found = jax.vmap(jax.grad(lambda x: bn.spike(x, slope)))(x)
    np.testing.assert_allclose(found, slope(x), rtol=1e-12)
    assert float(slope(jnp.array(0.0))) > 0


@pytest.mark.parametrize("slope", SLOPES)
def test_finite_far_from_threshold_in_single_precision(slope):
    x = jnp.array([-1e4, -100.0, 0.0, 100.0, 1e4], jnp.float32)
    value, gradient = jax.vmap(jax.value_and_grad(lambda x: bn.spike(x, slope)))(x)
    assert value.dtype == gradient.dtype == jnp.float32
    assert np.isfinite(gradient).all()
    assert (gradient >= 0).all()


@pytest.mark.parametrize(
    ("slope", "area"), [(spikes.fast_sigmoid, 0.2), (spikes.sigmoid, 1.0), (spikes.arctan, 1.0), (spikes.triangle, 1.0)]
)
def test_area_under_the_slope(slope, area):
    """A step of height 1 has a derivative of area 1; Zenke's keeps its height at 1 instead."""
    found = 2 * quad(lambda x: float(slope(jnp.asarray(x))), 0, np.inf, limit=400, epsabs=1e-9)[0]
    assert found == pytest.approx(area, rel=1e-3)


@pytest.mark.parametrize("slope", SLOPES)
def test_slopes_are_even_and_highest_at_threshold(slope):
    x = jnp.linspace(0, 3, 31)
    np.testing.assert_allclose(slope(x), slope(-x), rtol=1e-9)
    assert (jnp.diff(slope(x)) <= 1e-15).all()


def test_whole_numbers_and_own_slopes():
    assert bn.spike(3).dtype == jnp.result_type(float)

    def box(x):
        return jnp.where(jnp.abs(x) < 0.5, 1.0, 0.0)

    assert float(jax.grad(lambda x: bn.spike(x, box))(0.2)) == 1.0
    assert float(jax.grad(lambda x: bn.spike(x, box))(0.7)) == 0.0


def test_gradient_flows_through_jit_vmap_and_forward_mode():
    primal, tangent = jax.jvp(bn.spike, (jnp.array(0.1),), (jnp.array(2.0),))
    assert (float(primal), float(tangent)) == (1.0, pytest.approx(0.5))
    weights = jnp.array([0.5, -0.5])
    grad = jax.jit(jax.grad(lambda w: jax.vmap(bn.spike)(w * 0.1).sum()))(weights)
    np.testing.assert_allclose(grad, 0.1 / 1.5**2, rtol=1e-12)
