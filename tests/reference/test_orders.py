"""Every registered method has the order that it claims, and the page of the methods says what is measured."""

import importlib.util
import re
from pathlib import Path

import pytest

import brainnb as bn

ROOT = Path(__file__).parents[2]
METHODS = bn.integrators.METHODS

BRAINPY = {
    "explicit": "euler midpoint heun2 ralston2 rk2 rk3 heun3 ralston3 ssprk3 rk4 ralston4 rk4_38rule",
    "adaptive": "rkf12 rkf45 rkdp ck bs BoSh3 heun_euler",
    "exponential": "exponential_euler exp_euler exp_euler_auto exp_auto",
    "implicit-explicit": "imex_euler imex_ars222 imex_cnab",
}
"""The names under which BrainPy and braintools register methods for ordinary differential equations."""


def _table():
    spec = importlib.util.spec_from_file_location("methods", ROOT / "docs" / "_ext" / "methods.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE = _table()
ROWS = {
    cells[0].strip("`"): cells
    for line in TABLE.PAGE.read_text(encoding="utf8").splitlines()
    if line.startswith("| `")
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}


@pytest.mark.parametrize("name", METHODS)
def test_the_order_is_the_claimed_one(name):
    claimed, orders, _ = TABLE.measured(name)
    assert orders == pytest.approx(dict.fromkeys(("scalar", "vector", "coupled"), claimed), abs=0.15)


@pytest.mark.parametrize("name", METHODS)
def test_the_page_says_what_is_measured(name):
    """Write it anew with `python docs/_ext/methods.py`."""
    claimed, orders, error = TABLE.measured(name)
    cells = ROWS[name]
    assert int(cells[2]) == claimed
    assert [float(c) for c in cells[3:6]] == pytest.approx(list(orders.values()), abs=0.1)
    assert float(cells[6]) == pytest.approx(error, rel=0.1)
    assert set(re.findall(r"`(\w+)`", cells[1])) == {a for a, of in bn.integrators.ALIASES.items() if of == name}
    assert cells[7].endswith(f".{METHODS[name].__name__}`")


def test_the_page_lists_every_method_once_and_no_other():
    assert list(ROWS) == list(METHODS)


@pytest.mark.parametrize("name", [name for family in BRAINPY.values() for name in family.split()])
def test_every_name_of_brainpy_is_a_method(name):
    method = bn.integrators.get(name)
    assert method.name in ROWS
    assert name.lower() in (method.name, *bn.integrators.ALIASES)


def test_a_wrong_tableau_would_be_found():
    """The fourth coefficient of a published implementation was once typed 4/0 for 4/9; a digit less is enough."""

    class Mistyped(bn.integrators.Ralston3):
        b = (2 / 9, 1 / 3 + 0.01, 4 / 9 - 0.01)

    assert TABLE.order(Mistyped, "coupled") < 2.5
