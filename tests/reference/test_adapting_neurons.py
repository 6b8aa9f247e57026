"""ALIF and LIFSFA (closed forms of the steady interval), AdQIF (Izhikevich's model in other numbers)."""

import numpy as np
import pytest
from scipy.optimize import brentq

import brainnb as bn


def alif_interval(model, drive):
    """Steady interval: V starts from what the reset leaves and meets the threshold that one more interval lowered."""
    p = {path: float(x.value) for path, x in model.parameters().items()}

    def miss(T):
        a = 1 / np.expm1(T / p["tau_a"])  # just before a spike: (a + 1) exp(-T / tau_a) = a
        after = p["keep"] * p["beta"] * a
        return drive + (after - drive) * np.exp(-T / p["tau"]) - p["V_th"] - p["beta"] * a

    return brentq(miss, 0.05, 1e4, xtol=1e-12)


@pytest.mark.parametrize(
    ("preset", "drive"), [("bellec_2020", 1.0), ("bellec_2020", 2.5), ("bellec_2018", 0.05), ("bellec_2018", 0.2)]
)
def test_alif_steady_interval(preset, drive, spike_times):
    model = bn.neurons.ALIF.presets()[preset]().replace(t_ref=0.0)
    T = 5 * float(model.tau_a)
    times = spike_times(bn.simulate(model, T=T, dt=0.01, I=drive, record=["spike"]))
    found = times[times > 0.8 * T]
    exact = alif_interval(model, drive)
    # a spike falls on the grid behind its moment; adaptation takes part of the delay back
    assert exact - 1e-3 < np.diff(found).mean() < exact + 0.011


def test_alif_first_spike_and_rise_of_its_threshold(spike_times):
    model = bn.neurons.ALIF()
    ds = bn.simulate(model, T=200, dt=0.01, I=1.0, record=["a", "V", "spike"])
    first = spike_times(ds)[0]
    assert 20 * np.log(1 / 0.4) <= first < 20 * np.log(1 / 0.4) + 0.01
    assert float(ds.a.sel(time=first)) == 1.0
    assert float(ds.V.sel(time=first)) == pytest.approx(0.0, abs=3e-4)
    assert float(ds.a.sel(time=first + 1, method="nearest")) == pytest.approx(np.exp(-1 / 2000), rel=1e-9)


def test_alif_does_as_the_code_of_its_source(spike_times):
    """The recursion of 2018 in steps of 1 ms, written out: the same spikes but for the step in which V falls."""
    alpha, rho = np.exp(-1 / 20), np.exp(-1 / 700)
    v = b = z = 0.0
    spikes = []
    for k in range(1, 2001):
        b = rho * b + (1 - rho) * z
        threshold = 0.01 + 1.8 * b
        v = alpha * v + (1 - alpha) * 0.05 - z * threshold
        z = float(v > threshold)
        if z:
            spikes.append(k)
    model = bn.neurons.ALIF.bellec_2018().replace(t_ref=0.0)
    found = spike_times(bn.simulate(model, T=2000, dt=1.0, I=0.05, record=["spike"]))
    assert len(found) == pytest.approx(len(spikes), rel=0.05)
    assert found[:2] == pytest.approx(spikes[:2], abs=1)
    assert found[-1] - found[-2] == pytest.approx(spikes[-1] - spikes[-2], abs=1)


def test_alif_keeps_its_refractory_time(spike_times):
    fast = bn.simulate(bn.neurons.ALIF(beta=0.0), T=200, dt=0.1, I=3.0, record=["spike"])
    assert np.diff(spike_times(fast)).min() == pytest.approx(5.0, abs=1e-9)


def sfa_interval(model, current):
    """Steady interval without refractory time: two exponentials, one for the membrane and one for the adaptation."""
    p = {path: float(x.value) for path, x in model.parameters().items()}
    tau, tau_a = p["tau"], p["tau_a"]
    top = p["V_rest"] + p["R"] * current

    def miss(T):
        pull = p["beta"] / -np.expm1(-T / tau_a) * tau_a / (tau_a - tau)  # by a just after a spike
        end = np.exp(-T / tau)
        return top + (p["V_reset"] - top) * end - pull * (np.exp(-T / tau_a) - end) - p["V_th"]

    return brentq(miss, 0.5, 1e4, xtol=1e-12)


@pytest.mark.parametrize(
    ("preset", "current"), [("bellec_2020", 300), ("regular_spiking", 300), ("regular_spiking", 200)]
)
def test_lif_sfa_steady_interval(preset, current, spike_times):
    model = bn.neurons.LIFSFA.presets()[preset]().replace(t_ref=0.0)
    T = 10 * float(model.tau_a)
    times = spike_times(bn.simulate(model, T=T, dt=0.02, I=current, record=["spike"]))
    found = np.diff(times[times > 0.8 * T])
    assert found.mean() == pytest.approx(sfa_interval(model, current), abs=0.02)
    assert found.mean() > 2 * (times[1] - times[0])


IZHIKEVICH = [2.6305, 6.1171, 18.9216, 45.9179, 72.6647]
"""Spikes of his tonic cell at I = 14 from t = 0, by the exact flow."""


def test_ad_qif_is_the_model_of_izhikevich(spike_times):
    low, high = (-5 - np.sqrt(2.6)) / 0.08, (-5 + np.sqrt(2.6)) / 0.08
    model = bn.neurons.AdQIF(
        tau=1.0, R=1.0, c=0.04, V_rest=low, V_c=high, V_th=30.0, V_reset=-65.0, a=0.2, b=6.0, tau_w=50.0
    )
    start = dict(V=-70.0, w=0.2 * (-70.0 - low))
    ds = bn.simulate(model, T=100, dt=0.001, I=14.0 - 0.2 * low, init=start, record=["spike"])
    assert spike_times(ds)[:5] == pytest.approx(IZHIKEVICH, abs=0.006)


def test_ad_qif_loses_its_rest_in_a_fold(spike_times):
    """Where the parabola without its straight part touches zero: (c (V_c - V_rest) + a)^2 / 4 c R."""
    model = bn.neurons.AdQIF(tau_w=5.0)
    rheobase = (0.07 * 15 + 1) ** 2 / (4 * 0.07) / 0.1
    for factor, fires in ((0.995, False), (1.02, True)):
        slowly = bn.inputs.Ramp(start_value=0, end_value=factor * rheobase, duration=1000)
        ds = bn.simulate(model, T=2000, dt=0.1, I=slowly, record=["spike"])
        assert (len(spike_times(ds)) > 0) == fires


def test_ad_qif_bursts(spike_times):
    ds = bn.simulate(bn.neurons.AdQIF.bursting(), T=1000, dt=0.02, I=200, record=["spike"])
    gaps = np.diff(spike_times(ds))[6:]
    assert np.ptp(gaps[0::3]) < 0.1
    shorter, short, pause = sorted(gaps[:3])
    assert pause > 5 * short > 5 * shorter
