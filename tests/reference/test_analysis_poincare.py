"""Periods by return times, and the tent of Lorenz."""

import high_systems as systems
import numpy as np
import pytest

import brainnb as bn

PERIODS = {0.1: 6.287111272289, 1.0: 6.663286859323, 5.0: 11.612230667720}


@pytest.mark.parametrize("mu", PERIODS)
def test_periods_of_van_der_pol(mu):
    found = bn.analysis.poincare(systems.VanDerPol(mu=mu), {"x": 0.0}, passes_wanted=3, skip=60, state={"x": 2.0})
    np.testing.assert_allclose(found.return_time[:2], PERIODS[mu], rtol=1e-6)
    if mu == 1.0:
        peaks = bn.analysis.poincare(systems.VanDerPol(mu=mu), "x", passes_wanted=3)
        np.testing.assert_allclose(peaks.x, 2.00861986, rtol=1e-6)
        np.testing.assert_allclose(peaks.y, 0.0, atol=1e-9)


def test_the_tent_of_lorenz():
    """Each maximum of z decides the next one: up below 38.5, down above, steeper than one everywhere."""
    found = bn.analysis.poincare(systems.Lorenz(), "z", passes_wanted=400)
    z, after = found.z.values[:-1], found.z_next.values[:-1]
    order = np.argsort(z)
    slope = np.diff(after[order]) / np.diff(z[order])
    middle = (z[order][1:] + z[order][:-1]) / 2
    clear = np.diff(z[order]) > 0.02  # the sheet is thin, not a line
    assert (slope[clear & (middle < 38)] > 1).all()
    assert (slope[clear & (middle > 39)] < -1).all()
