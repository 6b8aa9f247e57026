"""Measures of spike trains: closed forms, labels kept, counts recorded every few steps, and clear answers."""

import numpy as np
import pytest
import xarray as xr

from brainnb import measures
from brainnb.core.errors import ModelError, OutOfBounds, UnknownName
from brainnb.measures import branching, distances, smoothing, synchrony, variability

RNG = np.random.default_rng


def poisson(rate, T, rng):
    return np.sort(rng.uniform(0, T, rng.poisson(rate * T / 1000)))


def recorded(trains, T=1000.0, every=0.1, dims=("time", "neuron")):
    """A Dataset as a run would give it: spikes since the last record, time first."""
    time = np.round(np.arange(1, round(T / every) + 1) * every, 9)
    counts = np.stack([np.histogram(np.asarray(t, float), np.concatenate([[0], time]))[0] for t in trains], axis=-1)
    return xr.Dataset(
        {"spike": (dims, counts.astype(float), {"units": "1"})}, {"time": ("time", time, {"units": "ms"})}
    )


def test_a_clock_and_a_poisson_process():
    rng = RNG(0)
    ds = recorded([np.arange(5, 100_000, 50), poisson(20, 100_000, rng)], T=100_000, every=1.0)
    for measure, clock in ((measures.cv, 0), (measures.cv2, 0), (measures.lv, 0), (measures.fano, 0)):
        found = measure(ds)
        assert found.dims == ("neuron",)
        assert found.attrs["units"] == "1"
        assert found[0] == pytest.approx(clock, abs=1e-9)
        assert found[1] == pytest.approx(1.0, abs=0.08)


def test_gamma_intervals_have_the_cv_and_lv_of_their_order():
    """CV = 1/sqrt(k), Lv = 3/(2k + 1) (Shinomoto, Shima, Tanji 2003)."""
    for k in (2, 4):
        times = RNG(k).gamma(k, 10.0, 60_000).cumsum()
        assert variability.cv(times) == pytest.approx(1 / np.sqrt(k), rel=0.02)
        assert variability.lv(times) == pytest.approx(3 / (2 * k + 1), rel=0.02)


def test_cv2_is_not_misled_by_a_change_of_rate():
    slow_then_fast = np.concatenate([np.arange(0, 1000, 50.0), np.arange(1000, 2000, 10.0)])
    assert variability.cv(slow_then_fast) > 0.5
    assert variability.cv2(slow_then_fast) < 0.02


def test_too_few_spikes_have_no_irregularity():
    rows = np.array([[1.0, 2.0, np.nan], [np.nan] * 3, [1.0, 3.0, 4.0]])
    for measure in (variability.cv, variability.cv2, variability.lv):
        found = measure(rows)
        assert np.isnan(found[:2]).all()
        assert np.isfinite(found[2])


def test_counts_recorded_every_few_steps_give_the_same_bins():
    trains = [poisson(200, 1000, RNG(s)) for s in range(3)]
    fine, coarse = recorded(trains, every=0.1), recorded(trains, every=2.0)
    assert coarse.spike.max() > 1
    a, b = measures.spike_counts(fine, 10.0), measures.spike_counts(coarse, 10.0)
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(a.sum("time"), [len(t) for t in trains])
    np.testing.assert_allclose(a.time, np.arange(10, 1001, 10))
    assert a.dims == ("neuron", "time")


def test_a_part_that_fills_no_bin_is_left_out_and_start_moves_the_bins():
    ds = recorded([[5.0, 55.0, 95.0]], T=100.0)
    assert measures.spike_counts(ds, 30.0)[0].values.tolist() == [1, 1, 0]
    assert measures.spike_counts(ds, 30.0, start=40.0)[0].values.tolist() == [1, 1]


def test_counts_of_a_voltage_trace():
    time = np.arange(0.1, 100.05, 0.1)
    V = np.where((time > 24) & ((time - 25) % 20 < 1), 20.0, -65.0)
    ds = xr.Dataset({"V": ("time", V, {"units": "mV"})}, {"time": time})
    np.testing.assert_array_equal(measures.spike_counts(ds, 20.0), [0, 1, 1, 1, 1])


@pytest.mark.parametrize("kernel", smoothing.KERNELS)
@pytest.mark.parametrize("dt", [0.1, 3.0])
def test_a_smoothed_spike_is_the_kernel(kernel, dt):
    counts = np.zeros(2001)
    counts[1000] = 1
    rate = smoothing.smoothed_rate(counts, dt, kernel, 7.0)
    t = (np.arange(2001) - 1000) * dt
    assert rate.sum() * dt / 1000 == pytest.approx(1.0, abs=2e-5)  # one spike, of which a little falls behind the end
    assert (rate >= 0).all()
    look_back = kernel in ("exponential", "alpha")
    middle = {"exponential": 7.0 + dt / 2, "alpha": 14.0}.get(kernel, 0.0)
    spread = {"rectangular": 7 / np.sqrt(12), "gaussian": 7.0, "exponential": 7.0, "alpha": 7 * np.sqrt(2)}[kernel]
    mean = (rate * t).sum() / rate.sum()
    assert mean + look_back * dt / 2 == pytest.approx(middle, abs=0.6 * dt + 0.01)
    assert np.sqrt((rate * (t - mean) ** 2).sum() / rate.sum()) == pytest.approx(spread, rel=0.02, abs=dt / 3)
    assert (rate[:1000] == 0).all() == look_back


def test_rates_in_time_keep_swept_dimensions_and_average_units():
    ds = recorded([poisson(30, 5000, RNG(s)) for s in range(40)], T=5000.0, every=0.5)
    ds = xr.concat([ds, ds * 0], xr.DataArray([1.0, 2.0], dims="I", name="I"))
    rate = measures.rate_over_time(ds, "gaussian", 20.0)
    assert rate.dims == ("I", "neuron", "time")
    assert rate.attrs["units"] == "Hz"
    population = measures.population_rate(ds, "gaussian", 20.0)
    assert population.dims == ("I", "time")
    np.testing.assert_allclose(population, rate.mean("neuron"), atol=1e-9)
    assert population.sel(I=1.0, time=slice(200, 4800)).mean() == pytest.approx(30, abs=2)
    assert (population.sel(I=2.0) == 0).all()


def test_victor_purpura_closed_forms():
    a, b = np.array([10.0, 30.0, 50.0]), np.array([12.0, 33.0])
    assert distances.victor_purpura(a, a) == 0
    assert distances.victor_purpura(a, []) == 3
    assert distances.victor_purpura(a, b, cost=0.0) == 1  # the numbers of spikes
    assert distances.victor_purpura(a, b, cost=100.0) == 5  # all removed and added
    assert distances.victor_purpura(a, b, cost=0.1) == pytest.approx(0.2 + 0.3 + 1)


def test_van_rossum_closed_form():
    """Two spikes d apart: D^2 = 1 - exp(-d / tau)."""
    assert distances.van_rossum([10.0], [17.0], 5.0) ** 2 == pytest.approx(1 - np.exp(-7 / 5))
    assert distances.van_rossum([10.0, 20.0], [10.0, 20.0]) == 0
    t = np.arange(0, 400, 0.001)
    f = sum(np.where(t >= s, np.exp(-(t - s) / 10), 0) for s in (20.0, 50.0, 55.0))
    g = sum(np.where(t >= s, np.exp(-(t - s) / 10), 0) for s in (22.0, 80.0))
    by_integral = np.sqrt(((f - g) ** 2).sum() * 0.001 / 10)
    assert distances.van_rossum([20, 50, 55], [22, 80], 10.0) == pytest.approx(by_integral, rel=1e-4)


def test_distances_of_a_population():
    ds = recorded([[100, 300, 500], [100, 300, 500], [150, 420], []])
    for kind in ("spike", "isi", "victor_purpura", "van_rossum"):
        found = measures.spike_train_distance(ds, kind)
        assert found.dims == ("neuron", "neuron_other")
        np.testing.assert_array_equal(found, found.T)
        np.testing.assert_allclose(np.diag(found), 0, atol=1e-9)
        assert found[0, 1] == pytest.approx(0, abs=1e-9)
        assert found[0, 2] > 0.1
    tiling = measures.sttc(ds, window=5.0)
    assert tiling[0, 1] == 1
    assert tiling[0, 2] < 0
    assert np.isnan(tiling[0, 3])


def test_trials_along_a_swept_dimension_can_be_compared():
    ds = recorded([[100, 300], [110, 310]], dims=("time", "trial")).assign_coords(trial=[1, 2])
    found = measures.spike_train_distance(ds, "victor_purpura", cost=0.01, dim="trial")
    assert found.sel(trial=1, trial_other=2) == pytest.approx(0.2, abs=0.01)
    with pytest.raises(ModelError, match="has one unit only; run a population"):
        measures.spike_train_distance(ds)


def test_independent_trains_have_no_tiling_and_low_kappa():
    ds = recorded([poisson(20, 20_000, RNG(s)) for s in range(6)], T=20_000, every=1.0)
    off = ~np.eye(6, dtype=bool)
    assert abs(measures.sttc(ds, 5.0).values[off].mean()) < 0.02
    assert measures.kappa(ds, bin=5.0) == pytest.approx(1 - np.exp(-0.1), abs=0.02)  # share of bins with a spike
    assert abs(measures.count_correlation(ds, 10.0)) < 0.03


def test_synchronous_trains():
    ds = recorded([np.arange(5.05, 1000, 25) for _ in range(5)] + [[]])
    assert measures.kappa(ds) == pytest.approx(1.0)
    assert measures.count_correlation(ds) == pytest.approx(1.0)


def test_kappa_equals_its_sum_over_pairs():
    counts = RNG(1).poisson(0.3, (2, 7, 50))
    fired = (counts > 0).astype(float)
    pairs = [
        (fired[:, i] * fired[:, j]).sum(-1) / np.sqrt(fired[:, i].sum(-1) * fired[:, j].sum(-1))
        for i in range(7)
        for j in range(i)
    ]
    np.testing.assert_allclose(synchrony.kappa(counts), np.mean(pairs, axis=0))


def branching_process(m, h, n, rng):
    activity = np.empty(n)
    now = h / (1 - m)
    for i in range(n):
        now = rng.poisson(m * now + h)
        activity[i] = now
    return activity


@pytest.mark.parametrize("m", [0.8, 0.97])
def test_the_branching_factor_survives_subsampling(m):
    rng = RNG(3)
    full = branching_process(m, 20 * (1 - m), 60_000, rng)
    seen = rng.binomial(full.astype(int), 0.1)
    naive = branching.regression_slopes(seen, np.array([1]))[0]
    estimate, factor, slopes = branching.branching_factor(seen, 60)
    assert naive < 0.75 * m
    assert estimate == pytest.approx(m, abs=0.03)
    assert slopes[0] == pytest.approx(factor * estimate, abs=0.02)


def test_the_branching_factor_of_a_dataset():
    activity = branching_process(0.9, 1.0, 20_000, RNG(5))
    shares = RNG(6).multinomial(activity.astype(int), np.ones(10) / 10)
    time = np.arange(1, 20_001) * 4.0
    ds = xr.Dataset({"E.spike": (("time", "E_neuron"), shares.astype(float))}, {"time": time})
    assert measures.branching_factor(ds, bin=4.0) == pytest.approx(0.9, abs=0.03)
    assert np.isnan(measures.branching_factor(ds * 0))


BAD = [
    (lambda ds: measures.spike_counts(ds, 0.05), OutOfBounds, "shorter than the time between records, 0.1 ms"),
    (lambda ds: measures.spike_counts(ds, 0.0), OutOfBounds, "above 0 and at most 1000 ms"),
    (lambda ds: measures.fano(ds, 2000.0), OutOfBounds, "the length of the run"),
    (lambda ds: measures.rate_over_time(ds, "gauss"), ModelError, "Did you mean `gaussian`"),
    (lambda ds: measures.rate_over_time(ds, width=-1.0), OutOfBounds, "a number of ms above 0"),
    (lambda ds: measures.spike_train_distance(ds, "spikes"), ModelError, "Did you mean `spike`"),
    (lambda ds: measures.spike_train_distance(ds, "victor_purpura", cost=-1), OutOfBounds, "cost = -1"),
    (lambda ds: measures.spike_train_distance(ds, "van_rossum", tau=0), OutOfBounds, "tau = 0"),
    (lambda ds: measures.sttc(ds, dim="neurons"), UnknownName, "Did you mean `neuron`"),
    (lambda ds: measures.kappa(ds.isel(neuron=0)), ModelError, "has one unit only"),
    (lambda ds: measures.branching_factor(ds, lags=1000), OutOfBounds, "lags = 1000"),
    (lambda ds: measures.cv(ds, "spikes"), UnknownName, "Did you mean `spike`"),
]


@pytest.mark.parametrize(("ask", "error", "words"), BAD, ids=range(len(BAD)))
def test_bad_input_is_told(ask, error, words):
    with pytest.raises(error) as caught:
        ask(recorded([[100.0, 200.0], [300.0]]))
    assert words in str(caught.value)
