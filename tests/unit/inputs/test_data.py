"""Recorded courses as stimuli: interpolation, units of time, and data that cannot be read."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.inputs import FromData

TIMES, VALUES = [0.0, 10.0, 25.0], [1.0, 5.0, -1.0]


def test_linear_between_samples_and_held_outside():
    t = np.array([-3.0, 0.0, 4.0, 10.0, 20.0, 25.0, 99.0])
    found = jax.vmap(FromData(TIMES, VALUES))(jnp.asarray(t))
    np.testing.assert_allclose(found, np.interp(t, TIMES, VALUES), atol=1e-12)


def test_previous_holds_from_its_own_time_on():
    course = FromData(TIMES, VALUES, "previous")
    assert [float(course(t)) for t in (-1.0, 9.999, 10.0, 24.0, 25.0, 30.0)] == [1, 1, 5, 5, -1, -1]


@pytest.mark.parametrize("x64", [True, False])
def test_samples_on_the_grid_of_the_run_are_read_one_a_step(x64):
    with jax.enable_x64(x64):
        steps = np.arange(2000) * 0.1
        course = FromData(steps, np.arange(2000.0), "previous")
        ds = bn.simulate(bn.neurons.FitzHughNagumo(), T=190, dt=0.1, I=course, record=["I"], on_nan="keep")
    np.testing.assert_array_equal(ds.I[:100], np.arange(1, 101))


def test_gain_offset_and_delay():
    course = FromData(TIMES, VALUES).replace(gain=2, offset=3, delay=5)
    assert float(course(15.0)) == 3 + 2 * 5
    assert float(course(9.0)) == pytest.approx(3 + 2 * 2.6)


def test_one_sample_is_a_constant():
    for kind in ("linear", "previous"):
        assert float(FromData([3.0], [7.0], kind)(100.0)) == 7.0
        assert float(FromData([3.0], [7.0], kind)(-100.0)) == 7.0


def test_a_column_for_every_unit():
    course = FromData([0.0, 10.0], [[0.0, 1.0], [10.0, 2.0]])
    np.testing.assert_allclose(course(5.0), [5.0, 1.5])
    ds = bn.simulate(bn.neurons.LIF(), T=5, I=course, size=2, record=["I"])
    np.testing.assert_allclose(ds.I[-1], [5.0, 1.5])


@pytest.mark.parametrize(("unit", "factor"), [("s", 1e3), ("us", 1e-3), ("ms", 1.0), (None, 1.0)])
def test_times_of_a_dataarray_become_ms(unit, factor):
    attrs = {} if unit is None else {"units": unit}
    data = xr.DataArray(VALUES, dims="time", coords={"time": ("time", TIMES, attrs)})
    course = FromData(data)
    np.testing.assert_allclose(course.times, np.array(TIMES) * factor)
    np.testing.assert_allclose(course.values, VALUES)


def test_timedeltas_become_ms():
    data = xr.DataArray([1.0, 2.0], dims="time", coords={"time": np.array([0, 2_000_000], "timedelta64[ns]")})
    np.testing.assert_allclose(FromData(data).times, [0.0, 2.0])


def test_time_need_not_come_first():
    data = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("unit", "time"), coords={"time": TIMES})
    assert FromData(data).values.shape == (3, 2)


def test_a_result_is_a_stimulus():
    """What one model did drives the next."""
    first = bn.simulate(bn.neurons.FitzHughNagumo(), T=100, dt=0.1, I=0.5)
    again = bn.simulate(bn.neurons.FitzHughNagumo(), T=100, dt=0.1, I=FromData(first.V), record=["I"])
    np.testing.assert_allclose(again.I, first.V, atol=1e-9)


def test_other_data_of_the_same_length_compile_nothing():
    model, times = bn.neurons.FitzHughNagumo(), np.arange(50.0)
    for _ in range(2):
        bn.simulate(model, T=5, I=FromData(times, np.sin(times)))
    before = bn.run.cache.trace_count()
    bn.simulate(model, T=5, I=FromData(times * 0.5, np.cos(times)))
    assert bn.run.cache.trace_count() == before


def test_derivative_to_the_samples():
    slopes = jax.grad(lambda m: m(4.0))(FromData(TIMES, VALUES))
    np.testing.assert_allclose(slopes.values, [0.6, 0.4, 0.0], atol=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FromData([0, 1, 2], [1, 2]), r"3 times but values of shape \(2,\); one value \(or row\) per time"),
        (lambda: FromData([0, 2, 1], [1, 2, 3]), r"times must increase, but times\[2\] = 1 ms follows times\[1\] = 2 ms"),
        (lambda: FromData([0, 1, 1], [1, 2, 3]), r"sort them and drop repeats"),
        (lambda: FromData([0, 1, 2], [1, np.nan, np.nan]), r"values\[1\] is NaN or infinite \(2 such samples\)"),
        (lambda: FromData([0, np.inf], [1, 2]), r"times\[1\] is NaN or infinite"),
        (lambda: FromData([0, 1, 2], [1, 2, 3]).replace(times=[0, 2, 1]), r"times must increase, but times\[2\] = 1 ms"),
        (lambda: FromData([], []), r"FromData\.times = \[\] is empty"),
        (lambda: FromData(3.0, 4.0), r"times has shape \(\)"),
        (lambda: FromData([0, 1], [0, 1], "cubic"), r"interpolation='cubic'; 'linear' or 'previous' was expected"),
        (lambda: FromData([0, 1]), r"or one xarray.DataArray; got list alone"),
        (lambda: FromData(xr.DataArray([1.0, 2.0], dims="x")), r"a dimension `time` with a coordinate was expected"),
        (lambda: FromData(xr.DataArray([1.0], dims="time", coords={"time": ("time", [0.0], {"units": "mV"})})), r"in ms was expected"),
    ],
)  # fmt: skip
def test_data_that_cannot_be_read_are_refused(make, message):
    with pytest.raises((bn.ModelError, bn.OutOfBounds, bn.UnitError), match=message):
        make()
