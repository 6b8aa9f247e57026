"""Rates under noise: Siegert, the density, and a simulation of the model itself."""

import numpy as np
import pytest

import brainnb as bn

NUMBERS = dict(mu=15.0, sigma=5.0, tau=20.0, V_th=20.0, V_reset=10.0, t_ref=2.0)


def cell():
    return bn.neurons.LIF(tau=20.0, R=1.0, V_rest=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0)


def test_siegert():
    found = bn.analysis.siegert(**NUMBERS)
    assert found.rate.item() == pytest.approx(9.460799806, rel=1e-9)
    own = bn.analysis.siegert(cell(), I=np.array([15.0, 25.0]), sigma=5.0)
    assert own.rate[0].item() == pytest.approx(9.460799806, rel=1e-9)
    quiet = bn.analysis.siegert(cell(), I=25.0, sigma=0.02)
    assert quiet.rate.item() == pytest.approx(1000 / 23.972245773362, rel=1e-4)
    assert quiet.cv.item() < 0.01


def test_the_density_has_the_same_rate_and_irregularity():
    found = bn.analysis.fokker_planck(cell(), noise=5 / np.sqrt(20), between=(-25.0, 20.0), I=15.0)
    assert found.rate.item() == pytest.approx(9.460799806, rel=1e-4)
    assert found.cv.item() == pytest.approx(bn.analysis.siegert(**NUMBERS).cv.item(), rel=1e-3)
    free = 1 - found.rate.item() * 2.0 / 1000
    assert float(found.density.integrate("V")) == pytest.approx(free, rel=1e-3)


def test_far_from_threshold_the_density_is_gaussian():
    """Its standard deviation is sigma / sqrt(2)."""
    quiet = bn.neurons.LIF(tau=20.0, R=1.0, V_rest=0.0, V_th=40.0, V_reset=10.0, t_ref=2.0)
    found = bn.analysis.fokker_planck(quiet, noise=5 / np.sqrt(20), between=(-10.0, 40.0), I=15.0)
    mean = float((found.V * found.density).integrate("V"))
    spread = float(((found.V - mean) ** 2 * found.density).integrate("V")) ** 0.5
    assert mean == pytest.approx(15.0, rel=1e-5)
    assert spread == pytest.approx(5 / np.sqrt(2), rel=1e-4)
    assert found.rate.item() < 1e-6


def test_against_a_simulation():

    rng = np.random.default_rng(0)
    V, left, last, gaps = np.full(4000, 10.0), np.zeros(4000), np.full(4000, np.nan), []
    dt, decay = 0.02, np.exp(-0.02 / 20)
    spread = 5 / np.sqrt(2) * np.sqrt(1 - decay**2)
    for i in range(25_000):
        new = 15 + (V - 15) * decay + spread * rng.standard_normal(4000)
        free = left <= 0
        # a path may cross between two samples: the bridge's chance
        crossed = rng.random(4000) < np.exp(np.minimum(0.0, -2 * (20 - V) * (20 - new) / (25 / 20 * dt)))
        fired = free & ((new >= 20) | crossed)
        t = (i + 0.5) * dt
        gaps.append((t - last)[fired & np.isfinite(last)])
        last[fired] = t
        V = np.where(fired, 10.0, np.where(free, new, V))
        left = np.where(fired, 2.0, left - dt)
    gaps = np.concatenate(gaps)
    count = np.isfinite(last).sum() + len(gaps)
    assert 1000 * count / (4000 * 500.0) == pytest.approx(9.46, rel=0.03)


def test_a_well_has_the_density_of_boltzmann():
    class Well(bn.Model):
        """dx = (x - x^3) dt + g dW."""

        x = bn.state(0.0, "1", "position", bounds=(-2, 2))

        def vector_field(self, t, s, u):
            return dict(x=s.x - s.x**3)

        def diffusion(self, t, s, u):
            return dict(x=0.5)

    found = bn.analysis.fokker_planck(Well(), between=(-3.0, 3.0))
    x = found.x.values
    exact = np.exp(2 / 0.25 * (x**2 / 2 - x**4 / 4))
    exact /= exact.sum() * (x[1] - x[0])
    np.testing.assert_allclose(found.density, exact, rtol=1e-4, atol=1e-9)
