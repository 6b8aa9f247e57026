"""Slow bursts (Butera, Chay-Keizer), classes of excitability (Prescott) and the minimal neuron, from SciPy."""

import numpy as np
import pytest

import brainnb as bn


def spikes(model, T, dt, level, start=0.0, **given):
    """Upward crossings of ``level`` after ``start``."""
    ds = bn.simulate(model, T=T, dt=dt, method="rk4", record=["V"], **given)
    times = ds.bn.spike_times("V", threshold=level, start=start).values
    return times[~np.isnan(times)]


def bursts(times, gap):
    """First spikes of the bursts, and how many spikes the whole ones have."""
    begins = np.flatnonzero(np.diff(times) > gap) + 1
    return times[begins], np.diff(begins)


@pytest.mark.parametrize(
    ("E_L", "T", "period", "count"),
    [(-57.5, 16000, 1564.19, 7), (-59.0, 22000, 3709.4, 17), (-60.0, 34000, 6846.0, 26)],
)
def test_butera_bursts(E_L, T, period, count):
    first, counts = bursts(spikes(bn.neurons.Butera(E_L=E_L), T, 0.1, -20.0, start=4000), gap=500)
    assert np.diff(first)[-1] == pytest.approx(period, rel=2e-4)
    assert set(counts) == {count}


@pytest.mark.parametrize(("E_L", "interval"), [(-56.0, 196.78), (-55.0, 141.09)])
def test_butera_tonic(E_L, interval):
    times = spikes(bn.neurons.Butera(E_L=E_L), 36000, 0.1, -20.0, start=30000)
    assert np.diff(times)[-1] == pytest.approx(interval, rel=1e-4)


@pytest.mark.parametrize("E_L", [-65.0, -62.0])
def test_butera_silent(E_L):
    assert len(spikes(bn.neurons.Butera(E_L=E_L), 8000, 0.1, -20.0, start=4000)) == 0


@pytest.mark.parametrize(("k_Ca", "period", "count"), [(0.04, 11978.5, 224), (0.05, 11046.0, 266)])
def test_chay_keizer_bursts(k_Ca, period, count):
    first, counts = bursts(spikes(bn.neurons.ChayKeizer(k_Ca=k_Ca), 40000, 0.05, -35.0, every=4), gap=2000)
    assert np.diff(first)[-1] == pytest.approx(period, rel=1e-4)
    assert counts[-1] == count


def test_chay_keizer_without_pauses():
    assert np.diff(spikes(bn.neurons.ChayKeizer.continuous(), 20000, 0.05, -35.0, start=8000, every=4)).max() < 50


def test_plant_bursts_in_a_parabola():
    """Period 10791.8 ms, of which 2840.8 active; the intervals within a burst, from SciPy."""
    times = spikes(bn.neurons.Plant(), 50000, 0.1, -20.0, start=20000, every=4)
    first, counts = bursts(times, gap=2000)
    assert np.diff(first)[-1] == pytest.approx(10791.8, rel=1e-4)
    assert set(counts) == {7}
    burst = times[times >= first[0]][:7]
    assert burst[-1] - burst[0] == pytest.approx(2840.8, rel=1e-3)
    assert np.diff(burst) == pytest.approx([266, 264, 287, 335, 443, 1246], rel=3e-3)


CLASS_1, CLASS_2, CLASS_3 = (bn.neurons.MorrisLecar.presets()[f"prescott_class_{i}"] for i in (1, 2, 3))
REST = dict(V=-69.3889, w=0.0)


@pytest.mark.parametrize(
    ("preset", "current", "rate"),
    [(CLASS_1, 37, 24.3541), (CLASS_1, 38, 50.17), (CLASS_1, 50, 131.336), (CLASS_2, 45, 83.1519), (CLASS_2, 50, 106.534),
     (CLASS_3, 100, 141.3)],
)  # fmt: skip
def test_prescott_rates(preset, current, rate):
    times = spikes(preset(), 500, 0.01, 0.0, I=current)
    assert 1000 / np.diff(times)[-3:].mean() == pytest.approx(rate, rel=2e-4)


@pytest.mark.parametrize(
    ("preset", "current", "time"), [(CLASS_2, 42, 10.970), (CLASS_3, 60, 3.525), (CLASS_3, 80, 1.991)]
)
def test_prescott_single_spikes(preset, current, time):
    rest = {k: v.isel(time=-1).item() for k, v in bn.simulate(preset(), T=300, dt=0.02).items()}
    times = spikes(preset(), 300, 0.005, 0.0, I=current, init=rest)
    assert times == pytest.approx([time], abs=2e-3)


def test_prescott_class_1_rests_below_its_onset():
    assert len(spikes(CLASS_1(), 500, 0.02, 0.0, I=36, init=REST)) == 0
    assert bn.simulate(CLASS_1(), T=300, dt=0.02).V[-1].item() == pytest.approx(-69.3889, abs=1e-4)


@pytest.mark.parametrize(("current", "period"), [(10, 7.07351393), (40, 3.87812895)])
def test_inap_ik_periods(current, period):
    times = spikes(bn.neurons.INapIK(), 100, 0.005, -20.0, start=40, I=current)
    assert np.diff(times).mean() == pytest.approx(period, rel=1e-6)


@pytest.mark.parametrize(
    ("preset", "current", "oscillates"),
    [("high_threshold", 4.50, False), ("high_threshold", 4.53, True), ("low_threshold", 14.5, False), ("low_threshold", 14.9, True)],
)  # fmt: skip
def test_inap_ik_begins_to_fire_where_its_bifurcations_are(preset, current, oscillates):
    model = bn.neurons.INapIK.presets()[preset]()
    slowly = bn.inputs.Ramp(start_value=0, end_value=current, duration=300)
    V = bn.simulate(model, T=1200, dt=0.02, I=slowly, record=["V"]).V.sel(time=slice(700, None))
    assert (np.ptp(V.values) > 1.0) == oscillates
