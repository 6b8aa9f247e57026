"""Resting points of planes against numbers computed elsewhere in 50 digits, with default settings."""

import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn


class TwoUnits(bn.Model):
    """x' = -x + W tanh x + b."""

    x = bn.state(0.0, "1", "first unit", bounds=(-4, 4))
    y = bn.state(0.0, "1", "second unit", bounds=(-4, 4))

    def vector_field(self, t, s, u):
        a, b = jnp.tanh(s.x), jnp.tanh(s.y)
        return dict(x=-s.x + 2.2 * a - 1.8 * b + 0.1, y=-s.y + 1.6 * a + 1.1 * b - 0.05)


class MeanField(bn.Model):
    """m' = -m + tanh(beta m)."""

    m = bn.state(0.0, "1", "magnetisation", bounds=(-1.5, 1.5))
    beta = bn.input(1.0, "1", "inverse temperature")

    def vector_field(self, t, s, u):
        return dict(m=-s.m + jnp.tanh(u.beta * s.m))


def points(ds, *axes):
    """Points sorted along the first axis."""
    found = np.stack([ds[f"point_{a}"].values for a in axes], 1)
    order = np.argsort(found[:, 0])
    return found[order], ds.stability.values[order]


def test_fitzhugh_nagumo():
    ds = bn.phase_plane(bn.neurons.FitzHughNagumo(), V=(-2.5, 2.5), w=(-1, 2), I=0.0)
    np.testing.assert_allclose(points(ds, "V", "w")[0], [[-1.1994080351, -0.6242600438]], rtol=1e-9)
    assert ds.stability.values.tolist() == ["stable focus"]
    three = bn.phase_plane(bn.neurons.FitzHughNagumo(b=1.6), V=(-2.5, 2.5), w=(-1, 2), I=0.4375)
    np.testing.assert_allclose(points(three, "V", "w")[0], [[-1.06066017178, -0.2254126073], [0, 0.4375], [1.06066017178, 1.1004126074]], atol=1e-9)  # fmt: skip
    assert points(three, "V", "w")[1][1] == "saddle"


@pytest.mark.parametrize(
    ("I", "V", "w", "frequency"), [(93.857618373725, -25.27010488, 0.0, 0.0797797841146), (212.01881610037, 7.800663867, 0.0, 0.148602170744)]
)  # fmt: skip
def test_morris_lecar_at_its_hopf_points(I, V, w, frequency):
    ds = bn.phase_plane(bn.neurons.MorrisLecar(), V=(-80, 60), w=(0, 1), I=I)
    np.testing.assert_allclose(ds.point_V, [V], rtol=1e-8)
    np.testing.assert_allclose(ds.eigenvalue[0].values.imag, [frequency, -frequency], rtol=1e-7)
    np.testing.assert_allclose(ds.eigenvalue[0].values.real, 0.0, atol=1e-10)


@pytest.mark.parametrize(
    ("mu", "c", "expected", "kinds"),
    [
        (0, 0, [(0.0318914198205, 0.566987180557), (0.0557853305247, 0.313844924265), (0.102651249565, 0.102651249565), (0.313844924265, 0.0557853305247), (0.566987180557, 0.0318914198205)], "NSNSN"),
        (30, 0, [(0.0518071991493, 0.658694233523), (0.424455591643, 0.424455591643), (0.658694233523, 0.0518071991493)], "NSN"),
        (30, 0.064, [(0.0549520490142, 0.654040987512), (0.407280239605, 0.439276774412), (0.663077312745, 0.0489360812664)], "NSN"),
    ],
)  # fmt: skip
def test_wong_wang(mu, c, expected, kinds):
    ds = bn.phase_plane(bn.rates.WongWang(), S1=(0, 1), S2=(0, 1), mu=mu, c=c)
    found, words = points(ds, "S1", "S2")
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert [word == "saddle" for word in words] == [kind == "S" for kind in kinds]
    if (mu, c) == (30, 0):
        saddle = ds.eigenvalue.values[ds.stability.values == "saddle"][0] * 1000  # per second
        np.testing.assert_allclose(saddle, [4.34716921, -2.60443766], rtol=1e-8)
        stable = ds.eigenvalue.values[ds.stability.values == "stable node"][0] * 1000
        np.testing.assert_allclose(stable, [-6.16228008, -14.7300857], rtol=1e-8)


def test_wong_wang_has_five_points_at_60():
    ds = bn.phase_plane(bn.rates.WongWang(), S1=(0, 1), S2=(0, 1), mu=60)
    assert ds.sizes["point"] == 5
    assert ds.attrs["complete"] == 1
    assert ds.index.values.sum() == 1


def test_wilson_cowan():
    ds = bn.phase_plane(bn.rates.WilsonCowan(), E=(-0.05, 0.6), I=(-0.05, 0.6), P=1.25)
    np.testing.assert_allclose(points(ds, "E", "I")[0], [[0.20174839558555, 0.10688938574728]], rtol=1e-10)
    assert ds.stability.values[0].startswith("unstable")
    three = bn.phase_plane(bn.rates.WilsonCowan.bistable(), E=(0, 0.6), I=(0, 0.6))  # one point lies on the corner
    expected = [(0, 0), (0.18966947431139, 0.068103095381083), (0.43975182487606, 0.22593264516422)]
    np.testing.assert_allclose(points(three, "E", "I")[0], expected, rtol=1e-10, atol=1e-15)
    assert three.attrs["complete"] == 1


def test_two_units():
    ds = bn.phase_plane(TwoUnits(), x=(-4, 4), y=(-4, 4))
    np.testing.assert_allclose(points(ds, "x", "y")[0], [[0.0267525499, 0.0735149407]], atol=1e-10)
    np.testing.assert_allclose(ds.eigenvalue[0], [0.64625134 + 1.59923259j, 0.64625134 - 1.59923259j], rtol=1e-8)
    assert ds.attrs["complete"] == 1


def test_mean_field_on_a_line():
    for beta, m in ((1.5, 0.85855963664011), (2.0, 0.95750402407727)):
        ds = bn.phase_plane(MeanField(), m=(-1.5, 1.5), beta=beta)
        np.testing.assert_allclose(points(ds, "m")[0][:, 0], [-m, 0, m], rtol=1e-12, atol=1e-14)
        assert points(ds, "m")[1].tolist() == ["stable node", "unstable node", "stable node"]


def test_integrate_and_fire_models():
    """Izhikevich's fold and Hopf, and AdEx near its fold: closed forms."""
    at_hopf = bn.phase_plane(bn.neurons.Izhikevich(), V=(-90, 30), w=(-20, 20), I=3.7975)
    np.testing.assert_allclose(points(at_hopf, "V", "w")[0][0], [-62.25, -12.45], rtol=1e-12)
    np.testing.assert_allclose(at_hopf.eigenvalue[0].values.real, 0, atol=1e-12)
    just_below = bn.phase_plane(bn.neurons.AdEx(), V=(-75, -40), w=(-20, 120), I=627.31109372087 - 1e-6)
    assert just_below.sizes["point"] == 2
    np.testing.assert_allclose(just_below.point_V, -50.149673714, atol=0.005)
    assert bn.phase_plane(bn.neurons.AdEx(), V=(-75, -40), w=(-20, 120), I=627.32).sizes["point"] == 0


def test_four_dimensions():
    ds = bn.fixed_points(bn.neurons.HodgkinHuxley(E_L=-54.4), I=0.0)
    expected = dict(V=-64.999722434, m=0.0529342176, h=0.5961110463, n=0.3176811676)
    for name, value in expected.items():
        np.testing.assert_allclose(ds[name], [value], rtol=2e-9)
    assert ds.attrs["complete"] == 1


def test_hodgkin_huxley_loses_its_rest_where_it_should():
    hh = bn.neurons.HodgkinHuxley(E_L=-54.4)
    ds = bn.fixed_points(hh, I=9.7793379953931)
    np.testing.assert_allclose(ds.V, [-59.6541436], rtol=1e-8)
    np.testing.assert_allclose(ds.eigenvalue[0, :2], [0.58623381313j, -0.58623381313j], atol=1e-9)


def test_hindmarsh_rose_frozen():
    """Folds of the fast subsystem at J = 5/27 and -1: three points between, one outside."""
    count = {}
    for J in (-1.01, -0.99, 0.18, 0.19):
        ds = bn.phase_plane(bn.neurons.HindmarshRose(), x=(-3, 2.5), y=(-40, 2), fixed={"z": 2.0 - J}, I=2.0)
        count[J] = ds.sizes["point"]
        assert ds.attrs["complete"] == 1
    assert count == {-1.01: 1, -0.99: 3, 0.18: 3, 0.19: 1}


def test_period_of_the_cycle_that_attracts():
    found = bn.analysis.basins(bn.neurons.FitzHughNagumo(), V=(-2.5, 2.5), w=(-1, 2), I=0.5, resolution=16)
    assert found.attractor_kind.values.tolist() == ["cycle"]
    np.testing.assert_allclose(found.period, [39.4744149802], rtol=1e-5)
