"""Working memory of Mi, Katkov & Tsodyks 2017: few items, in turns, a capacity, and the model against NumPy."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.networks import Mi2017


def held(ds):
    """Clusters that still fire bursts in the last two seconds."""
    return (ds.R.sel(time=slice(float(ds.time[-1]) - 2000, None)).max("time") > 30).sum(ds.R.dims[-1]).values


def test_a_few_items_are_held_and_more_are_not():
    ds = bn.sweep(Mi2017(), {"items": [0, 1, 4, 6, 8, 10]}, T=8000, dt=0.2, record=["R"], every=10)
    found = held(ds)
    assert found[:3].tolist() == [0, 1, 4]
    assert (found <= 6).all()  # the capacity of these numbers
    assert (found[3:] >= 4).all()


def test_clusters_take_turns():
    ds = bn.simulate(Mi2017(items=4), T=5000, dt=0.2, record=["R"], every=5)
    late = ds.R.sel(time=slice(3000, None)).values > 50
    assert late.sum(1).max() == 1
    onsets = ds.time.sel(time=slice(3000, None)).values[1:][np.diff(late[:, 0].astype(int)) == 1]
    np.testing.assert_allclose(np.diff(onsets), 365, atol=6)  # NumPy, Euler 0.2 ms: 364 to 366


def test_without_facilitation_nothing_is_held():
    ds = bn.simulate(Mi2017(items=3, tau_f=100), T=4000, dt=0.2, record=["R"], every=10)
    assert held(ds) == 0


def test_it_equals_its_equations_written_out():
    h, h_I, u, x = np.zeros(16), 0.0, np.full(16, 0.3), np.ones(16)
    dt, rates = 0.01, []

    def gain(h):
        return 1.5 * np.logaddexp(0, h / 1.5)

    for i in range(30_000):
        cue = np.where((np.arange(16) < 2) & (i * dt >= 100 + 100 * np.arange(16)), 225.0, 0.0)
        cue[i * dt >= 130 + 100 * np.arange(16)] = 0.0
        R, R_I = gain(h), gain(h_I)
        h, h_I, u, x = (
            h + dt / 8 * (-h + 8 * u * x * R - 1.1 * R_I + 8 + cue),
            h_I + dt / 8 * (-h_I + 1.75 * R.sum()),
            u + dt * ((0.3 - u) / 1500 + 0.3 * (1 - u) * R / 1000),
            x + dt * ((1 - x) / 300 - u * x * R / 1000),
        )
        rates.append(gain(h)[:2])
    ds = bn.simulate(Mi2017(items=2), T=300, dt=0.1, record=["R", "use", "x"])
    np.testing.assert_allclose(ds.R.values[:, :2], np.array(rates)[9::10], atol=3)  # Hz, of up to 500; Euler's error
    np.testing.assert_allclose(ds.use.values[-1], u, atol=2e-3)
    np.testing.assert_allclose(ds.x.values[-1], x, atol=2e-3)


def test_a_number_of_clusters_that_is_none_is_refused():
    with pytest.raises(bn.core.errors.ModelError, match="a whole number from 1"):
        Mi2017(clusters=0)
