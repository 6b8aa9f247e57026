"""Laws of runs: time, chunks, continuation, sweeps."""

import json

import jax
import numpy as np
import pytest
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st

import brainnb as bn
from brainnb.run import loop
from brainnb.run.dataset import times as time_axis
from brainnb.run.options import steps

pytestmark = pytest.mark.as_run

DTS = st.sampled_from([0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0])


class Walk(bn.Model):
    """Noise, a counter, spikes and decay: everything that could go wrong between two chunks."""

    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(0.5, 100))
    sigma: bn.Param = bn.param(0.3, "1", "noise", bounds=(0, 10))
    x = bn.state(0.5)
    n = bn.state(0, discrete=True)
    I = bn.input(0.0)

    def vector_field(self, t, s, u):
        return dict(x=(u.I - s.x) / self.tau)

    def diffusion(self, t, s, u):
        return dict(x=self.sigma)

    def on_step(self, t, s, u, key):
        return dict(n=s.n + 1), dict(spike=bn.spike(s.x), dice=jax.random.uniform(key))


WALK = Walk()
ALL = ["x", "n", "spike", "dice"]


@given(st.integers(1, 10**6), DTS, st.integers(1, 50))
def test_a_whole_number_of_steps_is_accepted_and_counted(n, dt, every):
    n *= every
    assert steps(n * dt, dt, every) == n


@given(st.integers(0, 10**4), DTS, st.floats(0.01, 0.99))
def test_a_part_of_a_step_is_refused_and_the_advice_is_good(n, dt, part):
    with pytest.raises(ValueError, match="whole number of steps") as caught:
        steps((n + part) * dt, dt, 1)
    words = str(caught.value)
    advised = words[words.index("use T = ") + 8 :].split(" ms")[0].split(" or ")
    for T in advised:
        assert steps(float(T), dt, 1) >= 1


@given(st.integers(0, 10**6), st.integers(1, 2000), DTS, st.integers(1, 20))
def test_times_are_multiples_of_the_step(first, records, dt, every):
    times = time_axis(first, 0.0, dt, every, records)
    k = first + np.arange(1, records + 1) * every
    np.testing.assert_allclose(times, k * dt, rtol=0, atol=1e-6)
    assert [float(t) for t in times[:5]] == [round(i * dt, 9) for i in k[:5].tolist()]
    assert (np.diff(times) > 0).all()


@settings(max_examples=20)
@given(st.integers(1, 60), st.sampled_from([1, 2, 5]), st.integers(1, 9), st.integers(0, 5))
def test_cutting_a_run_into_chunks_changes_nothing(records, every, chunk, seed):
    run = dict(T=records * every * 0.1, dt=0.1, every=every, seed=seed, record=ALL)
    whole = bn.simulate(WALK, **run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.Run, "_affordable", lambda self, speed: chunk)
        cut = bn.simulate(WALK, **run)
    xr.testing.assert_equal(cut.drop_attrs(), whole.drop_attrs())
    assert cut.attrs["final_state"] == whole.attrs["final_state"]


@settings(max_examples=5)
@given(st.integers(5, 9))
def test_a_small_buffer_changes_nothing(power):
    run = dict(T=30, dt=0.1, record=ALL)
    whole = bn.simulate(WALK, **run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "BUFFER_BYTES", 2**power)
        bn.run.cache.plans._items.clear()
        cut = bn.simulate(WALK, **run)
    bn.run.cache.plans._items.clear()
    xr.testing.assert_equal(cut.drop_attrs(), whole.drop_attrs())


@settings(max_examples=20)
@given(st.integers(1, 80), st.integers(1, 80), st.sampled_from([0.05, 0.1, 0.5]), st.integers(0, 5))
def test_a_run_and_its_continuation_are_the_whole(a, b, dt, seed):
    run = dict(dt=dt, seed=seed, record=ALL)
    whole = bn.simulate(WALK, T=(a + b) * dt, **run)
    first = bn.simulate(WALK, T=a * dt, **run)
    second = bn.simulate(WALK, T=b * dt, init=first, **run)
    joined = xr.concat([first, second], "time")
    np.testing.assert_allclose(joined.time, whole.time, rtol=0, atol=1e-9)
    for name in ALL:
        np.testing.assert_array_equal(joined[name], whole[name], err_msg=name)
    assert second.attrs["final_state"] == whole.attrs["final_state"]


@settings(max_examples=10)
@given(
    st.lists(st.floats(0.5, 100, width=32), min_size=1, max_size=4),
    st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=4),
    st.integers(1, 5),
)
def test_a_sweep_is_a_loop(taus, currents, chunk):
    run = dict(T=5, dt=0.1, record=ALL, seed=1)
    ds = bn.sweep(WALK, {"tau": taus, "I": currents}, chunk=chunk, **run)
    assert dict(ds.sizes) == {"tau": len(taus), "I": len(currents), "time": 50}
    for i, tau in enumerate(taus):
        for j, current in enumerate(currents):
            one = bn.simulate(WALK.replace(tau=tau), I=current, **run)
            np.testing.assert_allclose(ds.x[i, j], one.x, rtol=2e-4, atol=2e-5)
            np.testing.assert_array_equal(ds.n[i, j], one.n)
            np.testing.assert_array_equal(ds.dice[i, j], one.dice)


@settings(max_examples=15)
@given(st.integers(1, 12), st.sampled_from([1, 2, 3, 4, 6]), st.integers(0, 3))
def test_records_every_k_steps_are_every_kth_record(records, every, seed):
    T = records * every * 0.1
    fine = bn.simulate(WALK, T=T, seed=seed, record=ALL)
    coarse = bn.simulate(WALK, T=T, seed=seed, record=ALL, every=every)
    for name in ("x", "n", "dice"):
        np.testing.assert_array_equal(coarse[name], fine[name][every - 1 :: every])
    np.testing.assert_array_equal(coarse.spike, fine.spike.values.reshape(-1, every).sum(1))


@settings(max_examples=10)
@given(st.floats(0.5, 100, width=32), st.floats(-50, 50, width=32), st.integers(0, 2**32 - 1))
def test_provenance_makes_the_run_again(tau, current, seed):
    ds = bn.simulate(WALK.replace(tau=tau), T=5, I=current, seed=seed)
    attrs = ds.attrs
    again = bn.simulate(
        Walk().replace(json.loads(attrs["parameters"])),
        T=5,
        dt=attrs["dt"],
        seed=attrs["seed"],
        method=attrs["method"],
        **json.loads(attrs["inputs"]),
    )
    xr.testing.assert_equal(again.drop_attrs(), ds.drop_attrs())


@settings(max_examples=15)
@example(1.797693134862316e307)
@given(
    st.one_of(st.text(max_size=8), st.floats(), st.integers(-5, 5), st.none(), st.tuples(st.integers()), st.booleans())
)
def test_any_duration_gives_a_run_or_one_of_our_errors(T):
    if isinstance(T, float) and 0 < T < 1e12 and T > 100:
        T = T % 100 + 1e-3
    answer = ""
    try:
        ds = bn.simulate(WALK, T=T, dt=0.1)
    except (bn.ModelError, bn.UnitError, ValueError) as error:
        answer = str(error)
    assert answer.startswith("T") if answer else ds.time[-1] == pytest.approx(float(T))
