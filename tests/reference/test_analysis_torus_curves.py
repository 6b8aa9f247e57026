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


class Further(bn.Model):
    r"""A circle of radius 1 + n, a plane (n, l) across it and a pair z that turns by 0.3 a turn.

    twist = 0: $n' = q + n^2$, $l' = -l$, and the pair grows with p + n / 2: fold and torus of the truncated normal form.
    twist = 1: the plane makes half a turn for every turn, with the rates q and -1 in it, and the pair grows with p: flip and
    torus.
    """

    p: bn.Param = bn.param(-0.1, "1", "growth of the pair")
    q: bn.Param = bn.param(-0.04, "1", "unfolds the further multiplier")
    twist: bn.Param = bn.param(0.0, "1", "half turns of the plane across")
    x = bn.state(0.8, "1", "x", bounds=(-2, 2))
    y = bn.state(0.0, "1", "y", bounds=(-2, 2))
    l = bn.state(0.05, "1", "across", bounds=(-1, 1))
    a = bn.state(0.1, "1", "pair", bounds=(-1, 1))
    b = bn.state(0.0, "1", "pair", bounds=(-1, 1))

    def vector_field(self, t, s, u):
        k, q = self.twist, self.q
        radius = (s.x**2 + s.y**2) ** 0.5
        c, d, n = s.x / radius, s.y / radius, radius - 1
        mean, gap, even, odd = (q - 1) / 2, (q + 1) / 2, 1 - k + k * c, k * d
        mean = mean - k * (n**2 + s.l**2)
        out = mean * n + gap * (even * n + odd * s.l) - k / 2 * s.l + (1 - k) * (q + n**2 - q * n)
        across = mean * s.l + gap * (odd * n - even * s.l) + k / 2 * n
        grow = self.p + (1 - k) * n / 2 - s.a**2 - s.b**2
        return dict(x=out * c - s.y, y=out * d + s.x, l=across, a=grow * s.a - 0.3 * s.b, b=0.3 * s.a + grow * s.b)


@pytest.mark.parametrize(("twist", "kind"), [(0.0, "fold_torus"), (1.0, "flip_torus")])
def test_a_further_multiplier_on_a_torus_curve(twist, kind):
    """twist = 0: the torus begins at n = -2 p, where q = -n^2 and the further multiplier is exp(4 pi n)."""
    ds = bn.bifurcation(Further(twist=twist), "p", (-0.2, 0.3), param2=("q", (-0.09, 0.05)))
    k, p, q = curve(ds, "torus_curve")
    np.testing.assert_allclose(p if twist else q, 0 * p if twist else -4 * p**2, atol=1e-8)
    further = -np.exp(2 * np.pi * q) if twist else np.exp(-8 * np.pi * p)
    mu = ds.multiplier.values[k][: len(p)]
    for expected in (further, np.exp(0.6j * np.pi) + 0 * p):
        assert (np.abs(mu - expected[:, None]).min(axis=1) < 1e-6 * np.abs(expected)).all()
    assert further.real.min() < (-1 if twist else 1) < further.real.max()
    np.testing.assert_allclose(points(ds, kind), [[0, 0]], atol=1e-7)
