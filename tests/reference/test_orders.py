"""Every registered method has the order that it claims, and the page of the methods says what is measured."""

import re

import numpy as np
import pytest
from orders import deterministic, stochastic, tolerance

import brainnb as bn

METHODS = bn.integrators.METHODS

SAME_NAME = {
    "explicit": "euler midpoint heun2 ralston2 rk2 rk3 heun3 ralston3 ssprk3 rk4 ralston4 rk4_38rule",
    "adaptive": "rkf12 rkf45 rkdp ck bs BoSh3 heun_euler",
    "exponential": "exponential_euler exp_euler exp_euler_auto exp_auto",
    "implicit-explicit": "imex_euler imex_ars222 imex_cnab",
    "stochastic": "euler milstein milstein2 milstein_grad_free exp_euler srk1w1 srk2w1 klpl",
    "newer": "bs32 ssprk33 rk4_38 dopri5 expeuler tamed_euler",
}
"""Names under which BrainPy and braintools register methods and which mean the same here."""

OTHER_NAME = {
    "euler, Stratonovich": "euler_heun",
    "heun, Stratonovich": "stochastic_heun",
    "milstein, Stratonovich": "milstein",
    "milstein2, Stratonovich": "milstein_grad_free",
    "ode_rk23": "bs",
    "ode_rk45": "rkf45",
    "ode_rk45_dopri": "rkdp",
    "sde_heun": "stochastic_heun",
    "sde_expeuler": "exponential_euler",
    "sde_implicit_euler": "imex_euler",
    "sde_srk2": "stochastic_heun",
    "sde_srk3": "srk2w1",
    "sde_srk4": "srk2w1",
}
"""Those that have another name here, or whose place another method takes."""

BY_DIFFRAX = {"ode_dopri8": "diffrax.Dopri8", "ode_rk87_dopri": "diffrax.Dopri8"}


@pytest.mark.parametrize("name", METHODS)
def test_the_order_is_the_claimed_one(name):
    claimed, orders, _ = deterministic.measured(name)
    assert orders == pytest.approx(dict.fromkeys(("scalar", "vector", "coupled"), claimed), abs=0.15)


@pytest.mark.parametrize("name", METHODS)
def test_the_page_says_what_is_measured(name, rows):
    """Write it anew with `python docs/_ext/methods.py`."""
    claimed, orders, error = deterministic.measured(name)
    cells = rows("Without noise", 1)[name,]
    assert int(cells[2]) == claimed
    assert [float(c) for c in cells[3:6]] == pytest.approx(list(orders.values()), abs=0.1)
    assert float(cells[6]) == pytest.approx(error, rel=0.1)
    assert set(re.findall(r"`(\w+)`", cells[1])) == {a for a, of in bn.integrators.ALIASES.items() if of == name}
    assert cells[7].endswith(f".{METHODS[name].__name__}`")


@pytest.mark.parametrize("name", tolerance.methods())
def test_the_page_says_what_a_tolerance_gives(name, rows):
    """A tolerance is for one step of many; between two points of the output a good method needs but one."""
    cells = rows("By tolerance", 1)[name,]
    found = tolerance.measured(name)
    assert [float(cell) for cell in cells[2:]] == pytest.approx(list(found.values()), rel=0.1)
    assert found[1e-8] < found[1e-4] / 50
    assert all(error < 300 * asked for asked, error in found.items())


def number(cell):
    return None if cell == "–" else float(cell)


@pytest.mark.parametrize("label", stochastic.methods())
@pytest.mark.parametrize("kind", ["strong", "weak"])
def test_the_page_says_what_is_measured_with_noise(label, kind, rows):
    method, found = stochastic.methods()[label], stochastic.measured(label)
    sense = bn.integrators.base.INTEGRAL_WORDS[method.integral]
    cells = rows(f"{kind.capitalize()} orders", 2)[method.name, sense]
    assert float(cells[2]) == getattr(method, f"{kind}_order")
    for cell, order in zip(cells[3:-1], getattr(found, kind).values(), strict=True):
        assert number(cell) == (order if order is None else pytest.approx(order, abs=0.1))
    assert float(cells[-1]) == pytest.approx(getattr(found, f"{kind}_error"), rel=0.1)


def test_the_page_lists_every_method_once_and_no_other(rows):
    assert [name for (name,) in rows("Without noise", 1)] == list(METHODS)
    senses = [(m.name, bn.integrators.base.INTEGRAL_WORDS[m.integral]) for m in stochastic.methods().values()]
    assert list(rows("Strong orders", 2)) == list(rows("Weak orders", 2)) == senses


@pytest.mark.parametrize("name", [name for family in SAME_NAME.values() for name in family.split()])
def test_every_name_of_brainpy_is_a_method(name, rows):
    method = bn.integrators.get(name)
    assert (method.name,) in rows("Without noise", 1)
    assert name.lower() in (method.name, *bn.integrators.ALIASES)


@pytest.mark.parametrize("name", BY_DIFFRAX)
def test_what_diffrax_has_is_on_the_page(name, rows):
    assert (BY_DIFFRAX[name],) in rows("By tolerance", 1)


@pytest.mark.parametrize("name", OTHER_NAME)
def test_what_has_another_name_is_on_the_page(name, rows):
    sense = "Stratonovich" if name.endswith("Stratonovich") or OTHER_NAME[name].endswith("heun") else "Itô"
    table = "Strong orders" if not name.startswith("ode") else "Without noise"
    key = (OTHER_NAME[name], sense) if table == "Strong orders" else (OTHER_NAME[name],)
    assert key in rows(table, len(key))


def test_a_small_leading_term_is_found_behind_large_ones():
    """Where the slope of the error itself tells of the terms that follow; without it, or with one before it, it shows."""
    h = 1 / np.array(deterministic.STEPS)
    series = h**5 + 60 * h**6 + 900 * h**7 + 1000 * h**8
    assert np.polyfit(np.log(h), np.log(series), 1)[0] > 5.5
    assert deterministic.leading(series, 5) == pytest.approx(5, abs=0.1)
    assert deterministic.leading(series - h**5, 5) > 7
    assert deterministic.leading(series + 0.01 * h**4, 5) < 4.5


def test_a_wrong_tableau_would_be_found():
    """The fourth coefficient of a published implementation was once typed 4/0 for 4/9; a digit less is enough."""

    class Mistyped(bn.integrators.Ralston3):
        b = (2 / 9, 1 / 3 + 0.01, 4 / 9 - 0.01)

    assert deterministic.order(Mistyped, "coupled") < 2.5
