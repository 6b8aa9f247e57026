"""The coincidence factor against hand computations, its definition, and chance."""

import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.core.errors import OutOfBounds
from brainnb.measures import coincidence

TIME = ("time", np.round(np.arange(1, 5001) * 0.1, 9), {"units": "ms"})


def raster(*trains):
    found = np.zeros((len(trains), 5000))
    for row, times in zip(found, trains, strict=True):
        row[np.round(np.asarray(times) / 0.1).astype(int) - 1] = 1
    return xr.Dataset({"spike": (("trial", "time"), found)}, {"time": TIME})


def test_a_hand_computation():
    """3 of 4 coincide; 0.128 are expected by chance: (3 - 4 x 0.064) / 4 / (1 - 0.064) at 8 spikes a second."""
    data, model = [100.0, 200.0, 300.0, 400.0], [101.0, 210.0, 303.0, 398.0]
    chance = 2 * (4 / 500) * 4
    assert chance == pytest.approx(0.064)
    assert coincidence.coincidence_factor(data, model, 500.0) == pytest.approx((3 - 4 * 0.064) / 4 / 0.936)
    assert coincidence.coincidence_factor(data, model, 500.0, precision=2.0) == pytest.approx(
        (2 - 4 * 0.032) / 4 / 0.968
    )
    assert coincidence.coincidence_factor(data, data, 500.0) == pytest.approx(1.0)
    assert coincidence.coincidence_factor(data, [], 500.0) == 0.0
    assert np.isnan(coincidence.coincidence_factor([], [], 500.0))


def test_a_spike_counts_once():
    assert coincidence.coincidences([10.0, 11.0, 12.0], [11.0], precision=4.0) == 1
    assert coincidence.coincidences([10.0, 13.0], [9.0, 14.5], precision=2.0) == 2
    a, b = np.sort(np.random.default_rng(1).uniform(0, 200, (2, 25)), 1)
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    most = (maximum_bipartite_matching(csr_array(np.abs(a[:, None] - b) <= 3.0)) >= 0).sum()
    assert coincidence.coincidences(a, b, 3.0) == most


def chance_factors(rate, precision, count):
    """Mean and standard error of the factor of independent Poisson trains of one rate (Hz)."""
    rng = np.random.default_rng(0)
    factors = []
    for _ in range(count):
        data, model = (np.sort(rng.uniform(0, 5000, rng.poisson(5 * rate))) for _ in range(2))
        factors.append(coincidence.coincidence_factor(data, model, 5000.0, precision))
    return np.mean(factors), np.std(factors, ddof=1) / np.sqrt(count)


@pytest.mark.parametrize(("rate", "precision"), [(5.0, 2.0), (5.0, 4.0), (10.0, 2.0)])
def test_chance_is_zero_on_average(rate, precision):
    mean, error = chance_factors(rate, precision, 400)
    assert error < 0.003
    assert abs(mean) < 4 * error


@pytest.mark.parametrize(("rate", "precision"), [(20.0, 4.0), (40.0, 2.0), (40.0, 4.0)])
def test_where_windows_overlap_chance_lies_below_zero_by_the_square_of_their_share(rate, precision):
    """A spike of either train counts once, and with c = 2 nu Delta both lose c/2 of their chance partners to another."""
    c = 2 * rate / 1000 * precision
    mean, error = chance_factors(rate, precision, 300)
    assert mean < -4 * error
    assert mean == pytest.approx(-(c**2), abs=4 * error + c**3)


def test_too_fast_a_model_is_told():
    with pytest.raises(OutOfBounds, match=r"198 times a second.*precision below 2\.53 ms"):
        coincidence.coincidence_factor([10.0], np.arange(5.0, 500, 5), 500.0)


def test_datasets_and_repetitions():
    trains = [[50.0, 150.0, 250.0, 400.0], [51.0, 149.0, 259.0, 401.0], [50.5, 152.0, 251.0, 480.0]]
    data, model = raster(*trains), raster([49.0, 151.0, 252.0, 399.0]).isel(trial=0)
    each = bn.measures.coincidence_factor(model, data)
    alone = [coincidence.coincidence_factor(x, [49.0, 151.0, 252.0, 399.0], 500.0) for x in trains]
    assert each.dims == ("trial",)
    np.testing.assert_allclose(each, alone)
    own = np.mean([coincidence.coincidence_factor(a, b, 500.0) for a in trains for b in trains if a is not b])
    assert coincidence.reliability(trains, 500.0) == pytest.approx(own)
    relative = bn.measures.coincidence_factor(model, data, repetitions="trial")
    assert float(relative) == pytest.approx(np.mean(alone) / own)
    assert float(relative) > 1  # it hits what the repetitions have in common
