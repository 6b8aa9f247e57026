"""Pictures of a limit cycle and its phase response."""

import matplotlib
import numpy as np
import pytest

import brainnb as bn

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def response():
    return bn.phase_response(bn.neurons.FitzHughNagumo(), I=0.5, points=60)


def test_the_curve_of_every_state_over_the_line_of_no_effect(response):
    rows = response.bn.plot()
    assert [ax.get_ylabel() for ax in rows] == ["prc_V (ms)", "prc_w (ms)"]
    zero, curve = rows[0].lines
    np.testing.assert_array_equal(zero.get_ydata(), [0, 0])
    np.testing.assert_allclose(curve.get_ydata(), response.prc_V)
    assert [ax.get_ylabel() for ax in response.bn.phase_response("V")] == ["prc_V (ms)"]


def test_the_states_over_a_turn():
    ds = bn.analysis.cycle(bn.neurons.FitzHughNagumo(), I=0.5, points=60)
    rows = ds.bn.plot()
    assert [ax.get_ylabel() for ax in rows] == ["V", "w"]
    assert rows[0].get_title() == "period 39.47 ms"
    assert rows[-1].get_xlabel() == "phase"
    np.testing.assert_allclose(rows[1].lines[0].get_ydata(), ds.w)
