"""Losses of spikes, rates and spectra against the same quantities computed elsewhere, and their slopes."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from scipy.signal import periodogram
from scipy.special import log_softmax

import brainnb as bn
from brainnb.core.errors import ModelError
from brainnb.core.record import Record
from brainnb.core.spikes import spike
from brainnb.measures import distances
from brainnb.train import batches
from brainnb.train.batches import Batch

DT, STEPS = 0.5, 200
TIME = DT * np.arange(1, STEPS + 1)
rng = np.random.default_rng(3)
OWN, WANTED = (rng.random((2, STEPS, 3)) < 0.05).astype(float), (rng.random((2, STEPS, 3)) < 0.05).astype(float)


def value(loss, y, wanted, name="y", model=None):
    """The loss as one program: a loss is many operations, each of which would compile."""

    @jax.jit
    def found(y, wanted):
        batch = Batch(Record(), Record({name: wanted}), jnp.ones(y.shape[:2]))
        return loss({"y": y, "time": jnp.asarray(TIME)}, batch, model)

    return found(jnp.asarray(y), jnp.asarray(wanted))


def pairs():
    return [(TIME[OWN[i, :, j] > 0], TIME[WANTED[i, :, j] > 0]) for i in range(2) for j in range(3)]


def test_van_rossum_is_that_of_the_measures():
    wanted = np.mean([distances.van_rossum(a, b, tau=7.0) ** 2 for a, b in pairs()])
    assert float(value(bn.train.VanRossum("y", tau=7.0), OWN, WANTED)) == pytest.approx(wanted, rel=1e-12)


def test_the_threshold_is_met_in_the_middle_of_the_step_of_a_spike():
    """Two spikes: above goes from -1 to 3 in the one, from -2 to 2 in the other; ((-1 + 3)^2 + (-2 + 2)^2) / 4 / 2."""
    above, fired = np.full((1, STEPS, 1), -50.0), np.zeros((1, STEPS, 1))
    above[0, 19:21, 0], above[0, 99:101, 0], fired[0, [20, 100], 0] = (-1.0, 3.0), (-2.0, 2.0), 1.0
    loss = bn.train.AtThreshold("y", "z")
    assert float(value(loss, above, fired, "z")) == pytest.approx(0.5)
    assert float(value(loss, above, 0 * fired, "z")) == 0.0
    slope = jax.grad(lambda y: value(loss, y, fired, "z"))(jnp.asarray(above))
    np.testing.assert_allclose(slope[0, 18:22, 0], [0.0, 0.5, 0.5, 0.0])


def test_van_rossum_of_spike_times_is_that_of_the_raster_and_of_crossings_between_samples():
    wanted = float(value(bn.train.VanRossum("y", tau=7.0), OWN, WANTED))
    loss = bn.train.VanRossumTimes("y", tau=7.0, most=24)
    assert float(value(loss, OWN, WANTED)) == pytest.approx(wanted, rel=1e-12)
    assert float(value(loss, OWN, 0 * WANTED)) == pytest.approx(
        np.mean([distances.van_rossum(a, [], tau=7.0) ** 2 for a, _ in pairs()]), rel=1e-12
    )

    loss = bn.train.VanRossumTimes("y", threshold=-10.0, tau=2.0)
    later = lambda d: value(loss, volts(d), volts(0.0))  # noqa: E731
    at = 40 / (2 * np.pi) * np.arcsin(0.25) + 40 * np.arange(3)  # 40 sin - 20 passes -10
    assert float(later(0.3)) == pytest.approx(distances.van_rossum(at + 0.3, at, tau=2.0) ** 2, rel=2e-2)
    slope = float(later(0.301) - later(0.299)) / 0.002
    assert float(jax.grad(later)(0.3)) == pytest.approx(slope, rel=1e-5)
    assert slope > 0.3  # though no sample changes its side of the threshold


def test_counts_and_rates():
    assert float(value(bn.train.SpikeCount("y"), OWN, WANTED)) == np.mean([(len(a) - len(b)) ** 2 for a, b in pairs()])
    late = TIME[:, None] - TIME
    kernel = np.where(late >= 0, np.exp(-late / 15) / 15 * 1000, 0)
    rates = [np.einsum("ts,sj->tj", kernel, x.mean(0)) for x in (OWN, WANTED)]
    assert float(value(bn.train.Rates("y", tau=15.0), OWN, WANTED)) == pytest.approx(
        np.mean((rates[0] - rates[1]) ** 2), rel=1e-10
    )


def test_times_of_recorded_spikes_and_of_those_that_are_missing():
    a, b = np.zeros((1, STEPS, 1)), np.zeros((1, STEPS, 1))
    a[0, [20, 80], 0], b[0, [24, 90, 150], 0] = 1, 1
    end = TIME[-1] + DT
    wanted = ((4 * DT) ** 2 + (10 * DT) ** 2 + (end - TIME[150]) ** 2) / 3
    assert float(value(bn.train.SpikeTimes("y"), a, b)) == pytest.approx(wanted)
    assert float(value(bn.train.SpikeTimes("y", most=2), a, b)) == pytest.approx((4 + 25) / 2)
    slope = jax.grad(lambda y: value(bn.train.SpikeTimes("y", most=1), y, b))(jnp.asarray(a))[0, :, 0]
    assert (slope[:21] > 0).all()  # one more before it comes earlier still, and it is early already
    assert not slope[21:].any()  # one behind changes nothing of the first


def volts(delay):
    return 40 * jnp.sin(2 * jnp.pi * (jnp.asarray(TIME) - delay) / 40)[None, :, None] - 20


def test_times_of_crossings_lie_between_samples_with_their_exact_slope():
    loss = bn.train.SpikeTimes("y", threshold=-10.0)
    delays = lambda d: value(loss, volts(d), volts(0.0))  # noqa: E731
    assert float(delays(0.3)) == pytest.approx(0.3**2, rel=1e-2)  # 2 and 3 crossings: the delay of each
    assert float(jax.grad(delays)(0.3)) == pytest.approx(float(delays(0.301) - delays(0.299)) / 0.002, rel=1e-5)
    assert float(jax.grad(delays)(0.3)) == pytest.approx(0.6, rel=2e-2)
    grid = jnp.zeros((1, STEPS, 1)).at[0, jnp.array([3, 83, 163])].set(1.0)
    assert float(value(bn.train.SpikeTimes("y", "s", threshold=-10.0), volts(0.0), grid, "s")) < DT**2


def test_crossings_count_as_spikes_with_a_slope():
    count = bn.train.SpikeCount("y", threshold=-10.0)
    assert float(value(count, volts(0.0), 0 * volts(0.0) - 60)) == 9
    weak = lambda size: value(count, size * jnp.exp(-((jnp.asarray(TIME) - 50) ** 2) / 20)[None, :, None], volts(0.0))  # noqa: E731
    assert float(jax.grad(lambda size: weak(size - 30))(15.0)) < 0  # a silent one learns to be louder


def test_who_is_first():
    y = np.zeros((2, STEPS, 3))
    y[0, 30, 0], y[0, 10, 1], y[1, 50, 2] = 1, 1, 1
    first = np.array([[TIME[30], TIME[10], TIME[-1] + DT], [TIME[-1] + DT, TIME[-1] + DT, TIME[50]]])
    wanted = -np.mean(log_softmax(-first / 5.0, -1)[[0, 1], [1, 0]])
    assert float(value(bn.train.FirstSpike("y", tau=5.0), y, np.array([1, 0]))) == pytest.approx(wanted)


def test_a_spectrum_knows_no_phase():
    y, wanted = rng.normal(size=(4, STEPS)), rng.normal(size=(4, STEPS))
    f, P = periodogram(y, 1000 / DT, "hann", detrend="constant")
    P, Q = P.mean(0), periodogram(wanted, 1000 / DT, "hann", detrend="constant")[1].mean(0)
    some = (f > 0) & (f <= 200)
    error = np.mean((np.log10(P[some]) - np.log10(Q[some])) ** 2)
    assert float(value(bn.train.Spectrum("y", highest=200.0), y, wanted)) == pytest.approx(error, rel=1e-6)
    later = np.sin(2 * np.pi * (TIME[None] - 3) / 20)
    assert float(value(bn.train.Spectrum("y", highest=60.0), later, np.sin(2 * np.pi * TIME[None] / 20))) < 1e-6


def test_ctc_is_the_sum_over_all_courses_that_give_the_labels():
    logits = rng.normal(size=(2, 5, 3))
    labels, ends = np.array([[1, 2, -1], [2, 2, 1]]), (4, 5)
    log_p = log_softmax(logits, -1)

    def gives(course, wanted):
        once = [c for c, before in zip(course, (None, *course), strict=False) if c != before]
        return [c for c in once if c != 0] == [x for x in wanted if x >= 0]

    def chance(i):
        courses = itertools.product(range(3), repeat=ends[i])
        return sum(np.exp(log_p[i, range(ends[i]), c].sum()) for c in map(list, courses) if gives(c, labels[i]))

    weight = (np.arange(5) < np.array(ends)[:, None]).astype(float)
    batch = Batch(Record(), Record({"label": jnp.asarray(labels)}), jnp.asarray(weight))
    seen = {"y": jnp.asarray(logits), "time": jnp.arange(1.0, 6)}
    found = bn.train.CTC("y", "label")(seen, batch, None)
    assert float(found) == pytest.approx(-np.mean([np.log(chance(0)), np.log(chance(1))]), rel=1e-6)
    with pytest.raises(
        ModelError, match=r"whole numbers \(trial, label\) were expected; got shapes \(2, 5, 3\) and \(2,\)"
    ):
        bn.train.CTC("y", "label")(
            seen, Batch(Record(), Record({"label": jnp.asarray(labels[:, 0])}), batch.weight), None
        )


def test_likelihoods_are_sums_of_logarithms():
    y, wanted = rng.normal(size=(2, STEPS)), rng.normal(size=(2, STEPS))
    density = np.exp(-(((y - wanted) / 0.7) ** 2) / 2) / (0.7 * np.sqrt(2 * np.pi))
    assert float(value(bn.train.Gaussian("y", sigma=0.7), y, wanted)) == pytest.approx(-np.log(density).sum())
    rate = rng.uniform(0.01, 0.4, (2, STEPS, 3))
    p = 1 - np.exp(-rate * DT)
    said = float(value(bn.train.SpikeLikelihood("y", "spike"), rate * DT, WANTED, "spike"))
    assert said == pytest.approx(-np.where(WANTED > 0, np.log(p), np.log(1 - p)).sum())


def test_penalties():
    mean = OWN.mean((0, 1))
    assert float(value(bn.train.Silent("y", 0.06), OWN, WANTED)) == pytest.approx(
        np.mean(np.maximum(0, 0.06 - mean) ** 2)
    )
    x = rng.normal(size=(2, STEPS))
    assert float(value(bn.train.Sparse("y"), x, x)) == pytest.approx(np.abs(x).mean())
    within = np.maximum(0, x - 1) ** 2 + np.maximum(0, -0.5 - x) ** 2
    assert float(value(bn.train.Within("y", -0.5, 1.0), x, x)) == pytest.approx(within.mean())
    wake = lambda V: value(bn.train.Silent("y", 0.06), spike(V), WANTED)  # noqa: E731
    assert (jax.grad(wake)(jnp.full((2, STEPS, 3), -0.1)) < 0).all()


def test_spike_times_of_a_dataset_fall_on_its_samples():
    ds = bn.simulate(bn.neurons.LIF(), T=60, dt=0.1, I=400.0, record=["spike"])
    data = xr.Dataset({"spike": ds.spike, "times": ds.bn.spike_times()}, {"time": ds.time})
    trials = batches.from_dataset(bn.neurons.LIF(), data).targets
    assert float(trials["spike"].sum()) > 1
    np.testing.assert_array_equal(trials["times"], trials["spike"])
    between = batches.from_dataset(bn.neurons.LIF(), data.assign(times=data.times - 0.07)).targets
    np.testing.assert_array_equal(between["times"], trials["spike"])  # the end of the step in which they lie
    with pytest.raises(ModelError, match=r"spike at 60\.3 ms; `time` goes from 0\.1 to 60 ms"):
        batches.from_dataset(bn.neurons.LIF(), data.assign(times=data.times * 0 + 60.3))
