"""Ornstein–Uhlenbeck noise: moments of the stimulus, and of a membrane that filters it."""

import numpy as np
import pytest

import brainnb as bn

UNITS, TAU, SIGMA, MEAN, DT = 256, 5.0, 2.0, 1.0, 0.1


class Membrane(bn.Model):
    """A leaky integrator, to carry the noise."""

    tau: bn.Param = bn.param(20.0, "ms", "time constant", bounds=(1, 100))
    V = bn.state(0.0, "mV", "potential", bounds=(-10, 10))
    I = bn.input(0.0, "mV", "drive", bounds=(-10, 10))

    def vector_field(self, t, s, u):
        return dict(V=(u.I - s.V) / self.tau)


@pytest.fixture(scope="module")
def runs():
    """Independent noise for every unit, 1 s."""
    import jax

    with jax.enable_x64(True):
        noise = bn.inputs.Noise(mean=MEAN, sigma=np.full(UNITS, SIGMA), tau=TAU)
        return bn.simulate(Membrane(), T=1000, dt=DT, I=noise, method="euler", size=UNITS, record=["V", "I"], seed=3)


def four_errors(values):
    """Four standard errors of the mean over independent units."""
    return 4 * values.std(ddof=1) / np.sqrt(len(values))


def test_mean(runs):
    means = runs.I.mean("time").values
    assert means.mean() == pytest.approx(MEAN, abs=four_errors(means))


def test_variance(runs):
    """sigma^2, up to the known factor of Euler–Maruyama."""
    variances = ((runs.I - MEAN) ** 2).mean("time").values
    assert variances.mean() == pytest.approx(SIGMA**2 / (1 - DT / (2 * TAU)), abs=four_errors(variances))
    assert four_errors(variances) < 0.1 * SIGMA**2


def test_stationary_from_the_first_step(runs):
    first = runs.I.isel(time=slice(0, 5)).values
    squares = ((first - MEAN) ** 2).mean(axis=0)
    assert squares.mean() == pytest.approx(SIGMA**2, abs=four_errors(squares))


@pytest.mark.parametrize("lag", [1.0, 5.0, 10.0, 40.0])
def test_autocorrelation_decays_exponentially(runs, lag):
    x = runs.I.values - MEAN
    n = round(lag / DT)
    products = (x[:-n] * x[n:]).mean(axis=0)
    assert products.mean() == pytest.approx(SIGMA**2 * np.exp(-lag / TAU), abs=four_errors(products) + 0.05)


def test_units_are_independent(runs):
    x = runs.I.values - MEAN
    pairs = (x[:, 0::2] * x[:, 1::2]).mean(axis=0)
    assert pairs.mean() == pytest.approx(0, abs=four_errors(pairs))


def test_the_membrane_filters_it(runs):
    """Variance of a leaky integrator of coloured noise: sigma^2 tau / (tau + tau_m)."""
    late = runs.V.isel(time=slice(2000, None)).values - MEAN
    variances = (late**2).mean(axis=0)
    assert variances.mean() == pytest.approx(SIGMA**2 * TAU / (TAU + 20.0), abs=four_errors(variances) + 0.01)


def test_increments_are_gaussian(runs):
    x = runs.I.values
    steps = x[1:] - x[:-1] - (MEAN - x[:-1]) * DT / TAU
    assert steps.std() == pytest.approx(SIGMA * np.sqrt(2 * DT / TAU), rel=5e-3)
    z = steps / steps.std()
    assert (z**4).mean() == pytest.approx(3.0, abs=0.05)
    assert abs((z**3).mean()) < 0.02


@pytest.mark.parametrize("method", ["exponential_euler", "strang"])
def test_other_methods_give_the_same_moments(method):
    noise = bn.inputs.Noise(mean=MEAN, sigma=np.full(UNITS, SIGMA), tau=TAU)
    ds = bn.simulate(Membrane(), T=300, dt=DT, I=noise, method=method, size=UNITS, record=["I"], seed=5)
    variances = ((ds.I - MEAN) ** 2).mean("time").values
    assert variances.mean() == pytest.approx(SIGMA**2, abs=four_errors(variances) + 0.02 * SIGMA**2)


def test_same_seed_same_noise_and_frozen_noise_in_every_run():
    def current(stimulus, seed):
        return bn.simulate(Membrane(), T=50, I=stimulus, record=["I"], seed=seed).I.values

    noise, frozen = bn.inputs.Noise(), bn.inputs.FrozenNoise(interval=0.5)
    assert np.array_equal(current(noise, 1), current(noise, 1))
    assert not np.array_equal(current(noise, 1), current(noise, 2))
    assert np.array_equal(current(frozen, 1), current(frozen, 2))
    assert not np.array_equal(current(frozen, 1), current(frozen.replace(noise_seed=1), 1))


def test_frozen_noise_is_gaussian_and_held():
    frozen = bn.inputs.FrozenNoise(mean=MEAN, sigma=SIGMA, interval=0.5)
    x = bn.simulate(Membrane(), T=10000, dt=0.5, I=frozen, method="euler", record=["I"]).I.values
    assert x.mean() == pytest.approx(MEAN, abs=4 * SIGMA / np.sqrt(len(x)))
    assert x.std() == pytest.approx(SIGMA, rel=0.03)
    fine = bn.simulate(Membrane(), T=100, dt=0.1, I=frozen, record=["I"]).I.values
    held = np.diff(np.flatnonzero(np.diff(fine)))
    assert (held == 5).all()


def test_a_model_whose_method_takes_no_noise_runs_with_euler():
    ds = bn.simulate(bn.neurons.FitzHughNagumo(), T=50, I=bn.inputs.Noise(sigma=0.1))
    assert ds.attrs["method"] == "euler"
    with pytest.raises(bn.ModelError, match="takes no noise"):
        bn.simulate(bn.neurons.FitzHughNagumo(), T=50, I=bn.inputs.Noise(), method="rk4")
