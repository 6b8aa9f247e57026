"""Measures of signals: sines and noise whose spectra, phases and correlations are known."""

import numpy as np
import pytest
import xarray as xr

from brainnb import measures
from brainnb.core.errors import ModelError, OutOfBounds, UnknownName

DT = 1.0
TIME = np.arange(1, 20_001) * DT
S = TIME / 1000


def dataset(**signals):
    return xr.Dataset(
        {n: (("time", *extra), x, {"units": "mV"}) for n, (x, extra) in signals.items()},
        {"time": ("time", TIME, {"units": "ms"})},
    )


def noise(seed):
    return np.random.default_rng(seed).normal(size=len(TIME))


@pytest.mark.parametrize("method", ["welch", "multitaper"])
def test_the_spectrum_has_the_peak_the_unit_and_the_variance(method):
    ds = dataset(V=(3 * np.sin(2 * np.pi * 40 * S) + 0.5 * noise(0), ()))
    found = measures.spectrum(ds, method=method)
    assert found.dims == ("frequency",)
    assert found.attrs["units"] == "mV**2/Hz"
    assert abs(float(found.frequency[found.values.argmax()]) - 40) <= (4 if method == "multitaper" else 0.5)
    assert found.sum() * float(found.frequency[1]) == pytest.approx(float(ds.V.var()), rel=0.02)


@pytest.mark.parametrize("method", ["welch", "multitaper"])
def test_white_noise_is_flat(method):
    ds = dataset(V=(noise(1), ())).isel(time=slice(0, 4000))
    found = measures.spectrum(ds, method=method, window=100.0, bandwidth=10.0)
    middle = found.sel(frequency=slice(20, 480))
    assert middle.mean() == pytest.approx(2 / 1000, rel=0.04)  # variance 1 over 500 Hz
    assert middle.std() / middle.mean() < (0.15 if method == "welch" else 0.2)


def test_a_swept_population_keeps_its_dimensions():
    x = np.stack([np.sin(2 * np.pi * f * S) for f in (10, 20)])
    ds = xr.Dataset({"V": (("I", "time"), x)}, {"time": TIME, "I": [1.0, 2.0]}).expand_dims(neuron=3)
    found = measures.spectrum(ds.transpose("time", "neuron", "I"))
    assert set(found.dims[:-1]) == {"neuron", "I"}
    peaks = found.frequency.values[found.argmax("frequency")]
    np.testing.assert_allclose(peaks, np.broadcast_to([10, 20], peaks.shape), atol=0.3)


def test_the_spectrogram_follows_a_change_of_rhythm():
    x = np.where(S < 10, np.sin(2 * np.pi * 20 * S), np.sin(2 * np.pi * 60 * S))
    found = measures.spectrogram(dataset(V=(x, ())), window=500.0)
    peak = found.frequency.values[found.argmax("frequency").values]
    assert found.dims == ("frequency", "time")
    np.testing.assert_allclose(peak[found.time < 9500], 20, atol=1.1)
    np.testing.assert_allclose(peak[found.time > 10_500], 60, atol=1.1)
    assert float(found.time[0]) == pytest.approx(DT + 250 - DT / 2, abs=DT)


def test_spectra_take_a_population_rate():
    rng = np.random.default_rng(2)
    chance = 0.03 * (1 + np.sin(2 * np.pi * 30 * S))
    ds = dataset(spike=((rng.random((len(TIME), 80)) < chance[:, None]).astype(float), ("neuron",)))
    found = measures.spectrum(measures.population_rate(ds, width=1.0))
    assert float(found.frequency[found.values.argmax()]) == pytest.approx(30, abs=0.3)
    assert found.attrs["units"] == "Hz**2/Hz"


def test_coherence_of_what_is_shared():
    """With equal powers of shared and own noise, coherence is 1/4."""
    shared = noise(3)
    ds = dataset(x=(shared + noise(4), ()), y=(shared + noise(5), ()), z=(noise(6), ()))
    assert measures.coherence(ds, "x", "y", window=200.0).mean() == pytest.approx(0.25, abs=0.03)
    assert measures.coherence(ds, "x", "z", window=200.0).mean() < 0.03
    assert measures.coherence(ds, "x", "x").min() == pytest.approx(1.0)


def test_phase_locking():
    a, b = np.sin(2 * np.pi * 10 * S), np.sin(2 * np.pi * 10 * S + 1.0)
    ds = dataset(a=(a + 0.1 * noise(7), ()), b=(b, ()), c=(np.sin(2 * np.pi * 11.3 * S), ()))
    assert measures.phase_locking(ds, "a", "b", (8, 12)) > 0.98
    assert measures.phase_locking(ds, "a", "c", (8, 13)) < 0.05


def test_phase_locking_of_a_wandering_phase_is_its_mean_cosine():
    """A difference spread as a normal of standard deviation s locks by exp(-s^2 / 2)."""
    rng = np.random.default_rng(8)
    phase = np.repeat(rng.normal(0, 0.8, 100), 200)
    ds = dataset(a=(np.sin(2 * np.pi * 40 * S), ()), b=(np.sin(2 * np.pi * 40 * S + phase), ()))
    assert measures.phase_locking(ds, "a", "b", (20, 60)) == pytest.approx(np.exp(-0.32), abs=0.06)


def test_phase_amplitude_coupling_grows_with_the_modulation():
    slow = np.sin(2 * np.pi * 6 * S)
    fast = np.sin(2 * np.pi * 60 * S)
    ds = dataset(**{f"m{k}": (slow + (1 + k / 10 * slow) * fast + 0.05 * noise(9), ()) for k in (0, 5, 10)})
    found = [float(measures.phase_amplitude_coupling(ds, f"m{k}", (4, 8), (40, 80))) for k in (0, 5, 10)]
    assert found[0] < 1e-3
    assert found[0] < found[1] < found[2]


def test_the_modulation_index_of_a_known_distribution():
    """Amplitude 1 + a cos(phase): the closed form of Kullback and Leibler's distance, by sums over the bins."""
    a, edges = 0.6, np.linspace(-np.pi, np.pi, 19)
    mean = 1 + a * np.diff(np.sin(edges)) / np.diff(edges)
    P = mean / mean.sum()
    expected = (np.log(18) + (P * np.log(P)).sum()) / np.log(18)
    phase = 2 * np.pi * 5 * S
    ds = dataset(V=(5 * np.cos(phase) + (1 + a * np.cos(phase)) * np.cos(2 * np.pi * 73 * S), ()))
    assert measures.phase_amplitude_coupling(ds, phase=(3, 7), amplitude=(40, 120)) == pytest.approx(expected, rel=0.04)


def test_chi_of_the_same_of_the_independent_and_of_two_clusters():
    same = np.repeat(noise(10)[:, None], 25, axis=1)
    alone = np.random.default_rng(11).normal(size=(len(TIME), 25))
    clusters = np.stack([np.sin(20 * S)] * 10 + [np.cos(20 * S)] * 10, axis=1)
    assert measures.chi(dataset(V=(same, ("neuron",)))) == pytest.approx(1.0)
    assert measures.chi(dataset(V=(alone, ("neuron",)))) == pytest.approx(1 / 5, abs=0.01)
    assert measures.chi(dataset(V=(clusters, ("neuron",)))) == pytest.approx(np.sqrt(0.5), abs=0.01)
    assert np.isnan(measures.chi(dataset(V=(0 * alone, ("neuron",)))))


def test_cross_correlation_finds_the_delay():
    x = noise(12)
    ds = dataset(x=(x, ()), y=(np.roll(x, 7) + 0.5 * noise(13), ()))
    found = measures.cross_correlation(ds, "x", "y", max_lag=20.0)
    assert float(found.lag[found.values.argmax()]) == 7.0
    assert found.max() == pytest.approx(1 / np.sqrt(1.25), abs=0.02)
    assert found.lag.attrs["units"] == "ms"
    np.testing.assert_allclose(measures.cross_correlation(ds, "y", "x", 20.0), found[::-1])
    assert found.sel(lag=0) == pytest.approx(float(np.corrcoef(ds.x, ds.y)[0, 1]), abs=1e-9)


def test_functional_connectivity_is_pearson_and_unchanging_units_have_none():
    x = np.random.default_rng(14).normal(size=(len(TIME), 4)) @ np.array(
        [[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0] * 4]
    )
    found = measures.functional_connectivity(dataset(V=(x, ("region",))))
    assert found.dims == ("region", "region_other")
    np.testing.assert_allclose(found[:3, :3], np.corrcoef(x[:, :3].T), atol=1e-12)
    assert np.isnan(found[3]).all()


def test_functional_connectivity_dynamics_sees_two_states():
    rng = np.random.default_rng(15)
    a, b = rng.normal(size=(2, len(TIME)))
    own = 0.5 * rng.normal(size=(len(TIME), 4))
    first = np.stack([a, a, b, b], axis=1)
    second = np.stack([a, b, a, b], axis=1)
    x = np.where((S < 10)[:, None], first, second) + own
    found = measures.functional_connectivity_dynamics(dataset(V=(x, ("region",))), window=2000.0, step=1000.0)
    early, late = found.window < 9000, found.window > 11_000
    assert found.values[np.ix_(early, early)].min() > 0.9
    assert found.values[np.ix_(early, late)].max() < 0.2
    assert float(found.window[1] - found.window[0]) == 1000.0


def test_the_field_potential_is_the_weighted_sum():
    ampa, gaba = -np.abs(noise(16)), np.abs(noise(17))
    ds = dataset(ampa=(np.stack([ampa, 2 * ampa], axis=1), ("neuron",)), gaba=(gaba, ()))
    found = measures.field_potential(ds, "ampa", "gaba")
    expected = 3 * np.abs(ampa[:-6]) + 1.65 * gaba[6:]
    np.testing.assert_allclose(found, (expected - expected.mean()) / expected.std())
    assert float(found.time[0]) == TIME[6]
    assert np.isfinite(measures.spectrum(found)).all()


BAD = [
    (lambda ds: measures.spectrum(ds), ModelError, "Name the variable to look at: a, b"),
    (lambda ds: measures.spectrum(ds, "A"), UnknownName, "Did you mean `a`"),
    (lambda ds: measures.spectrum(ds.mean("time"), "a"), ModelError, "no time axis"),
    (lambda ds: measures.spectrum(ds, "a", method="fft"), ModelError, "Known: welch, multitaper"),
    (lambda ds: measures.spectrum(ds, "a", window=50_000.0), OutOfBounds, "window = 50000 ms; between 8 and 20000 ms"),
    (
        lambda ds: measures.spectrum(ds, "a", method="multitaper", bandwidth=0.0),
        OutOfBounds,
        "bandwidth = 0 Hz; from 0.05 Hz",
    ),
    (lambda ds: measures.spectrum(ds.isel(time=[0, 1, 5, 6, 9]), "a"), ModelError, "not evenly spaced"),
    (lambda ds: measures.spectrum(ds, "a", start=20_000.0), ModelError, "leaves 0 samples"),
    (lambda ds: measures.coherence(ds, "a", ds.b.isel(time=slice(0, 100))), ModelError, "different times"),
    (
        lambda ds: measures.phase_locking(ds, "a", "b", (12, 8)),
        OutOfBounds,
        "two rising frequencies between 0 and 500 Hz",
    ),
    (lambda ds: measures.phase_locking(ds, "a", "b", (0.1, 8)), OutOfBounds, "less than three periods of 0.1 Hz"),
    (lambda ds: measures.cross_correlation(ds, "a", "b", -1.0), OutOfBounds, "max_lag = -1 ms"),
    (lambda ds: measures.functional_connectivity(ds, "a"), ModelError, "has one unit only"),
    (
        lambda ds: measures.chi(ds.a.expand_dims(x=2, y=2), dim=None),
        ModelError,
        "2 dimensions of units, x, y; name one with dim=",
    ),
    (lambda ds: measures.field_potential(ds, "a", "b", delay=-1.0), OutOfBounds, "delay = -1 ms"),
    (
        lambda ds: measures.functional_connectivity_dynamics(ds.a.expand_dims(r=2)),
        ModelError,
        "`r` has 2 units, at least 3",
    ),
]


@pytest.mark.parametrize(("ask", "error", "words"), BAD, ids=range(len(BAD)))
def test_bad_input_is_told(ask, error, words):
    with pytest.raises(error) as caught:
        ask(dataset(a=(noise(1), ()), b=(noise(2), ())))
    assert words in str(caught.value)
