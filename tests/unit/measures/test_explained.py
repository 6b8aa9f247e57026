"""Explained variance of spike times against closed forms for single spikes, and chance."""

import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.core.errors import ModelError, OutOfBounds
from brainnb.measures import explained

T, DT = 1000.0, 0.1


def raster(*trains, dt=DT):
    found = np.zeros((len(trains), round(T / dt)))
    for row, times in zip(found, trains, strict=True):
        row[np.round(np.asarray(times) / dt).astype(int) - 1] = 1
    time = ("time", np.round(np.arange(1, found.shape[1] + 1) * dt, 9), {"units": "ms"})
    return xr.Dataset({"spike": (("trial", "time"), found)}, {"time": time})


def correlation(apart, width):
    """Of two Gaussians whose centres lie ``apart``, over T: the integral of their product, less that of their means.

    Sampling every 0.1 ms adds 2e-5.
    """
    same = 1 / (2 * width * np.sqrt(np.pi))
    return (same * np.exp(-(apart**2) / (4 * width**2)) - 1 / T) / (same - 1 / T)


@pytest.mark.parametrize("width", [4.0, 10.0])
@pytest.mark.parametrize("apart", [0.0, 5.0, 15.0, 300.0])
def test_single_spikes_in_closed_form(width, apart):
    model, data = raster([400.0]).isel(trial=0), raster([400.0 + apart]).isel(trial=0)
    found = bn.measures.explained_variance(model, data, width)
    assert float(found) == pytest.approx(correlation(apart, width), abs=1e-4)
    assert found.attrs["units"] == "1"


def test_a_model_that_is_one_of_two_repetitions():
    """With rho between them their mean explains 2 (1 + rho) / (3 + rho) of each, the model (1 + rho) / 2: (3 + rho) / 4."""
    data = raster([400.0], [412.0])
    rho = correlation(12.0, 10.0)
    found = bn.measures.explained_variance(data.isel(trial=0), data, repetitions="trial")
    assert float(found) == pytest.approx((3 + rho) / 4, abs=1e-4)
    each = bn.measures.explained_variance(data.isel(trial=0), data)
    np.testing.assert_allclose(each, [1.0, rho], atol=1e-4)


def test_twice_the_rate_is_not_explained():
    """Variances 1 and 4 that go together: (1 + 4 - 1) / 5."""
    rate = np.sin(np.linspace(0, 20 * np.pi, 2000))
    assert explained.explained_variance(rate, 2 * rate + 5) == pytest.approx(0.8)
    assert explained.explained_variance(rate, -rate) == pytest.approx(-1.0)
    assert np.isnan(explained.explained_variance(0 * rate, 0 * rate))
    assert explained.of_repetitions(rate, [rate, rate]) == pytest.approx(1.0)


def test_chance_explains_nothing():
    """Independent Poisson trains: 0 within four standard errors."""
    rng = np.random.default_rng(4)
    trains = [np.unique(np.round(rng.uniform(1, T, 20), 1)) for _ in range(200)]
    ds = raster(*trains)
    found = bn.measures.explained_variance(ds.isel(trial=slice(0, 100)), ds.isel(trial=slice(100, 200))).values
    error = found.std(ddof=1) / np.sqrt(found.size)
    assert error < 0.02
    assert abs(found.mean()) < 4 * error


def test_mistakes():
    model, data = raster([400.0]).isel(trial=0), raster([400.0], [500.0])
    with pytest.raises(ModelError, match=r"No dimension `sweep` in the data.*trial"):
        bn.measures.explained_variance(model, data, repetitions="sweep")
    with pytest.raises(ModelError, match=r"1000 samples 1 ms apart up to 1000 ms and the data 10000 samples 0\.1 ms"):
        bn.measures.explained_variance(raster([400.0], dt=1.0).isel(trial=0), data)
    with pytest.raises(OutOfBounds, match="1 repetition: at least two"):
        bn.measures.explained_variance(model, data.isel(trial=[0]), repetitions="trial")
    with pytest.raises(ModelError, match=r"shapes \(2,\) and \(3,\)"):
        explained.explained_variance([1.0, 2.0], [1.0, 2.0, 3.0])
