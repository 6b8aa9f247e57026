"""Orders on the equations of a membrane, exactness where it is claimed, stiffness, tolerances, the bridge to diffrax.

The order of every registered method stands in test_orders.py.
"""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import brainnb as bn
from brainnb.integrators.adaptive import Adaptive
from brainnb.networks.network import overlaid

ON_A_MEMBRANE = ["euler", "sequential_euler", "exponential_euler", "rush_larsen", "midpoint", "strang", "rk4", "ars222"]
"""One method of every kind."""


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


@pytest.mark.parametrize("method", ON_A_MEMBRANE)
def test_order_on_hodgkin_huxley(method):
    """Over the upstroke of a spike, where everything moves."""
    order, _ = measured_order(bn.neurons.HodgkinHuxley(), method, [0.01, 0.005, 0.0025, 0.00125], 2.5, "V", I=10)
    assert order == pytest.approx(bn.integrators.METHODS[method].order, abs=0.15)


def test_an_implicit_method_is_stable_on_a_membrane():
    """At a step where Euler fails, and the spikes are still there."""
    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=100, dt=0.2, I=10, method="ars222")
    assert -90 < ds.V.min() < -60
    assert 20 < ds.V.max() < 60


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
    assert found.attrs["method"] == f"diffrax.{solver.__name__}(rtol=1e-09, atol=1e-09)"


SMOOTH = {
    name: cls
    for name, cls in vars(bn.neurons).items()
    if isinstance(cls, type) and issubclass(cls, bn.Model) and cls.default_method in ("rk4", "strang")
}
"""The models without jumps: their family's method is none for jumps."""


KINDS = ("FitzHughNagumo", "HodgkinHuxley", "Cell", "PinskyRinzel", "GIF")
"""Polynomials, gates, parts, kinks, thresholds that move."""


def smooth(name):
    parts = {"Na": bn.channels.SodiumHH1952(), "K": bn.channels.PotassiumHH1952(), "L": bn.channels.Leak()}
    return SMOOTH[name](parts) if name == "Cell" else SMOOTH[name]()


@pytest.mark.parametrize("name", KINDS)
def test_an_implicit_solver_of_diffrax_runs_smooth_models(name):
    found = bn.simulate(smooth(name), T=5, dt=0.5, method=diffrax.Kvaerno5())
    exact = bn.simulate(smooth(name), T=5, dt=0.0025, every=200, method="rk4")
    for variable in exact.data_vars:
        scale = max(1.0, float(np.abs(exact[variable]).max()))
        np.testing.assert_allclose(found[variable], exact[variable], atol=1e-4 * scale, err_msg=variable)


@pytest.mark.parametrize("name", SMOOTH)
def test_what_an_implicit_solver_asks_of_every_smooth_model(name):
    """The matrix of slopes is that of small differences, where a run begins and beside it."""
    model = smooth(name)
    flat, whole = ravel_pytree(moving(model.init_state(), model))
    u = bn.core.record.Inputs({path: jnp.asarray(float(d.default)) for path, d in model.inputs().items()})

    @jax.jit
    def field(x):
        s = overlaid(model.init_state(), whole(x))
        return ravel_pytree(model.vector_field(jnp.zeros(()), s, u))[0]

    for x in (flat, flat + 0.01 * (1 + jnp.abs(flat))):
        slopes = jax.jacfwd(field)(x)
        steps = 1e-6 * (1 + jnp.abs(x))
        apart = [(field(x.at[i].add(h)) - field(x.at[i].add(-h))) / (2 * h) for i, h in enumerate(steps)]
        scale = float(jnp.abs(slopes).max())
        np.testing.assert_allclose(slopes, jnp.stack(apart, 1), rtol=1e-4, atol=1e-6 * scale)


def moving(s, model):
    """The states that have a derivative, part by part."""
    own = {name: s[name] for name, d in type(model).states().items() if not d.discrete}
    return bn.Record(own | {name: moving(s[name], part) for name, part in model.parts().items()})


def test_there_are_smooth_models():
    assert {"HodgkinHuxley", "FitzHughNagumo", "MorrisLecar", "HindmarshRose", "Cell"} <= set(SMOOTH)


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
