"""The order of every method on delay equations, against solutions in closed form (Bellen & Zennaro 2003, chs. 1-4).

A run interpolates its past with the order that its method needs: a delay costs no order where the past is smooth, or
where its kinks lie on the grid.  A kink inside a step leaves 2, and so does a delay shorter than a step.
"""

import math
from functools import cache
from itertools import pairwise

import diffrax
import jax.numpy as jnp
import numpy as np
import pytest
from orders import delayed
from scipy.special import lambertw

import brainnb as bn

DTS, errors, order, in_the_middle = delayed.DTS, delayed.errors, delayed.order, delayed.in_the_middle


def orders(model, *rest):
    """The same problem for both steps."""
    return order([model, model], *rest)


def one_of_each_family():
    """Every method; `make test` runs the first of each family and order, as the others look back in the same way."""
    seen = set()
    for name, method in bn.integrators.METHODS.items():
        kind = method.__base__, method.order
        yield pytest.param(name, marks=[pytest.mark.slow] if kind in seen else [])
        seen.add(kind)


@pytest.mark.filterwarnings("ignore:.*own slope")
@pytest.mark.parametrize("name", [*one_of_each_family()])
def test_a_delay_costs_no_order_where_the_past_is_smooth(name, rows):
    """On the grid and between its points; and the page says so, write it anew with `python docs/_ext/methods.py`."""
    claimed, found, off = delayed.measured(name)
    if claimed <= 4:  # beyond, the next order still counts at steps whose error is not yet rounding
        assert [found["scalar"], found["between"]] == pytest.approx([claimed, claimed], abs=0.2)
    assert min(found.values()) > claimed - 0.2, found  # the linear ones may be better
    cells = rows("With delays", 1)[name,]
    assert [float(c) for c in cells[1:6]] == pytest.approx([claimed, *found.values()], abs=0.1)
    assert float(cells[6]) == pytest.approx(off, rel=0.1)


HIGH = [name for name, method in bn.integrators.METHODS.items() if method.order > 4]


class Butcher6(bn.integrators.ExplicitRungeKutta):
    """Seven stages, order 6 (Butcher 1964, doi:10.1017/S1446788700023387)."""

    name, order = "butcher6", 6
    a = (
        (1 / 3,),
        (0.0, 2 / 3),
        (1 / 12, 1 / 3, -1 / 12),
        (-1 / 16, 9 / 8, -3 / 16, -3 / 8),
        (0.0, 9 / 8, -3 / 8, -3 / 4, 1 / 2),
        (9 / 44, -9 / 11, 63 / 44, 18 / 11, 0.0, -16 / 11),
    )
    b = (11 / 120, 0.0, 27 / 40, 27 / 40, -4 / 15, -4 / 15, 11 / 120)


def test_a_method_of_ones_own_keeps_its_order():
    claimed, found, _ = delayed.of_method(Butcher6())
    assert claimed == 6
    assert min(found.values()) > 5.8, found


def exactly(solver):
    """A solver so tight that only the curve between the points of the grid errs."""
    return bn.integrators.adaptive.Adaptive(solver, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(
    ("solver", "curve"), [(diffrax.Bosh3(), 4), (diffrax.Tsit5(), 6), (diffrax.Dopri8(), 8)], ids=["3", "5", "8"]
)
def test_the_curve_has_the_order_of_the_method_or_more(solver, curve):
    model = delayed.Retarded()
    coarse, fine = (errors(model, delayed.SMOOTH, exactly(solver), dt, 2.4, delayed.SMOOTH)["y"] for dt in (0.24, 0.16))
    assert math.log(coarse / fine) / math.log(1.5) == pytest.approx(curve, abs=0.5)


def test_a_model_that_asks_for_a_cubic_gets_one():
    class Cubic(SmoothNeutral):
        """With values, no slopes: x' = cos t + (x(t - tau) - sin(t - tau)) / 2."""

        x_ago = bn.history("x", "tau", read="cubic")

        def vector_field(self, t, s, u):
            return dict(x=jnp.cos(t) + 0.5 * (s.x_ago(self.tau) - jnp.sin(t - self.tau)))

    found = order(in_the_middle(Cubic), {"x": jnp.sin}, basic("rkdp"), DTS, 2.4, {"x": jnp.sin})
    assert found["x"] == pytest.approx(4, abs=0.2)


# --- kinks ---------------------------------------------------------------------------------------------------------

BASIC = {"euler": 1, "heun": 2, "rk3": 3, "rk4": 4, "rkdp": 5}


def basic(name):
    """One of them, at fixed steps."""
    return delayed.fixed(bn.integrators.METHODS[name])


class Feedback(bn.Model):
    """x' = -x(t - tau): from a constant past, one more polynomial with every delay."""

    tau: bn.Param = bn.param(1.0, "ms", "delay", bounds=(0, 2))
    x = bn.state(1.0)
    x_ago = bn.history("x", "tau")

    def vector_field(self, t, s, u):
        return dict(x=-s.x_ago(self.tau))


def by_steps(t):
    """Its solution for x = 1 before the begin and tau = 1, by the method of steps."""
    return sum((-1) ** k * jnp.maximum(t - k + 1, 0) ** k / math.factorial(k) for k in range(8))


@pytest.mark.parametrize(("name", "claimed"), BASIC.items())
def test_kinks_on_the_grid_cost_no_order(name, claimed):
    """The slope jumps where the run begins, the second derivative a delay later, ..."""
    found = orders(Feedback(), {"x": by_steps}, basic(name), (1 / 10, 1 / 15), 3.0)
    if claimed > 2:  # exact up to rounding: a polynomial more with every delay
        assert errors(Feedback(), {"x": by_steps}, basic(name), 0.1, min(claimed, 4) - 1e-9)["x"] < 1e-14
    else:
        assert found["x"] == pytest.approx(claimed, abs=0.1)


class Logistic(Feedback):
    """Hutchinson's equation x' = x (1 - x(t - tau)): no polynomial, and one derivative more is smooth with every delay."""

    def vector_field(self, t, s, u):
        return dict(x=s.x * (1 - s.x_ago(self.tau)))


def logistic(method, n):
    """At every tenth of a ms up to 4, from a constant past, by n steps of each."""
    return bn.simulate(Logistic(), T=4.0, dt=0.1 / n, every=n, method=method, init={"x": 0.5}).x.values


@cache
def finely():
    return logistic(basic("rkdp"), 32)


@pytest.mark.parametrize("name", HIGH)
def test_no_curve_leads_across_a_kink_on_the_grid(name):
    """One that did would leave order 3: the second derivative jumps after one delay."""
    off = [float(np.sqrt(np.mean((logistic(basic(name), n) - finely()) ** 2))) for n in (1, 2, 4)]
    found = [math.log2(coarse / fine) for coarse, fine in pairwise(off)]
    assert min(found) > 4.7, (found, off)


@pytest.mark.parametrize(("name", "claimed"), BASIC.items())
def test_kinks_inside_a_step_leave_order_two(name, claimed):
    """Always in the middle of a step, so that the error constant stays."""
    coarse, fine = (errors(Feedback(), {"x": by_steps}, basic(name), 1 / n, round(3 * n) / n)["x"] for n in (2.5, 22.5))
    assert math.log(coarse / fine) / math.log(9) == pytest.approx(min(claimed, 2), abs=0.15)


class Neutral(bn.Model):
    """x' = -x + a x'(t - 1): its slope jumps at every whole number, for ever."""

    a: bn.Param = bn.param(0.5, "1", "weight of the old slope", bounds=(-0.9, 0.9))
    x = bn.state(1.0)
    x_ago = bn.history("x", 2.0)

    def vector_field(self, t, s, u):
        return dict(x=-s.x + self.a * s.x_ago.slope(1.0))


def neutral(t):
    """Solution from x = 1: terms a^k P_k(v) exp(-v), v = t - k > 0, with P_k' = P_(k-1)' - P_(k-1)."""
    terms = (lambda v: 1.0, lambda v: -v, lambda v: -v + v**2 / 2, lambda v: -v + v**2 - v**3 / 6)
    return sum(jnp.where(t >= k - 1e-9, 0.5**k * term(t - k) * jnp.exp(-(t - k)), 0.0) for k, term in enumerate(terms))


@pytest.mark.parametrize(("name", "claimed"), BASIC.items())
def test_a_neutral_equation_keeps_its_kinks_and_the_order(name, claimed):
    found = orders(Neutral(), {"x": neutral}, basic(name), (1 / 20, 1 / 25), 3.0)
    assert found["x"] == pytest.approx(claimed, abs=0.15)


def test_the_slope_of_a_neutral_equation_jumps_where_it_should():
    """x'(1-) = -1/e and x'(1+) = -1/e - 1/2."""
    ds = bn.simulate(Neutral(), T=2, dt=0.01, method="rk4")
    slope = np.diff(ds.x.values) / 0.01
    before, after = slope[98], slope[99]  # the steps that end and begin at 1
    assert (before, after) == pytest.approx((-math.exp(-1), -math.exp(-1) - 0.5), abs=0.01)


class SmoothNeutral(bn.Model):
    """x' = cos t + (x'(t - tau) - cos(t - tau)) / 2, which is sin t."""

    tau: bn.Param = bn.param(1.0, "ms", "delay", bounds=(0, 2))
    x = bn.state(0.0)
    x_ago = bn.history("x", "tau")

    def vector_field(self, t, s, u):
        return dict(x=jnp.cos(t) + 0.5 * (s.x_ago.slope(self.tau) - jnp.cos(t - self.tau)))


@pytest.mark.parametrize(("name", "claimed"), (BASIC | {"rk4": 3}).items())
def test_slopes_between_the_points_of_the_grid_have_one_order_less_than_the_curve(name, claimed):
    found = order(in_the_middle(SmoothNeutral), {"x": jnp.sin}, basic(name), DTS, 2.4, {"x": jnp.sin})
    assert found["x"] > claimed - 0.2


class Receding(bn.Model):
    """A delay that is half of the state: x = 2 + sin t."""

    x = bn.state(2.0)
    x_ago = bn.history("x", 2.0)

    def vector_field(self, t, s, u):
        then = t - 1 - jnp.sin(t) / 2
        return dict(x=jnp.cos(t) + 2 + jnp.sin(then) - s.x_ago(s.x / 2))


@pytest.mark.parametrize(("name", "claimed"), BASIC.items())
def test_a_delay_that_depends_on_the_state_costs_no_order(name, claimed):
    solution = {"x": lambda t: 2 + jnp.sin(t)}
    found = orders(Receding(), solution, basic(name), (0.12, 0.08), 4.8, solution)
    assert found["x"] > claimed - 0.2


class Neves(bn.Model):
    """Neves 1975: y' = y y(ln y) / t from t = 1, y = 1 before; y = t up to e, then exp(t/e)."""

    y = bn.state(1.0)
    y_ago = bn.history("y", 6.0)

    def vector_field(self, t, s, u):
        t = t + 1
        return dict(y=s.y * s.y_ago(t - jnp.log(s.y)) / t)


def test_a_published_problem_whose_delay_depends_on_the_state():
    ds = bn.simulate(Neves(), T=6, dt=0.01, method="rk4")
    t = ds.time.values + 1
    np.testing.assert_allclose(ds.y, np.where(t < math.e, t, np.exp(t / math.e)), rtol=2e-5)


@pytest.mark.parametrize(("name", "claimed"), BASIC.items())
def test_a_delay_shorter_than_a_step_leaves_order_two(name, claimed):
    """With four tenths of a step: the past is then within the step that is being made."""
    found = []
    for dt in (0.1, 0.05):
        tau = 0.4 * dt
        rate = float(lambertw(-tau).real) / tau
        solution = {"x": lambda t, rate=rate: jnp.exp(rate * t)}
        found.append(errors(Feedback(tau=tau), solution, basic(name), dt, 2.0, solution)["x"])
    assert math.log2(found[0] / found[1]) > min(claimed, 2) - 0.15


@pytest.mark.parametrize(("name", "claimed"), BASIC.items())
def test_no_delay_at_all_is_the_ordinary_equation(name, claimed):
    found = orders(Feedback(tau=0.0), {"x": lambda t: jnp.exp(-t)}, basic(name), (0.1, 0.05), 2.0)
    assert found["x"] == pytest.approx(claimed, abs=0.2)
