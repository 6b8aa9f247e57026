"""What every integrator promises; orders of convergence stand among the reference tests."""

import dataclasses

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import integrators
from brainnb.core.record import Record
from brainnb.integrators.adaptive import Adaptive
from brainnb.integrators.phi import phi

NAMES = sorted(integrators.METHODS)


@pytest.fixture
def s():
    return Record(
        clock=jnp.array(3), V=jnp.array(1.0), Na=Record(h=jnp.array(0.5), buffer=jnp.arange(4)), frozen=jnp.array(7.0)
    )


@pytest.mark.parametrize("name", NAMES)
def test_only_returned_names_are_touched(name, s):
    def field(t, s):
        return dict(V=-s.V, Na=dict(h=0.1 - s.Na.h))

    new = integrators.get(name).step(field, jnp.array(0.0), s, jnp.array(0.1))
    assert list(new.flat()) == list(s.flat())
    assert new.clock is s.clock
    assert new.frozen is s.frozen
    assert new.Na.buffer is s.Na.buffer
    assert float(new.V) == pytest.approx(np.exp(-0.1), abs=0.006)
    assert float(new.Na.h) == pytest.approx(0.1 + 0.4 * np.exp(-0.1), abs=0.006)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_field_changes_nothing(name, s):
    new = integrators.get(name).step(lambda t, s: Record(), jnp.array(0.0), s, jnp.array(0.1))
    assert jax.tree.all(jax.tree.map(lambda a, b: (a == b).all(), new, s))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_types_are_kept(name, dtype):
    s = Record(x=jnp.ones(3, dtype))
    new = integrators.get(name).step(lambda t, s: dict(x=-s.x), jnp.array(0.0, dtype), s, jnp.array(0.1, dtype))
    assert new.x.dtype == dtype
    assert not new.x.weak_type


@pytest.mark.parametrize("name", NAMES)
def test_time_within_the_step_is_used(name):
    """dx/dt = t has the solution t²/2: exact from order 2 on; Euler looks back or ahead.  Small, so that none is tamed."""
    method = integrators.get(name)
    x, dt = Record(x=jnp.array(0.0)), jnp.array(0.5)
    for i in range(4):
        x = method.step(lambda t, s: dict(x=1e-8 * t + 0.0 * s.x), i * dt, x, dt)
    expected = 2.0 if method.order >= 2 else 2.5 if name == "imex_euler" else 1.5
    assert 1e8 * float(x.x) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["exponential_euler", "strang"])
def test_exponential_methods_are_exact_on_linear_equations_at_any_step(name):
    rates = jnp.array([0.01, 1.0, 100.0])
    new = integrators.get(name).step(
        lambda t, s: dict(x=rates * (2.0 - s.x)), jnp.array(0.0), Record(x=jnp.zeros(3)), jnp.array(5.0)
    )
    np.testing.assert_allclose(new.x, 2 * -np.expm1(-5 * rates), rtol=1e-12)


@pytest.mark.parametrize("name", ["exponential_euler", "strang"])
def test_slopes_are_found_through_nested_states_and_nonlinear_fields(name):
    """One step of exponential Euler by hand for dx/dt = -x², whose own slope is -2x."""
    x0, h = 0.5, 0.2
    new = integrators.get(name).step(
        lambda t, s: dict(part=dict(x=-(s.part.x**2))),
        jnp.array(0.0),
        Record(part=Record(x=jnp.array(x0))),
        jnp.array(h),
    )
    z = -2 * x0 * h
    one = x0 + h * np.expm1(z) / z * -(x0**2)
    assert float(new.part.x) == pytest.approx(one if name == "exponential_euler" else x0 / (1 + h * x0), rel=1e-3)


def test_phi_is_accurate_everywhere():
    z = jnp.concatenate([jnp.array([0.0]), jnp.logspace(-12, 1.5, 200), -jnp.logspace(-12, 2.5, 200)])
    expected = np.where(z == 0, 1.0, np.expm1(z) / np.where(z == 0, 1.0, z))
    np.testing.assert_allclose(phi(z), expected, rtol=1e-11)
    assert np.isfinite(jax.vmap(jax.grad(phi))(z)).all()
    assert float(jax.grad(phi)(0.0)) == pytest.approx(0.5)


def test_phi_of_one_number_is_that_of_many():
    z = jnp.array([0.0, 1e-9, 0.0399, -0.0401, 0.5, -3.0, 59.0, 100.0, -1e4])
    for x, of_many, slope in zip(z, phi(z), jax.vmap(jax.grad(phi))(z), strict=True):
        assert float(phi(x)) == pytest.approx(float(of_many), rel=1e-15)
        assert float(jax.grad(phi)(x)) == pytest.approx(float(slope), rel=1e-14)


SINGLE = jnp.concatenate(
    [jnp.linspace(-1.0, 1.0, 2001), jnp.linspace(-90.0, 60.0, 3001), -jnp.logspace(0, 6, 50), jnp.array([1e-30])]
).astype(jnp.float32)


def test_phi_loses_few_digits_in_single_precision():
    exact = np.asarray(SINGLE, np.float64)
    expected = np.where(exact == 0, 1.0, np.expm1(exact) / np.where(exact == 0, 1.0, exact))
    assert phi(SINGLE).dtype == jnp.float32
    np.testing.assert_allclose(phi(SINGLE), expected, rtol=4e-7)  # 2^k (e^r - 1) + (2^k - 1) is worst at k = 1 or -1
    np.testing.assert_array_equal(
        phi(jnp.array([jnp.nan, -jnp.inf, 100.0], jnp.float32)), [np.nan, 0, phi(SINGLE).max()]
    )


def test_phi_of_one_number_is_that_of_many_in_single_precision():
    of_many = phi(SINGLE)
    np.testing.assert_array_equal(jax.vmap(phi)(SINGLE), of_many)
    np.testing.assert_array_equal(jax.vmap(jax.vmap(phi))(SINGLE[:12].reshape(3, 4)), of_many[:12].reshape(3, 4))
    some = [0, 660, 661, 1000, 1340, 2100, 4000, 5010, 5040]  # on both sides of where a lone number takes another way
    np.testing.assert_allclose([phi(SINGLE[i]) for i in some], of_many[jnp.array(some)], rtol=1e-7)
    assert bool(jnp.isnan(phi(jnp.float32(jnp.nan))))


def test_phi_has_its_derivatives_in_single_precision():
    z = jnp.array([-1e4, -3.0, -0.35, -0.34, -1e-3, 0.0, 0.2, 0.345, 1.0, 20.0], jnp.float32)
    wide = z.astype(jnp.float64)
    first, second = jax.vmap(jax.grad(phi)), jax.vmap(jax.hessian(phi))
    np.testing.assert_allclose(first(z), first(wide), rtol=1e-5)
    np.testing.assert_allclose(second(z), second(wide), rtol=1e-3)
    np.testing.assert_allclose(jax.grad(lambda z: phi(z).sum())(z), first(z), rtol=1e-6)
    np.testing.assert_allclose([jax.jacfwd(phi)(x) for x in z], first(z), rtol=1e-6)
    assert float(jax.grad(phi)(jnp.float32(100.0))) == 0.0


def test_many_numbers_take_no_branch_and_no_exponential():
    """Half the time of a sweep of cells with gates; a lone number takes one way of two."""
    side_by_side = str(jax.make_jaxpr(jax.vmap(phi))(SINGLE))
    assert " exp " not in side_by_side
    assert "cond[" not in side_by_side
    assert "cond[" in str(jax.make_jaxpr(phi)(SINGLE[0]))


COUPLED = {
    "a matrix": lambda s: jnp.array([[-1.0, 0.5, 0.0], [0.5, -1.0, 0.0], [0.0, 0.0, -1.0]]) @ s.V,
    "a mean": lambda s: -s.V + s.V.mean(),
    "a neighbour": lambda s: -s.V + 0.1 * jnp.roll(s.V, 1),
    "a pair": lambda s: -s.V + 0.3 * s.V[::-1],
}
UNCOUPLED = {
    "linear": lambda s: -s.V,
    "different rates": lambda s: -jnp.arange(1.0, 4.0) * s.V,
    "nonlinear": lambda s: jnp.sin(s.V) - s.V**3,
    "through another state": lambda s: -s.V + s.w,
}


def array_model(function):
    class Units(bn.Model):
        V = bn.state(0.3)
        w = bn.state(0.1)

        def vector_field(self, t, s, u):
            return dict(V=function(s), w=-s.w)

    return Units()


@pytest.mark.parametrize("function", COUPLED.values(), ids=COUPLED)
@pytest.mark.parametrize("method", ["exponential_euler", "strang"])
def test_units_that_act_on_each_other_draw_a_warning_once(function, method):
    model = array_model(function)
    with pytest.warns(UserWarning, match=r"Units: the units of `V` act on each other.*rk4"):
        bn.simulate(model, T=1, size=3, method=method)
    bn.simulate(model, T=1, size=3, method=method)  # a second warning would be an error here


@pytest.mark.parametrize("function", UNCOUPLED.values(), ids=UNCOUPLED)
def test_units_on_their_own_draw_none(function):
    ds = bn.simulate(array_model(function), T=1, size=3, method="exponential_euler")
    assert np.isfinite(ds.V).all()


def test_the_first_declared_state_is_split_off_whatever_the_order_of_the_dict():
    class Ordered(bn.Model):
        V = bn.state(0.5)
        m = bn.state(0.2)

        def vector_field(self, t, s, u):
            return dict(V=-s.V * s.m, m=s.V - s.m)

    class Turned(Ordered):
        def vector_field(self, t, s, u):
            return dict(m=s.V - s.m, V=-s.V * s.m)

    one, other = (bn.simulate(m(), T=5, method="strang") for m in (Ordered, Turned))
    np.testing.assert_array_equal(one.V, other.V)
    np.testing.assert_array_equal(one.m, other.m)


@pytest.mark.parametrize("name", ["strang", "splitting"])
def test_synapses_whose_states_drive_each_other_are_of_second_order(name):
    """A membrane with a gate, behind a synapse that one variable opens and another one is; gates alone do not notice."""

    def field(t, s):
        V, m, x, g = s.E.V, s.E.Na.m, s.EE.synapse.x, s.EE.synapse.g
        membrane = dict(V=g * (1 - V) + m * (2 - V) - V, Na=dict(m=(V**2 - m) / 0.5))
        return dict(E=membrane, EE=dict(synapse=dict(x=-x / 0.7, g=3 * x * (1 - g) - g)))

    def ended(n):
        s = Record(E=Record(V=0.0, Na=Record(m=0.1)), EE=Record(synapse=Record(x=1.0, g=0.0)))
        s = jax.tree.map(jnp.asarray, s)
        method, h = integrators.get(name if n < 1000 else "rk4"), jnp.asarray(2.0 / n)

        def step(i, s):
            return method.step(field, i * h, s, h)

        return float(jax.lax.fori_loop(0, n, step, s).E.V)

    exact = ended(2000)
    errors = [abs(ended(n) - exact) for n in (20, 40, 80)]
    assert errors[0] < 2e-3
    assert np.log2(errors[0] / errors[1]) > 1.9
    assert np.log2(errors[1] / errors[2]) > 1.9


@pytest.mark.parametrize("name", NAMES)
def test_get_by_name_class_and_instance(name):
    cls = integrators.METHODS[name]
    assert integrators.get(name) == integrators.get(cls) == integrators.get(cls()) == cls()
    assert integrators.get(name.upper()) == cls()
    assert hash(cls()) == hash(integrators.get(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_sense_of_noise_is_part_of_the_method(name):
    """Two senses are two methods, for the cache of compiled runs too; a method without noise has none."""
    cls = integrators.METHODS[name]
    if cls.strong_order is None:
        assert cls().integral is None
        return
    found = [cls(integral=sense) for sense in cls.integrals]
    assert [m.integral for m in found] == list(cls.integrals)
    assert found[0] == cls()
    assert len(set(found)) == len({m.label for m in found}) == len(cls.integrals)
    assert dataclasses.replace(found[-1]) == found[-1]


def test_other_names_for_the_same():
    assert integrators.get("Euler-Maruyama").name == "euler"
    assert integrators.get("exp_euler").name == "exponential_euler"


def test_an_own_method_is_used_by_name_of_its_class():
    class Lazy(integrators.Integrator):
        def step(self, field, t, s, dt):
            return s

    ds = bn.simulate(bn.neurons.HodgkinHuxley(), T=1, method=Lazy())
    assert ds.attrs["method"] == "Lazy"
    assert (ds.V == -65.0).all()


@pytest.mark.parametrize("solver", [diffrax.Tsit5(), diffrax.Kvaerno3()], ids=lambda s: type(s).__name__)
def test_diffrax_solvers_reach_their_tolerance(solver):
    class Circle(bn.Model):
        x = bn.state(1.0)
        y = bn.state(0.0)
        k = bn.state(3, discrete=True)

        def vector_field(self, t, s, u):
            return dict(y=s.x, x=-s.y)

    ds = bn.simulate(Circle(), T=20, dt=0.5, method=solver, record=["x", "y", "k"])
    np.testing.assert_allclose(ds.x, np.cos(ds.time), atol=1e-4)
    np.testing.assert_allclose(ds.y, np.sin(ds.time), atol=1e-4)
    assert (ds.k == 3).all()
    assert ds.attrs["method"] == f"diffrax.{type(solver).__name__}"


def test_a_tighter_tolerance_is_closer():
    class Circle(bn.Model):
        x = bn.state(1.0)
        y = bn.state(0.0)

        def vector_field(self, t, s, u):
            return dict(x=-s.y, y=s.x)

    errors = []
    for tolerance in (1e-3, 1e-9):
        ds = bn.simulate(Circle(), T=20, dt=0.5, method=Adaptive(diffrax.Tsit5(), rtol=tolerance, atol=tolerance))
        errors.append(float(np.abs(ds.x - np.cos(ds.time)).max()))
    assert errors[1] < 1e-7 < errors[0]


def test_a_solver_that_gives_up_says_when():
    class Blowup(bn.Model):
        x = bn.state(1.0)

        def vector_field(self, t, s, u):
            return dict(x=s.x**2)

    with pytest.raises(bn.NumericalFailure, match=r"`x` became NaN at t = 1(\.1)? ms") as caught:
        bn.simulate(Blowup(), T=5, dt=0.1, method=diffrax.Tsit5())
    partial = caught.value.partial
    np.testing.assert_allclose(partial.x[:9], 1 / (1 - partial.time[:9]), rtol=1e-3)
