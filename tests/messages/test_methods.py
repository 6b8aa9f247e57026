"""Mistakes with methods: names from elsewhere, solvers of diffrax that do not fit, tableaus of one's own."""

import pytest

import brainnb as bn

D = "import diffrax\nfrom brainnb.integrators.adaptive import Adaptive\n"
RK = "class Mine(bn.integrators.ExplicitRungeKutta):\n    name = 'mine'\n"

DIFFRAX = {
    "a tolerance of zero": ("Adaptive(diffrax.Tsit5(), rtol=0)", ["Adaptive(rtol=0)", "positive", "rtol=1e-6"]),
    "a negative tolerance": ("Adaptive(diffrax.Tsit5(), atol=-1e-6)", ["Adaptive(atol=-1e-06)", "positive"]),
    "an endless tolerance": ("Adaptive(diffrax.Tsit5(), atol=np.inf)", ["Adaptive(atol=inf)", "positive"]),
    "no steps allowed": ("Adaptive(diffrax.Tsit5(), max_steps=0)", ["max_steps=0", "at least 1"]),
    "the class of a solver": ("Adaptive(diffrax.Tsit5)", ["the class Tsit5", "Adaptive(diffrax.Tsit5())"]),
    "the name of a solver": ("Adaptive('Tsit5')", ["'Tsit5'", "a built solver of diffrax"]),
    "a solver with fixed steps": (
        "bn.simulate(fhn, T=1, method=diffrax.Euler())",
        ["diffrax.Euler has no estimate of its error", "diffrax.Tsit5()", "'rk4'"],
    ),
    "a solver for noise": (
        "bn.simulate(fhn, T=1, method=diffrax.ItoMilstein())",
        ["diffrax.ItoMilstein has no estimate", "'milstein' for noise"],
    ),
    "a solver for mechanics": (
        "bn.simulate(fhn, T=1, method=diffrax.SemiImplicitEuler())",
        ["diffrax.SemiImplicitEuler has no estimate", "diffrax.Tsit5()"],
    ),
    "a solver for equations in two parts": (
        "bn.simulate(fhn, T=1, method=diffrax.KenCarp4())",
        ["diffrax.KenCarp4 wants the equations in two parts", "diffrax.Kvaerno5()", "ARS222(stiff=['V'])"],
    ),
    "a controller": (
        "bn.simulate(fhn, T=1, method=diffrax.PIDController(rtol=1e-3, atol=1e-3))",
        ["a PIDController is no integrator", "diffrax.Tsit5()"],
    ),
}

ELSEWHERE = {
    "of SciPy": ("'RK45'", ["`RK45`", "method='rkdp' is the nearest"]),
    "of SciPy, stiff": ("'LSODA'", ["`LSODA`", "method=diffrax.Kvaerno5()"]),
    "of MATLAB": ("'ode15s'", ["`ode15s`", "method=diffrax.Kvaerno5()"]),
    "of MATLAB, not stiff": ("'ode45'", ["`ode45`", "method='rkdp'"]),
    "of diffrax": ("'Dopri8'", ["`Dopri8`", "method=diffrax.Dopri8()"]),
    "in words": ("'backward Euler'", ["`backward Euler`", "method='imex_euler'"]),
    "with a parameter in it": ("'rk2(beta=0.5)'", ["`rk2(beta=0.5)`", "Did you mean `rk2`"]),
    "a function": ("len", ["is no integrator", "'rk4' or 'strang'"]),
    "several": ("['rk4', 'euler']", ["method=['rk4', 'euler'] is no integrator", "'rk4'"]),
    "an answer": ("True", ["method=True is no integrator", "'rk4'"]),
}

TABLEAUS = {
    "no weights": (RK + "    order, a = 2, ((0.5,),)\nMine()", ["Mine must give its tableau", "order, a and b"]),
    "no order": (RK + "    a, b = ((0.5,),), (0.0, 1.0)\nMine()", ["Mine must give", "what it claims: order"]),
    "weights that do not add up": (
        RK + "    order, a, b = 2, ((0.5,),), (0.0, 0.9)",
        ["the weights b add up to 0.9", "1 was expected"],
    ),
    "a row for the first stage": (
        RK + "    order, a, b = 2, ((), (0.5,)), (0.0, 1.0)",
        ["b has 2 weights, so a needs 1 rows", "it has 2"],
    ),
    "a stage that sees itself": (
        RK + "    order, a, b = 2, ((0.5, 0.5),), (0.0, 1.0)",
        ["row 1 of a has 2 coefficients", "sees the 1 before it"],
    ),
    "rows of noise that are missing": (
        "class Mine(bn.integrators.SRK1W1):\n    b0 = ((), (1.5,))",
        ["Mine: row i of b0 has i coefficients", "from 0 to 3"],
    ),
    "weights of noise that are missing": (
        "class Mine(bn.integrators.SRK1W1):\n    beta = ((1.0,),)",
        ["Mine: beta has 4 rows of 4 weights"],
    ),
    "no step": (
        "class Mine(bn.integrators.Integrator):\n    order = 1\nbn.simulate(fhn, T=1, method=Mine())",
        ["The method Mine must define step(self, field, t, s, dt)"],
    ),
}


@pytest.mark.parametrize(("typed", "words"), DIFFRAX.values(), ids=DIFFRAX)
def test_a_solver_that_does_not_fit_is_answered(answers, typed, words):
    answers(D + typed, ValueError, words)


@pytest.mark.parametrize(("name", "words"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_method_known_from_elsewhere_is_answered_with_the_nearest(answers, name, words):
    answers(f"bn.simulate(fhn, T=1, method={name})", ValueError, words)


@pytest.mark.parametrize("name", sorted(bn.integrators.INSTEAD))
def test_what_is_told_to_type_instead_works(name):
    """Every advice is a method."""
    import diffrax

    assert bn.integrators.get(eval(bn.integrators.INSTEAD[name], {"diffrax": diffrax})).name
    with pytest.raises(ValueError, match="is the nearest"):
        bn.integrators.get(name)


@pytest.mark.parametrize(("typed", "words"), TABLEAUS.values(), ids=TABLEAUS)
def test_a_mistake_in_a_method_of_ones_own_is_answered(answers, typed, words):
    answers(typed, bn.ModelError, words)


@pytest.mark.parametrize("typed", ["tol=1e-3", "rtol=1e-3, method='rkdp'", "integral='ito', method='milstein'"])
def test_what_belongs_to_the_method_is_sent_there(answers, typed):
    words = ["belongs to the method", "DormandPrince(rtol=1e-8", "Milstein(integral='stratonovich')"]
    answers(f"bn.simulate(fhn, T=1, {typed})", bn.UnknownName, words)


def test_a_refused_solver_costs_nothing_that_was_there():
    """The run before it goes on, when the mistake is put right."""
    import diffrax

    ds = bn.simulate(bn.neurons.FitzHughNagumo(), T=1)
    with pytest.raises(ValueError, match="two parts"):
        bn.simulate(bn.neurons.FitzHughNagumo(), T=1, init=ds, method=diffrax.KenCarp4())
    assert bn.simulate(bn.neurons.FitzHughNagumo(), T=1, init=ds).time.values[-1] == 2.0
