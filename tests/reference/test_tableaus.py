"""The coefficients of every Runge–Kutta method satisfy the order conditions, exactly where rooted trees count them.

The conditions for all 17 rooted trees up to order 5: Hairer, Nørsett & Wanner 1993, table II.2.1.
"""

import numpy as np
import pytest

import brainnb as bn
from brainnb.integrators import EMBEDDED, EXPLICIT

TREES = {
    1: {"1": 1},
    2: {"c": 1 / 2},
    3: {"c*c": 1 / 3, "A@c": 1 / 6},
    4: {"c**3": 1 / 4, "c*(A@c)": 1 / 8, "A@c**2": 1 / 12, "A@A@c": 1 / 24},
    5: {
        "c**4": 1 / 5,
        "c**2*(A@c)": 1 / 10,
        "(A@c)**2": 1 / 20,
        "c*(A@c**2)": 1 / 15,
        "c*(A@A@c)": 1 / 30,
        "A@c**3": 1 / 20,
        "A@(c*(A@c))": 1 / 40,
        "A@A@c**2": 1 / 60,
        "A@A@A@c": 1 / 120,
    },
}
ALL = (*EXPLICIT, *EMBEDDED)


def square(method):
    """The whole tableau as a matrix."""
    A = np.zeros((len(method.b),) * 2)
    for i, row in enumerate(method.a):
        A[i + 1, : len(row)] = row
    return A


def elementary(A):
    """The weights of every rooted tree, by its name in ``TREES``."""
    c = A.sum(axis=1)
    Ac, AAc = A @ c, A @ A @ c
    return {
        "1": np.ones_like(c), "c": c, "c*c": c**2, "A@c": Ac,
        "c**3": c**3, "c*(A@c)": c * Ac, "A@c**2": A @ c**2, "A@A@c": AAc,
        "c**4": c**4, "c**2*(A@c)": c**2 * Ac, "(A@c)**2": Ac**2, "c*(A@c**2)": c * (A @ c**2), "c*(A@A@c)": c * AAc,
        "A@c**3": A @ c**3, "A@(c*(A@c))": A @ (c * Ac), "A@A@c**2": A @ A @ c**2, "A@A@A@c": A @ AAc,
    }  # fmt: skip


def order_of(A, b):
    """The highest order of which all conditions hold."""
    weights = elementary(A)
    order = 0
    for p, trees in TREES.items():
        if any(abs(np.dot(b, weights[name]) - wanted) > 1e-13 for name, wanted in trees.items()):
            break
        order = p
    return order


@pytest.mark.parametrize("method", ALL, ids=lambda m: m.name)
def test_the_coefficients_have_exactly_the_claimed_order(method):
    assert order_of(square(method()), method().b) == method.order


@pytest.mark.parametrize("method", EMBEDDED, ids=lambda m: m.name)
def test_the_less_accurate_result_has_exactly_its_order(method):
    assert order_of(square(method), method.b_low) == method.embedded_order == method.order - 1


@pytest.mark.parametrize("method", ALL, ids=lambda m: m.name)
def test_the_tableau_is_whole(method):
    found = method()
    assert [len(row) for row in found.a] == list(range(1, len(found.b)))
    assert sum(found.b) == pytest.approx(1, abs=1e-14)


NODES = {
    "rk4": (0, 1 / 2, 1 / 2, 1),
    "rk4_38rule": (0, 1 / 3, 2 / 3, 1),
    "ralston4": (0, 2 / 5, 7 / 8 - 3 * 5**0.5 / 16, 1),
    "ralston3": (0, 1 / 2, 3 / 4),
    "ssprk3": (0, 1, 1 / 2),
    "bs": (0, 1 / 2, 3 / 4, 1),
    "rkf12": (0, 1 / 2, 1),
    "rkf45": (0, 1 / 4, 3 / 8, 12 / 13, 1, 1 / 2),
    "ck": (0, 1 / 5, 3 / 10, 3 / 5, 1, 7 / 8),
    "rkdp": (0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1),
    "tsit5": (0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1),
}


@pytest.mark.parametrize("name", NODES)
def test_the_rows_sum_to_the_published_nodes(name):
    """The nodes are the sums of the rows in this library, so a slip in a row would move its time."""
    np.testing.assert_allclose(square(bn.integrators.METHODS[name]).sum(axis=1), NODES[name], atol=1e-14)


@pytest.mark.parametrize(("beta", "same"), [(1 / 2, "midpoint"), (2 / 3, "ralston2"), (1.0, "heun")])
def test_rk2_holds_the_methods_of_order_two(beta, same):
    method, known = bn.integrators.RK2(beta=beta), bn.integrators.METHODS[same]
    np.testing.assert_allclose(square(method), square(known), atol=1e-15)
    np.testing.assert_allclose(method.b, known.b, atol=1e-15)


@pytest.mark.parametrize("beta", [0.25, 0.5, 0.9, 1.0])
def test_rk2_is_of_order_two_for_every_beta(beta):
    method = bn.integrators.RK2(beta=beta)
    assert order_of(square(method), method.b) == 2
