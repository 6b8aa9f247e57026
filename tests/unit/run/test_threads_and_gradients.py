"""Many threads at once; gradients and vmap through the hooks."""

from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.core.record import Inputs, Record
from brainnb.integrators import get


def test_eight_threads_get_what_each_asked_for(decay):
    taus = np.linspace(1, 90, 64)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda tau: bn.simulate(decay.replace(tau=tau), T=20, dt=0.1), taus))
    for tau, ds in zip(taus, found, strict=True):
        np.testing.assert_allclose(ds.x, np.exp(-ds.time / tau), rtol=1e-4)
        assert f'"tau": {tau}' in ds.attrs["parameters"]


def test_threads_may_run_different_structures_and_sweeps(decay, noisy, ticker):
    def one(i):
        kind = i % 3
        if kind == 0:
            return float(bn.simulate(decay.replace(tau=1 + i), T=5, size=1 + i % 2).x.mean())
        if kind == 1:
            return float(bn.sweep(noisy, {"tau": [1.0 + i, 2.0]}, T=5, seed=i).x.mean())
        return float(bn.simulate(ticker, T=5 + i, record=["spike"]).spike.sum())

    alone = [one(i) for i in range(24)]
    bn.run.cache.plans._items.clear()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(24))) == alone


def run(model, method, T=5.0, dt=0.05, I=1.0):
    """A plain scan over the hooks, as training does it."""
    step = get(method).step

    def body(s, i):
        s = step(lambda t, s: Record(model.vector_field(t, s, Inputs(I=I))), i * dt, s, jnp.asarray(dt))
        return s, s

    return jax.lax.scan(body, model.init_state((), jax.random.key(0)), jnp.arange(round(T / dt)))[1]


@pytest.mark.parametrize("method", ["euler", "midpoint", "heun", "exponential_euler"])
def test_reverse_gradients_through_the_hooks_are_right(decay, method):
    def loss(tau):
        return run(decay.replace(tau=tau), method).x[-1]

    step = 1e-4
    expected = (loss(8.0 + step) - loss(8.0 - step)) / (2 * step)
    assert float(jax.grad(loss)(8.0)) == pytest.approx(float(expected), rel=1e-6)


def test_the_gradient_of_a_model_is_a_model(decay):
    gradient = jax.grad(lambda m: run(m, "euler").x[-1])(decay)
    rows = gradient.parameters()
    assert list(rows) == ["tau", "gain"]
    assert float(rows["gain"].value) == pytest.approx(1 - (1 - 0.05 / 10) ** 100, rel=1e-6)


def test_gradients_of_a_spiking_cell_are_finite(hh):
    gradient = jax.grad(lambda m: (run(m, "exponential_euler", T=20.0, dt=0.02, I=10.0).V ** 2).mean())(hh)
    found = {p: float(v.value) for p, v in gradient.parameters().items()}
    assert all(np.isfinite(list(found.values())))
    assert all(v != 0 for v in found.values())


def test_vmap_over_models_equals_the_loop(decay):
    models = [decay.replace(tau=t) for t in (1.0, 5.0, 50.0)]
    stack = jax.tree.map(lambda *x: jnp.stack(x), *models)
    many = jax.vmap(lambda m: run(m, "rk4").x)(stack)
    for row, model in zip(many, models, strict=True):
        np.testing.assert_allclose(row, run(model, "rk4").x, rtol=1e-12)


def test_a_scan_over_the_hooks_is_what_simulate_does(decay):
    ds = bn.simulate(decay, T=5, dt=0.05, I=1.0, method="heun")
    np.testing.assert_allclose(run(decay, "heun").x, ds.x, rtol=1e-12)
