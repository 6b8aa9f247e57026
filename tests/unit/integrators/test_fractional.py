"""Fractional methods: weights, rings, and runs that go on."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from scipy.special import binom

import brainnb as bn
from brainnb.core.orders import orders
from brainnb.integrators import FRACTIONAL, CaputoEuler, CaputoL1, GrunwaldLetnikov
from brainnb.integrators.fractional import history_sum, increments

WINDOW = GrunwaldLetnikov(memory=2.0)
METHODS = [*FRACTIONAL, CaputoL1(corrections=0), WINDOW]


class Relaxation(bn.Model):
    alpha: bn.Param = bn.param(0.8, "1", "order", bounds=(0.05, 1))
    tau: bn.Param = bn.param(1.0, "ms", "time constant of the ordinary state", bounds=(0.1, 10))
    x = bn.state(1.0, "mV", order="alpha")
    y = bn.state(1.0, "mV")
    I = bn.input(0.0, "mV")

    def vector_field(self, t, s, u):
        return dict(x=u.I - s.x, y=(s.x - s.y) / self.tau)


class Counting(Relaxation):
    """With a clock, a jump, and a spike."""

    k = bn.state(0, "1", "steps", discrete=True)

    def on_step(self, t, s, u, key):
        fired = s.x < 0.7
        return dict(k=s.k + 1, x=jnp.where(fired, 1.0, s.x)), dict(spike=fired * 1.0)


class Pair(bn.Model):
    a: Relaxation = bn.part(Relaxation, alpha=0.6)
    b: Relaxation = bn.part(Relaxation, alpha=0.9)

    def vector_field(self, t, s, u):
        u = bn.Record(I=0.0)
        return dict(a=self.a.vector_field(t, s.a, u), b=self.b.vector_field(t, s.b, u))


# --- weights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.2, 0.5, 0.9, 1.0])
def test_weights_are_those_of_the_formulas(alpha):
    k, a = jnp.arange(50.0), jnp.asarray(alpha)
    dt = jnp.asarray(0.1)
    n = np.arange(50)
    np.testing.assert_allclose(CaputoEuler().weights(a, k, dt), (n + 1) ** alpha - n**alpha, rtol=1e-12)
    b = (n + 2.0) ** (1 - alpha) - (n + 1.0) ** (1 - alpha)
    np.testing.assert_allclose(CaputoL1().weights(a, k, dt), b, rtol=1e-11, atol=1e-15)
    c = (-1.0) ** (n + 1) * binom(alpha, n + 1)
    np.testing.assert_allclose(GrunwaldLetnikov().weights(a, k, dt), c, rtol=1e-11, atol=1e-15)


def test_weights_keep_their_digits_far_back_in_single_precision():
    k = 1e6
    found = float(increments(jnp.float32(0.3), jnp.float32(k)))
    assert found == pytest.approx(math.expm1(0.3 * math.log1p(1 / k)) * k**0.3, rel=1e-5)


def test_a_window_cuts_the_weights():
    w = WINDOW.weights(jnp.asarray(0.5), jnp.arange(50.0), jnp.asarray(0.1))
    assert float(w[19]) != 0
    assert not w[20:].any()


@pytest.mark.parametrize("step", [0, 3, 7, 8, 21])
@pytest.mark.parametrize("shape", [(), (2,)])
def test_the_sum_over_the_ring_is_a_convolution(step, shape):
    rng = np.random.default_rng(0)
    w, values = rng.random((8, *shape)), rng.random((step + 1, *shape))
    ring = np.zeros((8, *shape))
    for i, x in enumerate(values):
        ring[i % 8] = x
    kept = values[-8:][::-1]
    expected = sum(w[k] * x for k, x in enumerate(kept))
    table = jnp.concatenate([w[::-1], w[::-1]])
    np.testing.assert_allclose(history_sum(table, jnp.asarray(ring), jnp.asarray(step)), expected, rtol=1e-12)


def test_rings_are_powers_of_two_and_a_window_bounds_them():
    assert [CaputoL1().rows(n, 0.1) for n in (1, 3, 4, 1000, 1024)] == [4, 4, 8, 1024, 2048]
    assert [WINDOW.rows(n, 0.1) for n in (3, 1000, 10**8)] == [4, 32, 32]


# --- orders --------------------------------------------------------------------------------------------------------


def test_orders_by_path():
    assert {p: float(a) for p, a in orders(Pair()).items()} == {"a.x": 0.6, "b.x": 0.9}
    np.testing.assert_allclose(bn.simulate(Pair(), T=3)["a.x"], bn.simulate(Relaxation(alpha=0.6), T=3).x, rtol=1e-12)


def test_a_whole_order_is_an_ordinary_derivative():
    class Whole(Relaxation):
        x = bn.state(1.0, "mV", order=1)

    np.testing.assert_allclose(
        bn.simulate(Whole(), T=3, method="caputo_euler").x, bn.simulate(Relaxation(alpha=1), T=3, method="gl").x
    )


def test_units_of_a_fractional_model_are_checked():
    bn.check_units(Relaxation())


# --- runs ----------------------------------------------------------------------------------------------------------


def continuable(method):
    return Relaxation() if method == "caputo_euler" else Counting()


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_a_continued_run_is_the_whole_run(method, tmp_path):
    """Bit by bit, through NetCDF, and through rings that grow."""
    model = continuable(method)
    whole = bn.simulate(model, T=12, method=method, size=2)
    first = bn.simulate(model, T=2, method=method, size=2)
    first.to_netcdf(tmp_path / "first.nc")
    with xr.open_dataset(tmp_path / "first.nc") as again:
        second = bn.simulate(model, T=10, method=method, size=2, init=again)
    np.testing.assert_allclose(np.concatenate([first.x, second.x]), whole.x, rtol=1e-13)


@pytest.mark.parametrize("method", ["caputo_l1", WINDOW], ids=str)
def test_a_stored_run_that_was_stopped_goes_on_bit_by_bit(method, tmp_path):
    whole = bn.simulate(Counting(), T=60, method=method, store=tmp_path / "whole")
    calls = iter([None, False])
    bn.simulate(Counting(), T=60, method=method, store=tmp_path / "parts", progress=lambda f: next(calls, None))
    done = bn.simulate(Counting(), T=60, method=method, store=tmp_path / "parts")
    assert done.attrs["status"] == "finished"
    np.testing.assert_array_equal(done.x, whole.x)


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_a_sweep_over_orders_is_a_loop(method):
    alphas = [0.1, 0.55, 1.0]
    model = continuable(method)
    ds = bn.sweep(model, {"alpha": alphas}, T=4, method=method)
    for i, alpha in enumerate(alphas):
        alone = bn.simulate(model.replace(alpha=alpha), T=4, method=method)
        np.testing.assert_allclose(ds.x[i], alone.x, rtol=1e-10)


def test_moving_an_order_compiles_nothing():
    bn.simulate(Relaxation(), T=10)
    before = bn.run.cache.trace_count()
    for alpha in np.linspace(0.1, 1, 10):
        bn.simulate(Relaxation(alpha=alpha), T=10)
    for T in (8, 9.5, 12):  # the same power of two
        bn.simulate(Relaxation(), T=T)
    assert bn.run.cache.trace_count() == before


def test_the_method_stands_in_the_result():
    labels = [bn.simulate(continuable(m), T=1, method=m).attrs["method"] for m in METHODS]
    assert labels[-2:] == ["caputo_l1(corrections=0)", "grunwald_letnikov(memory=2.0)"]
    assert bn.simulate(Relaxation(), T=1).attrs["method"] == "caputo_l1"


@pytest.mark.parametrize("alias", ["l1", "gl", "short_memory"])
def test_other_names(alias):
    assert bn.integrators.get(alias).remembers


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_single_and_double_precision_agree(method):
    a, b = (bn.simulate(Relaxation(), T=20, method=method, precision=p) for p in ("float32", "float64"))
    assert a.x.dtype == np.float32
    np.testing.assert_allclose(a.x, b.x, atol=2e-5)


@pytest.mark.parametrize("method", ["caputo_l1", "grunwald_letnikov"])
def test_a_jump_belongs_to_the_past(method):
    """It decays like t^(alpha - 1); with order 1 it would stay."""

    class Kicked(bn.Model):
        alpha: bn.Param = bn.param(0.6, "1", "order", bounds=(0.05, 1))
        x = bn.state(0.0, "1", order="alpha")

        def vector_field(self, t, s, u):
            return dict(x=0.0)

        def on_step(self, t, s, u, key):
            return dict(x=s.x + jnp.where(jnp.abs(t - 1.0) < 0.01, 1.0, 0.0)), {}

    ds = bn.simulate(Kicked(), T=100, dt=0.1, method=method)
    late = [float(ds.x.sel(time=1 + t, method="nearest")) for t in (10, 40)]
    assert late[0] / late[1] == pytest.approx(4**0.4, rel=0.02)
    kept = bn.simulate(Kicked(alpha=1), T=100, dt=0.1, method=method)
    assert float(kept.x[-1]) == pytest.approx(1.0)


def test_a_driven_model_hears_noise_that_was_drawn_beforehand():
    ds = bn.simulate(Relaxation(alpha=0.9), T=20, I=bn.inputs.FrozenNoise(sigma=1.0), record=["x", "I"])
    assert 0 < float(ds.x[50:].std()) < float(ds.I[50:].std())


def test_the_explorer_moves_an_order():
    explorer = bn.widgets.Simulator(Relaxation(), T=5)
    before = explorer.result.x.values
    explorer.set({"alpha": 0.3})
    assert not np.allclose(explorer.result.x.values, before)


def test_a_fractional_model_round_trips_through_json():
    again = bn.io.from_json(bn.io.to_json(Relaxation(alpha=0.35)))
    assert float(again.alpha) == pytest.approx(0.35)


def test_the_gradient_by_the_order_is_finite_up_to_one():
    for alpha in (0.05, 0.5, 1.0):
        for method in (CaputoEuler(), CaputoL1(), GrunwaldLetnikov()):

            def weight(a, method=method):
                return method.weights(a, jnp.arange(20.0), jnp.asarray(0.1)).sum()

            slope = float(jax.grad(weight)(alpha))
            assert slope == pytest.approx(
                float((weight(alpha + 1e-6) - weight(alpha - 1e-6)) / 2e-6), rel=1e-4, abs=1e-6
            )
