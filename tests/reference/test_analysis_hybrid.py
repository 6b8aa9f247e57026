"""Periods in closed form, slopes against differences, and what a jump does to deviations."""

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.analysis.cases import case
from brainnb.analysis.hybrid.events import laps
from brainnb.analysis.hybrid.reset_map import Line

LEAKY = bn.neurons.LIF(tau=20.0, R=1.0, V_rest=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0)


def test_leaky_and_quadratic_neurons_in_closed_form():
    found = bn.analysis.reset_map(LEAKY, I=25.0)
    assert found.orbit_interval[0].item() == pytest.approx(23.972245773362, rel=1e-9)
    quadratic = bn.analysis.reset_map(bn.neurons.QIF.normal_form(), I=1.0)
    assert quadratic.orbit_interval[0].item() == pytest.approx(2.9422553486075, rel=1e-9)
    np.testing.assert_allclose(quadratic.saltation, [[1.0]], rtol=1e-9)  # same speed before and after
    assert quadratic.attrs["pattern"] == "tonic"
    silent = bn.analysis.reset_map(LEAKY, I=15.0)
    assert "silent" in silent.attrs["pattern"]


@pytest.mark.parametrize(
    ("preset", "I", "spikes"),
    [("tonic", 500.0, 1), ("bursting", 210.0, None), ("irregular", 160.0, 10), ("irregular", 165.0, -1)],
)
def test_patterns_of_adex(preset, I, spikes):
    model = getattr(bn.neurons.AdEx, preset)()
    found = bn.analysis.reset_map(model, I=I)
    if spikes is None:
        assert found.attrs["spikes"] > 1
        assert abs(found.orbit_multiplier.item()) < 1
    else:
        assert found.attrs["spikes"] == spikes
    if (
        preset == "irregular"
    ):  # 160 pA lies in a window of order; over 4480 spikes the exponent at 165 pA is 0.310 +- 0.007
        assert found.exponent.item() == pytest.approx(-0.122 if I == 160.0 else 0.31, abs=0.002 if I == 160.0 else 0.15)
    sound = np.isfinite(found.w_next.values)
    w, after, slope = (a[sound] for a in (found.w.values, found.w_next.values, found.slope.values))
    if preset == "tonic":
        np.testing.assert_allclose(np.gradient(after, w)[2:-2], slope[2:-2], rtol=2e-3, atol=1e-3)
        assert found.orbit_interval[0].item() == pytest.approx(9.585, abs=0.01)
        assert found.period[0].item() == pytest.approx(found.orbit_interval[0].item(), rel=1e-7)
        assert found.stability[0] == "stable"


def test_saltation_carries_the_flow_over_the_jump():
    """S f- = f+: a shift in time stays a shift in time."""
    model = bn.neurons.Izhikevich()
    found = bn.analysis.reset_map(model, I=10.0)
    w = found.orbit_w[-1].item()
    V, before = 30.0, w - 8.0
    slow = np.array([0.04 * V**2 + 5 * V + 140 - before + 10, 0.02 * (0.2 * V - before)])
    V = -65.0
    fast = np.array([0.04 * V**2 + 5 * V + 140 - w + 10, 0.02 * (0.2 * V - w)])
    np.testing.assert_allclose(found.saltation.values @ slow, fast, rtol=1e-8)
    np.testing.assert_allclose(np.abs(found.normal), [1.0, 0.0], atol=1e-12)


def test_the_onset_of_the_simple_model_and_of_adex():
    """Closed forms of fold and Hopf: eigenvalue zero, real part zero."""
    fold = bn.linearize(bn.neurons.Izhikevich(), {"V": -60.0, "w": -12.0}, I=4.0)
    np.testing.assert_allclose(fold.slope, 0.0, atol=1e-10)
    assert abs(fold.eigenvalue.values).min() < 1e-12
    hopf = bn.linearize(bn.neurons.Izhikevich(), {"V": -62.25, "w": -12.45}, I=3.7975)
    np.testing.assert_allclose(hopf.eigenvalue.values.real, 0.0, atol=1e-12)
    cell = bn.neurons.AdEx()
    for V, I in ((-50.149673714, 627.31109372087), (-50.273963462, 627.1824645086)):
        at = bn.linearize(cell, {"V": V, "w": 4.0 * (V + 70.6)}, I=I)
        np.testing.assert_allclose(at.slope, 0.0, atol=1e-9)
    np.testing.assert_allclose(at.eigenvalue.values.real, 0.0, atol=1e-9)


def test_spikes_are_added():
    found = bn.analysis.spike_adding(bn.neurons.AdEx.bursting(), "V_reset", [-58.0, -50.0, -46.0], I=210.0)
    assert found.spikes[0] == 1
    assert (np.diff(found.spikes) >= 0).all()
    assert found.spikes[-1] > 1


@pytest.mark.parametrize(
    ("model", "I", "period", "expected"),
    [
        (bn.neurons.QIF.normal_form(), 1.0, 2.9422553486075, lambda d, t: 1 / (d.V**2 + 1)),
        # during the refractory time the voltage waits, and with it what a push left
        (LEAKY, 25.0, 23.972245773362, lambda d, t: 20 / (25 - d.V)),
        # the circle's push seen as that of V = tan(theta / 2), which is reset at minus infinity
        (
            bn.neurons.Theta(),  # tau = 10 ms
            0.25,
            62.8318530718,
            lambda d, t: 10 * (1 - np.cos(2 * np.pi * t / d.period)) / 0.5 / (1 + np.cos(d.theta)),
        ),
    ],
    ids=["quadratic", "leaky", "circle"],
)
def test_phase_responses_of_one_state_are_closed_forms(model, I, period, expected):
    d = bn.phase_response(model, I=I)
    np.testing.assert_allclose(d.period, period, rtol=1e-9)
    (state,) = (str(name)[4:] for name in d.data_vars if str(name).startswith("prc_"))
    expected = expected(d, d.phase * d.period)
    well = (d.phase > 0.02).values  # the closed form of the circle is 0 / 0 at its begin
    np.testing.assert_allclose(d[f"prc_{state}"].values[well], expected.values[well], rtol=1e-7)
    assert d.attrs["normalisation_error"] < 1e-8
    assert d.attrs["spikes"] == 1


def test_phase_responses_of_a_burst_are_those_of_pushed_neurons():
    """Two spikes of AdEx a round: a push of the voltage or of the current, and the time of the 41st spike after it."""
    d = bn.phase_response(bn.neurons.AdEx.bursting(), I=210.0, points=200)
    assert d.attrs["spikes"] == 2
    rows = [10, 60, 100, 150, 190]
    for i, (state, push) in enumerate({"V": 1e-4, "w": 1e-3}.items()):
        x = np.stack([d.V.values[rows], d.w.values[rows]], 1)
        moved = push * np.eye(2)[i]
        late, early = (spike_times(bn.neurons.AdEx.bursting(), 210.0, x + sign * moved) for sign in (-1, 1))
        np.testing.assert_allclose(d[f"prc_{state}"].values[rows], (late - early) / 2 / push, rtol=5e-5)


def spike_times(model, I, x, number=41):
    """When a neuron that starts at each row of ``x`` fires for the last time of so many."""
    with jax.enable_x64(True):
        line, time = Line(case(model, None, I=I), "a test"), np.zeros(len(x))
        for _ in range(number):
            found = laps(line.found.flow, x, np.zeros_like(x), line.p, line.scale, 2000.0)
            time, x = time + np.asarray(found.interval), np.asarray(found.after)
    return time


def test_a_silent_neuron_and_a_pushed_one_are_refused_in_words():
    with pytest.raises(bn.NumericalFailure, match="silent after 0 spikes; spikes that repeat were expected"):
        bn.phase_response(LEAKY, I=15.0)
    with pytest.raises(bn.ModelError, match="LIF resets, and its pushed runs are not followed across spikes"):
        bn.phase_response(LEAKY, I=25.0, method="direct")
