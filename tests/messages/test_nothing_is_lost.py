"""A run that fails or is stopped keeps everything it had, says where it ended, and can be taken up again."""

import os
import signal
import threading
import time

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import brainnb as bn


class Blowup(bn.Model):
    """dx/dt = x²: infinite at t = 1/x0; y only watches."""

    x = bn.state(0.1, "mV", "explodes at t = 10 ms")
    y = bn.state(0.0, "1", "stays finite")

    def vector_field(self, t, s, u):
        return dict(y=-s.y, x=s.x**2)


class Switch(bn.Model):
    """NaN from a known moment on."""

    at: bn.Param = bn.param(5.0, "ms", "last good time")
    x = bn.state(0.0, "mV", "turns to NaN")

    def vector_field(self, t, s, u):
        return dict(x=0.0)

    def on_step(self, t, s, u, key):
        return dict(x=jnp.where(t > self.at + 1e-3, jnp.nan, t)), {}


HH = dict(T=400, dt=0.01, I=10)


@pytest.fixture(autouse=True)
def short_chunks(in_chunks_of):
    """Many chunks in a short run."""
    in_chunks_of(200)


@pytest.mark.parametrize("every", [1, 5, 50])
@pytest.mark.parametrize("record", [None, [], ["x"]])
def test_the_first_bad_time_is_that_of_the_step(every, record):
    with pytest.raises(
        bn.NumericalFailure, match=r"Switch: NaN: `x` became NaN at t = 23\.3 ms \(last value 23\.\d+ mV\)"
    ) as caught:
        bn.simulate(Switch(at=23.2), T=50, dt=0.1, every=every, record=record)
    partial = caught.value.partial
    good = 232 // every
    assert partial.sizes["time"] == good
    assert partial.attrs["status"].startswith("NaN: `x` became NaN at t = 23.3 ms")
    if record is None:
        np.testing.assert_allclose(partial.x, partial.time, rtol=1e-5)


def test_all_records_before_the_failure_are_those_of_a_run_that_ends_earlier():
    with pytest.raises(bn.NumericalFailure) as caught:
        bn.simulate(Switch(at=200.0), T=300, dt=0.1)
    whole = bn.simulate(Switch(at=200.0), T=200, dt=0.1)
    xr.testing.assert_equal(caught.value.partial.drop_attrs(), whole.drop_attrs())


def test_the_failing_variable_is_named_and_the_others_are_kept():
    with pytest.raises(bn.NumericalFailure, match=r"`x` became (infinite|NaN)") as caught:
        bn.simulate(Blowup(), T=100, dt=0.5, method="rk4", record=["y"])
    partial = caught.value.partial
    assert list(partial) == ["y"]
    assert np.isfinite(partial.y).all()
    assert 10 <= partial.time[-1] < 20


def test_a_failed_run_can_be_kept_instead_of_raised():
    ds = bn.simulate(Switch(), T=50, dt=0.1, on_nan="keep")
    assert ds.attrs["status"].startswith("NaN: `x`")
    assert ds.time[-1] == 5.0
    with pytest.raises(bn.ModelError, match="no final state"):
        bn.simulate(Switch(), T=1, init=ds)


def test_the_advice_does_not_repeat_the_method_in_use():
    with pytest.raises(bn.NumericalFailure) as caught:
        bn.simulate(Switch(), T=50, dt=0.1, method="exponential_euler")
    assert "exponential_euler" not in str(caught.value)
    with pytest.raises(bn.NumericalFailure, match="method='exponential_euler'"):
        bn.simulate(Switch(), T=50, dt=0.1, method="euler")


@pytest.mark.parametrize("answer", [False, np.False_])
def test_a_stopped_run_keeps_its_part_and_goes_on(answer):
    model = bn.neurons.HodgkinHuxley()
    part = bn.simulate(model, **HH, progress=lambda fraction: answer if fraction > 0.1 else None)
    end = float(part.time[-1])
    assert 40 < end < 400
    assert part.attrs["status"] == f"stopped at t={end:g} ms"
    rest = bn.simulate(model, T=round(400 - end, 6), dt=0.01, I=10, init=part)
    whole = bn.simulate(model, **HH)
    joined = xr.concat([part, rest], "time")
    np.testing.assert_array_equal(joined.V, whole.V)
    np.testing.assert_allclose(joined.time, whole.time, rtol=0, atol=1e-9)


def test_stop_at_the_end_is_a_finished_run():
    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=10, progress=lambda fraction: fraction < 1)
    assert ds.attrs["status"] == "finished"
    assert ds.sizes["time"] == 100


def test_progress_grows_to_one():
    seen = []
    bn.simulate(bn.neurons.HodgkinHuxley(), **HH, progress=seen.append)
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_an_interrupt_in_the_progress_function_keeps_what_there_is():
    def press(fraction):
        if fraction > 0.2:
            raise KeyboardInterrupt

    ds = bn.simulate(bn.neurons.HodgkinHuxley(), **HH, progress=press)
    assert ds.attrs["status"].startswith("stopped at t=")
    assert 80 <= ds.time[-1] < 400
    assert float(ds.attrs["t_end"]) == pytest.approx(float(ds.time[-1]))


@pytest.fixture
def python_hears_ctrl_c():
    """A shell that starts the tests in the background has them ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("after", [0.01, 0.06, 0.11])
def test_ctrl_c_at_any_moment_leaves_a_result_that_continues(after, monkeypatch, python_hears_ctrl_c):
    model = bn.neurons.HodgkinHuxley()
    run = dict(dt=0.01, I=10, record=["V"])
    monkeypatch.setattr("brainnb.run.limits.check_clock", lambda *_: None)
    begun = threading.Event()

    def press() -> None:
        begun.wait(60)
        time.sleep(after)
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    ds = bn.simulate(model, T=60_000, progress=lambda fraction: begun.set(), **run)
    presser.join()
    assert ds.attrs["status"].startswith("stopped at t=")
    end = ds.sizes["time"] * 0.01
    assert float(ds.attrs["t_end"]) == pytest.approx(end, abs=1e-6)
    rest = bn.simulate(model, T=1, init=ds, **run)
    whole = bn.simulate(model, T=round(end + 1, 2), **run)
    np.testing.assert_array_equal(rest.V, whole.V[-100:])


def test_an_interrupt_before_the_first_record_keeps_the_dimensions(monkeypatch):
    from brainnb.run.loop import Run

    def pressed(self):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(Run, "pieces", pressed)
    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=10, size=3)
    assert ds.V.dims == ("time", "neuron")
    assert ds.V.shape == (0, 3)
    assert ds.attrs["status"] == "stopped at t=0 ms"
    monkeypatch.undo()
    again = bn.simulate(bn.neurons.HodgkinHuxley(), T=1, size=3, init=ds)
    assert again.time[0] == pytest.approx(0.1)


@pytest.mark.parametrize("how", ["stop", "interrupt"])
def test_a_stopped_sweep_keeps_the_points_it_had(how):
    def press(fraction):
        if fraction >= 0.5:
            if how == "interrupt":
                raise KeyboardInterrupt
            return False

    values = {"I": [0.0, 5.0, 10.0, 20.0]}
    model = bn.neurons.HodgkinHuxley()
    part = bn.sweep(model, values, T=20, record=["V"], chunk=1, progress=press)
    whole = bn.sweep(model, values, T=20, record=["V"], chunk=1)
    assert part.attrs["status"] == "stopped at 50%"
    assert part.V.shape == whole.V.shape
    np.testing.assert_array_equal(part.V[:2], whole.V[:2])
    assert np.isnan(part.V[2:]).all()


def test_points_of_a_sweep_that_diverge_do_not_take_the_others_along():
    values = {"at": [2.0, 100.0, 3.0]}
    ds = bn.sweep(Switch(), values, T=5)
    assert ds.attrs["status"] == "2 of 3 points became NaN or infinite"
    assert np.isfinite(ds.x[1]).all()
    with pytest.raises(bn.NumericalFailure, match="2 of 3 points") as caught:
        bn.sweep(Switch(), values, T=5, on_nan="raise")
    xr.testing.assert_equal(caught.value.partial.drop_attrs(), ds.drop_attrs())


def test_a_failure_survives_pickling_with_its_part():
    import pickle

    with pytest.raises(bn.NumericalFailure) as caught:
        bn.simulate(Switch(), T=20)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    xr.testing.assert_equal(again.partial, caught.value.partial)
