"""Rates in closed form, and how firing begins."""

import numpy as np
import pytest

import brainnb as bn
from brainnb.run import cache


def test_leaky_neuron():
    cell = bn.neurons.LIF(t_ref=2.0)
    found = bn.analysis.fi_curve(cell, (50.0, 300.0), T=1000, dt=0.05)
    I = found.I.values
    above = I > 110
    with np.errstate(invalid="ignore", divide="ignore"):
        exact = 1000 / (2.0 + 20.0 * np.log(0.1 * I / (0.1 * I - 10.0)))
    np.testing.assert_allclose(found.rate[above], exact[above], rtol=5e-3)
    assert (found.rate[I <= 100] == 0).all()
    assert found.rheobase.item() == pytest.approx(100.0, abs=0.05)
    assert found.excitability.item() == "type I"
    np.testing.assert_allclose(found.gain, np.gradient(found.rate, I))
    before = cache.trace_count()
    bn.analysis.fi_curve(cell.replace(tau=15.0), (60.0, 320.0), T=1000, dt=0.05)
    assert cache.trace_count() == before


def test_the_squid_axon_begins_at_a_rate_of_its_own():
    found = bn.analysis.fi_curve(bn.neurons.HodgkinHuxley(E_L=-54.4), (0.0, 20.0), T=500, dt=0.05)
    assert found.excitability.item() == "type II"
    assert found.onset_rate.item() > 40
    assert 6.2 < found.rheobase.item() < 9.8  # between the fold of cycles and the Hopf point
    np.testing.assert_allclose(found.rate.sel(I=10.0), 68.3138279, rtol=2e-3)
    np.testing.assert_allclose(found.rate.sel(I=20.0), 1000 / 11.565435599, rtol=2e-3)


def test_what_is_outside_is_said():
    cell = bn.neurons.LIF()
    assert bn.analysis.fi_curve(cell, (0.0, 50.0), T=300).excitability.item() == "not reached"
    assert bn.analysis.fi_curve(cell, (150.0, 250.0), T=300).excitability.item() == "below range"
    with pytest.raises(bn.ModelError, match="rising order"):
        bn.analysis.fi_curve(cell, [3.0, 2.0, 1.0])
