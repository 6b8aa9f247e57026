"""Lyapunov exponents: linear systems exactly, fewer directions, what is refused."""

import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.run import cache


def test_a_resting_point_gives_its_eigenvalues_and_nothing_compiles_again():
    model = bn.neurons.FitzHughNagumo()
    found = bn.lyapunov(model, T=1000, dt=0.05, transient=300, I=0.0)
    near = bn.linearize(model, I=0.0)
    np.testing.assert_allclose(found.exponent, near.eigenvalue.values.real, atol=2e-3)
    np.testing.assert_allclose(found.end_V, near.V, atol=1e-9)
    assert found.exponent.sum().item() == pytest.approx(found.divergence.item(), abs=1e-7)
    before = cache.trace_count()
    bn.lyapunov(model.replace(b=0.7), T=500, dt=0.04, I=1.0)
    assert cache.trace_count() == before
    assert found.running.dims == ("block", "mode")
    np.testing.assert_allclose(found.running[-1], found.exponent, rtol=1e-12)


def test_the_largest_of_many_and_maps():
    found = bn.lyapunov(lambda x: jnp.diag(jnp.array([0.5, 0.2, 0.1])) @ x, 2, state=np.ones(3), map=True, T=2000)
    np.testing.assert_allclose(found.exponent, np.log([0.5, 0.2]), atol=1e-6)
    assert "divergence" not in found


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda: bn.lyapunov(bn.neurons.Izhikevich()), "Izhikevich.on_step changes V, w; bn.analysis.reset_map"),
        (lambda: bn.lyapunov(bn.neurons.FitzHughNagumo(), 3), "between 1 and 2 exponents"),
    ],
)
def test_refusals(ask, answer):
    with pytest.raises(bn.ModelError, match=answer):
        ask()


def test_an_orbit_that_escapes_is_said():
    with pytest.raises(FloatingPointError, match="left the finite numbers"):
        bn.lyapunov(lambda x: 4.5 * x * (1 - x), state=[0.3], map=True)
