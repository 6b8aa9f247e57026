"""GLIF 1-5 against NEST's glif_psc, and the stochastic GIF against the statistics of its own definition."""

import numpy as np
import pytest

import brainnb as bn

# 500 ms of current: (number, times of the first, last interval), by NEST 3.10 and an independent program
GLIF = {
    (1, 300): (32, [11.986, 27.720, 43.454], 15.734),
    (1, 500): (61, [4.475, 12.698], 8.223),
    (2, 300): (41, [11.986, 19.521, 27.500, 35.925], 13.16),
    (2, 500): (86, [4.475, 9.047, 13.690], 6.079),
    (3, 300): (11, [11.986, 41.854, 74.802, 110.639], 64.819),
    (3, 500): (30, [4.475, 15.875, 28.953], 19.339),
    (4, 300): (10, [11.986, 41.624, 75.772, 114.332], 69.613),
    (4, 500): (31, [4.475, 11.027, 21.873], 19.649),
    (5, 300): (7, [13.181, 48.562, 91.696, 147.108, 226.814], 99.558),
    (5, 500): (30, [4.549, 11.500, 22.976], 20.591),
}


@pytest.mark.parametrize("level", range(1, 6))
def test_spike_times_of_glif(level):
    model = bn.neurons.GLIF.presets()[f"glif_{level}"]()
    for I in (300, 500):
        ds = bn.simulate(model, T=500, dt=0.005, I=float(I), record=["spike"], precision="float64")
        times = ds.bn.spike_times().values
        count, first, last = GLIF[level, I]
        assert len(times) == count
        np.testing.assert_allclose(times[: len(first)], first, atol=0.05)
        assert times[-1] - times[-2] == pytest.approx(last, abs=0.05)


def test_first_spike_and_interval_of_glif_1_in_closed_form():
    m = bn.neurons.GLIF.glif_1()
    way = float(m.C / m.g_L) * np.log(1 / (1 - float(m.g_L * (m.V_th - m.E_L)) / 300))
    times = bn.simulate(m, T=100, dt=0.005, I=300.0, record=["spike"], precision="float64").bn.spike_times().values
    assert times[0] == pytest.approx(way, abs=0.01)
    assert times[1] - times[0] == pytest.approx(way + float(m.t_ref), abs=0.015)


def test_a_clamped_escape_neuron_fires_as_a_renewal_process():
    """Held at one voltage it is a Poisson process with dead time: mean interval t_ref + 1/lambda, CV as that says."""
    held = bn.neurons.StochasticGIF.without_adaptation().replace(
        g_L=100, C=10, V_reset=-40, E_L=-60, V_T=-45, lambda_0=0.01
    )
    ds = bn.simulate(held, T=20000, dt=0.1, I=1600.0, record=["spike", "intensity"], seed=3)  # V = -44 mV
    rate = 0.01 * np.exp((-44 + 45) / 1.4)
    assert float(ds.intensity[-1]) in (pytest.approx(rate, rel=1e-3), 0.0)
    gaps = ds.bn.intervals().values
    mean = 4 + 1 / rate
    assert gaps.mean() == pytest.approx(mean, abs=4 * (1 / rate) / np.sqrt(len(gaps)))
    assert gaps.std() == pytest.approx(1 / rate, rel=4 / np.sqrt(len(gaps)))
    assert gaps.min() >= 4


@pytest.mark.parametrize(
    ("cell", "amplitude", "threshold", "seen"),
    [
        (bn.neurons.StochasticGIF, 300.0, "V_T", ["expected", "gamma_1"]),
        (bn.neurons.GIF, 1.8, "V_inf", ["V_th", "I_2"]),
        (bn.neurons.GLIF, 400.0, "V_th", ["theta_s", "I_1"]),
    ],
    ids=["StochasticGIF", "GIF", "GLIF"],
)
def test_recorded_spikes_take_the_place_of_its_own(cell, amplitude, threshold, seen):
    cell, seen = cell(), ["V", "spike", *seen]
    run = dict(T=300, dt=0.1, I=bn.inputs.Step(amplitude=amplitude, start=5.0))
    own = bn.simulate(cell, **run, record=seen, seed=2)
    assert float(own.spike.sum()) > 3
    again = bn.inputs.FromData(own.time.values - 0.05, own.spike.values, interpolation="previous")
    told = bn.simulate(cell, **run, recorded=again, record=seen, seed=9)
    for name in seen:
        np.testing.assert_allclose(told[name], own[name], rtol=1e-5, atol=1e-5)
    never = bn.simulate(cell.replace({threshold: -20.0}), **run, recorded=again, record=["spike"], seed=9)
    np.testing.assert_array_equal(never.spike, own.spike)
