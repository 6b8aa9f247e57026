"""``bn.fit`` as a user meets it: what comes back, what stops it, what it refuses."""

import os
import signal
import threading
from time import perf_counter

import jax
import numpy as np
import optax
import pytest

import brainnb as bn
from brainnb.core.errors import ModelError, UnknownName
from brainnb.run.cache import trace_count

from ..widgets.waiting import standing, until
from .conftest import courses


def test_it_recovers_what_made_the_data(leaky, data):
    run = bn.fit(leaky(), data, train=["w", "tau"], optimizer=0.1, steps=600)
    assert run.stop_reason == "all steps were made"
    assert float(run.model.w) == pytest.approx(2.0, rel=1e-3)
    assert float(run.model.tau) == pytest.approx(5.0, rel=1e-3)
    assert float(run.model.b) == 0.0
    assert run.history.loss.dims == ("step",)
    assert sorted(run.history.parameter.values) == ["tau", "w"]
    assert run.history.sizes["step"] == 600
    assert float(run.history.loss[-1]) < 1e-6 < float(run.history.loss[0])


def test_the_first_loss_is_that_of_the_model_as_it_came(leaky, data):
    run = bn.fit(leaky(), data, train="w", steps=1)
    V = np.stack([bn.simulate(leaky(), T=30, dt=1.0, I=course(row)).V.values for row in data.I.values])
    assert float(run.history.loss[0]) == pytest.approx(np.mean((V - data.V.values) ** 2), rel=1e-12)


def course(row):
    return bn.inputs.FromData(np.arange(30.0), row, interpolation="previous")


def test_updates_compile_once_and_other_numbers_not_at_all(leaky, data):
    bn.fit(leaky(), data, train="w", optimizer=0.1, steps=30)
    before = trace_count()
    bn.fit(leaky(w=0.3, tau=7), data * 1.5, train="w", optimizer=0.3, steps=300, seed=3)
    assert trace_count() == before


def test_the_same_optimiser_compiles_nothing(leaky, data):
    adam = optax.adam(0.1)
    bn.fit(leaky(), data, train="w", optimizer=adam, steps=3)
    before = trace_count()
    bn.fit(leaky(w=0.5), data, train="w", optimizer=adam, steps=40)
    assert trace_count() == before


def test_trials_of_sixteen_lengths_are_one_program_and_what_fills_them_up_says_nothing(leaky):
    data = courses(leaky(w=2.0, tau=5.0), trials=16)
    counts = (np.arange(30) < np.arange(15, 31)[:, None]) * 1.0
    options = dict(train=["w", "tau"], optimizer=0.1, batch=4)
    dims = ("trial", "time")
    found = bn.fit(leaky(), data.assign(weight=(dims, counts)), steps=40, **options)
    before = trace_count()
    filled = data.assign(weight=(dims, counts), V=data.V.where(counts > 0, 1e3), I=data.I.where(counts > 0, -1e3))
    again = bn.fit(leaky(), filled, steps=40, **options)
    bn.fit(leaky(), data.assign(weight=(dims, counts[::-1])), steps=40, **options)
    assert trace_count() == before
    assert np.array_equal(again.history.loss, found.history.loss)
    assert float(again.model.tau) == float(found.model.tau) != 10.0


def test_batches_take_every_trial_once_an_epoch(leaky, data):
    seen = bn.train.batches.source(leaky(), data, 2)
    key = jax.random.key(0)
    for epoch in range(3):
        rows = np.concatenate([seen.batch(key, 2 * epoch + i).targets["V"] for i in range(2)])
        assert np.array_equal(np.sort(rows[:, -1]), np.sort(data.V.values[:, -1]))


def test_masks_frozen_and_tied_hold_exactly(data):
    class Two(bn.Model):
        """Two leaky units with a parameter for each."""

        default_method = "euler"
        w: bn.Param = bn.param(1.0, "1", "weights")
        b: bn.Param = bn.param(0.0, "1", "offset")
        c: bn.Param = bn.param(0.0, "1", "another")
        V = bn.state(0.0, "1", "potential")
        I = bn.input(0.0, "1", "drive")

        def init_state(self, size=(), key=None):
            return super().init_state(size, key).merge(dict(V=np.zeros((*size, 2))))

        def vector_field(self, t, s, u):
            return dict(V=(self.w * u.I + self.b + self.c - s.V) / 5.0)

    start = Two(w=[0.3, 0.7])
    options = dict(optimizer=0.05, steps=20)
    run = bn.fit(start, data.drop_attrs(deep=True), masks={"w": [True, False]}, frozen="b", tied={"c": "b"}, **options)
    assert float(run.model.w[1]) == float(start.w[1])
    assert float(run.model.w[0]) != float(start.w[0])
    assert float(run.model.c) == float(run.model.b) == 0.0
    run = bn.fit(start, data.drop_attrs(deep=True), train=["b", "c"], tied={"c": "b"}, **options)
    assert float(run.model.c) == float(run.model.b) != 0.0


def test_signs_are_kept_whatever_happens(leaky, data):
    against = data.assign(V=-data.V)
    free = bn.fit(leaky(), against, train="w", optimizer=0.2, steps=60)
    kept = bn.fit(leaky(), against, train="w", signs="w", optimizer=0.2, steps=60)
    assert float(free.model.w) < 0 <= float(kept.model.w)


def test_bounds_hold_whatever_the_rate(leaky, data):
    run = bn.fit(leaky(), data, train="tau", optimizer=5.0, steps=50, keep="last")
    assert 1 <= float(run.model.tau) <= 100


def test_it_stops_for_a_goal_for_patience_and_for_time(leaky, data):
    options = dict(train=["w", "tau"], steps=100_000)
    goal = bn.fit(leaky(), data, optimizer=0.1, until=1e-2, **options)
    assert goal.stop_reason.startswith("loss ")
    assert float(goal.chunks.now.best_loss) <= 1e-2
    stuck = bn.fit(leaky(), data, optimizer=0.2, patience=50, **options)
    assert stuck.stop_reason.startswith("no better loss in ")
    late = bn.fit(leaky(), data, optimizer=1e-9, seconds=0.3, **options)
    assert late.stop_reason == "time is up (0.3 s)"


def test_what_is_not_finite_ends_it_and_the_last_good_model_stays(leaky, data):
    run = bn.fit(leaky(), data, train="w", optimizer=optax.sgd(1e200), steps=100)
    assert run.stop_reason.startswith("the loss is not finite at step 2; the model is that of step 1")
    assert np.isfinite(float(run.model.w))
    assert not np.isfinite(float(run.history.loss[-1]))


def test_in_the_background_it_pauses_goes_on_and_stops(leaky, data):
    told = threading.Event()
    run = bn.fit(leaky(), data, train="w", optimizer=1e-4, steps=10**7, wait=False, monitor=lambda run: told.set())
    assert told.wait(30)
    assert not run.ended
    run.pause()
    stood = standing(run)
    assert run.paused
    run.one_step()
    until(lambda: run.step > stood)
    assert standing(run) == stood + 1
    run.resume()
    until(lambda: run.step > stood + 1)
    assert float(run.model.w) > 1.0  # the model can be read while it learns
    asked = perf_counter()
    run.stop()
    assert run.wait(5).stop_reason == "stopped"
    assert perf_counter() - asked < 1.0  # after the chunk that it is in, a tenth of a second
    run.stop()  # harmless


@pytest.mark.parametrize("how", ["raised", "signalled"])
def test_an_interrupt_ends_it_as_stop_does(leaky, data, how):
    def press(run):
        if run.ended or run.step < 3:
            return
        if how == "raised":
            raise KeyboardInterrupt
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run = bn.fit(leaky(), data, train="w", optimizer=1e-4, steps=10**7, monitor=press)
    finally:
        signal.signal(signal.SIGINT, before)
    assert run.stop_reason == "stopped"
    assert 3 <= run.step < 10**7
    assert float(bn.fit(run.model, data, train="w", optimizer=0.1, steps=3).model.w) > float(run.model.w) > 1.0


def test_a_failure_in_the_background_reaches_who_waits(leaky, data):
    def broken(run):
        raise RuntimeError("view is gone")

    with pytest.raises(RuntimeError, match="view is gone"):
        bn.fit(leaky(), data, train="w", steps=50, wait=False, monitor=broken).wait(30)


def test_a_line_a_second_and_one_at_the_end(leaky, data, capsys):
    bn.fit(leaky(), data, train="w", steps=40, monitor=True, metrics={"error": "mae"})
    *begin, last = capsys.readouterr().out.splitlines()
    assert len(begin) == 1
    assert last.startswith("step 40 of 40 · loss 0.")
    assert " · error 0." in last
    assert last.endswith("steps/s · all steps were made")
    with pytest.raises(ModelError, match="monitor=3"):
        bn.fit(leaky(), data, train="w", steps=1, monitor=3)


def test_a_user_rule_by_name(leaky, data):
    @bn.train.register("signs_only")
    class SignsOnly(bn.train.Gradient):
        """Steps of the sign of the gradient."""

        def slope(self, problem, free, batch, key):
            told, gradient = super().slope(problem, free, batch, key)
            return told, jax.tree.map(jax.numpy.sign, gradient)

    run = bn.fit(leaky(), data, train="w", method="signs_only", optimizer=optax.sgd(0.1), steps=5)
    assert float(run.model.w) == pytest.approx(1.5)


def test_in_single_precision_too(leaky, data):
    run = bn.fit(leaky(tau=5), data, train="w", optimizer=0.1, steps=200, precision="float32")
    assert run.model.w.dtype == np.float32
    assert float(run.model.w) == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (dict(train="q"), UnknownName, "q"),
        (dict(train="V"), UnknownName, "V"),
        (dict(method="bppt"), UnknownName, "bptt"),
        (dict(loss="msee"), ModelError, "mse"),
        (dict(loss=bn.train.MSE), ModelError, "build it"),
        (dict(steps=0), ValueError, "at least 1"),
        (dict(batch=9), ModelError, "4 trials"),
        (dict(optimizer=-1), ModelError, "above 0"),
        (dict(optimizer="adam"), ModelError, "optax.adam"),
        (dict(dt=0.5), ModelError, "every 1 ms"),
        (dict(masks={"w": [True, False]}), ModelError, "shape"),
        (dict(frozen="*"), ModelError, "nothing of Leaky is left"),
        (dict(keep="first"), ModelError, "'best' or 'last'"),
        (dict(transforms={"tau": "logg"}), ModelError, "'log'"),
        (dict(memory="little"), ModelError, "memory"),
        (dict(J=3), UnknownName, "J"),
    ],
)
def test_mistakes_are_answered_before_the_first_update(leaky, data, change, error, message):
    with pytest.raises(error, match=message):
        bn.fit(leaky(), data, **{"train": "w", "steps": 1} | change)


def test_data_that_do_not_serve(leaky, data):
    def fitted(data):
        bn.fit(leaky(), data, train="w", steps=1)

    with pytest.raises(ModelError, match=r"an xarray\.Dataset"):
        fitted(data.V.values)
    with pytest.raises(ModelError, match="`time` was expected"):
        fitted(data.isel(time=0))
    with pytest.raises(ModelError, match="nothing is left that the model should reach"):
        fitted(data[["I"]])
    with pytest.raises(ModelError, match=r"`V` is not a number at \{'trial': 1, 'time': 3\}"):
        fitted(data.assign(V=data.V.where((data.trial != 1) | (data.time != 3))))
    with pytest.raises(ModelError, match="not even"):
        fitted(data.isel(time=[0, 1, 3]))


def test_units_are_those_of_the_model(leaky, data):
    volts = data.assign(V=(data.V / 1000).assign_attrs(units="V"))
    a = bn.fit(leaky(), data, train="w", steps=1)
    b = bn.fit(leaky(), volts, train="w", steps=1)
    assert float(a.history.loss[0]) == pytest.approx(float(b.history.loss[0]), rel=1e-12)
