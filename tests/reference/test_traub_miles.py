"""Traub–Miles cells: the benchmark's point cell (NEST agrees) and the reduced cell of Ermentrout and Kopell."""

import numpy as np
import pytest

import brainnb as bn


@pytest.mark.parametrize(("current", "period"), [(100, 31.65407), (200, 21.75881), (300, 16.93852), (400, 14.03493)])
def test_periods_of_the_point_cell(current, period, crossings):
    ds = bn.simulate(bn.neurons.TraubMilesPoint(), T=400, dt=0.01, I=current, record=["V"])
    assert np.diff(crossings(ds.V, -20.0))[-1] == pytest.approx(period, abs=5e-3)


def test_first_spikes_of_the_point_cell(crossings):
    ds = bn.simulate(bn.neurons.TraubMilesPoint(), T=50, dt=0.01, I=200, record=["V", "spike"])
    times = crossings(ds.V, -20.0)
    np.testing.assert_allclose(times, [4.0051, 25.7635, 47.5223], atol=0.01)
    assert int(ds.spike.sum()) == 3
    np.testing.assert_allclose(ds.time.values[ds.spike.values > 0], times, atol=0.0101)


def test_point_and_density_cells_are_the_same_equations():
    """Divided by an area of 20 000 um2, 200 pA are 1 uA/cm2."""
    options = dict(T=100, dt=0.01, record=["V"], init={"V": -60.0})
    gates = bn.neurons.TraubMilesPoint().init_state()
    point = bn.simulate(bn.neurons.TraubMilesPoint(), I=200, **options)
    start = {"V": -60.0, "Na.m": gates.m, "Na.h": gates.h, "K.n": gates.n}
    density = bn.simulate(bn.neurons.TraubMiles(), I=1, **(options | {"init": start}))
    np.testing.assert_allclose(density.V, point.V, atol=1e-6)


@pytest.mark.parametrize(
    ("current", "rate"),
    [(0.2, 13.2171), (0.5, 27.5399), (1.0, 42.6297), (1.5, 55.0078), (3.0, 86.4129), (5.0, 121.9360)],
)
def test_rates_of_the_reduced_cell(current, rate, crossings):
    ds = bn.simulate(bn.neurons.TraubMiles.rtm(), T=400, dt=0.01, I=current, record=["V"])
    assert 1000 / np.diff(crossings(ds.V, -20.0))[-1] == pytest.approx(rate, rel=1e-3)


def test_the_reduced_cell_rests(crossings):
    ds = bn.simulate(bn.neurons.TraubMiles.rtm(), T=500, dt=0.02, I=0)
    assert ds.V[-1] == pytest.approx(-66.59109, abs=1e-4)
    quiet = bn.simulate(bn.neurons.TraubMiles.rtm(), T=500, dt=0.02, I=0.1)
    assert len(crossings(quiet.V, -20.0)) == 0
