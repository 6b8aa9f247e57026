"""Curves on which tori begin, in closed form: from the torus of one parameter, and from points where Hopf curves meet."""

import numpy as np
import pytest
import systems
from plane_curves import curve, points

import brainnb as bn


def test_a_torus_curve_ends_in_a_zero_hopf_point():
    """x' = p - x^2 - s, s' = 2 s (q + x - s) turns about s = q / 2 = -x where p = q / 2 + q^2 / 4, with the square rate q - q^2."""
    ds = bn.bifurcation(systems.ZeroHopf(q=0.2), "p", (-0.1, 0.3), param2=("q", (-0.2, 0.4)))
    k, p, q = curve(ds, "torus_curve")
    np.testing.assert_allclose(p, q / 2 + q**2 / 4, atol=1e-9)
    ends = {str(ds.branch_begin.values[k]): 0.0, str(ds.branch_end.values[k]): 0.4}
    assert ends == {"zero_hopf": 0.0, "range": 0.4}
    assert (q.min(), q.max()) == pytest.approx((0.0, 0.4), abs=1e-9)
    for kind, part in (("resonance_1_3", 1 / 3), ("resonance_1_4", 1 / 4)):
        there = (1 - np.sqrt(1 - 4 * part**2)) / 2
        np.testing.assert_allclose(points(ds, kind), [[there / 2 + there**2 / 4, there]], rtol=1e-8)


def test_two_torus_curves_emanate_from_a_double_hopf_point():
    """The first rotor's cycle, of square radius ``first``, lets the second grow where second > first / 2."""
    ds = bn.bifurcation(systems.Pairs(), "first", (-0.4, 0.6), param2=("second", (-0.4, 0.6)))
    tori = np.flatnonzero(ds.branch_kind.values == "torus_curve")
    assert len(tori) == 2
    first, second = (ds[name].values[tori] for name in ("first", "second"))
    steep = np.nanmax(second, axis=1) > 0.5
    np.testing.assert_allclose(second[~steep], first[~steep] / 2, atol=1e-8)
    near = np.abs(second[steep]) < 0.15  # the push of the second rotor on the first is of higher order
    np.testing.assert_allclose(first[steep][near], second[steep][near] / 2, atol=2e-3)
    assert {str(word) for name in ("branch_begin", "branch_end") for word in ds[name].values[tori]} == {
        "double_hopf",
        "range",
    }
