"""Izhikevich: rates of 2003, and the twenty patterns of 2004 as the author's program prints them."""

import numpy as np
import pytest

import brainnb as bn


@pytest.mark.parametrize(("preset", "rate"), [("regular_spiking", 22), ("fast_spiking", 125)])
def test_rates_at_10(preset, rate, spike_times):
    """Spikes in the second of two seconds at dt = 0.1 ms, V first and then w."""
    model = bn.neurons.Izhikevich.presets()[preset]()
    times = spike_times(bn.simulate(model, T=2000, dt=0.1, I=10, record=["spike"]))
    assert (times > 1000).sum() == rate


def test_plain_euler_gives_another_rate(spike_times):
    """Why the scheme is part of the model: w with the old V fires the fast-spiking cell at 130 Hz."""
    model = bn.neurons.Izhikevich.fast_spiking()
    times = spike_times(bn.simulate(model, T=2000, dt=0.1, I=10, method="euler", record=["spike"]))
    assert (times > 1000).sum() == 130


def test_chattering_bursts_and_intrinsic_bursting_begins_with_one(spike_times):
    chattering = bn.simulate(bn.neurons.Izhikevich.chattering(), T=500, dt=0.1, I=10, record=["spike"])
    intervals = np.diff(spike_times(chattering))
    assert intervals.min() < 5
    assert intervals.max() > 20
    assert (intervals > 20).sum() >= 4  # burst after burst
    first = np.diff(
        spike_times(bn.simulate(bn.neurons.Izhikevich.intrinsically_bursting(), T=500, dt=0.1, I=10, record=["spike"]))
    )
    assert (first[:1] < 6).all()
    assert (first[4:] > 15).all()


@pytest.mark.parametrize(("a", "hopf"), [(0.02, 3.7975), (0.1, 3.9375)])
def test_rest_is_lost_at_the_hopf_point(a, hopf, spike_times):
    model = bn.neurons.Izhikevich(a=a)
    for current, fires in ((hopf - 0.05, False), (hopf + 0.3, True)):
        ramp = bn.inputs.Ramp(start_value=0.0, end_value=current, duration=3000.0)
        ds = bn.simulate(model, T=6000, dt=0.05, I=ramp, method="rk4", record=["spike"])
        assert (ds.spike.sum() > 0) == fires


def on(*intervals, high, low=0.0):
    """``high`` inside the open intervals, ``low`` outside."""
    return lambda t: np.where(np.any([(t > a) & (t < b) for a, b in intervals], axis=0), high, low)


def after(start, high):
    return lambda t: np.where(t > start, high, 0.0)


# preset: (dt, T, current, spikes, spike times (first ones where the program's list is long))
PATTERNS = {
    "tonic_spiking": (0.25, 100, after(10, 14), 5, [13, 17, 31.5, 59.25, 86.75]),
    "phasic_spiking": (0.25, 200, after(20, 0.5), 1, [43.75]),
    "tonic_bursting": (0.25, 220, after(22, 15), 28, [25, 26.5, 28.25, 30, 32, 34, 36.25, 38.75, 41.75, 45.5, 80, 82.25]),
    "phasic_bursting": (0.2, 200, after(20, 0.6), 6, [39, 42.8, 47, 51.8, 57.6, 67.2]),
    "mixed_mode": (0.25, 160, after(16, 10), 6, [20, 22.75, 27.25, 67, 99.25, 131.5]),
    "frequency_adaptation": (0.25, 85, after(8.5, 30), 6, [10.25, 12.25, 15, 19.75, 42.5, 71.5]),
    "class_1": (0.25, 300, lambda t: np.where(t > 30, 0.075 * (t - 30), 0), 10, [84.5, 125, 155.75, 181, 203.5, 223.75, 242, 259.25, 275.5, 290.5]),
    "class_2": (0.25, 300, lambda t: np.where(t > 30, -0.5 + 0.015 * (t - 30), -0.5), 14, [105.75, 126.5, 145.25, 162.25, 178]),
    "spike_latency": (0.2, 100, on((10, 13), high=7.04), 1, [26.6]),
    "subthreshold_oscillations": (0.25, 200, on((20, 25), high=2), 1, [26.5]),
    "resonator": (0.25, 400, on((40, 44), (60, 64), (280, 284), (320, 324), high=0.65), 1, [338]),
    "integrator": (0.25, 100, on((100 / 11, 100 / 11 + 2), (100 / 11 + 5, 100 / 11 + 7), (70, 72), (80, 82), high=9), 1, [20]),
    "rebound_spike": (0.2, 200, on((20, 25), high=-15), 1, [68]),
    "rebound_burst": (0.2, 200, on((20, 25), high=-15), 7, [68, 71, 74.2, 77.8, 81.8, 86.4, 92.2]),
    "threshold_variability": (0.25, 100, lambda t: on((10, 15), (80, 85), high=1)(t) + on((70, 75), high=-6)(t), 1, [93.25]),
    "bistability": (0.25, 300, on((37.5, 42.5), (216, 221), high=1.24, low=0.24), 5, [45.25, 86, 126.5, 167.25, 208]),
    "depolarizing_afterpotential": (0.1, 50, on((9, 11), high=20), 1, [11.3]),
    "accommodation": (0.5, 400, lambda t: np.where(t < 200, t / 25, np.where((t >= 300) & (t < 312.5), (t - 300) / 12.5 * 4, 0)), 1, [311.5]),
    "inhibition_induced_spiking": (0.5, 350, on((49.9, 250.1), high=75, low=80), 3, [94.5, 166, 236]),
    "inhibition_induced_bursting": (0.5, 350, on((49.9, 250.1), high=75, low=80), 12, [86.5, 88.5, 90.5, 93, 95.5, 98.5, 103, 191.5, 194, 196.5, 199.5, 204]),
}  # fmt: skip
SAMPLES = 1700


def simulated(name, method=None):
    """The author's loop: the current is read at the time that a spike of the same step is given."""
    dt, T, current, _, _ = PATTERNS[name]
    steps = np.arange(SAMPLES) * dt
    stimulus = bn.inputs.FromData(steps, current(steps), "previous")
    model = bn.neurons.Izhikevich2004.presets()[name]()
    return bn.simulate(model, T=T + dt, dt=dt, I=stimulus, method=method, record=["V", "spike"])


@pytest.mark.parametrize("name", PATTERNS)
def test_the_author_s_pattern(name, spike_times):
    dt, _, _, count, expected = PATTERNS[name]
    times = spike_times(simulated(name)) - dt  # the program stamps a step with its beginning
    assert len(times) == count
    np.testing.assert_allclose(times[: len(expected)], expected, atol=1e-9)


def test_every_preset_is_compared():
    assert set(PATTERNS) == set(bn.neurons.Izhikevich2004.presets())
