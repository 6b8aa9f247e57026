"""Rush–Larsen finds its gates by itself; IMEX solves what is named as stiff; labels say what was used."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import integrators
from brainnb.core.record import Record
from brainnb.integrators.base import shape_of
from brainnb.integrators.rush_larsen import gates
from brainnb.run.system import System, drives

IMEX = [integrators.ImexEuler, integrators.ARS222, integrators.CrankNicolson]


def gates_of(model):
    system = System(model, drives(model, {}))
    return [
        path.removeprefix("model.") for path in gates(system.field, jnp.array(0.0), system.init((), jax.random.key(0)))
    ]


def test_gates_are_found_in_the_equations():
    assert gates_of(bn.neurons.HodgkinHuxley()) == ["m", "h", "n"]
    cell = bn.neurons.Cell({"Na": bn.channels.SodiumHH1952(), "K": bn.channels.PotassiumHH1952()})
    assert gates_of(cell) == ["Na.m", "Na.h", "K.n"]
    assert gates_of(bn.neurons.MorrisLecar()) == ["w"]


@pytest.mark.parametrize(
    ("equation", "gate"),
    [
        (lambda V, x: jnp.exp(V) * (1 - x) - 2 * x, True),
        (lambda V, x: (jnp.tanh(V) - x) / (1 + V**2), True),
        (lambda V, x: jnp.where(V > 0, 1.0, 2.0) * (V - x), True),
        (lambda V, x: jax.nn.sigmoid(V) - x, True),
        (lambda V, x: V + 0.0 * x, True),
        (lambda V, x: -(x**2), False),
        (lambda V, x: x * (1 - x), False),
        (lambda V, x: -x / (1 + x), False),
        (lambda V, x: jnp.where(x > 0, -x, 0.0), False),
        (lambda V, x: V - jnp.exp(x), False),
    ],
)
def test_linear_in_itself_is_what_makes_a_gate(equation, gate):
    s = Record(V=jnp.array(0.3), x=jnp.array(0.2))
    assert gates(lambda t, s: dict(V=-s.V, x=equation(s.V, s.x)), 0.0, s) == (["x"] if gate else [])


def test_a_step_of_rush_larsen_by_hand():
    """The voltage and what is not linear in itself by Euler, the gate along its exponential."""
    s = Record(V=jnp.array(0.5), m=jnp.array(0.2), ca=jnp.array(0.4))
    new = integrators.get("rush_larsen").step(
        lambda t, s: dict(V=-2 * s.V * s.m, m=3 * (s.V - s.m), ca=s.m - s.ca**2), jnp.array(0.0), s, jnp.array(0.1)
    )
    assert float(new.V) == pytest.approx(0.5 - 0.1 * 2 * 0.5 * 0.2)
    assert float(new.m) == pytest.approx(0.5 - 0.3 * np.exp(-0.3))
    assert float(new.ca) == pytest.approx(0.4 + 0.1 * (0.2 - 0.16))


def test_gates_stay_in_their_interval_at_any_step():
    s = Record(V=jnp.array(0.0), m=jnp.array(0.9))
    new = integrators.get("rush_larsen").step(
        lambda t, s: dict(V=0.0 * s.V, m=100 * (0.1 - s.m)), jnp.array(0.0), s, jnp.array(10.0)
    )
    assert float(new.m) == pytest.approx(0.1)


def relaxation(stiff, method, dt=0.1, rate=1e4):
    """One step of a fast state that follows a slow one."""
    s = Record(slow=jnp.array(1.0), fast=jnp.array(0.0))
    return method(stiff=stiff).step(
        lambda t, s: dict(slow=-s.slow, fast=rate * (s.slow - s.fast)), jnp.array(0.0), s, jnp.array(dt)
    )


@pytest.mark.parametrize("method", IMEX[:2])
def test_a_fast_state_is_followed_with_long_steps(method):
    new = relaxation("fast", method)
    assert float(new.slow) == pytest.approx(np.exp(-0.1), abs=0.01)
    assert float(new.fast) == pytest.approx(float(new.slow), abs=6e-3)


def test_a_fast_state_stays_bounded_in_the_trapezoidal_rule():
    assert abs(float(relaxation("fast", integrators.CrankNicolson).fast)) < 2.5


@pytest.mark.parametrize("method", IMEX)
def test_what_is_not_named_is_explicit(method):
    """An explicit step multiplies the fast state by the step and the rate."""
    assert abs(float(relaxation("slow", method).fast)) > 100


@pytest.mark.parametrize(
    ("method", "factor"),
    [
        (integrators.ImexEuler, lambda z: 1 / (1 + z)),
        (integrators.CrankNicolson, lambda z: (1 - z / 2) / (1 + z / 2)),
        (integrators.ARS222, lambda z: (1 - (1 - 2 * G) * z) / (1 + G * z) ** 2),
    ],
)
def test_a_linear_equation_is_multiplied_by_the_stability_function(method, factor):
    """x' = -k x: backward Euler, the trapezoidal rule, and Alexander's method."""
    k = jnp.array([0.1, 3.0, 500.0])
    new = method().step(lambda t, s: dict(x=-k * s.x), jnp.array(0.0), Record(x=jnp.ones(3)), jnp.array(0.2))
    np.testing.assert_allclose(new.x, factor(0.2 * np.asarray(k)), rtol=1e-12)


G = 1 - 1 / np.sqrt(2)


@pytest.mark.parametrize("method", IMEX)
def test_units_may_act_on_each_other(method):
    """Diffusion along a ring, at a step where the explicit method diverges: the mean is kept, the rest dies out."""

    class Ring(bn.Model):
        V = bn.state(0.0)

        def init_state(self, size=(), key=None):
            return super().init_state(size, key).merge(dict(V=jnp.eye(20)[3]))

        def vector_field(self, t, s, u):
            return dict(V=30.0 * (jnp.roll(s.V, 1) - 2 * s.V + jnp.roll(s.V, -1)))

    ds = bn.simulate(Ring(), T=40, dt=0.1, method=method())
    np.testing.assert_allclose(ds.V.isel(time=-1), 1 / 20, atol=1e-6)
    with pytest.raises(bn.NumericalFailure):
        bn.simulate(Ring(), T=400, dt=0.1, method="heun")


def test_paths_and_globs_name_the_stiff_states():
    cell = bn.neurons.Cell({"Na": bn.channels.SodiumHH1952(), "leak": bn.channels.Leak()})
    globbed, named = (
        bn.simulate(cell, T=2, dt=0.05, I=5, method=integrators.ARS222(stiff=stiff)).V.values
        for stiff in ("Na.*", ["Na.m", "Na.h"])
    )
    np.testing.assert_array_equal(globbed, named)
    all_stiff = bn.simulate(cell, T=2, dt=0.05, I=5, method="ars222").V.values
    assert np.abs(all_stiff - named).max() > 1e-6


def test_a_model_without_states_has_nothing_to_solve():
    like = shape_of(lambda t, s: Record(), jnp.array(0.0), Record())
    integrators.ARS222().check(like, "Nothing")
    assert integrators.ARS222().step(lambda t, s: Record(), jnp.array(0.0), Record(), jnp.array(0.1)) == Record()


@pytest.mark.parametrize(
    ("method", "label"),
    [
        ("rk4", "rk4"),
        ("cnab", "imex_cnab"),
        (integrators.RK2(beta=0.5), "rk2(beta=0.5)"),
        (integrators.DormandPrince(), "rkdp"),
        (integrators.DormandPrince(rtol=1e-4, adaptive=False), "rkdp(rtol=0.0001, adaptive=False)"),
        (integrators.ARS222(stiff="V"), "ars222(stiff=('V',))"),
    ],
)
def test_a_result_says_with_which_settings_it_was_made(method, label):
    assert bn.simulate(bn.neurons.HodgkinHuxley(), T=0.1, dt=0.1, method=method).attrs["method"] == label
