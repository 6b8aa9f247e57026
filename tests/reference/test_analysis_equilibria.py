"""Folds, Hopf and branch points against values computed with 50 digits and by AUTO, with default settings only."""

import numpy as np
import pytest
import systems

import brainnb as bn

N, R = bn.neurons, bn.rates

# model, parameter, range, what is given, [(kind, value, coefficient or None)]
TABLE = {
    "FitzHugh-Nagumo": (
        N.FitzHughNagumo,
        "I",
        (0, 2),
        {},
        [("hopf", 0.33128133745475, 0.97197108), ("hopf", 1.4187186625453, 0.97197108)],
    ),
    "FitzHugh-Nagumo, bistable": (
        N.FitzHughNagumo.bistable,
        "I",
        (0, 1),
        {},
        [
            ("fold", 0.2844068910761, None),
            ("hopf", 0.3587487403981, 4.6054613),
            ("hopf", 0.5162512596019, 4.6054613),
            ("fold", 0.5905931089239, None),
        ],
    ),
    "Morris-Lecar, Hopf": (
        N.MorrisLecar.hopf,
        "I",
        (0, 250),
        {},
        [("hopf", 93.857618373725, 0.0065431867), ("hopf", 212.01881610037, 0.003668292)],
    ),
    "Morris-Lecar, SNIC": (
        N.MorrisLecar.snic,
        "I",
        (-20, 150),
        {},
        [("fold", -9.9490393226231, None), ("fold", 39.963153092745, None), ("hopf", 97.646163921526, 0.0021036926)],
    ),
    "Morris-Lecar, homoclinic": (
        N.MorrisLecar.homoclinic,
        "I",
        (-20, 150),
        {},
        [("fold", -9.9490393226231, None), ("hopf", 36.316217496203, 0.00099391896), ("fold", 39.963153092745, None)],
    ),
    "Hodgkin-Huxley": (
        lambda: N.HodgkinHuxley(E_L=-54.4),
        "I",
        (0, 200),
        {},
        [("hopf", 9.7793379953931, 0.014793648), ("hopf", 154.52633366581, -0.0047285027)],
    ),
    "Morris-Lecar, SNIC, 1/15": (
        lambda: N.MorrisLecar.snic().replace(phi=1 / 15),
        "I",
        (-20, 150),
        {},
        [("fold", -9.9490393226231, None), ("fold", 39.963153092745, None), ("hopf", 97.787888964024, None)],
    ),
    "Hodgkin-Huxley, E_L = -54.387": (
        lambda: N.HodgkinHuxley(E_L=-54.387),
        "I",
        (0, 20),
        {},
        [("hopf", 9.7754379953931, None)],
    ),
    "Hodgkin-Huxley, E_L = -54.402": (
        lambda: N.HodgkinHuxley(E_L=-54.402),
        "I",
        (0, 20),
        {},
        [("hopf", 9.7799379953931, None)],
    ),
    "INap+IK, high threshold": (
        N.INapIK.high_threshold,
        "I",
        (-100, 400),
        {},
        [
            ("fold", -85.822842369177, None),
            ("fold", 4.5128676302965, None),
            ("hopf", 200.43949177703, -0.0049072232),
        ],
    ),
    "INap+IK, fast potassium": (
        N.INapIK.fast_potassium,
        "I",
        (-100, 100),
        {},
        [
            ("fold", -85.822842369177, None),
            ("fold", 4.5128676302965, None),
            ("hopf", 43.887755608563, -0.00088083718),
        ],
    ),
    "INap+IK, low threshold": (
        N.INapIK.low_threshold,
        "I",
        (-20, 400),
        {},
        [("hopf", 14.659040024059, -0.0055487525), ("hopf", 353.55020783692, -0.0080333112)],
    ),
    "theta neuron": (N.Theta, "I", (-1, 1), {}, [("fold", 0.0, None)]),
    "Izhikevich, a = 0.02": (N.Izhikevich, "I", (-10, 10), {}, [("hopf", 3.7975, None), ("fold", 4.0, None)]),
    "Izhikevich, a = 0.1": (
        N.Izhikevich.fast_spiking,
        "I",
        (-10, 10),
        {},
        [("hopf", 3.9375, None), ("fold", 4.0, None)],
    ),
    "AdEx": (
        lambda: N.AdEx(),
        "I",
        (0, 1000),
        {},
        [("hopf", 627.1824645086, None), ("fold", 627.31109372087, None)],
    ),
    "Hindmarsh-Rose": (
        N.HindmarshRose,
        "I",
        (0, 30),
        {},
        [
            ("hopf", 1.3586705918119, 0.013876737),
            ("hopf", 5.3935293570302, -102.46329),
            ("hopf", 6.1793444049016, 1.425924),
            ("hopf", 25.265120823872, -0.010537408),
        ],
    ),
    "Hindmarsh-Rose, fast": (
        N.HindmarshRose,
        "z",  # J = I - z with I = 0
        (-13, 3),
        {"hold": ["z"]},
        [
            ("hopf", -11.593140453779, -0.0055028643),
            ("fold", -5 / 27, None),
            ("hopf", 0.92647378711257, -3.466942),
            ("fold", 1.0, None),
        ],
    ),
    "square-wave burster, fast": (
        lambda: systems.SquareWave(g_K=9.0, tau=0.152),
        "q",
        (-0.2, 0.5),
        {"I": 5.0},
        [("hopf", -0.1139862954591, None), ("fold", 0.00350157835214, None), ("fold", 0.3560025503077, None)],
    ),
    "Butera, fast": (N.Butera, "h", (0.3, 0.6), {"hold": ["h"]}, [("fold", 0.4683264473668, None)]),
    "Wilson-Cowan": (
        R.WilsonCowan,
        "P",
        (0, 2.5),
        {},
        [("fold", 0.90868342730182, None), ("fold", 1.0873304561723, None), ("hopf", 1.8793131980842, -10.120104)],
    ),
    "Wilson-Cowan, bistable": (
        R.WilsonCowan.bistable,
        "P",
        (-1, 1),
        {},
        [("fold", -0.3996101141535, None), ("fold", 0.30475286404117, None)],
    ),
    "Wong-Wang": (
        R.WongWang,
        "mu",
        (-20, 100),
        {},
        [
            ("fold", -7.731826998201, None),
            ("fold", -7.731826998201, None),
            ("branch_point", 10.676805764678, None),
            ("branch_point", 43.018186777017, None),
            ("fold", 65.681986065195, None),
            ("fold", 65.681986065195, None),
        ],
    ),
    "Jansen-Rit": (
        R.JansenRit,
        "p",
        (-100, 400),
        {},
        [
            ("fold", -41.301410487829, None),
            ("hopf", -12.147492348419, None),
            ("hopf", 89.829107969643, None),
            ("fold", 113.5862732128, None),
            ("hopf", 315.69642806882, None),
        ],
    ),
    "Montbrio-Pazo-Roxin": (
        R.QIFMeanField,
        "eta",
        (-10, 0),
        {},
        [("fold", -5.7435271616578, None), ("fold", -3.1361340861957, None)],
    ),
    "Lorenz": (
        systems.Lorenz,
        "r",
        (0, 30),
        {},
        [("branch_point", 1.0, None), ("hopf", 470 / 19, None), ("hopf", 470 / 19, None)],
    ),
    "saddle-node": (systems.SaddleNode, "mu", (-1, 1), {}, [("fold", 0.0, 1.0)]),
    "transcritical": (systems.Transcritical, "mu", (-1, 1), {}, [("branch_point", 0.0, -1.0)]),
    "pitchfork": (systems.Pitchfork, "mu", (-1, 1), {}, [("branch_point", 0.0, -1.0)]),
    "pitchfork, subcritical": (lambda: systems.Pitchfork(sign=1.0), "mu", (-1, 1), {}, [("branch_point", 0.0, 1.0)]),
    "mean field": (systems.MeanField, "beta", (0, 3), {}, [("branch_point", 1.0, None)]),
    "Hopf normal form": (systems.HopfNormalForm, "mu", (-1, 1), {}, [("hopf", 0.0, -1.0)]),
    "rank-one network": (systems.RankOne, "c", (0, 3), {}, [("branch_point", 1.0, None)]),
    "isola": (systems.Isola, "mu", (-2, 2), {}, [("fold", -np.sqrt(0.5), None), ("fold", np.sqrt(0.5), None)]),
}


# by the rank of a special point in the table above: its states and its frequency
STATES = {
    "FitzHugh-Nagumo": {
        0: dict(V=-0.9674709298, frequency=0.275506805724),
        1: dict(V=0.9674709298, frequency=0.275506805724),
    },
    "FitzHugh-Nagumo, bistable": {
        0: dict(V=0.6123724357),
        2: dict(V=-0.9338094023, frequency=0.25222212433),
        3: dict(V=-0.6123724357),
    },
    "Morris-Lecar, homoclinic": {1: dict(V=4.410755717)},
    "Hodgkin-Huxley": {1: dict(V=-43.05809201, frequency=1.06292180676)},
    "INap+IK, high threshold": {1: dict(V=-60.93251761), 2: dict(V=-19.66521814, frequency=5.07851106931)},
    "INap+IK, low threshold": {0: dict(V=-56.48148543, frequency=2.1374771737)},
    "Izhikevich, a = 0.02": {0: dict(V=-62.25), 1: dict(V=-60.0)},
    "Izhikevich, a = 0.1": {0: dict(V=-61.25)},
    "AdEx": {0: dict(V=-50.273963462), 1: dict(V=-50.149673714)},
    "Hindmarsh-Rose": {0: dict(frequency=0.04090596516)},
    "Hindmarsh-Rose, fast": {0: dict(x=1.816496581), 1: dict(x=-4 / 3), 2: dict(x=0.1835034191), 3: dict(x=0.0)},
    "square-wave burster, fast": {1: dict(V=-60.8998913)},
    "Butera, fast": {0: dict(V=-50.0207445)},
    "Wilson-Cowan": {2: dict(E=0.2493382531, I=0.1982203366, frequency=0.26643132274)},  # tau = 10 ms
    "Wong-Wang": {2: dict(S1=0.14401054211676), 3: dict(S1=0.53090135048267)},
    "Montbrio-Pazo-Roxin": {0: dict(r=0.075391972723879), 1: dict(r=0.016256979681321)},  # tau = 10 ms
    "Lorenz": {1: dict(frequency=9.6245300637)},
}


@pytest.mark.parametrize("name", TABLE)
def test_special_points(name):
    make, param, span, given, expected = TABLE[name]
    found = bn.bifurcation(make(), param, span, cycles=False, **given)
    order = np.argsort(found.special_value.values, kind="stable")
    kinds, values = found.special_kind.values[order], found.special_value.values[order]
    coefficients = found.special_coefficient.values[order]
    assert list(kinds) == [kind for kind, *_ in expected]
    np.testing.assert_allclose(values, [value for _, value, _ in expected], rtol=1e-9, atol=1e-9)
    for coefficient, (_, _, known) in zip(coefficients, expected, strict=True):
        assert np.isfinite(coefficient)
        if known is not None:
            np.testing.assert_allclose(coefficient, known, rtol=1e-6)
    assert (found.special_residual.values < 1e-10).all()
    assert found.attrs["status"] == "finished"
    for rank, states in STATES.get(name, {}).items():
        for state, value in states.items():
            there = found[f"special_{state}"].values[order][rank]
            np.testing.assert_allclose(there, value, rtol=1e-8, atol=1e-8, err_msg=state)


def test_states_and_frequencies_at_special_points():
    snic = bn.bifurcation(N.MorrisLecar.snic(), "I", (-20, 150), cycles=False)
    by_kind = snic.special_V.values[np.argsort(snic.special_value.values)]
    np.testing.assert_allclose(by_kind, [-4.048517788, -29.38977741, 8.334122715], rtol=1e-8)
    np.testing.assert_allclose(snic.special_frequency.max(), 0.252748080634, rtol=1e-10)
    column = bn.bifurcation(R.JansenRit(), "p", (-100, 400), cycles=False)
    order = np.argsort(column.special_value.values)
    np.testing.assert_allclose(
        1e3 * column.special_frequency.values[order][[1, 2, 4]], [45.4870070795, 65.2009819663, 70.142784204], rtol=1e-9
    )
    assert list(column.special_note.values[order][[1, 2, 4]]) == ["subcritical", "supercritical", "supercritical"]
    np.testing.assert_allclose(column.special_y0.values[order][3], 0.02087023271, rtol=1e-8)


@pytest.mark.parametrize(
    ("model", "solved"),
    [
        (systems.SaddleNode(), lambda mu, x: mu + x**2),
        (systems.Transcritical(), lambda mu, x: x * (x - mu)),
        (systems.Pitchfork(), lambda mu, x: x * (x**2 - mu)),
    ],
)
def test_branches_of_normal_forms(model, solved):
    """x = +-sqrt(-mu); 0 and mu; 0 and +-sqrt(mu): all of them, and stable where the slope is negative."""
    found = bn.bifurcation(model, "mu", (-1, 1), cycles=False)
    on = np.isfinite(found.mu.values)
    mu, x = found.mu.values[on], found.x.values[on]
    np.testing.assert_allclose(solved(mu, x), 0, atol=1e-9)
    at_ends = {(round(a), round(b)) for a, b in zip(mu, x, strict=True) if abs(a) == 1}
    assert at_ends == {(a, b) for a in (-1, 1) for b in (-1, 0, 1) if solved(a, b) == 0}
    clear = np.abs(mu) > 1e-3
    slope = [
        float(model.vector_field(0.0, bn.Record(x=b + 1e-6), bn.Record(mu=a))["x"]) for a, b in zip(mu, x, strict=True)
    ]
    np.testing.assert_array_equal(found.stable.values[on][clear], np.array(slope)[clear] < 0)


def test_the_logistic_map_doubles_its_period():
    """... at 3, 1 + sqrt 6 and 3.54409035955192, ever sooner, by Feigenbaum's ratio: at 3.5699456719 for the last time."""
    found = bn.bifurcation(systems.Cascade(), "r", (2.9, 3.5696), cycles=False)
    assert set(found.special_kind.values) == {"branch_point"}
    values = np.sort(found.special_value.values)
    first = values[np.append(True, np.diff(values) > 1e-6)]  # each arm of a cycle has its own
    np.testing.assert_allclose(first[:3], [3.0, 1 + np.sqrt(6), 3.54409035955192], rtol=1e-9)
    before, after = np.diff(first)[-2:]
    assert before / after == pytest.approx(4.669201609, rel=3e-3)
    last = first[-1] + after**2 / (before - after)  # as if the ratio stayed
    assert last == pytest.approx(3.5699456719, abs=5e-7)


def test_the_hopf_point_of_a_low_threshold_is_not_that_of_the_book():
    """Izhikevich 2007 says 48.75 with these parameters; Newton's method with 50 digits says 48.9016."""
    cell = N.INapIK(g_L=1.0, g_Na=4.0, g_K=4.0, E_L=-78.0, V_m=-30.0, k_m=7.0, V_n=-45.0, tau=1.0)
    found = bn.bifurcation(cell, "I", (0, 100), cycles=False)
    sub = found.special_value.values[(found.special_kind == "hopf") & (found.special_coefficient > 0)]
    np.testing.assert_allclose(sub, [48.9016], atol=5e-5)


def test_resting_points_on_the_way():
    """Crossings of the branches with one value of the parameter are the resting points there."""
    found = bn.bifurcation(R.WongWang(), "mu", (-20, 30), cycles=False)
    ends = found.mu.values == 30.0
    corners = np.stack([found.S1.values[ends], found.S2.values[ends]], axis=1)
    known = [(0.0518071991493, 0.658694233523), (0.424455591643, 0.424455591643), (0.658694233523, 0.0518071991493)]
    np.testing.assert_allclose(corners[np.argsort(corners[:, 0])], known, rtol=1e-9)


# model, parameter, range, second parameter, kind, (value, value2)
PLANE = {
    "FitzHugh-Nagumo (I, b)": (
        N.FitzHughNagumo,
        "I",
        (-1, 3),
        "b",
        {"cusp": [(0.7, 1.0)], "bogdanov_takens": [(0.602873665635, 3.53553390593)]},
    ),
    "FitzHugh-Nagumo (I, tau)": (N.FitzHughNagumo, "I", (-1, 3), "tau", {"bautin": [(17 / 24, 16 / 15)]}),
    "Montbrio-Pazo-Roxin": (R.QIFMeanField, "eta", (-10, 0), "J", {"cusp": [(-np.sqrt(3), 7.796217036667)]}),
    "Jansen-Rit": (R.JansenRit, "p", (-100, 400), "C", {"bogdanov_takens": [(15.9370869559, 110.344436653)]}),
    "two rotors": (systems.Pairs, "first", (-1, 1), "second", {"double_hopf": [(0.0, 0.0)]}),
    "fold beside a rotor": (systems.ZeroHopf, "p", (-1, 1), "q", {"zero_hopf": [(0.0, 0.0)]}),
}


@pytest.mark.parametrize("name", PLANE)
def test_points_of_codimension_two(name):
    make, param, span, param2, expected = PLANE[name]
    found = bn.bifurcation(make(), param, span, param2=param2, cycles=False)
    for kind, points in expected.items():
        here = found.special_kind.values == kind
        values = np.stack([found.special_value.values[here], found.special_value2.values[here]], axis=1)
        for point in points:
            nearest = np.abs(values - point).max(axis=1).min()
            assert nearest < 1e-8 * max(1.0, np.abs(point).max()), f"{kind}: {values} has no {point}"
    assert (found.special_residual.values < 1e-10).all()
    if name == "Montbrio-Pazo-Roxin":  # tau = 10 ms
        rate = found.special_r.values[found.special_kind.values == "cusp"].max()  # it has a mirror image below zero
        np.testing.assert_allclose(rate, 0.029622072678287, rtol=1e-6)


def test_the_cusp_of_many_neurons_scales_with_their_spread():
    """eta scales with Delta, J and r with its root."""
    found = bn.bifurcation(R.QIFMeanField(Delta=0.25), "eta", (-2.5, 0), param2="J", cycles=False)
    (cusp,) = np.flatnonzero((found.special_kind.values == "cusp") & (found.special_r.values > 0))
    here = [found[name].values[cusp] for name in ("special_value", "special_value2", "special_r")]
    np.testing.assert_allclose(here, [-np.sqrt(3) / 4, 7.796217036667 / 2, 0.029622072678287 / 2], rtol=1e-6)


def test_a_hopf_curve_ends_where_its_frequency_does():
    found = bn.bifurcation(N.FitzHughNagumo(), "I", (-1, 3), param2="b", cycles=False)
    kinds = found.branch_kind.values
    assert set(kinds) == {"equilibrium", "fold_curve", "hopf_curve"}
    ends = {*found.branch_end.values[kinds == "hopf_curve"], *found.branch_begin.values[kinds == "hopf_curve"]}
    assert ends == {"bogdanov_takens", "range"}
    # along the fold curve I - 2a/b... the folds of w = (v + a)/b: v^2 = 1 - 1/b
    fold = found.sel(branch=kinds == "fold_curve")
    v, b, I = fold.V.values, fold.b.values, fold.I.values
    good = np.isfinite(v)
    np.testing.assert_allclose(v[good] ** 2, 1 - 1 / b[good], atol=1e-9)
    np.testing.assert_allclose(I[good], (-v + v**3 / 3 + (v + 0.7) / b)[good], atol=1e-9)
