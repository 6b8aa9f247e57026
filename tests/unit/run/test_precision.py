"""Single and double precision for one run: the setting of the user stays untouched."""

import threading

import jax
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.run.precision import as_typed


@pytest.fixture(params=[True, False])
def users(request):
    """The user's own setting, either way."""
    jax.config.update("jax_enable_x64", request.param)
    return request.param


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_one_run_in_the_asked_precision(users, precision):
    hh = bn.neurons.HodgkinHuxley()
    drive = bn.inputs.Step(amplitude=10.1, start=1.0)
    before = hh.C.dtype
    ds = bn.simulate(hh, T=10, I=drive, size=2, precision=precision)
    assert {x.dtype.name for x in ds.values()} == {precision}
    grid = bn.sweep(hh, {"I": [0.0, 10.0]}, T=2, precision=precision)
    assert grid.V.dtype == precision
    assert jax.config.jax_enable_x64 is users
    assert hh.C.dtype == before == drive.amplitude.dtype
    assert bn.simulate(hh, T=1).V.dtype == before


def test_a_model_of_single_precision_runs_as_if_it_were_built_in_double():
    jax.config.update("jax_enable_x64", False)
    narrow, drive = bn.neurons.HodgkinHuxley(C=1.1), bn.inputs.Step(amplitude=10.1, start=0.3)
    run = dict(T=20, dt=0.01)
    from_narrow = bn.simulate(narrow, I=drive, **run, precision="float64")
    by_mapping = bn.simulate(narrow, inputs={"I": drive}, **run, precision="float64")
    single = bn.simulate(narrow, I=drive, **run)
    jax.config.update("jax_enable_x64", True)
    wide = bn.simulate(bn.neurons.HodgkinHuxley(C=1.1), I=bn.inputs.Step(amplitude=10.1, start=0.3), **run)
    np.testing.assert_array_equal(from_narrow.V, wide.V)
    np.testing.assert_array_equal(by_mapping.V, wide.V)
    assert from_narrow.attrs["parameters"] == wide.attrs["parameters"]
    difference = np.abs(single.V - wide.V).max()
    assert 1e-6 < difference < 1.0  # mV: single precision is another run, and a near one


def test_the_setting_comes_back_after_an_error_and_stays_in_its_thread(hh):
    jax.config.update("jax_enable_x64", False)
    with pytest.raises(bn.UnknownName):
        bn.simulate(hh, T=1, Iext=3, precision="float64")
    assert not jax.config.jax_enable_x64
    seen = []

    def look(fraction):
        other = threading.Thread(target=lambda: seen.append(jax.numpy.zeros(1).dtype.name))
        other.start()
        other.join()

    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=5, precision="float64", progress=look)
    assert set(seen) == {"float32"}
    assert ds.V.dtype == np.float64


def test_a_stored_run_knows_its_precision(tmp_path):
    jax.config.update("jax_enable_x64", False)
    run = dict(T=5, I=10.0)
    hh = bn.neurons.HodgkinHuxley()
    stored = bn.simulate(hh, **run, precision="float64", store=tmp_path / "run.zarr")
    kept = bn.simulate(hh, **run, precision="float64")
    xr.testing.assert_identical(stored.drop_attrs(deep=False), kept.drop_attrs(deep=False))
    with pytest.raises(bn.StoreError, match="precision is float64 in the store, float32 now"):
        bn.simulate(hh, **run, store=tmp_path / "run.zarr")


def test_moving_a_value_does_not_compile_anew_in_either_precision():
    hh = bn.neurons.HodgkinHuxley()
    for precision in ("float32", "float64"):
        bn.simulate(hh, T=2, I=1.0, precision=precision)
    before = bn.run.cache.trace_count()
    for precision in ("float32", "float64"):
        bn.simulate(hh.replace(C=1.3), T=3, I=2.0, precision=precision)
    assert bn.run.cache.trace_count() == before


def test_a_model_in_double_precision_runs_in_it_unless_another_is_asked_for(users):
    with jax.enable_x64(True):
        model = bn.neurons.FitzHughNagumo(a=0.1 + 0.2)
    moved = model.replace(b=0.1 + 0.2)
    assert moved.b.dtype == np.float64
    assert float(moved.b) == 0.1 + 0.2
    run = {"T": 5, "dt": 0.1, "I": 0.5}
    assert bn.simulate(moved, **run).V.dtype == np.float64
    assert bn.sweep(moved, {"I": [0.1, 0.5]}, T=2).V.dtype == np.float64
    assert bn.simulate(moved, **run, precision="float32").V.dtype == np.float32
    assert jax.config.jax_enable_x64 is users


def test_many_numbers_of_single_precision_become_what_each_is_printed_as():
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal(3000) * 10.0 ** rng.uniform(-16, 16, 3000)
    chosen = [0.1, -65.0, 0.0, -0.0, 1e-5, 16777216.0, 9.9999997e9, np.inf, *(2.0 ** np.arange(-149, 128))]
    single = np.concatenate([drawn, chosen]).astype(np.float32)
    found = as_typed(single)
    assert found.tolist() == [float(str(x)) for x in single]
    assert found[3000] == 0.1
    assert np.isnan(as_typed(np.array([np.nan], np.float32))).all()
