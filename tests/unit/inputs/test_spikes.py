"""Spike trains and random walks as stimuli: exact where they are given, distributed as they say where they are drawn."""

import jax
import numpy as np
import pytest
from scipy import stats

import brainnb as bn
from brainnb.inputs import FrozenNoise, Noise, OrnsteinUhlenbeck, PoissonSpikes, ShotNoise, SpikeTimes, Wiener

pytestmark = pytest.mark.as_run


def sampled(stimulus, T, dt=0.1, **options):
    return bn.run.sample(stimulus, T, dt, **options).stimulus


@pytest.mark.parametrize("x64", [True, False])
def test_a_spike_lasts_its_whole_steps(x64):
    times = [0.3, 7.7, 7.9, 100.1]
    with jax.enable_x64(x64):
        found = sampled(SpikeTimes(times, amplitude=2, duration=0.1), T=120)
    np.testing.assert_allclose(found.time[found > 1], times, atol=1e-9)
    assert float(found.sum()) == pytest.approx(8)


def test_pulses_that_overlap_add_up():
    train = SpikeTimes([1, 2, 2, 5], amplitude=2, duration=1.5, baseline=-1)
    assert [float(train(t)) for t in (0.5, 1, 2, 2.6, 3.4, 3.6)] == [-1, 1, 5, 3, 3, -1]


def test_a_train_for_each_unit_from_a_result():
    ds = bn.simulate(bn.neurons.LIF(), T=200, size=3, I=[0, 150, 300], record=["spike"])
    times = ds.bn.spike_times()
    found = sampled(SpikeTimes(times, amplitude=1, duration=0.1), T=200)
    np.testing.assert_array_equal(found, ds.spike)
    assert int(ds.spike.sum()) > 3


def test_no_spikes_no_pulse():
    assert float(SpikeTimes([], baseline=2)(5.0)) == 2.0
    assert float(SpikeTimes([[np.nan], [3.0]])(3.5)[0]) == 0.0


def test_another_train_compiles_nothing():
    for _ in range(2):
        sampled(SpikeTimes([1, 2, 3]), T=5)
    before = bn.run.cache.trace_count()
    sampled(SpikeTimes([0.5, 0.6, 4.0], amplitude=3), T=5)
    assert bn.run.cache.trace_count() == before


@pytest.mark.parametrize(("rate", "dt"), [(20.0, 0.1), (3000.0, 0.1), (500.0, 5.0)])
def test_poisson_counts(rate, dt):
    """The number of spikes in each step is Poisson, whatever dt; steps are independent."""
    found = sampled(PoissonSpikes(rate=rate), T=20_000 * dt, dt=dt).values[1:]
    expected = rate * 1e-3 * dt
    assert found.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / len(found)))
    assert found.var() == pytest.approx(expected, rel=0.1)
    seen = np.bincount(found.astype(int))
    wanted = stats.poisson.pmf(np.arange(len(seen)), expected) * len(found)
    enough = wanted > 5
    assert stats.chisquare(seen[enough], wanted[enough] * seen[enough].sum() / wanted[enough].sum()).pvalue > 1e-3
    lagged = np.corrcoef(found[1:], found[:-1])[0, 1]
    assert abs(lagged) < 4 / np.sqrt(len(found))


def test_poisson_intervals_are_exponential():
    found = sampled(PoissonSpikes(rate=20), T=60_000)
    gaps = np.diff(found.time[found > 0])
    assert stats.kstest(gaps, stats.expon(scale=50).cdf).pvalue > 1e-3


def test_seeds_and_units_have_trains_of_their_own():
    stimulus = PoissonSpikes(rate=np.full(2, 200.0))
    a, b = (sampled(stimulus, T=5000, seed=seed).values for seed in (1, 2))
    assert sampled(stimulus, T=5000, seed=1).values.tolist() == a.tolist()
    for x, y in ((a[:, 0], a[:, 1]), (a[:, 0], b[:, 0])):
        assert abs(np.corrcoef(x, y)[0, 1]) < 0.02


@pytest.mark.parametrize("stimulus", [PoissonSpikes(rate=100), ShotNoise(rate=100)])
def test_a_train_that_joins_later_does_not_make_up_for_the_past(stimulus):
    """A continued run may bring a new stimulus: the time before it is not filled with spikes."""
    first = bn.simulate(bn.neurons.LIF(), T=5000, dt=1.0)
    then = bn.simulate(bn.neurons.LIF(), T=100, dt=0.1, init=first, I=stimulus, record=["I"])
    assert float(then.I.max()) < 10


def test_shot_noise_has_campbells_moments():
    """Mean A r tau, variance A**2 r tau / 2, third cumulant A**3 r tau / 3, correlation exp(-T / tau)."""
    A, r, tau = 2.0, 800.0, 5.0
    stimulus = ShotNoise(rate=r, amplitude=np.full(200, A), tau=tau)
    found = sampled(stimulus, T=1000, dt=0.05, every=20, precision="float32").values[60:]
    n = r * 1e-3 * tau
    assert found.mean() == pytest.approx(A * n, rel=0.03)
    assert found.var() == pytest.approx(A**2 * n / 2, rel=0.05)
    assert stats.moment(found.ravel(), 3) == pytest.approx(A**3 * n / 3, rel=0.2)
    centred = found - found.mean()
    assert (centred[5:] * centred[:-5]).mean() / found.var() == pytest.approx(np.exp(-1), abs=0.04)


def test_a_walk_spreads_with_the_root_of_time():
    walks = Wiener(start_value=2, sigma=np.full(4000, 3.0), time_to_sigma=50)
    found = sampled(walks, T=200, dt=1.0)
    for t in (10, 50, 200):
        at = found.sel(time=t)
        assert float(at.std()) == pytest.approx(3 * np.sqrt(t / 50), rel=0.05)
        assert float(at.mean()) == pytest.approx(2, abs=0.4)
    steps = np.diff(found.values, axis=0)
    assert stats.kstest(steps[::20].ravel() / (3 / np.sqrt(50)), "norm").pvalue > 1e-3
    assert abs(np.corrcoef(steps[1:].ravel(), steps[:-1].ravel())[0, 1]) < 0.005


def test_the_process_by_its_name():
    assert OrnsteinUhlenbeck is Noise


def test_sampling_is_what_a_model_receives():
    noise = Noise(mean=1, sigma=2) + FrozenNoise()
    ds = bn.simulate(bn.neurons.LIF(), T=20, I=noise, seed=4, record=["I"], method="euler")
    np.testing.assert_allclose(sampled(noise, T=20, seed=4, method="euler"), ds.I, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SpikeTimes([3, 1, 2]), r"SpikeTimes: times must increase, but 1 ms follows 3 ms; sort them"),
        (lambda: SpikeTimes([[1, 2], [5, 4]]), r"but 4 ms follows 5 ms"),
        (lambda: SpikeTimes(5.0), r"times is one number; a list of spike times in ms was expected"),
        (lambda: SpikeTimes([[1, 2], [3]]), r"rows of equal length filled up with NaN"),
        (lambda: PoissonSpikes(rate=-1), r"PoissonSpikes\.rate = -1 Hz is outside"),
        (lambda: bn.run.sample(bn.inputs.Step(), T=5, unit="furlongs per"), r"`furlongs per` is no unit"),
    ],
)
def test_mistakes_are_answered(make, message):
    with pytest.raises((bn.ModelError, bn.OutOfBounds, bn.UnitError), match=message):
        make()
