"""Fractional orders against the Mittag-Leffler function and smooth solutions (Diethelm 2010, doi:10.1007/978-3-642-14574-2)."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from orders import fractional

import brainnb as bn
from brainnb.run.past import tables
from brainnb.run.step import one_step
from brainnb.run.system import System

L1, EULER, GL = "caputo_l1", "caputo_euler", "grunwald_letnikov"
MITTAG_LEFFLER, mittag_leffler, order = fractional.MITTAG_LEFFLER, fractional.mittag_leffler, fractional.order
Relaxation, Parabola = fractional.Relaxation, fractional.Parabola


def test_the_series_is_the_table():
    for (alpha, x), value in MITTAG_LEFFLER.items():
        if alpha >= 0.5:  # the series of the others needs more digits than a float has
            assert mittag_leffler(alpha, -x) == pytest.approx(value, abs=1e-11)


@pytest.mark.parametrize("method", [EULER, L1, GL])
@pytest.mark.parametrize(("alpha", "x"), MITTAG_LEFFLER)
def test_relaxation_is_the_mittag_leffler_function(method, alpha, x):
    """At (t / tau)^alpha = x, with tau so that this is t = 1."""
    model = Relaxation(alpha=alpha, tau=x ** (-1 / alpha))
    ds = bn.simulate(model, T=1, dt=1 / 400, method=method)
    assert float(ds.x[-1]) == pytest.approx(MITTAG_LEFFLER[alpha, x], abs=2e-3)


@pytest.mark.parametrize("name", bn.integrators.FRACTIONAL)
def test_the_orders_are_those_of_theory_and_of_the_page(name, rows):
    """Write the page anew with `python docs/_ext/methods.py`."""
    claimed, found, off = fractional.measured(name)
    assert [found[p] for p in ("scalar", "vector", "coupled")] == pytest.approx([claimed] * 3, abs=0.15)
    for alpha in fractional.SMOOTH_ORDERS:
        # at 1/2 the two terms of L1's error have opposite signs and it comes to its order slowly
        slack = 0.25 if (name, alpha) == (L1, 0.5) else 0.1
        assert found[f"smooth {alpha}"] == pytest.approx(fractional.of_smooth(name, alpha), abs=slack)
    cells = rows("Of fractional order", 1)[name,]
    assert [float(c) for c in cells[2:9]] == pytest.approx([claimed, *found.values()], abs=0.1)
    assert float(cells[9]) == pytest.approx(off, rel=0.1)


def test_l1_comes_to_order_one_slowly_for_small_alpha():
    """Two corrections leave an error of order 1 + 2 alpha beside it, which is nearly 1 here."""
    assert order(Relaxation(alpha=0.2), {"x": MITTAG_LEFFLER[0.2, 1.0]}, L1) > 0.6


@pytest.mark.parametrize(("corrections", "claim"), {0: 1.0, 1: 1.5, 2: 1.5}.items())
def test_every_correction_brings_alpha_orders(corrections, claim):
    found = order(Parabola(alpha=0.5), {"x": 1.0}, bn.integrators.CaputoL1(corrections=corrections), (400, 800))
    assert found == pytest.approx(claim, abs=0.2)


@pytest.mark.parametrize("method", [EULER, L1, GL])
def test_a_vector_with_an_order_for_every_unit(method):
    alphas = np.array([0.8, 0.5, 0.2])
    ds = bn.simulate(Relaxation(alpha=alphas), T=1, dt=1 / 400, size=3, method=method)
    np.testing.assert_allclose(ds.x[-1], [MITTAG_LEFFLER[a, 1.0] for a in alphas], atol=2e-3)
    for i, a in enumerate(alphas):
        alone = bn.simulate(Relaxation(alpha=a), T=1, dt=1 / 400, method=method)
        np.testing.assert_allclose(ds.x[:, i], alone.x, rtol=1e-12)


class Mixed(bn.Model):
    """One of order alpha, one of order 1, one of a fixed order."""

    alpha: bn.Param = bn.param(0.8, "1", "order", bounds=(0.05, 1))
    x, y, z = bn.state(1.0, order="alpha"), bn.state(1.0), bn.state(1.0, order=0.5)

    def vector_field(self, t, s, u):
        return dict(x=-s.x, y=-s.y, z=-s.z)


@pytest.mark.parametrize("method", [EULER, L1, GL])
def test_every_state_has_an_order_of_its_own(method):
    ds = bn.simulate(Mixed(), T=1, dt=1 / 400, method=method)
    found = [float(ds[n][-1]) for n in "xyz"]
    assert found == pytest.approx([MITTAG_LEFFLER[0.8, 1.0], math.exp(-1), MITTAG_LEFFLER[0.5, 1.0]], abs=2e-3)


class Oscillator(bn.Model):
    """FitzHugh-Nagumo, of fractional order or not."""

    alpha: bn.Param = bn.param(1.0, "1", "order", bounds=(0.1, 1))
    V, w = bn.state(-1.0, order="alpha"), bn.state(-0.5, order="alpha")

    def vector_field(self, t, s, u):
        return dict(V=s.V - s.V**3 / 3 - s.w + 0.5, w=(s.V + 0.7 - 0.8 * s.w) / 12.5)


def test_order_one_is_eulers_method():
    """The explicit forms exactly; L1 with its corrections is the implicit one, to first order the same."""
    start = {"V": -1.0, "w": -0.5}
    ordinary = bn.simulate(bn.neurons.FitzHughNagumo(), T=100, dt=0.05, I=0.5, method="euler", init=start)
    for method in (EULER, GL, bn.integrators.CaputoL1(corrections=0)):
        ds = bn.simulate(Oscillator(), T=100, dt=0.05, method=method)
        np.testing.assert_allclose(ds.V, ordinary.V, atol=1e-8)
    found = bn.simulate(Oscillator(), T=1.5, dt=0.05, method=L1)
    np.testing.assert_allclose(found.V, ordinary.V[:30], atol=0.02)


def test_what_a_window_leaves_out_is_within_the_published_bound():
    """At most M L^-alpha / Gamma(1 - alpha) of the derivative, Podlubny 1999, 7.3: here of x itself at rest."""
    alpha, window = 0.6, 5.0
    whole = bn.simulate(Relaxation(alpha=alpha), T=50, dt=0.05, method=GL)
    short = bn.simulate(Relaxation(alpha=alpha), T=50, dt=0.05, method=bn.integrators.GrunwaldLetnikov(memory=window))
    off = np.abs(short.x - whole.x).values
    bound = window**-alpha / math.gamma(1 - alpha)
    assert off[:100].max() < 1e-12  # nothing is left out yet
    assert 0.01 * bound < off.max() < bound


def test_the_derivative_by_the_order_is_that_of_the_closed_form():
    method, dt, key = bn.integrators.CaputoEuler(), jnp.asarray(1 / 200), jax.random.key(0)

    def last(alpha):
        system = System(Relaxation(alpha=alpha), bn.Record()).remembering((), (method, 256))
        s = system.init((), key)
        weights = tables(method, system, s, dt)
        return jax.lax.fori_loop(
            0, 200, lambda i, s: one_step(method, system, s, i, 0.0, dt, key, weights)[0], s
        ).model.x

    found = float(jax.jacfwd(last)(0.8))
    assert found == pytest.approx(float((last(0.8 + 1e-5) - last(0.8 - 1e-5)) / 2e-5), rel=1e-6)
    closed = (mittag_leffler(0.8 + 1e-5, -1.0) - mittag_leffler(0.8 - 1e-5, -1.0)) / 2e-5
    assert found == pytest.approx(closed, rel=0.02)
