"""Curves of folds and period doublings of cycles in two parameters, against AUTO-07p and closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from plane_curves import along, curve, points

import brainnb as bn
from brainnb.run import cache

N = bn.neurons


def test_morris_lecar_folds_of_cycles_for_two_time_scales():
    ds = bn.bifurcation(N.MorrisLecar.snic(), "I", (90, 130), param2=("phi", (0.06, 0.075)))
    _, I, phi = curve(ds, "cycle_fold_curve")
    np.testing.assert_allclose(along(I, phi, [0.067, 1 / 15]), [115.9487215, 116.1095372], rtol=1e-7)
    np.testing.assert_allclose(phi[[0, -1]], [0.06, 0.075], rtol=1e-12)


def test_folds_of_cycles_shift_with_the_offset_of_recovery():
    """Moving w by a / b moves I by as much: I - a / b is the same along the whole curve."""
    ds = bn.bifurcation(N.FitzHughNagumo(tau=3.0), "I", (0.0, 0.7), param2=("a", (0.5, 0.8)))
    k, I, a = curve(ds, "cycle_fold_curve")
    single = ds.special_value.values[ds.special_kind.values == "cycle_fold"]
    np.testing.assert_allclose(I - a / 0.8, single[0] - 0.7 / 0.8, atol=1e-8)
    np.testing.assert_allclose(
        ds.period[k].dropna("step"), float(ds.special_period[ds.special_kind == "cycle_fold"][0]), rtol=1e-6
    )


def test_other_values_and_other_parameters_compile_nothing():
    bn.bifurcation(N.FitzHughNagumo(tau=3.0), "I", (0.0, 0.7), param2=("a", (0.5, 0.8)))
    before = cache.trace_count()
    ds = bn.bifurcation(N.FitzHughNagumo(tau=4.0, a=0.65), "I", (0.0, 0.75), param2=("b", (0.7, 0.9)))
    assert cache.trace_count() == before
    assert "cycle_fold_curve" in ds.branch_kind


@pytest.mark.parametrize("lowest", [-0.2, 0.5])
def test_a_curve_of_folds_of_cycles_joins_the_bautin_point(lowest):
    """It ends there, or begins there where the first diagram has no fold of cycles."""
    ds = bn.bifurcation(N.FitzHughNagumo(tau=3.0), "I", (lowest, 1.0), param2=("tau", (0.5, 4.0)))
    k, I, tau = curve(ds, "cycle_fold_curve")
    np.testing.assert_allclose(points(ds, "bautin"), [[17 / 24, 16 / 15]], rtol=1e-9)
    np.testing.assert_allclose([I[0], tau[0]], [17 / 24, 16 / 15], rtol=1e-9)
    assert str(ds.branch_begin.values[k]) == "bautin"
    span = ds.V_max[k] - ds.V_min[k]
    np.testing.assert_allclose(span[0], 0, atol=1e-9)
    # The square of the size grows with the distance.
    assert (np.diff(span.values[: len(I)]) > 0).all()


def test_a_cusp_that_the_first_diagram_does_not_lead_to():
    """At b = 0.8 there is one resting point and no fold: the curve is met at other values of b."""
    ds = bn.bifurcation(N.FitzHughNagumo(), "I", (0.0, 1.4), param2=("b", (0.5, 2.0)), cycles=False)
    np.testing.assert_allclose(points(ds, "cusp"), [[0.7, 1.0]], rtol=1e-9)
    ds = bn.bifurcation(N.FitzHughNagumo(b=0.4), "I", (0.0, 1.4), param2=("b", (0.5, 2.0)), cycles=False)
    np.testing.assert_allclose(points(ds, "cusp"), [[0.7, 1.0]], rtol=1e-9)
    assert "b = 0.4 lies outside its range" in ds.attrs["status"]


class FoldHopf(bn.Model):
    """x' = p + x^2 - y^2 - z^2 and a pair that grows with q + x and turns by 2: a fold at p = 0, a Hopf point at p = -q^2."""

    p: bn.Param = bn.param(0.0, "1", "first unfolding")
    q: bn.Param = bn.param(0.5, "1", "second unfolding")
    x = bn.state(0.1, "1", "x", bounds=(-1, 1))
    y = bn.state(0.0, "1", "y", bounds=(-1, 1))
    z = bn.state(0.0, "1", "z", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        grow = self.q + s.x
        return dict(x=self.p + s.x**2 - s.y**2 - s.z**2, y=grow * s.y - 2 * s.z, z=2 * s.y + grow * s.z)


def test_a_hopf_curve_emanates_from_a_zero_hopf_point(monkeypatch):
    from brainnb.analysis.continuation import codim2

    monkeypatch.setattr(codim2, "SECONDS", ())  # only what the fold of the first diagram leads to
    ds = bn.bifurcation(FoldHopf(), "p", (-0.04, 0.1), param2=("q", (-0.6, 0.6)), cycles=False)
    np.testing.assert_allclose(points(ds, "zero_hopf"), [[0.0, 0.0]], atol=1e-9)
    _, p, q = curve(ds, "fold_curve")
    np.testing.assert_allclose(p, 0, atol=1e-12)
    _, p, q = curve(ds, "hopf_curve")
    np.testing.assert_allclose(p, -(q**2), atol=1e-12)
    assert np.ptp(q) == pytest.approx(0.4)


class CuspOfCycles(bn.Model):
    """r' = r (p + q s - s^3) / 2 with s = r^2 - 1, turned in pi: cycles fold where p = -2 s^3, q = 3 s^2."""

    p: bn.Param = bn.param(0.0, "1", "first unfolding")
    q: bn.Param = bn.param(0.3, "1", "second unfolding")
    x = bn.state(1.0, "1", "real part", bounds=(-2, 2))
    y = bn.state(0.0, "1", "imaginary part", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        size = s.x**2 + s.y**2 - 1
        growth = (self.p + self.q * size - size**3) / 2
        return dict(x=growth * s.x - 2 * s.y, y=2 * s.x + growth * s.y)


def test_two_folds_of_cycles_meet_in_a_cusp():
    ds = bn.bifurcation(CuspOfCycles(), "p", (-0.4, 0.4), param2=("q", (-0.2, 0.5)))
    k, p, q = curve(ds, "cycle_fold_curve")
    np.testing.assert_allclose(27 * p**2, 4 * q**3, atol=1e-9)
    assert p.min() < -0.1
    assert p.max() > 0.1
    np.testing.assert_allclose(points(ds, "cycle_cusp"), [[0, 0]], atol=1e-8)
    np.testing.assert_allclose(ds.period[k].dropna("step"), np.pi, rtol=1e-9)


class Turns(bn.Model):
    r"""A unit circle; w in the plane across it obeys $w_1' = w_2$ and one of two normal forms of maps at a strong resonance.

    twist = 1: the plane makes half a turn for every turn and $w_2' = b_1 w_1 + b_2 w_2$, less $w |w|^2$: multipliers
    -exp(2 pi lambda), a period doubling at b_1 = 0, the 1:2 resonance at b_1 = b_2 = 0.  twist = 0: $w_2' = b_1 + b_2 w_2 +
    w_1^2 + w_1 w_2$, a fold at b_1 = 0, the 1:1 resonance at b_1 = b_2 = 0 (Kuznetsov 2004, sections 9.5.2 and 9.5.3); the
    circle is then turned by 1 + w_1 / 2, so that its period changes along the fold's direction.
    """

    b1: bn.Param = bn.param(-0.1, "1", "first unfolding")
    b2: bn.Param = bn.param(-0.1, "1", "second unfolding")
    twist: bn.Param = bn.param(1.0, "1", "half turns of the plane across")
    x = bn.state(1.0, "1", "x", bounds=(-2, 2))
    y = bn.state(0.0, "1", "y", bounds=(-2, 2))
    z = bn.state(0.1, "1", "z", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        radius = (s.x**2 + s.y**2) ** 0.5
        c, d = s.x / radius, s.y / radius
        n, z, k = radius - 1, s.z, self.twist
        even, odd, turn = -self.b2 / 2, (1 + k * self.b1) / 2, (1 - k * self.b1) / 2 - k / 2
        p, q = even * (1 - k + k * c) - odd * k * d, even * k * d + odd * (1 - k + k * c)
        shrink = self.b2 / 2 - k * (n**2 + z**2)
        grow = (shrink + p) * n + (q + turn) * z
        lift = (shrink - p) * z + (q - turn) * n + (1 - k) * (self.b1 + n**2 + n * z)
        pace = 1 + (1 - k) * n / 2
        return dict(x=grow * c - pace * s.y, y=grow * d + pace * s.x, z=lift)


@pytest.mark.parametrize(
    ("twist", "name", "top"), [(1.0, "period_doubling_curve", 0.2), (0.0, "cycle_fold_curve", 0.1)]
)
def test_a_curve_goes_through_its_resonance(twist, name, top):
    ds = bn.bifurcation(Turns(twist=twist), "b1", (-0.2, 0.1), param2=("b2", (-0.3, top)))
    k, b1, b2 = curve(ds, name)
    np.testing.assert_allclose(b1, 0, atol=1e-8)
    assert (b2.min(), b2.max()) == pytest.approx((-0.3, top))
    rest = np.log(np.abs(ds.multiplier.values[k][: len(b2), 1:]))
    np.testing.assert_allclose(np.sort(rest, 1), np.sort(np.stack([0 * b2, 2 * np.pi * b2], 1), 1), atol=1e-7)
    np.testing.assert_allclose(points(ds, "resonance_1_2" if twist else "resonance_1_1"), [[0, 0]], atol=1e-7)
    np.testing.assert_array_equal(ds.stable.values[k][: len(b2)], b2 < 0)
    (_tori_begin_where_multipliers_are_minus_one if twist else _tori_begin_where_all_are_one)(ds)


def _tori_begin_where_all_are_one(ds):
    """At w = (-b2, 0) the rates are +-i sqrt(2 b2), and the period is 2 pi / (1 - b2 / 2)."""
    k, b1, b2 = curve(ds, "torus_curve")
    np.testing.assert_allclose(b1, -(b2**2), atol=1e-8)
    assert (b2.min(), b2.max()) == pytest.approx((0.0, 0.1), abs=1e-6)
    assert {str(ds.branch_begin.values[k]), str(ds.branch_end.values[k])} == {"resonance_1_1", "range"}
    angle, inside = np.abs(np.angle(ds.multiplier.values[k][: len(b2), 1])), b2 > 1e-3
    np.testing.assert_allclose(angle[inside], 2 * np.pi * np.sqrt(2 * b2[inside]) / (1 - b2[inside] / 2), atol=1e-6)
    np.testing.assert_allclose(ds.period.values[k][: len(b2)], 2 * np.pi / (1 - b2 / 2), rtol=1e-7)


def _tori_begin_where_multipliers_are_minus_one(ds):
    """The plane across has the rates +-sqrt(b1) where b2 = 0: the pair turns by pi - 2 pi sqrt(-b1)."""
    k, b1, b2 = curve(ds, "torus_curve")
    np.testing.assert_allclose(b2, 0, atol=1e-8)
    assert (b1.min(), b1.max()) == pytest.approx((-0.2, 0.0), abs=1e-8)
    angle = np.abs(np.angle(ds.multiplier.values[k][: len(b1), 1]))
    inside = b1 < -1e-3
    np.testing.assert_allclose(angle[inside], np.pi - 2 * np.pi * np.sqrt(-b1[inside]), atol=1e-7)
    np.testing.assert_allclose(points(ds, "resonance_1_3"), [[-1 / 36, 0]], atol=1e-9)
    np.testing.assert_allclose(points(ds, "resonance_1_4"), [[-1 / 16, 0]], atol=1e-9)
    assert "resonance_1_2" in {str(ds.branch_begin.values[k]), str(ds.branch_end.values[k])}


class Ring(bn.Model):
    """Along e = (p, q) / |p, q| a state folds, a' = p^2 + q^2 - 1 + a^2, and across it one decays: a circle of folds."""

    p: bn.Param = bn.param(0.2, "1", "first parameter")
    q: bn.Param = bn.param(0.3, "1", "second parameter")
    x = bn.state(0.1, "1", "x", bounds=(-2, 2))
    y = bn.state(0.1, "1", "y", bounds=(-2, 2))

    def vector_field(self, t, s, u):
        square = self.p**2 + self.q**2
        c, d = self.p / square**0.5, self.q / square**0.5
        along, across = c * s.x + d * s.y, c * s.y - d * s.x
        fold = square - 1 + along**2
        return dict(x=c * fold + d * across, y=d * fold - c * across)


@pytest.mark.parametrize("fine", [1, 8])
def test_a_closed_curve_is_followed_once(monkeypatch, fine):
    """The null vector goes round with it and grows on the way; and a curve of many points is followed in several parts."""
    from brainnb.analysis.continuation import curves

    of, steps = curves.Road.of, curves.DEFAULT._replace(longest=curves.DEFAULT.longest / fine)
    monkeypatch.setattr(curves.Road, "of", lambda *given: replace(of(*given), steps=steps))
    ds = bn.bifurcation(Ring(), "p", (-2, 2), param2=("q", (-2, 1.8)), cycles=False)
    k, p, q = curve(ds, "fold_curve")
    assert (str(ds.branch_begin.values[k]), str(ds.branch_end.values[k])) == ("closed", "closed")
    np.testing.assert_allclose(p**2 + q**2, 1, atol=1e-9)
    turned = np.abs(np.diff(np.unwrap(np.arctan2(q, p)))).sum()
    assert 2 * np.pi < turned < 2.1 * np.pi
    assert (len(p) > 400) == (fine > 1)


def test_a_hopf_curve_is_stepped_alike_wherever_it_begins():
    """At b = 1.72 it begins next to its Bogdanov-Takens point at sqrt(3), where the frequency is nearly nothing."""
    ds = bn.bifurcation(N.FitzHughNagumo(b=1.72, tau=3.0), "I", (-1.0, 3.0), param2=("b", (0.2, 2.0)), cycles=False)
    for k in np.flatnonzero(ds.branch_kind.values == "hopf_curve"):
        b, V = (ds[name].values[k][np.isfinite(ds.b.values[k])] for name in ("b", "V"))
        assert 20 < len(b) < 150
        assert {str(ds.branch_begin.values[k]), str(ds.branch_end.values[k])} == {"bogdanov_takens", "range"}
        np.testing.assert_allclose(V**2, 1 - b / 3, atol=1e-9)
    np.testing.assert_allclose(points(ds, "bogdanov_takens")[:, 1], np.sqrt(3), rtol=1e-9)
