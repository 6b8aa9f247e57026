"""Encoders: exact where they are exact, distributed as they say where they draw, and labelled as what went in."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import brainnb as bn
from brainnb.inputs import encode

X = np.array([0.0, 0.1, 0.5, 1.0])


# --- rates --------------------------------------------------------------------------------------------------------


def test_poisson_counts_and_intervals():
    found = encode.poisson(X, T=200_000, dt=1.0, max_rate=80, seed=1)
    for x, train in zip(X, found.values.T, strict=True):
        mean = 80e-3 * x
        assert train.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean / len(train)))
        windows = train.reshape(-1, 500).sum(axis=1)
        if x:
            assert windows.var() / windows.mean() == pytest.approx(1.0, abs=0.25)  # Fano factor
            seen = np.bincount(windows)
            wanted = stats.poisson.pmf(np.arange(len(seen)), 500 * mean) * len(windows)
            enough = wanted > 5
            scale = seen[enough].sum() / wanted[enough].sum()
            assert stats.chisquare(seen[enough], wanted[enough] * scale).pvalue > 1e-3
    assert abs(np.corrcoef(found.values[:, 2], found.values[:, 3])[0, 1]) < 0.01


def test_poisson_follows_a_course():
    t = np.arange(0, 1001.0)
    rate = xr.DataArray(0.5 - 0.5 * np.cos(2 * np.pi * t / 500), dims="time", coords={"time": t})
    many = rate.expand_dims(unit=500)
    found = encode.poisson(many, dt=1.0, max_rate=200, seed=2)
    assert found.dims == ("time", "unit")
    np.testing.assert_allclose(
        found.mean("unit").values.reshape(-1, 20).mean(1), 0.2 * rate.values[:1000].reshape(-1, 20).mean(1), atol=0.02
    )


def test_bernoulli():
    found = encode.bernoulli(X, T=100_000, dt=1, max_rate=1000, seed=3).values
    assert set(np.unique(found)) == {0, 1}
    np.testing.assert_allclose(found.mean(0), X, atol=0.007)
    assert abs((found[1:, 2] * found[:-1, 2]).mean() - 0.25) < 0.006
    with pytest.raises(
        bn.ModelError, match=r"gives up to 2 spikes in a bin of dt=1 ms; use a smaller dt, or encode.poisson"
    ):
        encode.bernoulli(X, T=10, dt=1, max_rate=2000)


def test_regular_trains_have_equal_intervals():
    found = encode.regular(np.array([0.0, 0.2, 1.0]), T=1000, dt=0.1, max_rate=50)
    assert found.sum("time").values.tolist() == [0, 10, 50]
    for unit, interval in ((1, 100.0), (2, 20.0)):
        np.testing.assert_allclose(np.diff(found.time[found[:, unit] > 0]), interval, atol=0.1001)


def test_a_seed_is_a_train():
    a, b, c = (encode.poisson(X, T=1000, seed=s) for s in (1, 1, 2))
    assert a.identical(b)
    assert not (a.values == c.values).all()


# --- times --------------------------------------------------------------------------------------------------------


def first(found):
    return np.where(found.values.any(0), found.time.values[found.values.argmax(0)], np.nan)


def test_latency_is_linear():
    x = np.linspace(0, 1, 11)[1:]
    found = encode.latency(x, T=10.1, dt=0.1)
    np.testing.assert_allclose(first(found), 10 * (1 - x), atol=0.1001)
    assert (found.sum("time") == 1).all()
    assert first(encode.latency([0.0, 1.0], T=10, dt=1)).tolist()[1] == 0.0


def test_latency_is_that_of_a_leaky_integrator():
    """V' = (x - V) / tau crosses the threshold when the code says so."""
    x = np.array([0.05, 0.21, 0.3, 0.6, 1.0])
    found = encode.latency(x, T=200, dt=0.01, course="log", tau=20, threshold=0.2)

    class Integrator(bn.Model):
        """A leaky integrator."""

        V = bn.state(0.0, "1", "charge", bounds=(0, 1))
        I = bn.input(0.0, "1", "drive", bounds=(0, 1))

        def vector_field(self, t, s, u):
            return dict(V=(u.I - s.V) / 20.0)

    V = bn.simulate(Integrator(), T=200, dt=0.01, I=x, size=5).V
    crossing = np.where((V > 0.2).any("time"), V.time.values[(V > 0.2).argmax("time")], np.nan)
    np.testing.assert_allclose(first(found), crossing, atol=0.021)
    assert np.isnan(crossing[0])


def test_rank_order_knows_only_the_order():
    x = np.array([3.0, 9.0, 3.0, 5.0, -1.0])
    found = encode.rank_order(x, T=20, dt=0.5, interval=2)
    np.testing.assert_array_equal(first(found), [4, 0, 4, 2, np.nan])
    assert found.equals(encode.rank_order(np.where(x > 0, np.exp(x), -1), T=20, dt=0.5, interval=2))
    assert int(encode.rank_order(np.arange(1.0, 50), T=10, dt=1).sum()) == 10


# --- phases, populations, changes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("phases", [1, 4, 8, 30])
def test_phases_are_binary_digits(phases):
    x = np.random.default_rng(0).random(50)
    found = encode.weighted_phase(x, phases=phases)
    np.testing.assert_array_equal((found * found.weight).sum("time"), np.floor(x * 2**phases) / 2**phases)
    again = encode.weighted_phase(x, T=3 * phases, phases=phases)
    np.testing.assert_array_equal(again.values.reshape(3, phases, 50), np.broadcast_to(found.values, (3, phases, 50)))
    assert float((encode.weighted_phase([1.0], phases=phases) * found.weight).sum()) == 1 - 2.0**-phases


def test_population_is_that_of_the_paper():
    """Bohte et al. 2002: centres at low + (2 i - 3) / 2 (high - low) / (n - 2), i = 1 ... n; width 1 / beta of the distance."""
    x, n, low, high, beta = np.array([2.0, 3.7]), 6, 1.0, 5.0, 1.5
    found = encode.population(x, n, low, high, beta=beta)
    i = np.arange(1, n + 1)
    centers = low + (2 * i - 3) / 2 * (high - low) / (n - 2)
    sd = (high - low) / (n - 2) / beta
    np.testing.assert_allclose(found.center, centers)
    np.testing.assert_allclose(found, np.exp(-((x[:, None] - centers) ** 2) / (2 * sd**2)))


def test_population_of_angles():
    found = encode.population(np.array([0.05, 2 * np.pi - 0.05]), 8, 0, 2 * np.pi, circular=True)
    assert float(found.center[0]) == 0.0
    np.testing.assert_allclose(found[0, 0], found[1, 0])
    np.testing.assert_allclose(found[0, 1], found[1, 7])
    turned = encode.population(np.array([0.05 + np.pi / 4]), 8, 0, 2 * np.pi, circular=True)
    np.testing.assert_allclose(np.roll(turned[0], -1), found[0], atol=1e-12)


def test_codes_are_chained():
    found = encode.latency(encode.population([0.2, 0.9], 5), T=10)
    assert found.dims == ("time", "unit", "center")
    best = found.center.values[np.nanargmin(first(found), axis=1)]
    np.testing.assert_allclose(best, [1 / 6, 5 / 6])


def walk(n=4000, units=3):
    steps = np.random.default_rng(5).uniform(-0.04, 0.04, (n, units))
    return xr.DataArray(np.cumsum(steps, 0), dims=("time", "unit"), coords={"time": np.arange(n) * 0.5})


def test_step_forward_is_decoded_within_the_threshold():
    signal = walk()
    found = encode.step_forward(signal, threshold=0.05)
    back = encode.decoded(found)
    assert back.dims == signal.dims
    assert float(abs(back - signal).max()) < 0.05 + 1e-9
    assert float(abs(signal - signal[0]).max()) > 0.3
    assert not (found.sel(polarity="up").values & found.sel(polarity="down").values).any()


def test_difference_sees_jumps_and_no_drift():
    signal = xr.DataArray([0.0, 0.3, 0.6, 1.6, 1.6, 0.1], dims="time")
    found = encode.difference(signal, threshold=0.5)
    assert found.sel(polarity="up").values.tolist() == [0, 0, 0, 1, 0, 0]
    assert found.sel(polarity="down").values.tolist() == [0, 0, 0, 0, 0, 1]
    drift = xr.DataArray(np.linspace(0, 10, 100), dims="time")
    assert int(encode.difference(drift, 0.5).sum()) == 0
    assert int(encode.step_forward(drift, 0.5).sum()) == 20


# --- labels, stimuli --------------------------------------------------------------------------------------------------


def picture():
    return xr.DataArray(
        np.linspace(0, 1, 6).reshape(2, 3),
        dims=("y", "x"),
        coords={"x": ("x", [0.0, 1.0, 2.0], {"units": "deg"}), "y": [5.0, 6.0]},
    )


@pytest.mark.parametrize(
    "code",
    [
        lambda x: encode.poisson(x, T=5),
        lambda x: encode.bernoulli(x, T=5),
        lambda x: encode.regular(x, T=5),
        lambda x: encode.latency(x, T=5),
        lambda x: encode.rank_order(x, T=5),
        lambda x: encode.weighted_phase(x),
    ],
)
def test_labels_are_kept(code):
    found = code(picture())
    assert found.dims == ("time", "y", "x")
    assert found.name == "spike"
    assert found.attrs["units"] == "1"
    assert found.time.attrs["units"] == "ms"
    assert found.x.attrs["units"] == "deg"
    assert found.y.values.tolist() == [5.0, 6.0]
    bare = code(picture().values)
    assert bare.dims == ("time", "unit_0", "unit_1")
    np.testing.assert_array_equal(bare, found)
    assert code(0.5).dims == ("time",)


@pytest.mark.parametrize("x64", ["float32", "float64"])
def test_spikes_are_stimuli(x64):
    """Each bin reaches the model in its own step, one column for each unit."""
    found = encode.poisson(np.linspace(0.2, 1, 5), T=50, dt=0.1, max_rate=500)
    stimulus = bn.inputs.FromData(found, interpolation="previous", gain=3)
    ds = bn.simulate(bn.neurons.LIF(), T=49.9, dt=0.1, size=5, I=stimulus, record=["I"], precision=x64)
    np.testing.assert_array_equal(ds.I, 3 * found[1:])


def test_spikes_are_drawn_and_counted():
    import matplotlib

    matplotlib.use("Agg")
    import brainnb.plot.accessor  # noqa: F401

    found = encode.regular([0.5, 1.0], T=100, dt=1, max_rate=100).to_dataset()
    assert found.bn.spike_count().values.tolist() == [5, 10]
    assert found.bn.raster().get_xlabel() == "time (ms)"


def test_samples_are_held():
    data = xr.DataArray([[1.0, 2.0], [3.0, 4.0]], dims=("sample", "unit"))
    stimulus = encode.held(data, duration="0.01 s")
    assert [stimulus(t).tolist() for t in (0.0, 9.9, 10.0, 99.0)] == [[1, 2], [1, 2], [3, 4], [3, 4]]


def test_times_may_be_in_seconds():
    signal = xr.DataArray([0.0, 1.0], dims="time", coords={"time": ("time", [0.0, 0.5], {"units": "s"})})
    assert encode.difference(signal, 0.5).time.values.tolist() == [0.0, 500.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: encode.poisson([0, 2], T=5), r"encode\.poisson: values from 0 to 2; values between 0 and 1 were expected: scale"),
        (lambda: encode.poisson([0, np.nan], T=5), r"encode\.poisson: the value at \(1,\) is NaN or infinite"),
        (lambda: encode.poisson("loud", T=5), r"encode\.poisson: numbers were expected, got str"),
        (lambda: encode.poisson([0.5]), r"encode\.poisson: how long\? Give T"),
        (lambda: encode.poisson([0.5], T=5, dt=0.3), r"T = 5 ms is no whole number of bins of dt = 0\.3 ms"),
        (lambda: encode.poisson([0.5], T=-5), r"T=-5; a positive number in ms was expected"),
        (lambda: encode.poisson([0.5], T="5 mV"), r"encode\.poisson: T = '5 mV' is in mV; a value in ms"),
        (lambda: encode.regular([0.5], T=5, max_rate="3 ms"), r"max_rate = '3 ms' is in ms; a value in Hz"),
        (lambda: encode.latency([0.5], T=5, course="sqrt"), r"course='sqrt'; 'linear' or 'log' was expected"),
        (lambda: encode.latency([0.5], T=5, threshold=1), r"threshold=1; a number from 0 to below 1"),
        (lambda: encode.weighted_phase([0.5], phases=0), r"phases=0; a whole number from 1 to 52"),
        (lambda: encode.population([0.5], neurons=2), r"neurons=2; a whole number of at least 3"),
        (lambda: encode.population([0.5], low=1, high=1), r"low=1, high=1; the first must be below the second"),
        (lambda: encode.difference([1.0, 2.0]), r"a DataArray with a dimension `time`, such as ds\.V, got the dimensions \('unit',\)"),
        (lambda: encode.difference(xr.DataArray([0.0, 1.0], dims="time"), 0), r"threshold=0; a positive number was expected"),
        (lambda: encode.difference(xr.DataArray([0.0, 1.0], dims="time", coords={"time": [1, 0]})), r"the times must increase"),
        (lambda: encode.decoded(xr.DataArray([0.0], dims="time")), r"spikes of encode\.step_forward were expected"),
        (lambda: encode.held(5.0, 10), r"at least one sample was expected"),
    ],
)  # fmt: skip
def test_mistakes_are_answered(make, message):
    with pytest.raises((bn.ModelError, bn.UnitError), match=message):
        make()


# --- sequences --------------------------------------------------------------------------------------------------------


def test_a_symbol_is_a_pattern_wherever_it_comes():
    found = encode.temporal([0, 1, 0, 2], duration=20, dt=0.5, neurons=30, each=2, gap=5)
    windows = found.values.reshape(4, 50, 30)
    assert np.array_equal(windows[0], windows[2])
    assert not np.array_equal(windows[0], windows[1])
    assert not windows[:, 40:].any()  # the gap
    assert (windows.sum(1) == 2).all()  # rates say nothing
    assert found.position.values[[0, 39, 40, 50]].tolist() == [0, 0, -1, 1]
    other = encode.temporal([2], duration=20, dt=0.5, neurons=30, each=2)
    assert np.array_equal(other.values, windows[3, :40])
    assert not np.array_equal(other.values, encode.temporal([2], 20, 0.5, neurons=30, each=2, seed=1).values)
    assert encode.temporal("ab", 20).equals(encode.temporal([97, 98], 20))


def test_spike_times_of_patterns_are_uniform_and_jitter_moves_them():
    one = encode.temporal([5], duration=100, dt=0.1, neurons=2000)
    assert stats.kstest(first(one) / 100, "uniform").pvalue > 1e-3
    moved = encode.temporal([5], duration=100, dt=0.1, neurons=2000, jitter=2.0)
    shift = first(moved) - first(one)
    inside = (first(one) > 10) & (first(one) < 90)
    assert shift[inside].std() == pytest.approx(2.0, abs=0.15)
    assert moved.sum() == one.sum()
    again = encode.temporal([5], duration=100, dt=0.1, neurons=2000, jitter=2.0, trial=1)
    assert not np.array_equal(again, moved)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (dict(symbols=[0.5]), "whole numbers from 0"),
        (dict(symbols=[-1]), "whole numbers from 0"),
        (dict(symbols=[0, 3], count=3), r"symbol 3 of 3 \(0 to 2\)"),
        (dict(symbols=[0], neurons=0), "neurons=0; a whole number from 1"),
        (dict(symbols=[0], duration=0), "positive number"),
    ],
)
def test_sequences_that_make_no_sense(given, said):
    with pytest.raises(bn.ModelError, match=said):
        encode.temporal(**given)
