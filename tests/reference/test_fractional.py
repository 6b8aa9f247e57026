"""Fractional orders against the Mittag-Leffler function and smooth solutions (Diethelm 2010, doi:10.1007/978-3-642-14574-2)."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import gammaln

import brainnb as bn
from brainnb.run.past import tables
from brainnb.run.step import one_step
from brainnb.run.system import System

L1, EULER, GL = "caputo_l1", "caputo_euler", "grunwald_letnikov"

MITTAG_LEFFLER = {  # E_alpha(-x), from a reference table
    (0.8, 1.0): 0.386948578619,
    (0.8, 2.0): 0.189796692364,
    (0.5, 1.0): 0.427583576156,
    (0.5, 2.0): 0.255395676311,
    (0.2, 1.0): 0.471100688933,
}


class Relaxation(bn.Model):
    """D^alpha x = -x / tau^alpha: x = E_alpha(-(t / tau)^alpha)."""

    alpha: bn.Param = bn.param(0.8, "1", "order", bounds=(0.05, 1))
    tau: bn.Param = bn.param(1.0, "ms", "time constant", bounds=(0.1, 10))
    x = bn.state(1.0, order="alpha")

    def vector_field(self, t, s, u):
        return dict(x=-s.x / self.tau**self.alpha)


class Parabola(Relaxation):
    """x = t^2, as the right side that it needs says."""

    x = bn.state(0.0, order="alpha")

    def vector_field(self, t, s, u):
        a = self.alpha
        return dict(x=2 * t ** (2 - a) / jnp.exp(gammaln(3 - a)) + t**2 - s.x)


class Vector(Relaxation):
    """The same for three units, each of an order of its own."""

    def vector_field(self, t, s, u):
        return dict(x=-s.x)


class Turning(bn.Model):
    """Two coupled states: the real and the imaginary part of E_alpha(i t^alpha)."""

    alpha: bn.Param = bn.param(0.8, "1", "order", bounds=(0.05, 1))
    p, q = bn.state(1.0, order="alpha"), bn.state(0.0, order="alpha")

    def vector_field(self, t, s, u):
        return dict(p=-s.q, q=s.p)


def mittag_leffler(alpha, z):
    """The series, for small arguments."""
    return sum(z**k / math.gamma(alpha * k + 1) for k in range(60))


def order(model, exact, method, dts=(1 / 100, 1 / 200), path="x"):
    errors = [abs(float(bn.simulate(model, T=1, dt=dt, method=method)[path][-1]) - exact) for dt in dts]
    return math.log2(errors[0] / errors[1])


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


@pytest.mark.parametrize("method", [EULER, L1, GL])
@pytest.mark.parametrize("alpha", [0.8, 0.5])
def test_relaxation_is_found_with_order_one(method, alpha):
    """It leaves its begin like t^alpha, which takes every scheme of equal steps down to 1."""
    assert order(Relaxation(alpha=alpha), MITTAG_LEFFLER[alpha, 1.0], method) == pytest.approx(1, abs=0.1)


def test_l1_comes_to_order_one_slowly_for_small_alpha():
    """Two corrections leave an error of order 1 + 2 alpha beside it, which is nearly 1 here."""
    assert order(Relaxation(alpha=0.2), MITTAG_LEFFLER[0.2, 1.0], L1) > 0.6


@pytest.mark.parametrize("alpha", [0.8, 0.5, 0.2, 1.0])
def test_orders_for_a_smooth_solution(alpha):
    claims = {EULER: 1.0, GL: 1.0, L1: min(2 - alpha, 1 + 2 * alpha)}
    found = {m: order(Parabola(alpha=alpha), 1.0, m, (1 / 200, 1 / 400)) for m in claims}
    if alpha == 0.5:  # 2 - alpha and 1 + 2 alpha have errors of opposite sign
        assert found.pop(L1) > 1.25
    assert found == pytest.approx({m: claims[m] for m in found}, abs=0.1)


@pytest.mark.parametrize(("corrections", "claim"), {0: 1.0, 1: 1.5, 2: 1.5}.items())
def test_every_correction_brings_alpha_orders(corrections, claim):
    found = order(Parabola(alpha=0.5), 1.0, bn.integrators.CaputoL1(corrections=corrections), (1 / 400, 1 / 800))
    assert found == pytest.approx(claim, abs=0.2)


@pytest.mark.parametrize("method", [EULER, L1, GL])
def test_a_vector_with_an_order_for_every_unit(method):
    alphas = np.array([0.8, 0.5, 0.2])
    ds = bn.simulate(Vector(alpha=alphas), T=1, dt=1 / 400, size=3, method=method)
    np.testing.assert_allclose(ds.x[-1], [MITTAG_LEFFLER[a, 1.0] for a in alphas], atol=2e-3)
    for i, a in enumerate(alphas):
        alone = bn.simulate(Vector(alpha=a), T=1, dt=1 / 400, method=method)
        np.testing.assert_allclose(ds.x[:, i], alone.x, rtol=1e-12)


@pytest.mark.parametrize("method", [EULER, L1, GL])
def test_a_coupled_pair_with_order_one(method):
    exact = mittag_leffler(0.8, 1j)
    assert order(Turning(), exact.real, method, path="p") == pytest.approx(1, abs=0.15)
    assert order(Turning(), exact.imag, method, path="q") == pytest.approx(1, abs=0.15)


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
    found = bn.simulate(Oscillator(), T=20, dt=0.05, method=L1)
    np.testing.assert_allclose(found.V, ordinary.V[:400], atol=0.02)


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
