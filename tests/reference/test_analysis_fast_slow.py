"""Bursters taken apart: the numbers of analysis by AUTO, and the names that Izhikevich gave."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

import brainnb as bn
from brainnb.analysis.bursting import bursts


@pytest.fixture(scope="module")
def rose():
    return bn.neurons.HindmarshRose()


def special(ds, kind, near):
    """The value of the special point of a kind next to a value."""
    values = ds.special_value.values[ds.special_kind.values == kind]
    return float(values[np.abs(values - near).argmin()])


def test_hindmarsh_rose_is_a_square_wave_burster(rose):
    """J = I - z: fold 5/27, homoclinic -0.085600882 (AUTO-07p, and the split of the saddle's manifolds)."""
    ds = bn.fast_slow(rose, "z", T=3000, I=2.0)
    assert ds.attrs["rhythm"] == "bursting"
    assert ds.attrs["spikes_per_burst"] == 2
    assert ds.attrs["burst_class"] == "fold/homoclinic (square-wave)"
    assert special(ds, "fold", 1.8) == pytest.approx(2 - 5 / 27, rel=1e-9)
    assert special(ds, "homoclinic", 2.1) == pytest.approx(2 + 0.085600882, rel=1e-6)
    onsets = bursts.rhythm(ds.time.values, ds.trajectory_x.values).onsets
    assert np.diff(onsets).mean() == pytest.approx(128.504844594, rel=1e-3)


def test_the_averaged_drift_tells_tonic_spiking_from_bursting(rose):
    tonic, burst = (bn.fast_slow(rose, "z", T=2000, I=I) for I in (4.0, 2.0))
    assert tonic.attrs["rhythm"] == "spiking"
    assert not tonic.attrs["burst_class"]
    (z,) = tonic.balance_value.values[tonic.balance_stable.values]
    assert z == pytest.approx(float(tonic.trajectory_z.mean()), abs=0.03)  # the slow variable lags
    assert not burst.balance_stable.any()


def test_rest_lies_where_the_slow_nullcline_crosses_stable_rest(rose):
    ds = bn.fast_slow(rose, "z", T=2000, I=1.0)
    z, x = float(ds.trajectory_z[-1]), float(ds.trajectory_x[-1])
    assert ds.attrs["rhythm"] == "rest"
    assert np.interp(
        z, np.sort(ds.slow_nullcline_z), ds.slow_nullcline_x[np.argsort(ds.slow_nullcline_z.values)]
    ) == pytest.approx(x, abs=1e-3)


class SquareWave(bn.Model):
    """Persistent sodium, potassium and a slow M-current (Izhikevich 2007, section 9.1; parameters of figure 9.6)."""

    V = bn.state(-60.0, "mV", "membrane potential", bounds=(-90, 20))
    n = bn.state(0.0, "1", "potassium gate", bounds=(0, 1))
    q = bn.state(0.0, "1", "slow gate", bounds=(-0.2, 0.5))
    I = bn.input(5.0, "uA/cm2", "injected current")

    def vector_field(self, t, s, u):
        m = 1 / (1 + jnp.exp((-20 - s.V) / 15))
        n = 1 / (1 + jnp.exp((-25 - s.V) / 5))
        q = 1 / (1 + jnp.exp((-20 - s.V) / 5))
        outward = 9 * s.n * (s.V + 90) + 5 * s.q * (s.V + 90)
        return dict(V=u.I - 8 * (s.V + 80) - 20 * m * (s.V - 60) - outward, n=(n - s.n) / 0.152, q=(q - s.q) / 20)


def test_persistent_sodium_and_a_slow_potassium_current():
    """Fold 0.00350157835214, homoclinic 0.06782613187: the window of the burst (AUTO-07p)."""
    ds = bn.fast_slow(SquareWave(), "q", T=1500, dt=0.01)
    assert special(ds, "fold", 0.0) == pytest.approx(0.00350157835214, rel=1e-6)
    assert special(ds, "hopf", -0.1) == pytest.approx(-0.1139862954591, rel=1e-8)
    assert special(ds, "homoclinic", 0.07) == pytest.approx(0.06782613187, rel=1e-5)
    assert ds.attrs["rhythm"] == "bursting"
    assert ds.attrs["burst_class"] == "fold/homoclinic (square-wave)"
    assert ds.attrs["spikes_per_burst"] > 3


@pytest.fixture(scope="module")
def plant():
    return bn.fast_slow(bn.neurons.Plant(), ("Ca", "x"), others={"x": 0.639}, T=60000, dt=0.2, transient=20000)


def calcium(V, x):
    """Where the fast variables of Plant's cell rest at ``V``: in closed form."""
    v = (127 * V + 8265) / 105
    m = [0.1 * (v - 50) / (1 - np.exp((50 - v) / 10)), 4 * np.exp((25 - v) / 18)]
    n = [0.01 * (v - 55) / (1 - np.exp((55 - v) / 10)), 0.125 * np.exp((45 - v) / 80)]
    h = [0.07 * np.exp((25 - v) / 20), 1 / (1 + np.exp((55 - v) / 10))]
    m, n, h = (a / (a + b) for a, b in (m, n, h))
    inward = 4 * m**3 * h * (30 - V) + 0.004 * x * (140 - V)
    bound = (inward - 0.3 * n**4 * (V + 75) - 0.003 * (V + 40)) / (0.03 * (V + 75))
    return 0.5 * bound / (1 - bound)


def test_plant_bursts_around_a_circle(plant):
    """Two slow variables: rest is lost and spiking ends on one curve of folds (Rinzel & Lee 1987): parabolic."""
    assert plant.attrs["rhythm"] == "bursting"
    assert plant.attrs["spikes_per_burst"] == 7
    assert plant.attrs["burst_class"] == "circle/circle (parabolic)"


def test_the_other_slow_variable_stands_where_it_is_told(plant):
    found = scipy.optimize.minimize_scalar(calcium, (-45, -41, -38), args=(0.639,), tol=1e-12)
    assert special(plant, "fold", found.fun) == pytest.approx(found.fun, rel=1e-8)
    rest = np.isfinite(plant.Ca.values) & np.isfinite(plant.V.values)
    V, Ca = plant.V.values[rest], plant.Ca.values[rest]
    np.testing.assert_allclose(plant.drift.values[rest], 0.0003 * (0.0085 * 0.639 * (140 - V) - Ca), atol=1e-12)
    np.testing.assert_allclose(
        plant.drift_x.values[rest], (1 / (1 + np.exp(-0.15 * (V + 50))) - 0.639) / 235, atol=1e-12
    )
    line = plant.slow_nullcline_Ca.values
    np.testing.assert_allclose(line, 0.0085 * 0.639 * (140 - plant.slow_nullcline_V.values), atol=1e-9)
    assert float(plant.held_x) == 0.639
