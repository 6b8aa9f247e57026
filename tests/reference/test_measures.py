"""Measures against packages of the field: elephant where it has them, numbers of PySpike where it does not."""

import neo
import numpy as np
import pytest
import quantities as pq
from elephant import spectral, spike_train_correlation, spike_train_dissimilarity, statistics
from elephant.conversion import BinnedSpikeTrain
from elephant.spike_train_generation import StationaryPoissonProcess
from scipy import signal

from brainnb.measures import distances, smoothing, spectra, synchrony, variability

T = 500.0
pytestmark = pytest.mark.filterwarnings("ignore")  # of elephant and its dependencies


def train(seed, rate=40.0):
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(0, T, rng.poisson(rate * T / 1000)).round(4))


def theirs(times):
    return neo.SpikeTrain(times * pq.ms, t_stop=T * pq.ms)


PAIRS = [(train(1), train(2)), (train(3), train(4, 10.0)), (train(5), train(5) + 0.5), (train(6), train(7, 3.0))]


@pytest.mark.parametrize("seed", range(4))
def test_irregularity(seed):
    times = train(seed)
    apart = np.diff(times)
    assert variability.cv(times) == pytest.approx(statistics.cv(apart), rel=1e-12)
    assert variability.cv2(times) == pytest.approx(statistics.cv2(apart), rel=1e-12)
    assert variability.lv(times) == pytest.approx(statistics.lv(apart), rel=1e-12)


def test_fano_factor_over_trials():
    trials = [train(s) for s in range(20)]
    ours = variability.fano([len(t) for t in trials])
    assert ours == pytest.approx(statistics.fanofactor([theirs(t) for t in trials]), rel=1e-12)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_distances_of_elephant(a, b):
    both = [theirs(a), theirs(np.clip(b, 0, T))]
    b = np.clip(b, 0, T)
    for cost in (0.0, 0.02, 0.3):
        expected = spike_train_dissimilarity.victor_purpura_distance(both, cost / pq.ms)[0, 1]
        assert distances.victor_purpura(a, b, cost) == pytest.approx(expected, rel=1e-9)
    for tau in (3.0, 30.0):  # elephant counts one spike more as 1, van Rossum's paper as 1/2
        expected = spike_train_dissimilarity.van_rossum_distance(both, tau * pq.ms)[0, 1] / np.sqrt(2)
        assert distances.van_rossum(a, b, tau) == pytest.approx(expected, rel=1e-9)
    for window in (2.0, 10.0):
        expected = spike_train_correlation.spike_time_tiling_coefficient(*both, window * pq.ms)
        assert distances.sttc(a, b, 0.0, T, window) == pytest.approx(expected, rel=1e-9)


# PySpike 0.9.0 on the pairs above; it comes as source only, so the numbers stand here
PYSPIKE = [
    (0.5134893427403311, 0.29987474190989083),
    (0.5542587927507197, 0.2474154913343988),
    (0.016323347286120997, 0.0231281563610017),
    (0.7770668369144368, 0.3142699495585773),
]


@pytest.mark.parametrize(("pair", "expected"), list(zip(PAIRS, PYSPIKE, strict=True)))
def test_distances_of_pyspike(pair, expected):
    a, b = pair[0], np.clip(pair[1], 0, T)
    assert distances.isi_distance(a, b, 0.0, T) == pytest.approx(expected[0], abs=1e-9)
    assert distances.spike_distance(a, b, 0.0, T) == pytest.approx(expected[1], abs=1e-9)


def test_distances_of_trains_with_one_spike_none_and_spikes_at_the_ends():
    """PySpike 0.9.0 again."""
    cases = [([250.0], [100.0, 400.0]), ([], [100.0, 400.0]), ([0.0, 120.0, 500.0], [130.0, 260.0])]
    expected = [(0.16666666666666663, 0.4628099173553719), (0.4, 0.25), (0.3795141700404859, 0.20880817600143214)]
    for (a, b), (isi, spike) in zip(cases, expected, strict=True):
        assert distances.isi_distance(a, b, 0.0, T) == pytest.approx(isi, abs=1e-9)
        assert distances.spike_distance(a, b, 0.0, T) == pytest.approx(spike, abs=1e-9)


def test_multitaper_and_welch_spectra():
    rng = np.random.default_rng(8)
    x = np.sin(2 * np.pi * 40 * np.arange(2000) / 1000) + rng.normal(size=(3, 2000))
    frequency, power = spectra.multitaper(x, 1.0, 2.0)
    their_frequency, their_power = spectral.multitaper_psd(
        x - x.mean(axis=-1, keepdims=True), fs=1000.0, nw=4, num_tapers=7
    )
    np.testing.assert_allclose(frequency, their_frequency)
    inner = slice(1, -1)
    np.testing.assert_allclose(power[:, inner], their_power[:, inner], rtol=0.02)  # theirs are periodic tapers
    frequency, power = spectra.welch(x, 1.0, 500)
    their_frequency, their_power = spectral.welch_psd(x, fs=1000.0, len_segment=500, overlap=0.5)
    np.testing.assert_allclose(power, their_power, rtol=1e-9)


def test_correlations_and_cross_correlation_of_counts():
    trains = [theirs(train(s)) for s in range(4)]
    binned = BinnedSpikeTrain(trains, bin_size=5 * pq.ms)
    counts = binned.to_array()
    expected = spike_train_correlation.correlation_coefficient(binned)
    np.testing.assert_allclose(synchrony.correlations(counts), expected, atol=1e-12)
    first, second = (BinnedSpikeTrain([t], bin_size=5 * pq.ms) for t in trains[:2])
    histogram, lags = spike_train_correlation.cross_correlation_histogram(
        first, second, window=[-10, 10], border_correction=False, cross_correlation_coefficient=True
    )
    ours = synchrony.cross_correlation(counts[0], counts[1], 10)
    x, y = (c - c.mean() for c in counts[:2].astype(float))
    exact = signal.correlate(y, x, "full")[len(x) - 11 : len(x) + 10] / (len(x) * x.std() * y.std())
    np.testing.assert_allclose(ours, exact, atol=1e-12)
    # elephant subtracts the product of the means before it cuts off what does not overlap
    np.testing.assert_allclose(ours, histogram.magnitude.ravel(), atol=0.04)
    assert ours[10] == pytest.approx(float(histogram.magnitude.ravel()[10]), rel=1e-9)
    assert list(lags) == list(range(-10, 11))


def test_a_gaussian_rate():
    from elephant.kernels import GaussianKernel

    times = np.arange(100.0, 400.0, 7.0) + 0.5  # in the middle of bins of 1 ms, where both agree on where a bin is
    expected = statistics.instantaneous_rate(
        theirs(times), 1 * pq.ms, GaussianKernel(8 * pq.ms), border_correction=False
    )
    counts = np.histogram(times, np.arange(0, T + 1))[0]
    ours = smoothing.smoothed_rate(counts, 1.0, "gaussian", 8.0)
    np.testing.assert_allclose(ours, expected.magnitude[:, 0], atol=0.05, rtol=1e-3)


def test_a_poisson_process_of_elephant():
    np.random.seed(4)  # noqa: NPY002 elephant draws from the global generator
    times = StationaryPoissonProcess(50 * pq.Hz, t_stop=400 * pq.s).generate_spiketrain().rescale("ms").magnitude
    for measure in (variability.cv, variability.cv2, variability.lv):
        assert measure(times) == pytest.approx(1.0, abs=0.03)
