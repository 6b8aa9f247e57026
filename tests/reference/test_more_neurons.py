"""Wang-Buzsaki (SciPy), QIF, theta and ExpIF (closed forms, quadrature), the twenty patterns of Mihalas & Niebur (exact)."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

import brainnb as bn


@pytest.mark.parametrize(
    ("current", "rate"), [(0.2, 8.62062), (0.5, 32.21715), (1, 59.70149), (2, 101.78572), (5, 189.62543)]
)
def test_wang_buzsaki_rates(current, rate, crossings):
    ds = bn.simulate(bn.neurons.WangBuzsaki(), T=600, dt=0.02, I=current, method="rk4", record=["V"])
    gaps = np.diff(crossings(ds.V, 0.0))
    assert 1000 / gaps[len(gaps) // 2 :].mean() == pytest.approx(rate, rel=2e-5)


def test_wang_buzsaki_with_slow_gates(crossings):
    ds = bn.simulate(bn.neurons.WangBuzsaki.slow_gates(), T=300, dt=0.02, I=1, method="rk4", record=["V"])
    assert 1000 / np.diff(crossings(ds.V, 0.0))[-1] == pytest.approx(48.22377, rel=2e-5)


@pytest.mark.parametrize(("current", "fires"), [(0.159, False), (0.163, True)])
def test_wang_buzsaki_onset(current, fires, crossings):
    ds = bn.simulate(bn.neurons.WangBuzsaki(), T=1500, dt=0.05, I=current, method="rk4", record=["V"])
    assert (len(crossings(ds.V.isel(time=slice(10000, None)), 0.0)) > 0) == fires


def test_wang_buzsaki_rate_has_no_hole():
    """alpha_n is finite, and not ten times too large (0.0771 at -40 mV, n = 0.3)."""
    from brainnb.channels.base import relax
    from brainnb.neurons import wang_buzsaki as wb

    assert float(5 * relax(wb.alpha_n(-40.0), wb.beta_n(-40.0), 0.3)) == pytest.approx(0.0771, abs=5e-5)
    assert float(wb.alpha_n(-34.0)) == pytest.approx(0.1, rel=1e-12)
    assert float(wb.alpha_m(-35.0)) == pytest.approx(1.0, rel=1e-12)


def test_qif_normal_form_period(spike_times):
    """2 atan 10."""
    ds = bn.simulate(bn.neurons.QIF.normal_form(), T=100, dt=0.001, I=1, record=["spike"])
    gaps = np.diff(spike_times(ds))
    assert ((gaps > 2.9422553486075 - 1e-9) & (gaps < 2.9422553486075 + 0.001 + 1e-9)).all()


def test_qif_period_and_rheobase(spike_times):
    model = bn.neurons.QIF()
    rheobase = 0.07 * 15**2 / 4 / 0.1
    assert bn.simulate(model, T=1000, I=0.999 * rheobase, record=["spike"]).spike.sum() == 0
    exact = quad(lambda V: 10 / (0.07 * (V + 65) * (V + 50) + 6.0), -68, -30, epsabs=1e-12)[0]
    gaps = np.diff(spike_times(bn.simulate(model, T=500, dt=0.01, I=60, record=["spike"])))
    assert ((gaps > exact - 1e-6) & (gaps < exact + 0.01 + 1e-6)).all()


@pytest.mark.parametrize("current", [0.25, 1.0])
def test_theta_period(current, spike_times):
    """pi tau / sqrt I; the overshoot is kept, so the mean interval is exact although spikes fall on the grid."""
    ds = bn.simulate(bn.neurons.Theta(), T=5000, dt=0.05, I=current, record=["spike"])
    times = spike_times(ds)
    assert (times[-1] - times[0]) / (len(times) - 1) == pytest.approx(10 * np.pi / np.sqrt(current), abs=0.001)


def test_theta_rests_below_onset():
    ds = bn.simulate(bn.neurons.Theta(), T=500, I=-0.25, record=["theta", "spike"])
    assert ds.spike.sum() == 0
    assert float(np.tan(ds.theta[-1] / 2)) == pytest.approx(-0.5, abs=1e-6)


def test_exp_if_rheobase_and_period(spike_times):
    model = bn.neurons.ExpIF()
    rheobase = 0.1 * (-59.9 + 65 - 3.48)
    assert bn.simulate(model, T=1000, I=0.99 * rheobase, record=["spike"]).spike.sum() == 0

    def slowness(V):
        return 1 / (0.1 * (-65 - V + 3.48 * np.exp((V + 59.9) / 3.48)) + 0.4)

    exact = 1.7 + quad(slowness, -68, -30, epsabs=1e-12)[0]
    gaps = np.diff(spike_times(bn.simulate(model, T=300, dt=0.005, I=0.4, record=["spike"])))
    # the peak and the end of the refractory time each fall on the grid
    assert ((gaps > exact - 0.005) & (gaps < exact + 0.011)).all()


GIF = {
    # preset: levels (value, until), number of spikes, exact times of the first ones, the last one
    "tonic_spiking": ([(1.5, 200)], 9, 20 * np.log(3) * np.arange(1, 10), None),
    "class_1": ([(1 + 1e-6, 500)], 1, [276.3102], None),
    "spike_frequency_adaptation": ([(2, 200)], 10, [14.6947, 30.2176, 46.5582, 63.6991], 181.6326),
    "phasic_spiking": ([(1.5, 500)], 5, [25.2, 54.2074, 87.8579, 127.5873, 177.0583], None),
    "accommodation": (
        [(1.5, 100), (0, 600), (0.5, 700), (1, 800), (1.5, 900), (0, 1000)], 3, [25.2, 54.2074, 87.8579], None,
    ),
    "threshold_variability": ([(1.5, 20), (0, 200), (-1.5, 225), (0, 250), (1.5, 275), (0, 400)], 1, [274.5088], None),
    "rebound_spike": ([(0, 50), (-3.5, 806), (0, 1000)], 1, [855.1008], None),
    "class_2": ([(2 * (1 + 1e-6), 300)], 15, [14.6946, 30.2175], 295.0918),
    "integrator": (
        [(1.5, 20), (0, 30), (1.5, 50), (0, 300), (1.5, 320), (0, 350), (1.5, 370), (0, 400)], 1, [49.3183], None,
    ),
    "input_bistability": ([(1.5, 100), (1.7, 500), (1.5, 600), (1.7, 1000)], 14, [25.2], 482.5312),
    "hyperpolarization_spiking": ([(-1, 400)], 3, [131.9371, 249.3091, 366.6811], None),
    "hyperpolarization_bursting": (
        [(-1, 400)], 13, [131.9371, 133.4845, 135.3367, 137.6744, 141.2456, 227.1177], None,
    ),
    "tonic_bursting": ([(2, 500)], 24, [14.6947, 17.0727, 19.6828], 424.364),
    "phasic_bursting": ([(1.5, 500)], 7, [25.2, 27.882, 30.8672, 34.2342, 38.1065, 42.717, 48.89], None),
    "rebound_burst": (
        [(0, 100), (-3.5, 600), (0, 1000)], 7,
        [652.4461, 653.7218, 655.1464, 656.758, 658.6134, 660.8069, 663.5345], None,
    ),
    "mixed_mode": (
        [(2, 500)], 19, [14.6947, 19.6097, 25.1647, 31.5349, 38.9945, 48.0471, 60.1795], 486.9471,
    ),
    "afterpotentials": ([(2, 15), (0, 200)], 1, [14.6947], None),
    "basal_bistability": ([(5, 10), (0, 100), (5, 110), (0, 200)], 25, [4.4629, 6.2659, 8.0863, 9.9238, 14.5573], 111.9903),
    "preferred_frequency": (
        [(5, 5), (0, 10), (4, 15), (0, 400), (5, 405), (0, 450), (4, 455)], 3, [4.5214, 404.5547, 454.8346], None,
    ),
    "spike_latency": ([(8, 2), (0, 50)], 1, [16.1769], None),
}  # fmt: skip


def levels(courses, dt):
    """A current of constant pieces; at an edge the mean of both sides, which the stages of RK4 weigh out exactly."""
    values, until = (np.array(x, float) for x in zip(*courses, strict=True))

    def at(t):
        return jnp.asarray(values)[jnp.minimum(jnp.searchsorted(until, t, side="right"), len(values) - 1)]

    return lambda t: 0.5 * (at(t - dt / 4) + at(t + dt / 4))


def test_gif_has_the_twenty_patterns():
    assert set(bn.neurons.GIF.presets()) == GIF.keys()
    assert len(GIF) == 20


@pytest.mark.parametrize("preset", GIF)
def test_gif_spike_times_are_exact(preset, spike_times):
    courses, count, first, last = GIF[preset]
    dt = 0.005
    model = bn.neurons.GIF.presets()[preset]()
    ds = bn.simulate(model, T=courses[-1][1], dt=dt, I=levels(courses, dt), record=["spike"])
    found = spike_times(ds)
    assert len(found) == count
    # each spike falls on the grid behind its moment and shifts those after it
    for k, (time, exact) in enumerate(zip(found, first, strict=False)):
        assert exact - 1e-3 - dt < time < exact + 4 * dt * (k + 1) + 1e-3
    if last is not None:
        assert found[-1] == pytest.approx(last, abs=0.5)


@pytest.mark.parametrize(("current", "rate"), [(8.5, 9.7281), (10, 34.0459), (12, 59.9449), (20, 132.3005)])
def test_connor_stevens_rates(current, rate, crossings):
    ds = bn.simulate(bn.neurons.ConnorStevens(), T=700, dt=0.02, I=current, method="rk4", record=["V"])
    gaps = np.diff(crossings(ds.V, 0.0))
    assert 1000 / gaps[len(gaps) // 2 :].mean() == pytest.approx(rate, rel=1e-4)


def test_connor_stevens_rest_and_silence(crossings):
    ds = bn.simulate(bn.neurons.ConnorStevens(), T=500, dt=0.02, method="rk4")
    assert float(ds.V[-1]) == pytest.approx(-67.97812, abs=1e-5)
    below = bn.simulate(bn.neurons.ConnorStevens(), T=500, dt=0.02, I=8, method="rk4", record=["V"])
    assert len(crossings(below.V.isel(time=slice(10000, None)), 0.0)) == 0


@pytest.mark.parametrize(("before", "first"), [(0.0, 21.7924), (-5.0, 23.6521)])
def test_connor_stevens_first_spike_is_late_after_inhibition(before, first, crossings):
    step = bn.inputs.FromFunction(lambda t: jnp.where(t < 100.0, before, 12.0))
    ds = bn.simulate(bn.neurons.ConnorStevens(), T=150, dt=0.005, I=step, method="rk4", record=["V"])
    assert crossings(ds.V, 0.0)[0] - 100.0 == pytest.approx(first, abs=5e-3)


def test_connor_stevens_needs_its_a_current(crossings):
    ds = bn.simulate(bn.neurons.ConnorStevens(g_A=0), T=300, dt=0.01, method="rk4", record=["V"])
    gaps = np.diff(crossings(ds.V, 0.0))
    assert 1000 / gaps[len(gaps) // 2 :].mean() == pytest.approx(155.9875, rel=1e-4)


@pytest.mark.parametrize(("A", "fires"), [(1.1640, 0), (1.1645, 1)])
def test_resonate_and_fire_threshold_of_one_pulse(A, fires):
    ds = bn.simulate(bn.neurons.ResonateAndFire(), T=5, dt=0.001, init={"x": A}, record=["spike"])
    assert int(ds.spike.sum()) == fires


@pytest.mark.parametrize(("gap", "A"), [(2.0, 1.07580654), (2 * np.pi, 0.75922507), (4 * np.pi, 0.90631633)])
def test_resonate_and_fire_threshold_of_two_pulses(gap, A):
    """Pulses a period apart help most; the second meets what the first left."""
    left = np.exp((-0.1 + 1j) * gap)
    for scale, fires in ((0.9995, 0), (1.0005, 1)):
        z = scale * A * (left + 1)
        ds = bn.simulate(bn.neurons.ResonateAndFire(), T=8, dt=0.001, init={"x": z.real, "y": z.imag}, record=["spike"])
        assert int(ds.spike.sum() > 0) == fires
