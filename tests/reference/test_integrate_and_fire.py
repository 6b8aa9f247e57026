"""LIF: closed forms.  AdEx: the firing patterns of Naud et al. 2008."""

import numpy as np
import pytest

import brainnb as bn

DT = 0.01


def intervals(model, current, spike_times, T=600):
    return np.diff(spike_times(bn.simulate(model, T=T, dt=DT, I=current, record=["spike"])))


@pytest.mark.parametrize(("drive", "rate"), [(10.5, 15.18), (12.0, 24.49), (20.0, 53.01)])
def test_rate_is_the_closed_form(drive, rate, spike_times):
    lif = bn.neurons.LIF(tau=20, R=0.1, V_rest=-60, V_th=-50, V_reset=-60, t_ref=5)
    found = intervals(lif, drive / 0.1, spike_times)
    exact = 5 + 20 * np.log(drive / (drive - 10))
    assert 1000 / exact == pytest.approx(rate, abs=0.006)
    assert len(found) >= 8
    # a spike falls on the first point of the grid behind the crossing
    assert ((found >= exact - 1e-9) & (found < exact + DT + 1e-9)).all()


def test_interval_with_reset_above_rest(spike_times):
    lif = bn.neurons.LIF(tau=20, R=0.1, V_rest=0, V_th=20, V_reset=10, t_ref=2)
    found = intervals(lif, 250, spike_times)
    assert ((found >= 23.972245773362) & (found < 23.972245773362 + DT)).all()


def test_silent_below_rheobase_and_firing_above(spike_times):
    lif = bn.neurons.LIF()
    assert len(intervals(lif, 99.9, spike_times)) == 0
    assert len(intervals(lif, 100.1, spike_times, T=1000)) >= 1


def test_saturates_at_the_refractory_time(spike_times):
    assert intervals(bn.neurons.LIF(), 1e6, spike_times, T=100) == pytest.approx(5 + DT, abs=1e-6)


@pytest.mark.parametrize("t_ref", [0.3, 1.0, 4.7])
def test_refractoriness_lasts_its_whole_steps(t_ref):
    """Held for t_ref / dt steps, not one more or less, late in a run as early."""
    ds = bn.simulate(bn.neurons.LIF(t_ref=t_ref), T=400, dt=0.1, I=300, record=["V", "spike"])
    fired = np.flatnonzero(ds.spike.values)
    held = round(t_ref / 0.1)
    for i in fired[fired + held + 1 < ds.sizes["time"]]:
        assert (ds.V.values[i : i + held + 1] == -60).all()
        assert ds.V.values[i + held + 1] > -60


@pytest.mark.parametrize("dt", [0.1, 1.0, 5.0])
def test_passive_membrane_is_exact_at_any_step(dt):
    ds = bn.simulate(bn.neurons.LIF(), T=100, dt=dt, I=80)
    np.testing.assert_allclose(ds.V, -60 + 8 * (1 - np.exp(-ds.time / 20)), atol=1e-12)


def test_membrane_filters_a_sine():
    """Gain 1/sqrt(1 + (w tau)^2), phase -atan(w tau)."""
    lif, f = bn.neurons.LIF(), 20.0
    ds = bn.simulate(lif, T=400, dt=0.01, I=bn.inputs.Sine(amplitude=50.0, frequency=f), record=["V"])
    t = ds.time.values[20000:]
    w = 2 * np.pi * f / 1000
    z = 2 * np.mean((ds.V.values[20000:] + 60) * np.exp(-1j * w * t))
    assert abs(z) == pytest.approx(5 / np.hypot(1, 20 * w), rel=1e-3)
    assert np.angle(1j * z) == pytest.approx(-np.arctan(20 * w), abs=2e-3)


NAUD = {
    # preset: current, spikes in 1 s, first spikes
    "tonic": (500, 104, [14.2229, 23.1518, 32.2421]),
    "adapting": (500, 17, [14.904, 26.1718, 40.5479, 60.158]),
    "initial_burst": (400, 18, [5.4635, 8.8826, 16.2016, 70.9485]),
    "bursting": (210, 17, [16.158, 19.0756, 24.1984, 155.956, 161.3099]),
    "delayed_accelerating": (300, 86, [33.5737, 54.1675, 73.247]),
    "delayed_bursting": (110, 52, [57.1796, 60.3942, 64.7032, 72.1244, 128.9812]),
    "transient": (180, 1, [30.2899]),
    "irregular": (160, 53, [15.6446, 19.0897, 23.5576, 30.2655, 48.9761]),
}


@pytest.mark.parametrize("name", NAUD)
def test_adex_patterns(name, spike_times):
    current, count, first = NAUD[name]
    model = bn.neurons.AdEx.presets()[name]()
    ds = bn.simulate(model, T=1000, dt=0.002, I=current, method="rk4", record=["spike"])
    times = spike_times(ds)
    np.testing.assert_allclose(times[: len(first)], first, atol=0.05)
    assert len(times) == pytest.approx(count, abs=5 if name == "irregular" else 0)  # chaos keeps no count


def test_adex_signatures(spike_times):
    def found(name):
        model, current = bn.neurons.AdEx.presets()[name](), NAUD[name][0]
        return np.diff(spike_times(bn.simulate(model, T=1000, dt=0.01, I=current, record=["spike"])))

    adapting, accelerating, irregular = found("adapting"), found("delayed_accelerating"), found("irregular")
    assert adapting[-1] / adapting[0] == pytest.approx(6.74, rel=0.01)
    assert (np.diff(accelerating) < 0.011).all()  # shorter and shorter, up to the grid
    assert accelerating[0] == pytest.approx(20.594, abs=0.05)
    assert accelerating[-1] == pytest.approx(9.6071, abs=0.05)
    assert irregular.std() / irregular.mean() == pytest.approx(0.57, abs=0.06)


def test_adex_resting_point_vanishes_where_the_closed_form_says(spike_times):
    """Fold at 627.311 pA, Hopf at 627.182 pA for the published cell."""
    m = bn.neurons.AdEx()
    fold = float((m.g_L + m.a) * (m.V_T - m.E_L - m.Delta_T + m.Delta_T * np.log(1 + m.a / m.g_L)))
    assert fold == pytest.approx(627.31109372087, rel=1e-9)
    ramp = bn.inputs.Ramp(start_value=500.0, duration=2000.0, end_value=0.98 * fold)
    below = bn.simulate(m, T=4000, dt=0.05, I=ramp, record=["spike"])
    assert below.spike.sum() == 0
    above = bn.simulate(m, T=4000, dt=0.05, I=ramp.replace(end_value=1.02 * fold), record=["spike"])
    assert above.spike.sum() > 5


@pytest.mark.parametrize("method", ["euler", "heun", "rk4", "exponential_euler"])
@pytest.mark.parametrize("Delta_T", [0.1, 2.0, 10.0])
def test_adex_survives_its_upstroke(method, Delta_T):
    """No method overflows, and the spike does not leak into w: after it w is within reach of b."""
    model = bn.neurons.AdEx(Delta_T=Delta_T)
    ds = bn.simulate(model, T=200, dt=0.1, I=1500, method=method, record=["V", "w", "spike"])
    assert ds.spike.sum() > 5
    assert np.isfinite(ds.V).all()
    assert ds.w.max() < 2000
