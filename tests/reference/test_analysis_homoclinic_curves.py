"""Homoclinic curves in two parameters, against AUTO-07p, the split of the saddle's manifolds, and normal forms."""

import numpy as np
import scipy.integrate
import scipy.optimize
from plane_curves import along, curve, points

import brainnb as bn

N = bn.neurons


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
    rates = np.roots([1, -(b2 + r), -2 * r])

    def field(z):
        return np.array([z[1], b1 + b2 * z[1] + z[0] ** 2 + z[0] * z[1]])

    def axis(t, z):
        return z[1] if z[0] < -r else 1.0

    axis.terminal = True
    for rate in rates:
        start = np.array([r, 0.0]) - 1e-6 * np.array([1.0, rate])
        sign = np.sign(rate)
        run = scipy.integrate.solve_ivp(
            lambda t, z, sign=sign: sign * field(z), (0, 500), start, "DOP853", rtol=1e-12, atol=1e-14, events=axis
        )
        ends.append(run.y_events[0][0][0])
    return ends[0] - ends[1]


def test_the_loops_of_bogdanov_and_takens():
    """To leading order b1 = -49/25 b2^2 (Guckenheimer & Holmes 1983, section 7.3); beyond it by the split of the manifolds."""
    ds = bn.bifurcation(Corner(), "b1", (-0.3, 0.1), param2=("b2", (-0.1, 0.4)))
    k, b1, b2 = curve(ds, "homoclinic_curve")
    assert {str(ds.branch_begin.values[k]), str(ds.branch_end.values[k])} == {"bogdanov_takens", "range"}
    for at in (0.1, 0.2, 0.3):
        exact = scipy.optimize.brentq(split, -2.2 * at**2, -1.5 * at**2, args=(at,), xtol=1e-13)
        np.testing.assert_allclose(along(b1, b2, at), exact, rtol=1e-6)
    low = (b2 > 0) & (b2 < 0.02)
    np.testing.assert_allclose(b1[low] / b2[low] ** 2, -49 / 25, rtol=0.03)
    x = ds.x.values[k][: len(b1)]
    np.testing.assert_allclose(x**2, -b1, atol=1e-9)  # the saddle
    assert (x >= 0).all()
    assert not ds.stable.values[k][: len(b1)][b2 > 0].any()
