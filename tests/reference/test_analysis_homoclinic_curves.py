"""Homoclinic curves in two parameters, against AUTO-07p, the split of the saddle's manifolds, and normal forms."""

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import systems
from plane_curves import along, curve, points

import brainnb as bn


class Corner(bn.Model):
    """The normal form of Bogdanov and Takens: x' = y, y' = b1 + b2 y + x^2 + x y."""

    b1: bn.Param = bn.param(-0.1, "1", "first unfolding")
    b2: bn.Param = bn.param(0.2, "1", "second unfolding")
    x = bn.state(-0.3, "1", "x", bounds=(-1, 1))
    y = bn.state(0.0, "1", "y", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        return dict(x=s.y, y=self.b1 + self.b2 * s.y + s.x**2 + s.x * s.y)


def split(b1, b2):
    """How far apart the manifolds of the saddle are where they cross the axis beyond the focus."""
    r, ends = np.sqrt(-b1), []

    def axis(t, z):
        return z[1] if z[0] < -r else 1.0

    axis.terminal = True
    for rate in np.sort(np.roots([1, -(b2 + r), -2 * r])):
        start, sign = np.array([r, 0.0]) - 1e-6 * np.array([1.0, rate]), np.sign(rate)
        axis.direction = sign

        def field(t, z, sign=sign):
            return sign * np.array([z[1], b1 + b2 * z[1] + z[0] ** 2 + z[0] * z[1]])

        run = scipy.integrate.solve_ivp(field, (0, 500), start, "DOP853", rtol=1e-11, atol=1e-13, events=axis)
        ends.append(run.y_events[0][0][0])
    return ends[1] - ends[0]


@pytest.mark.parametrize("b2", [0.2, -0.05])
def test_the_loops_of_bogdanov_and_takens(b2):
    """To leading order b1 = -49/25 b2^2 (Guckenheimer & Holmes 1983, section 7.3); beyond it by the split of the manifolds.

    The first diagram meets the loop at b2 = 0.2; at -0.05 there is none, and the curve begins beside the point.
    """
    ds = bn.bifurcation(Corner(b2=b2), "b1", (-0.3, 0.1), param2=("b2", (-0.1, 0.4)))
    assert ("homoclinic" in ds.special_kind) == (b2 > 0)
    k, b1, b2 = curve(ds, "homoclinic_curve")
    assert {str(ds.branch_begin.values[k]), str(ds.branch_end.values[k])} == {"bogdanov_takens", "range"}
    for at in (0.1, 0.3):
        exact = scipy.optimize.brentq(split, -2.2 * at**2, -1.5 * at**2, args=(at,), xtol=1e-12)
        np.testing.assert_allclose(along(b1, b2, at), exact, rtol=1e-5)
    low = (b2 > 0) & (b2 < 0.03)
    np.testing.assert_allclose(b1[low] / b2[low] ** 2, -49 / 25, rtol=0.03)
    x = ds.x.values[k][: len(b1)]
    np.testing.assert_allclose(x, np.sqrt(np.maximum(-b1, 0)), atol=1e-9)
    assert not ds.stable.values[k][: len(b1)].any()  # the trace at the saddle is b2 + x > 0


def test_a_loop_that_is_not_reached_is_said(monkeypatch):
    from brainnb.analysis.cycles import homoclinic_curves

    monkeypatch.setattr(homoclinic_curves, "AWAY", ())
    ds = bn.bifurcation(Corner(b2=-0.05), "b1", (-0.3, 0.1), param2=("b2", (-0.1, 0.4)))
    assert "homoclinic_curve" not in ds.branch_kind
    said = "no cycle beside the bogdanov_takens at b1 = 0, b2 = 0 was followed to its homoclinic orbit"
    assert said in ds.attrs["status"].replace("-0,", "0,").replace("-0 ", "0 ")


def test_a_loop_in_closed_form():
    """Sandstede's cartesian leaf x^2 (1 - x) = y^2 is invariant where e = 0; the saddle's eigenvalues are a - 1 and a + 1."""
    ds = bn.bifurcation(Leaf(a=-0.3), "e", (-0.1, 0.1), param2=("a", (-0.5, 0.4)))
    k, e, a = curve(ds, "homoclinic_curve")
    np.testing.assert_allclose(e, 0, atol=1e-9)
    assert (a.min(), a.max()) == pytest.approx((-0.5, 0.4))
    values = np.sort(ds.eigenvalue.values[k][: len(a)].real, 1)
    np.testing.assert_allclose(values, np.stack([a - 1, a + 1], 1), atol=1e-9)
    np.testing.assert_array_equal(ds.stable.values[k][: len(a)], a < 0)
    np.testing.assert_allclose(points(ds, "neutral_homoclinic"), [[0, 0]], atol=1e-8)
    np.testing.assert_allclose(ds.x_max.values[k][: len(a)], 1, atol=2e-5)


class Leaf(bn.Model):
    """Sandstede 1997, doi:10.1023/A:1009041720464, without its third dimension."""

    e: bn.Param = bn.param(0.0, "1", "breaks the loop")
    a: bn.Param = bn.param(-0.3, "1", "half the trace at the saddle")
    x = bn.state(0.7, "1", "x", bounds=(-1, 2))
    y = bn.state(0.1, "1", "y", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        x, y, a, e = s.x, s.y, self.a, self.e
        return dict(
            x=a * x + y - a * x**2 + e * x * (2 - 3 * x),
            y=x + a * y - 1.5 * x**2 - 1.5 * a * x * y - 2 * e * y,
        )


def test_the_loops_of_lorenz():
    """AUTO-07p at sigma = 10; the curve begins at another value."""
    ds = bn.bifurcation(systems.Lorenz(sigma=12.0), "r", (10, 30), param2=("sigma", (8, 14)))
    _, r, sigma = curve(ds, "homoclinic_curve")
    np.testing.assert_allclose(along(r, sigma, 10.0), 13.926557, rtol=1e-6)
    assert (sigma.min(), sigma.max()) == pytest.approx((8, 14))


def test_where_firing_begins_at_any_rate_and_where_at_its_own():
    """Persistent sodium and potassium: the loop of AUTO-07p, and where it reaches the fold and becomes a SNIC.

    The latter by bisection in tau at the fold: the way out along the centre direction against the strong stable manifold.
    """
    cell = bn.neurons.INapIK.fast_potassium().replace(tau=0.16)
    ds = bn.bifurcation(cell, "I", (-20, 60), param2=("tau", (0.1, 0.4)))
    k, I, tau = curve(ds, "homoclinic_curve")
    np.testing.assert_allclose(along(I, tau, 0.152), -0.297689736, atol=2e-6)  # uA/cm2, of a spline
    assert {str(ds.branch_begin.values[k]), str(ds.branch_end.values[k])} == {"saddle_node_homoclinic", "range"}
    np.testing.assert_allclose(points(ds, "saddle_node_homoclinic"), [[4.5128676302965, 0.168012131606]], rtol=1e-6)
    assert ds.stable.values[k][: len(I)].all()
    assert "a quarter more moves the curve by" in str(ds.branch_note.values[k])
