"""Same seed, same noise; a continued run is the whole run, bit by bit."""

import numpy as np
import pytest
import xarray as xr

import brainnb as bn


def test_the_seed_decides_the_noise(noisy):
    first, again, other = (bn.simulate(noisy, T=20, seed=s, record=["x", "dice"]) for s in (3, 3, 4))
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(first.dice, again.dice)
    assert not np.isclose(first.x, other.x).any()
    assert not np.isclose(first.dice, other.dice).any()


def test_noise_of_units_and_of_steps_is_independent(noisy):
    ds = bn.simulate(noisy.replace(tau=100), T=200, dt=0.1, size=50)
    steps = np.diff(ds.x.values, axis=0)
    assert steps.std() == pytest.approx(0.5 * np.sqrt(0.1), rel=0.02)
    between_units = np.corrcoef(steps.T) - np.eye(50)
    assert np.abs(between_units).max() < 5 / np.sqrt(len(steps))
    one = steps[:, 0] - steps[:, 0].mean()
    assert abs((one[1:] * one[:-1]).mean() / one.var()) < 5 / np.sqrt(len(steps))


def test_noise_does_not_depend_on_what_is_recorded_or_how_often(noisy):
    whole = bn.simulate(noisy, T=20, record=["x", "dice"])
    np.testing.assert_array_equal(bn.simulate(noisy, T=20, record=["x"]).x, whole.x)
    np.testing.assert_array_equal(bn.simulate(noisy, T=20, every=10).x, whole.x[9::10])


def test_stationary_variance_of_an_ornstein_uhlenbeck_process(noisy):
    ds = bn.simulate(noisy, T=500, dt=0.1, size=200, seed=1)
    assert float(ds.x.sel(time=slice(50, None)).var()) == pytest.approx(0.5**2 * 10 / 2, rel=0.05)


@pytest.mark.parametrize("model", ["noisy", "hh", "ticker"])
@pytest.mark.parametrize("size", [None, 2])
def test_two_halves_are_the_whole(model, size, request):
    model = request.getfixturevalue(model)
    run = dict(dt=0.1, seed=5, size=size, record=["*"])
    whole = bn.simulate(model, T=30, **run)
    first = bn.simulate(model, T=12.3, **run)
    second = bn.simulate(model, T=17.7, init=first, **run)
    joined = xr.concat([first, second], "time")
    np.testing.assert_allclose(joined.time, whole.time, rtol=0, atol=1e-9)
    for name in whole:
        np.testing.assert_array_equal(joined[name], whole[name], err_msg=name)


def test_a_stimulus_goes_on_where_it_was(hh):
    drive = bn.inputs.Pulse(amplitude=10.0, start=8.0, duration=10.0)
    whole = bn.simulate(hh, T=30, I=drive)
    half = bn.simulate(hh, T=10, I=drive)
    rest = bn.simulate(hh, T=20, I=drive, init=half)
    np.testing.assert_array_equal(rest.V, whole.V[100:])


def test_a_noisy_stimulus_goes_on_with_its_state(hh):
    drive = bn.inputs.Noise(mean=8.0, sigma=3.0, tau=5.0)
    run = dict(seed=2, record=["V", "I"], I=drive)
    whole = bn.simulate(hh, T=30, **run)
    half = bn.simulate(hh, T=10, **run)
    rest = bn.simulate(hh, T=20, init=half, **run)
    np.testing.assert_array_equal(rest.I, whole.I[100:])
    np.testing.assert_array_equal(rest.V, whole.V[100:])


def test_another_stimulus_may_follow(hh):
    half = bn.simulate(hh, T=10, I=bn.inputs.Noise(mean=8.0, sigma=3.0, tau=5.0))
    rest = bn.simulate(hh, T=10, init=half, I=0)
    noisy_again = bn.simulate(hh, T=10, init=rest, I=bn.inputs.Noise(mean=8.0, sigma=3.0, tau=5.0))
    assert rest.time[0] == pytest.approx(10.1)
    assert np.isfinite(noisy_again.V).all()


def test_another_step_may_follow(decay):
    first = bn.simulate(decay, T=10, dt=0.1)
    second = bn.simulate(decay, T=10, dt=0.03125, init=first)
    np.testing.assert_allclose(second.time, 10 + 0.03125 * np.arange(1, 321), atol=1e-9)
    np.testing.assert_allclose(second.x, np.exp(-second.time / 10), rtol=1e-6)
    third = bn.simulate(decay, T=1, dt=0.3 / 3, init=second)
    np.testing.assert_allclose(third.time, 20 + 0.1 * np.arange(1, 11), atol=1e-9)


def test_changed_parameters_may_follow(decay):
    first = bn.simulate(decay, T=10)
    second = bn.simulate(decay.replace(tau=5), T=10, init=first)
    np.testing.assert_allclose(second.x, np.exp(-1) * np.exp(-(second.time - 10) / 5), rtol=1e-6)


def test_a_saved_run_continues(tmp_path, noisy):
    first = bn.simulate(noisy, T=10, seed=1)
    first.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as saved:
        again = bn.simulate(noisy, T=10, seed=1, init=saved.load())
    np.testing.assert_array_equal(again.x, bn.simulate(noisy, T=10, seed=1, init=first).x)


def test_chunks_leave_no_trace(monkeypatch, noisy):
    whole = bn.simulate(noisy, T=100, seed=1, record=["x", "dice"])
    monkeypatch.setattr("brainnb.run.loop.Run._affordable", lambda run, speed: 7)
    cut = bn.simulate(noisy, T=100, seed=1, record=["x", "dice"])
    xr.testing.assert_equal(cut.drop_attrs(), whole.drop_attrs())
