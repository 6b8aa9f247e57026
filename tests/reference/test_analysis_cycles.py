"""Limit cycles with default settings against AUTO-07p, DOP853 shooting and closed forms (analysis values of the project)."""

import jax
import numpy as np
import pytest
from cycle_systems import HopfNormal, Langford, LiftedCircle, LorenzFlow, Rossler, VanDerPol, followed, values

import brainnb as bn

N = bn.neurons


def test_fitzhugh_nagumo_through_both_canards():
    """The branch turns in the canard explosion and goes on; it is neither cut nor followed back."""
    branches, (first, last) = followed(N.FitzHughNagumo(), "I", 0.0, 1.75, [(0.33, [-1, -0.4]), (1.4187, [1, 1])])
    assert len(branches) == 1
    (branch,) = branches
    assert (branch.begin, branch.end) == ("hopf", "hopf")
    np.testing.assert_allclose(values(branch, "cycle_fold"), [0.3241785225, 1.4258214775], atol=1e-9)
    assert {point.kind for point in branch.special} == {"cycle_fold"}
    np.testing.assert_allclose(branch.value[[0, -1]], [first.value, last.value], rtol=1e-12)
    np.testing.assert_allclose(branch.period[[0, -1]], 2 * np.pi / 0.275506805724, rtol=1e-9)
    np.testing.assert_allclose(branch.period[[1, -2]], branch.period[[0, -1]], rtol=1e-3)
    np.testing.assert_allclose(values(branch, "cycle_fold")[1], 1.75 - values(branch, "cycle_fold")[0], atol=1e-9)
    # The parameter is known to 12 digits there and hardly tells the cycle, whose period goes from 62 to 69 while it moves by
    # 1e-8. DOP853 (rtol 2.3e-14) from its peak on, and backwards to the same place on the canard, where the integral of the
    # divergence is zero: I = 0.32417852250371, T = 68.526503209886.
    folds = [point for point in branch.special if point.kind == "cycle_fold"]
    np.testing.assert_allclose([point.period for point in folds], 68.526503209886, rtol=1e-5)


def test_morris_lecar_between_two_hopf_points():
    branches, _ = followed(N.MorrisLecar(), "I", 0.0, 250.0, [(93.86, [-25, 0.08]), (212.0, [7.8, 0.15])])
    assert [(b.begin, b.end) for b in branches] == [("hopf", "hopf")]
    folds = [point for point in branches[0].special if point.kind == "cycle_fold"]
    np.testing.assert_allclose([point.value for point in folds], [88.29325054, 216.8998014], rtol=1e-8)
    np.testing.assert_allclose(folds[0].period, 135.386, rtol=4e-6)
    np.testing.assert_allclose(folds[1].period, 77.929052, rtol=1e-6)


def test_morris_lecar_ends_in_a_snic():
    branches, _ = followed(N.MorrisLecar.snic(), "I", 0.0, 250.0, [(97.6, [8.33, 0.25])])
    (branch,) = branches
    assert branch.end == "snic"
    np.testing.assert_allclose(values(branch, "snic"), [39.963153092745], rtol=1e-9)
    np.testing.assert_allclose(values(branch, "cycle_fold"), [115.9487215], rtol=1e-8)
    assert not values(branch, "homoclinic")
    (fold,) = (point for point in branch.special if point.kind == "cycle_fold")
    np.testing.assert_allclose(fold.period, 37.035848, rtol=1e-6)
    np.testing.assert_allclose(distance(branch, 5000.0), 39.964413 - 39.963153092745, rtol=2e-3)


def distance(branch, period):
    """How far from its saddle-node a branch has some long period: the square of the frequency grows with the distance."""
    order = np.argsort(branch.period)[::-1]
    off = branch.value[order] - values(branch, "snic")[0]
    return np.interp(period**-2.0, branch.period[order] ** -2.0, off)


def test_morris_lecar_ends_in_a_homoclinic_orbit():
    branches, _ = followed(N.MorrisLecar.homoclinic(), "I", 0.0, 100.0, [(36.3, [4.41, 0.3])])
    (branch,) = branches
    assert branch.end == "homoclinic"
    np.testing.assert_allclose(values(branch, "homoclinic"), [35.006734198], rtol=1e-8)
    np.testing.assert_allclose(values(branch, "cycle_fold"), [40.59335196], rtol=1e-9)  # one, and no string of them
    periods = [point.period for point in branch.special if point.kind == "cycle_fold"]
    np.testing.assert_allclose(periods, [21.1100552], rtol=1e-6)
    assert not values(branch, "branch_point")
    assert not values(branch, "period_doubling")


def test_hodgkin_huxley_has_three_folds_of_cycles():
    branches, _ = followed(
        N.HodgkinHuxley(E_L=-54.4),
        "I",
        0.0,
        200.0,
        [(9.78, [-60, 0.1, 0.4, 0.4]), (154.5, [-43, 0.3, 0.1, 0.6])],
    )
    branch = branches[0]
    assert (branch.begin, branch.end) == ("hopf", "hopf")
    folds = [point for point in branch.special if point.kind == "cycle_fold"]
    np.testing.assert_allclose([f.value for f in folds], [7.84624712, 7.921685494, 6.264221274], rtol=1e-8)
    np.testing.assert_allclose([f.period for f in folds], [16.713797, 20.707294, 19.895241], rtol=1e-6)
    assert all(b.begin == "period_doubling" for b in branches[1:])


@pytest.mark.parametrize(
    ("model", "range_", "guess", "kind", "value"),
    [
        (N.INapIK.high_threshold(), (-20.0, 300.0), (200.4, [-19.6, 0.7]), "snic", 4.5128676302965),
        (N.INapIK.fast_potassium(), (-20.0, 100.0), (43.888, [-25.45, 0.478]), "homoclinic", -0.297689736),
    ],
)
def test_persistent_sodium(model, range_, guess, kind, value):
    branches, _ = followed(model, "I", *range_, [guess])
    (branch,) = branches
    assert branch.end == kind
    np.testing.assert_allclose(values(branch, kind), [value], rtol=1e-6)


def test_fast_hindmarsh_rose_has_two_homoclinic_orbits():
    model = N.HindmarshRose()
    z = -0.0181  # stands still, so that J = I - z
    branches, _ = followed(model, "I", -3.0, 14.0, [(-0.944, [0.1835, 0.83]), (11.575, [1.8165, -15.5])], hold=["z"])
    found = sorted(values(b, "homoclinic")[0] - z for b in branches)
    np.testing.assert_allclose(found, [-0.8161469599, -0.085600882], rtol=1e-7)


def test_wilson_cowan_ends_in_a_homoclinic_orbit():
    branches, _ = followed(bn.rates.WilsonCowan(tau_E=1.0, tau_I=1.0), "P", 0.0, 4.0, [(1.8793, [0.2493, 0.1982])])
    np.testing.assert_allclose(values(branches[0], "homoclinic"), [1.068189564], rtol=1e-8)


def test_lorenz_ends_in_a_homoclinic_orbit():
    branches, _ = followed(LorenzFlow(), "r", 10.0, 30.0, [(24.7368, [7.956, 7.956, 23.7368])])
    np.testing.assert_allclose(values(branches[0], "homoclinic"), [13.926557], rtol=1e-6)
    assert not branches[0].stable.any()


def test_jansen_rit_is_reached_from_all_its_hopf_points():
    hopfs = [
        (-12.147492348419, [5e-3, 2.0, 1.0, 0, 0, 0]),
        (89.829107969643, [0.06, 12.0, 9.0, 0, 0, 0]),
        (315.69642806882, [0.11, 26.0, 20.0, 0, 0, 0]),
    ]
    branches, points = followed(bn.rates.JansenRit(), "p", -50.0, 400.0, [(p, rest(p)) for p, _ in hopfs])
    np.testing.assert_allclose([point.value for point in points], [p for p, _ in hopfs], rtol=1e-9)
    sub, super_ = branches
    assert (sub.end, super_.end) == ("snic", "hopf")
    fold = next(point for point in sub.special if point.kind == "cycle_fold")
    np.testing.assert_allclose(fold.value, 137.3792672, rtol=1e-9)
    # The period changes along the branch where the parameter stands still: AUTO's has fewer digits than its parameter.
    np.testing.assert_allclose(fold.period / 1000, 0.21197297, rtol=2e-6)
    np.testing.assert_allclose(values(sub, "snic"), [113.5862732128], rtol=1e-8)
    np.testing.assert_allclose(distance(sub, 50_000.0), 113.586416 - 113.5862732128, rtol=2e-2)


def rest(p):
    """The resting point of the Jansen-Rit model that is about to turn: of all of them, the one with a pair near the axis."""
    import scipy.optimize

    from brainnb.analysis.cases import case
    from brainnb.analysis.cycles.cycle_track import Follower

    A, B, a, b, C = 3.25, 22.0, 0.1, 0.05, 135.0
    found = case(bn.rates.JansenRit(), p=p)
    follower = Follower(found, found.constant("p"), p, 2 * p)

    def fired(v):
        return 5e-3 / (1 + np.exp(0.56 * (6 - v)))

    def states(v):
        y0 = A / a * fired(v)
        return y0, A / a * (p / 1000 + 0.8 * C * fired(C * y0)), B / b * 0.25 * C * fired(0.25 * C * y0)

    def off(v):
        _, y1, y2 = states(v)
        return y1 - y2 - v

    grid = np.linspace(-20, 30, 4001)
    signs = np.sign([off(v) for v in grid])
    best = (np.inf, None)
    for i in np.flatnonzero(signs[:-1] != signs[1:]):
        x = np.array([*states(scipy.optimize.brentq(off, grid[i], grid[i + 1])), 0, 0, 0])
        with jax.enable_x64(True):
            eigenvalues = np.linalg.eigvals(follower.slopes(x / follower.scale.x, 0.0)[1])
        turning = np.abs(eigenvalues.real[np.abs(eigenvalues.imag) > 1e-9])
        if turning.size and turning.min() < best[0]:
            best = (turning.min(), x)
    return best[1]


def test_rossler_doubles_its_period():
    """No Hopf point: the branch begins where a run ends."""
    branches, _ = followed(Rossler(), "c", 1.5, 3.2, [])
    single, double = branches[:2]
    assert (single.begin, single.end) == ("range", "range")
    point = next(p for p in single.special if p.kind == "period_doubling")
    np.testing.assert_allclose([point.value, point.period], [2.8324450279, 5.769820017], rtol=1e-8)
    assert double.begin == "period_doubling"
    np.testing.assert_allclose(double.period[0], 2 * point.period, rtol=1e-3)
    assert double.stable[:5].all()
    assert not single.stable[-1]


@pytest.mark.parametrize("b", [0.0, 0.5])
def test_the_other_branch_at_a_branch_point_of_cycles(b):
    """A pitchfork of cycles at mu = 0, and with b = 0.5 a transcritical point with a fold at mu = -b^2 / 4."""
    (plain, crossing), _ = followed(LiftedCircle(b=b), "mu", -0.3, 0.5, [])
    np.testing.assert_allclose(values(plain, "branch_point"), [0.0], atol=1e-9)
    assert (crossing.begin, crossing.end) == ("range", "range")
    z = crossing.x[:, 2]
    np.testing.assert_allclose(z**2 - b * z, crossing.value, atol=1e-9)
    np.testing.assert_allclose(crossing.period, 2 * np.pi / (1 + z**2), rtol=1e-8)
    assert z.min() < -0.4
    assert z.max() > 0.7
    np.testing.assert_allclose(values(crossing, "cycle_fold"), [-(b**2) / 4] if b else [], rtol=1e-9)
    np.testing.assert_array_equal(plain.stable, plain.value < 0)
    assert not values(crossing, "branch_point")


def test_langford_begins_a_torus():
    """The trace a - b^2 - e r^2 of the planar system of radius and z vanishes on the cycle z = b, r^2 (1 + e b) = c + a b - b^3 / 3."""
    (branch,), _ = followed(Langford(), "a", 0.4, 0.95, [])
    a = (0.49 + 0.25 * (0.6 - 0.7**3 / 3) / 1.175) / (1 - 0.25 * 0.7 / 1.175)
    np.testing.assert_allclose(values(branch, "torus"), [a], rtol=1e-9)
    np.testing.assert_allclose(branch.period, 2 * np.pi / 3.5, rtol=1e-9)
    np.testing.assert_array_equal(branch.stable, branch.value < a)


with jax.enable_x64(True):  # single precision would make 0.06666667 of it
    SLOWER = N.MorrisLecar.snic().replace(phi=1 / 15)


@pytest.mark.parametrize(
    ("model", "inputs", "period", "multiplier"),
    [
        (N.FitzHughNagumo(), dict(I=0.5), 39.4744149802, None),
        (N.FitzHughNagumo(), dict(I=0.875), 36.4183026175, None),
        (N.FitzHughNagumo(), dict(I=1.0), 36.6987944166, None),
        (N.MorrisLecar(), dict(I=100.0), 85.290641043, 5.366251e-5),
        (N.MorrisLecar.snic(), dict(I=45.0), 99.192093212, None),
        (SLOWER, dict(I=45.0), 99.308228503, None),
        (N.HodgkinHuxley(E_L=-54.4), dict(I=8.0), 16.011213510, None),
        (N.HodgkinHuxley(E_L=-54.4), dict(I=10.0), 14.638324789, 0.07404829),
        (N.HodgkinHuxley(E_L=-54.4), dict(I=20.0), 11.565435599, None),
        (N.HindmarshRose(), dict(I=1.5), 149.526387345, None),
        (N.HindmarshRose(), dict(I=2.0), 128.504844594, None),
        (N.HindmarshRose(), dict(I=4.0), 20.1278684685, None),
        (VanDerPol(mu=0.1), {}, 6.287111272289, 0.53306926),
        (VanDerPol(mu=1.0), {}, 6.663286859323, 8.59695064e-4),
        (VanDerPol(mu=2.0), {}, 7.629874479675, None),
        (VanDerPol(mu=5.0), {}, 11.612230667720, None),
        (VanDerPol(mu=10.0), {}, 19.078369566939, None),
    ],
)
def test_periods_and_multipliers(model, inputs, period, multiplier):
    ds = bn.analysis.cycle(model, **inputs)
    np.testing.assert_allclose(ds.period, period, rtol=1e-8)
    assert ds.stability == "stable"
    assert abs(ds.multiplier[0] - 1) < 2e-5
    if multiplier is not None:
        np.testing.assert_allclose(ds.multiplier[1], multiplier, rtol=1e-6)


def test_multipliers_of_all_sizes():
    """By QR of the flow with DOP853: from 0.07 to 1e-52, which no matrix of a whole turn holds."""
    ds = bn.analysis.cycle(N.HodgkinHuxley(E_L=-54.4), I=10.0)
    first, second, third = np.log(np.abs(ds.multiplier.values[1:]))
    np.testing.assert_allclose([np.exp(first), np.exp(second)], [0.07404829, 1.90245068e-12], rtol=1e-4)
    assert third == pytest.approx(-119.37572533, abs=1e-3)


@pytest.mark.parametrize("c", [1.7, 2.2, 2.7])
def test_the_product_of_the_multipliers_is_the_growth_of_a_volume(c):
    """exp of the integral of the divergence a + x - c over a turn; and one of them is 1."""
    ds = bn.analysis.cycle(Rossler(c=c))
    volume = float((0.2 + ds.x - c).mean() * ds.period)
    np.testing.assert_allclose(np.log(np.abs(ds.multiplier.values)).sum(), volume, atol=1e-4)
    assert ds.attrs["trivial_multiplier_error"] < 1e-4


def test_peaks():
    np.testing.assert_allclose(bn.analysis.cycle(N.FitzHughNagumo(), I=0.5).V[0], 1.85211747, rtol=1e-6)
    np.testing.assert_allclose(bn.analysis.cycle(N.FitzHughNagumo(), I=0.5).w[0], 0.23432046, rtol=1e-5)
    np.testing.assert_allclose(bn.analysis.cycle(N.HodgkinHuxley(E_L=-54.4), I=10.0).V[0], 30.43245245, rtol=1e-6)
    np.testing.assert_allclose(bn.analysis.cycle(VanDerPol()).x[0], 2.00861986, rtol=1e-7)


@pytest.mark.parametrize("mu", [0.05, 0.25, 0.6])
def test_the_normal_form_in_closed_form(mu):
    ds = bn.analysis.cycle(HopfNormal(mu=mu))
    np.testing.assert_allclose(ds.period, np.pi, rtol=1e-10)
    np.testing.assert_allclose(np.hypot(ds.x, ds.y), np.sqrt(mu), rtol=1e-8)
    np.testing.assert_allclose(ds.multiplier[1], np.exp(-2 * mu * np.pi), rtol=1e-8)
    response = bn.phase_response(HopfNormal(mu=mu))
    np.testing.assert_allclose(response.prc_x, -np.sin(2 * np.pi * response.phase) / (2 * np.sqrt(mu)), atol=1e-5)


@pytest.mark.parametrize(
    ("model", "inputs", "name", "top", "bottom", "mean"),
    [
        (N.FitzHughNagumo(), dict(I=0.5), "V", (11.24503, 0.8265), (-4.663548, 0.2395), 0.5233356),
        (
            N.MorrisLecar.snic().replace(phi=0.0666666667),
            dict(I=50.0),
            "V",
            (1.966174, 0.6685),
            (-0.302210, 0.10575),
            0.7642166,
        ),
        (VanDerPol(), {}, "x", (1.40330211, 0.52375), (-1.40330211, 0.02375), 0.0),
    ],
)
def test_phase_responses(model, inputs, name, top, bottom, mean):
    adjoint = bn.phase_response(model, points=2000, **inputs)
    curve = adjoint[f"prc_{name}"]
    np.testing.assert_allclose([curve.max(), curve.min()], [top[0], bottom[0]], rtol=2e-4)
    np.testing.assert_allclose([curve.idxmax(), curve.idxmin()], [top[1], bottom[1]], atol=1.5e-3)
    np.testing.assert_allclose(curve.mean(), mean, atol=2e-6)
    assert adjoint.attrs["normalisation_error"] < 1e-5
    direct = bn.phase_response(model, points=100, method="direct", **inputs)
    by_phase = adjoint[f"prc_{name}"][::20].values
    np.testing.assert_allclose(direct[f"prc_{name}"].values, by_phase, atol=1e-4 * np.abs(by_phase).max())
