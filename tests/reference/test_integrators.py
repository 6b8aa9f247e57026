"""Measured orders of every method, exactness where it is claimed, and the bridge to diffrax."""

import diffrax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.integrators.adaptive import Adaptive

ORDERS = {
    "euler": 1,
    "sequential_euler": 1,
    "exponential_euler": 1,
    "midpoint": 2,
    "heun": 2,
    "strang": 2,
    "rk4": 4,
    "euler_heun": 1,
    "stochastic_heun": 2,
    "milstein": 1,
    "milstein_grad_free": 1,
    "klpl": 1,
    "srk1w1": 2,
    "srk2w1": 3,
    "tamed_euler": 1,
}


class Decay(bn.Model):
    """y' = -y + u: linear, so exponential methods are exact."""

    y = bn.state(1.0, "1", "decaying quantity", bounds=(0, 1))
    I = bn.input(0.0, "1", "drive", bounds=(0, 1))

    def vector_field(self, t, s, u):
        return dict(y=u.I - s.y)


def measured_order(model, method, steps, T, name, **options):
    """Slope of the error at ``T`` against dt, in logarithms."""
    exact = bn.simulate(model, T=T, dt=steps[-1] / 20, method="rk4", record=[name], **options)[name][-1]
    errors = [
        abs(float(bn.simulate(model, T=T, dt=dt, method=method, record=[name], **options)[name][-1] - exact))
        for dt in steps
    ]
    return np.polyfit(np.log(steps), np.log(errors), 1)[0], errors


@pytest.mark.parametrize("method", [m for m in ORDERS if m not in ("exponential_euler", "strang")])
def test_order_on_a_decay(method):
    order, errors = measured_order(Decay(), method, [0.1, 0.05, 0.025, 0.0125], 1.0, "y")
    assert order == pytest.approx(ORDERS[method], abs=0.15)
    assert errors[-1] < 0.01


@pytest.mark.parametrize("method", ORDERS)
def test_order_on_fitzhugh_nagumo(method):
    steps = np.array([0.04, 0.02, 0.01, 0.005])
    if method == "tamed_euler":  # its two errors nearly cancel at large steps
        steps = steps / 8
    order, _ = measured_order(bn.neurons.FitzHughNagumo(), method, steps, 4.0, "V", I=0.5)
    assert order == pytest.approx(ORDERS[method], abs=0.15)


@pytest.mark.parametrize("method", ORDERS)
def test_order_on_hodgkin_huxley(method):
    """Over the upstroke of a spike, where everything moves."""
    order, _ = measured_order(bn.neurons.HodgkinHuxley(), method, [0.01, 0.005, 0.0025, 0.00125], 2.5, "V", I=10)
    assert order == pytest.approx(ORDERS[method], abs=0.15)


def test_every_method_is_measured():
    assert set(ORDERS) == set(bn.integrators.METHODS)
    assert {name: m.order for name, m in bn.integrators.METHODS.items()} == ORDERS


@pytest.mark.parametrize("method", ["exponential_euler", "strang"])
@pytest.mark.parametrize("dt", [0.1, 1.0, 5.0])
def test_exponential_methods_are_exact_on_linear_equations(method, dt):
    ds = bn.simulate(Decay(), T=10, dt=dt, I=0.3, method=method)
    np.testing.assert_allclose(ds.y, 0.3 + 0.7 * np.exp(-ds.time), rtol=1e-12)


@pytest.mark.parametrize("method", ["exponential_euler", "strang"])
def test_exponential_methods_are_stable_where_euler_is_not(method):
    stiff = bn.neurons.HodgkinHuxley()
    ds = bn.simulate(stiff, T=100, dt=0.1, I=10, method=method)
    assert -90 < ds.V.min() < ds.V.max() < 60
    assert ((ds.m >= 0) & (ds.m <= 1) & (ds.n >= 0) & (ds.n <= 1) & (ds.h >= 0) & (ds.h <= 1)).all()
    with pytest.raises(bn.NumericalFailure):
        bn.simulate(stiff, T=100, dt=0.2, I=10, method="euler")
    coarse = bn.simulate(stiff, T=100, dt=0.2, I=10, method=method)
    assert np.isfinite(coarse.V).all()


def test_strang_is_more_accurate_than_exponential_euler_at_equal_step():
    _, strang = measured_order(bn.neurons.HodgkinHuxley(), "strang", [0.05, 0.025], 3.0, "V", I=10)
    _, plain = measured_order(bn.neurons.HodgkinHuxley(), "exponential_euler", [0.05, 0.025], 3.0, "V", I=10)
    assert strang[0] < plain[0] / 10


@pytest.mark.parametrize(
    ("solver", "model", "name", "current"),
    [
        (diffrax.Tsit5, bn.neurons.HodgkinHuxley, "V", 10.0),
        (diffrax.Kvaerno5, bn.neurons.FitzHughNagumo, "V", 0.5),
        (diffrax.Dopri8, bn.neurons.FitzHughNagumo, "V", 0.5),
    ],
)
def test_diffrax_solvers_agree_with_rk4(solver, model, name, current):
    tight = Adaptive(solver(), rtol=1e-9, atol=1e-9)
    found = bn.simulate(model(), T=20, dt=0.5, I=current, method=tight)
    exact = bn.simulate(model(), T=20, dt=0.0025, every=200, I=current, method="rk4")
    np.testing.assert_allclose(found[name], exact[name], atol=2e-5)
    assert found.attrs["method"] == f"diffrax.{solver.__name__}"


def test_a_bare_diffrax_solver_is_a_method():
    found = bn.simulate(Decay(), T=5, dt=0.5, method=diffrax.Tsit5())
    np.testing.assert_allclose(found.y, np.exp(-found.time), rtol=1e-5)


def test_sequential_euler_steps_later_states_with_the_new_earlier_ones():
    class Pair(bn.Model):
        x = bn.state(1.0, "1", "first", bounds=(0, 2))
        y = bn.state(0.0, "1", "second", bounds=(0, 2))

        def vector_field(self, t, s, u):
            return dict(x=-s.y - 1.0, y=s.x)

    ds = bn.simulate(Pair(), T=0.1, dt=0.1, method="sequential_euler")
    assert float(ds.x[-1]) == pytest.approx(0.9)
    assert float(ds.y[-1]) == pytest.approx(0.09)  # 0.1 times the new x; plain Euler gives 0.1


def test_fixed_step_methods_read_time(crossings):
    """Stage times are right: y' = cos(t) is integrated to the order of the method."""

    class Clock(bn.Model):
        y = bn.state(0.0, "1", "integral", bounds=(-1, 1))

        def vector_field(self, t, s, u):
            return dict(y=jnp.cos(t) + 0.0 * s.y)

    for method, tolerance in (("midpoint", 1e-3), ("heun", 1e-3), ("rk4", 1e-7), ("strang", 1e-3)):
        ds = bn.simulate(Clock(), T=3, dt=0.1, method=method)
        np.testing.assert_allclose(ds.y, np.sin(ds.time), atol=tolerance, err_msg=method)
