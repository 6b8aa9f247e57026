"""The curves between the rows of a line: exact for polynomials, and never across a kink where there is a choice."""

import jax
import numpy as np
import pytest

from brainnb.core import curves

LONGER = [kind for kind, points in curves.POINTS.items() if points > 2]
H = 0.3


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def read(kind, x, f, p, inside=lambda first, last: True, curve=curves.VALUE):
    """A curve at the part ``p`` between the rows 0 and 1 of functions of the time in steps."""
    points = curves.POINTS[kind]
    ends = (x(0.0), x(1.0), f(0.0), f(1.0), H)
    missed = {
        m: (x(m) - curves.VALUE.cubic(m, *ends), H * (f(m) - curves.SLOPE.cubic(m, *ends)))
        for m in {m for others in curves.neighbours(points) for m in others}
    }
    r = curves.mended({m: tuple(map(np.asarray, e)) for m, e in missed.items()}, inside, points)
    return float(curve.cubic(p, *ends) + curve.mending(p, r, H))


def polynomial(degree):
    """One of this degree, and its derivative per ms, of the time in steps."""
    poly = np.polynomial.Polynomial(np.random.default_rng(degree).normal(size=degree + 1))
    return lambda p: poly(H * p), lambda p: poly.deriv()(H * p)


def test_the_shortest_curve_that_costs_no_order_is_taken():
    found = {order: curves.curve_for(order) for order in range(1, 11)}
    assert found == {
        **dict.fromkeys(range(1, 5), "cubic"),
        **dict.fromkeys((5, 6), "quintic"),
        **dict.fromkeys(range(7, 11), "septic"),
    }


@pytest.mark.parametrize("kind", LONGER)
def test_a_polynomial_is_read_exactly_through_any_choice_of_rows(kind):
    points = curves.POINTS[kind]
    x, f = polynomial(2 * points - 1)
    for others in curves.neighbours(points):
        rows = {0, 1, *others}
        assert rows == set(range(min(rows), min(rows) + points))

        def only(first, last, rows=rows):
            return first == min(rows)

        for p in (0.0, 0.2, 0.77, 1.0):
            assert read(kind, x, f, p, only) == pytest.approx(x(p), rel=1e-12)
            assert read(kind, x, f, p, only, curves.SLOPE) == pytest.approx(f(p), rel=1e-11)


@pytest.mark.parametrize("kind", LONGER)
def test_where_no_neighbour_may_be_taken_the_cubic_is_left(kind):
    x, f = polynomial(7)
    cubic = float(curves.VALUE.cubic(0.3, x(0.0), x(1.0), f(0.0), f(1.0), H))
    assert read(kind, x, f, 0.3, lambda first, last: False) == pytest.approx(cubic, rel=1e-12)


@pytest.mark.parametrize("kink", [0.0, 1.0])
@pytest.mark.parametrize(("kind", "jump"), [("quintic", j) for j in range(1, 5)] + [("septic", j) for j in range(1, 7)])
def test_no_curve_is_drawn_across_a_kink(kind, jump, kink):
    """The derivative of order ``jump`` has a step at a row; between the rows 0 and 1 the function is a polynomial."""
    x, f = polynomial(3)
    outside = (lambda p: p < kink) if kink == 0 else (lambda p: p > kink)

    def bent(p):
        return x(p) + np.where(outside(p), (H * (p - kink)) ** jump, 0.0)

    def slope(p):
        return f(p) + np.where(outside(p), jump * (H * (p - kink)) ** (jump - 1), 0.0)

    for p in (0.1, 0.5, 0.9):
        assert read(kind, bent, slope, p) == pytest.approx(x(p), abs=1e-13)
