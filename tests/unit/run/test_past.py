"""A run that remembers: continued, stored, swept, in parts, and never compiled anew."""

import sys

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.run.step import one_step
from brainnb.run.system import System


class Feedback(bn.Model):
    """Oscillates when the delay exceeds half pi times tau."""

    delay: bn.Param = bn.param(1.7, "ms", "delay", bounds=(0, 5))
    tau: bn.Param = bn.param(1.0, "ms", "time constant", bounds=(0.1, 10))
    x = bn.state(1.0, "mV", "deviation")
    x_ago = bn.history("x", "delay", "deviation, some time ago")
    I = bn.input(0.0, "mV", "disturbance")

    def vector_field(self, t, s, u):
        return dict(x=(u.I - s.x_ago(self.delay)) / self.tau)


class Noisy(Feedback):
    def diffusion(self, t, s, u):
        return dict(x=0.3)


class Neutral(Feedback):
    def vector_field(self, t, s, u):
        return dict(x=(0.3 * s.x_ago.slope(self.delay) * self.tau - s.x) / self.tau)


class Ticker(bn.Model):
    """Spikes at a time of its own; hears itself late."""

    delay: bn.Param = bn.param(1.5, "ms", "delay", bounds=(0.1, 20))
    period: bn.Param = bn.param(3.0, "ms", "between spikes", bounds=(1, 100))
    x = bn.state(0.0, "ms", "time since the last spike")
    heard = bn.state(0.0, "1", "echoes", discrete=True)
    spike_ago = bn.history("spike", "delay")

    def vector_field(self, t, s, u):
        return dict(x=1.0)

    def on_step(self, t, s, u, key):
        fired = s.x > self.period - 1e-3
        echo = s.spike_ago(self.delay)
        return dict(x=jnp.where(fired, 0.0, s.x), heard=s.heard + echo), dict(spike=fired * 1.0, echo=echo)


class Pair(bn.Model):
    left: Feedback = bn.part(Feedback)
    right: Feedback = bn.part(Feedback, delay=2.5)

    def vector_field(self, t, s, u):
        u = bn.Record(I=0.0)
        return dict(left=self.left.vector_field(t, s.left, u), right=self.right.vector_field(t, s.right, u))


MODELS = {"feedback": Feedback, "noisy": Noisy, "neutral": Neutral, "ticker": Ticker, "pair": Pair}


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]()


# --- continued -----------------------------------------------------------------------------------------------------


def test_a_continued_run_is_the_whole_run(model, tmp_path):
    """Bit by bit, through NetCDF."""
    whole = bn.simulate(model, T=12, size=2)
    first = bn.simulate(model, T=5, size=2)
    first.to_netcdf(tmp_path / "first.nc")
    with xr.open_dataset(tmp_path / "first.nc") as again:
        second = bn.simulate(model, T=7, size=2, init=again)
    for path in whole.data_vars:
        np.testing.assert_array_equal(np.concatenate([first[path], second[path]]), whole[path])


def test_a_stored_run_that_was_stopped_goes_on(model, tmp_path):
    whole = bn.simulate(model, T=30, store=tmp_path / "whole")
    calls = iter([None, False])
    bn.simulate(model, T=30, store=tmp_path / "parts", progress=lambda fraction: next(calls, None))
    done = bn.simulate(model, T=30, store=tmp_path / "parts")
    assert done.attrs["status"] == "finished"
    for path in whole.data_vars:
        np.testing.assert_array_equal(done[path], whole[path])


@pytest.mark.parametrize("cls", [Feedback, Neutral])
def test_a_run_with_longer_curves_is_continued_and_stored(cls, tmp_path):
    model, exact = cls(), bn.integrators.DormandPrince(adaptive=False)
    whole = bn.simulate(model, T=12, dt=0.1, method=exact)
    first = bn.simulate(model, T=5, dt=0.1, method=exact)
    second = bn.simulate(model, T=7, dt=0.1, method=exact, init=first)
    np.testing.assert_array_equal(np.concatenate([first.x, second.x]), whole.x)
    calls = iter([None, False])
    bn.simulate(model, T=12, dt=0.1, method=exact, store=tmp_path / "parts", progress=lambda f: next(calls, None))
    done = bn.simulate(model, T=12, dt=0.1, method=exact, store=tmp_path / "parts")
    np.testing.assert_array_equal(done.x, whole.x)


def test_a_run_goes_on_with_a_method_of_another_order():
    first = bn.simulate(Feedback(), T=5, dt=0.1, method="rk4", precision="float64")
    second = bn.simulate(Feedback(), T=5, dt=0.1, method="rkdp", init=first, precision="float64")
    whole = bn.simulate(Feedback(), T=10, dt=0.1, method="rk4", precision="float64")
    np.testing.assert_allclose(second.x, whole.x[50:], atol=1e-5)


# --- swept ---------------------------------------------------------------------------------------------------------


def test_a_sweep_over_delays_is_a_loop():
    delays = [0.0, 0.25, 1.7, 5.0]
    ds = bn.sweep(Feedback(), {"delay": delays}, T=10)
    for i, delay in enumerate(delays):
        np.testing.assert_allclose(ds.x[i], bn.simulate(Feedback(delay=delay), T=10).x, rtol=1e-10)


def test_a_sweep_over_delays_of_spikes_is_a_loop():
    delays = [0.1, 1.0, 7.3]
    ds = bn.sweep(Ticker(), {"delay": delays}, T=30, record=["echo"])
    for i, delay in enumerate(delays):
        np.testing.assert_array_equal(ds.echo[i], bn.simulate(Ticker(delay=delay), T=30, record=["echo"]).echo)


def test_a_past_given_as_a_function_is_swept_along():
    past = {"x": jnp.cos}
    ds = bn.sweep(Feedback(), {"tau": [1.0, 2.0]}, T=5, init=past)
    np.testing.assert_allclose(ds.x[1], bn.simulate(Feedback(tau=2.0), T=5, init=past).x, rtol=1e-12)


def test_a_sweep_takes_fewer_points_at_once_where_they_remember_much(monkeypatch):
    delays = np.linspace(0, 5, 8)
    whole = bn.sweep(Feedback(), {"delay": delays}, T=2, every=20)
    monkeypatch.setattr(bn.run.blocks, "MEMORY_BYTES", 10_000)  # a line holds 64 values and slopes, four times over
    monkeypatch.setattr(sys.modules["brainnb.run.sweep"], "hands_here", lambda: 1)
    fractions = []
    parts = bn.sweep(Feedback(), {"delay": delays}, T=2, every=20, progress=lambda f: fractions.append(f))
    assert len(set(fractions)) >= 4
    np.testing.assert_array_equal(parts.x, whole.x)


def test_moving_a_delay_compiles_nothing():
    bn.simulate(Feedback(), T=10)
    before = bn.run.cache.trace_count()
    for delay in np.linspace(0, 5, 20):
        bn.simulate(Feedback(delay=delay), T=10)
    for dt in (0.1, 0.0999, 0.09):  # the same power of two
        bn.simulate(Feedback(), T=800 * dt, dt=dt)
    assert bn.run.cache.trace_count() == before


def test_moving_a_delay_of_a_longer_curve_compiles_nothing():
    bn.simulate(Feedback(), T=10, method="rkdp")
    before = bn.run.cache.trace_count()
    for delay in (0, 0.03, 0.1, 0.25, 3, 5):
        bn.simulate(Feedback(delay=delay, tau=1 + delay), T=10, I=delay, method="rkdp")
    assert bn.run.cache.trace_count() == before


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        (None, "cubic"),
        ("rk4", "cubic"),
        ("rkdp", "quintic"),
        (bn.integrators.CashKarp, "quintic"),
        (bn.integrators.Fehlberg45(adaptive=False), "quintic"),
        (diffrax.Kvaerno3(), "cubic"),
        (diffrax.Tsit5(), "quintic"),
        (diffrax.Dopri8(), "septic"),
    ],
    ids=str,
)
def test_the_curve_is_chosen_by_the_method(method, kind):
    def lines(model, **given):
        return bn.run.past.prepared(System(model, bn.Record(given)), method, (), 0.1, 100).lines

    assert [line.kind for line in lines(Feedback(), I=jnp.asarray(0.0))] == [kind]
    assert [line.kind for line in lines(Pair())] == [kind, kind]
    assert [line.kind for line in lines(Ticker())] == ["bits"]


# --- begins --------------------------------------------------------------------------------------------------------


def test_the_past_is_the_initial_value_or_a_function():
    still = bn.simulate(Feedback(), T=1, method="euler", init={"x": 2.0})
    np.testing.assert_allclose(still.x, 2 - 2 * still.time, atol=1e-6)
    moved = bn.simulate(Feedback(delay=1.0), T=1, dt=0.01, method="rk4", init={"x": jnp.exp})
    np.testing.assert_allclose(moved.x, 1 - (np.exp(moved.time - 1) - np.exp(-1)), atol=1e-7)


def test_a_function_gives_the_past_of_every_unit():
    past = {"x": lambda t: jnp.array([1.0, 2.0, 3.0]) * jnp.exp(t)}
    ds = bn.simulate(Feedback(), T=3, size=3, init=past)
    np.testing.assert_allclose(ds.x[:, 2], 3 * ds.x[:, 0], rtol=1e-6)


def test_a_function_gives_the_past_of_a_part():
    ds = bn.simulate(Pair(), T=3, init={"left.x": jnp.exp})
    alone = bn.simulate(Feedback(), T=3, init={"x": jnp.exp})
    np.testing.assert_allclose(ds["left.x"], alone.x, rtol=1e-6)
    np.testing.assert_allclose(ds["right.x"], bn.simulate(Feedback(delay=2.5), T=3).x, rtol=1e-6)


# --- spikes --------------------------------------------------------------------------------------------------------


def test_every_spike_is_heard_once_after_its_delay():
    for delay in (0.1, 0.2, 1.5, 2.9, 20.0):
        ds = bn.simulate(Ticker(delay=delay), T=60, record=["spike", "echo"])
        sent = np.flatnonzero(ds.spike) + round(delay / 0.1)
        np.testing.assert_array_equal(np.flatnonzero(ds.echo), sent[sent < 600])


def test_units_hear_themselves_each_after_its_own_delay():
    delays = np.linspace(0.1, 6.0, 60)
    ds = bn.simulate(Ticker(delay=delays), T=20, size=60, record=["spike", "echo"])
    for i, delay in enumerate(delays):
        sent = np.flatnonzero(ds.spike[:, i]) + round(delay / 0.1)
        np.testing.assert_array_equal(np.flatnonzero(ds.echo[:, i]), sent[sent < 200])


# --- gradients, precision, and the rest of the house ---------------------------------------------------------------


def test_the_end_of_a_run_has_a_gradient_by_the_delay():
    method, dt = bn.integrators.get("rk4"), jnp.asarray(0.05)
    base = bn.run.past.prepared(System(Feedback(), bn.Record(I=jnp.asarray(0.0))), method, (), 0.05, 100)

    @jax.jit
    def end(delay):
        system = System(Feedback(delay=delay), base.drives).remembering(base.lines)
        s = system.init((), jax.random.key(0))
        steps = jnp.arange(60)
        return jax.lax.scan(
            lambda s, i: (one_step(method, system, s, i, 0.0, dt, jax.random.key(0))[0], None), s, steps
        )[0].model.x

    for delay in (1.02, 1.337):  # x = 1 - t + (t - d)^2 / 2 - (t - 2d)^3 / 6 at t = 3
        found = float(jax.grad(end)(delay))
        closed = -(3 - delay) + max(3 - 2 * delay, 0) ** 2
        assert found == pytest.approx(float(end(delay + 1e-6) - end(delay - 1e-6)) / 2e-6, rel=1e-4)
        assert found == pytest.approx(closed, abs=0.01)


def test_a_delayed_run_in_single_precision_is_that_in_double():
    a, b = (bn.simulate(Feedback(), T=20, precision=p) for p in ("float32", "float64"))
    assert a.x.dtype == np.float32
    np.testing.assert_allclose(a.x, b.x, atol=2e-4)


def test_a_model_with_a_past_round_trips_through_json():
    model = Feedback(delay=2.25)
    again = bn.io.from_json(bn.io.to_json(model))
    np.testing.assert_array_equal(bn.simulate(again, T=5).x, bn.simulate(model, T=5).x)


def test_units_of_a_model_with_parts_that_remember_are_checked():
    bn.check_units(Feedback())
    bn.check_units(Neutral())
    bn.check_units(Ticker())


def test_the_explorer_moves_a_delay():
    explorer = bn.widgets.Simulator(Feedback(), T=20)
    before = explorer.result.x.values
    explorer.set({"delay": 3.0})
    assert not np.allclose(explorer.result.x.values, before)


def test_a_delay_inside_a_function_of_the_hook_is_read():
    class Inner(Feedback):
        def vector_field(self, t, s, u):
            return dict(x=jax.jit(lambda d: -s.x_ago(d))(self.delay) / self.tau)

    np.testing.assert_allclose(bn.simulate(Inner(), T=5).x, bn.simulate(Feedback(), T=5).x, rtol=1e-12)
