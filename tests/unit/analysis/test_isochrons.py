"""Asymptotic phase: closed form, its pace along orbits, and what has none."""

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.analysis.cases import case
from brainnb.analysis.cycles.isochrons import asymptotic_phase
from brainnb.analysis.cycles.orbit import found_cycle
from brainnb.core.errors import ModelError
from brainnb.run import cache


class Sheared(bn.Model):
    """Hopf normal form with shear: r' = r (mu - r^2), angle' = omega - shear r^2."""

    mu: bn.Param = bn.param(1.0, "1", "growth rate")
    omega: bn.Param = bn.param(3.0, "1", "frequency")
    shear: bn.Param = bn.param(1.0, "1", "change of frequency with the square of the size")
    x = bn.state(0.3, "1", "real part", bounds=(-2, 2))
    y = bn.state(0.0, "1", "imaginary part", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        square = s.x**2 + s.y**2
        grow, turn = self.mu - square, self.omega - self.shear * square
        return dict(x=grow * s.x - turn * s.y, y=grow * s.y + turn * s.x)


def apart(a, b):
    """How far two phases are from each other, around the circle."""
    return np.abs((a - b + 0.5) % 1.0 - 0.5)


def test_the_normal_form_with_shear_in_closed_form():
    """Isochrons are logarithmic spirals: the phase is (angle - shear ln r) / (2 pi)."""
    ds = bn.analysis.isochrons(Sheared(), x=(-1.6, 1.5), y=(-1.5, 1.7), resolution=24)
    r, angle = np.hypot(ds.x, ds.y), np.arctan2(ds.y, ds.x)
    expected = ((angle - np.log(r)) / (2 * np.pi)).transpose("x", "y")
    np.testing.assert_allclose(apart(ds.phase.values, expected.values), 0, atol=1e-6)
    np.testing.assert_allclose(ds.period, np.pi, rtol=1e-9)
    before = cache.trace_count()
    turned = bn.analysis.isochrons(Sheared(shear=0.5, mu=0.8), x=(-1, 1), y=(-1, 1), resolution=11)
    assert cache.trace_count() == before
    assert turned.attrs["without_phase"] == 1  # the middle
    assert np.isnan(turned.phase.sel(x=0, y=0))
    assert "1 of 121" in turned.attrs["status"]


@pytest.mark.parametrize("start", [(-2.0, 1.5), (2.0, -0.5), (0.5, 0.9)])
def test_every_path_crosses_isochrons_at_the_same_pace(start):
    fhn = bn.neurons.FitzHughNagumo()
    with jax.enable_x64(True):
        run = bn.simulate(fhn, T=30, dt=0.005, I=0.5, init=dict(V=start[0], w=start[1]), every=400, method="rk4")
        found = found_cycle(case(fhn, I=0.5))
        phase = asymptotic_phase(found, np.stack([run.V, run.w], -1))
    pace = phase - run.time.values / found.period
    np.testing.assert_allclose(apart(pace, pace[0]), 0, atol=2e-6)


def test_on_the_cycle_it_is_the_phase_of_the_cycle_and_its_gradient_the_response():
    fhn = bn.neurons.FitzHughNagumo()
    with jax.enable_x64(True):
        found = found_cycle(case(fhn, I=0.5))
        turn = np.arange(16) / 16
        x = found.at(turn)
        push = np.array([1e-4, 0])
        ahead, behind = asymptotic_phase(found, x + push), asymptotic_phase(found, x - push)
    np.testing.assert_allclose(apart(asymptotic_phase(found, x), turn), 0, atol=1e-8)
    response = bn.phase_response(fhn, I=0.5, points=16).prc_V
    gradient = ((ahead - behind + 0.5) % 1.0 - 0.5) / 2e-4 * found.period
    np.testing.assert_allclose(gradient, response, atol=2e-3 * float(np.abs(response).max()))


def test_what_is_refused():
    with pytest.raises(ModelError, match="two states was expected; HodgkinHuxley has V"):
        bn.analysis.isochrons(bn.neurons.HodgkinHuxley(), V=(-80, 40), I=10.0)
    with pytest.raises(ModelError, match=r"V=\(lo, hi\), w=\(lo, hi\)"):
        bn.analysis.isochrons(bn.neurons.FitzHughNagumo(), V=(-2, 2), I=0.5)


def test_the_picture_has_its_isochrons():
    ds = bn.analysis.isochrons(Sheared(), x=(-1.6, 1.5), y=(-1.5, 1.7), resolution=24)
    ax = ds.bn.plot()
    assert len(ax.collections) >= 17  # the colours and sixteen lines
    assert ax.get_xlim() == (-1.6, 1.5)
