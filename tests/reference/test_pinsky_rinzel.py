"""The two-compartment cell of CA3: periods of its bursts from SciPy, and what its coupling does."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.neurons import pinsky_rinzel as pr


def fires(model, current, T, start=1000.0, dt=0.02):
    """Spikes of the soma, when the run has settled."""
    ds = bn.simulate(model, T=T, dt=dt, I=current, record=["V_s"])
    times = ds.bn.spike_times("V_s", threshold=-30.0, start=start).values
    return times[~np.isnan(times)]


def bursts(times, gap=40.0):
    """First spikes of the bursts and their numbers of spikes, without the two at the ends."""
    begins = np.flatnonzero(np.diff(times) > gap) + 1
    return times[begins], np.diff(begins)


@pytest.mark.parametrize(
    ("current", "period", "spikes"), [(0.15, 1021.5, 3), (0.3, 829.487, None), (0.5, 653.407, None), (0.75, 495.021, 4)]
)
def test_bursts(current, period, spikes):
    first, count = bursts(fires(bn.neurons.PinskyRinzel(), current, T=6000.0))
    assert np.diff(first).mean() == pytest.approx(period, rel=3e-4)
    if spikes:
        assert set(count) == {spikes}


def test_faster_bursts_alternate():
    """135.48 and 155.78 ms when settled, which takes 4 s (LSODA at 1e-8)."""
    first, count = bursts(fires(bn.neurons.PinskyRinzel(), 1.5, T=6000.0, start=5000.0, dt=0.01))
    assert set(count) == {5}
    gaps = np.sort(np.diff(first)[-2:])
    assert gaps == pytest.approx([135.48, 155.78], abs=0.05)


def test_period_at_one():
    first, _ = bursts(fires(bn.neurons.PinskyRinzel(), 1.0, T=6000.0, start=2000.0))
    assert np.diff(first).mean() == pytest.approx(347.646, rel=1e-3)


def test_rest():
    assert len(fires(bn.neurons.PinskyRinzel(), -0.5, T=1500.0, start=10.0)) == 0


@pytest.mark.parametrize("current", [2.0, 2.5])
def test_tonic_without_pauses(current):
    assert np.diff(fires(bn.neurons.PinskyRinzel(), current, T=2000.0)).max() < 40.0


def test_weak_coupling_lets_the_soma_spike_alone():
    gaps = np.diff(fires(bn.neurons.PinskyRinzel.weakly_coupled(), 0.75, T=2000.0))
    assert np.ptp(gaps) < 0.1


def test_strong_coupling_makes_single_spikes():
    gaps = np.diff(fires(bn.neurons.PinskyRinzel.strongly_coupled(), 0.75, T=4000.0))
    assert gaps.mean() == pytest.approx(366.576, rel=3e-4)


def test_alpha_c_is_continuous_and_its_gate_never_negative():
    """0.3993 on both sides of -10 mV."""
    for V in (-10.0, -10.0 + 1e-9):
        assert float(pr.rates_c(V)[0]) == pytest.approx(0.3993, abs=1e-4)
    alpha, beta = pr.rates_c(np.linspace(-100.0, 60.0, 321))
    assert min(np.min(alpha), np.min(beta)) >= 0


@pytest.mark.parametrize(
    ("rates", "V", "alpha", "beta"),
    [
        (pr.rates_m, -60 + 13.1, 0.32 * 4, None),
        (pr.rates_m, -60 + 40.1, None, 0.28 * 5),
        (pr.rates_n, -60 + 35.1, 0.016 * 5, 0.25 * np.exp(0.5 - 0.025 * 35.1)),
        (pr.rates_m_Ca, -60 + 51.1, None, 0.02 * 5),
    ],
)
def test_rates_have_no_hole(rates, V, alpha, beta):
    for found, exact in zip(rates(V), (alpha, beta), strict=True):
        if exact is not None:
            assert float(found) == pytest.approx(exact, rel=1e-9)
