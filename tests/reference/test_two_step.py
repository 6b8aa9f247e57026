"""Crank-Nicolson with Adams-Bashforth against the same scheme by hand, and against exact solutions."""

import jax.numpy as jnp
import numpy as np
import pytest
from orders import delayed, deterministic

import brainnb as bn

CNAB = bn.integrators.CrankNicolsonAdamsBashforth
STIFF = CNAB(stiff="z")


class Scalar(bn.Model):
    """One state to be stepped explicitly, y = exp(sin t), and a stiff one, z = sin t; each hears the other."""

    k: bn.Param = bn.param(50.0, "1/ms", "stiffness")
    y = bn.state(1.0)
    z = bn.state(0.0)

    def vector_field(self, t, s, u):
        return dict(y=explicit(t, s.y, s.z), z=-self.k * s.z + given(t, s.y, self.k))


def explicit(t, y, z, np=jnp):
    return y * np.cos(t) + z - np.sin(t)


def given(t, y, k, np=jnp):
    return k * np.sin(t) + np.cos(t) + 0.1 * (y - np.exp(np.sin(t)))


RATES = deterministic.RATES
MEET = 3.0 * np.array([[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]])
"""Stiff values that act on each other: diffusion along a line."""


class Vector(bn.Model):
    """Three values of each kind: those of the page of orders, and z = sin(r t) behind a diffusion."""

    y = bn.state(1.0)
    z = bn.state(0.0)

    def init_state(self, size=(), key=None):
        return super().init_state(size, key).merge(dict(y=jnp.array(deterministic.START), z=jnp.zeros(3)))

    def vector_field(self, t, s, u):
        off = s.z - jnp.sin(RATES * t)
        return dict(y=RATES * s.y * (1 - s.y) * jnp.cos(t) + off, z=RATES * jnp.cos(RATES * t) - MEET @ off)


class Leap(Scalar):
    """With a leap in every millisecond, a clock that ticks in every step, and an observable."""

    apart: bn.Param = bn.param(10, "1", "steps between leaps")
    n = bn.state(0, "1", "steps", discrete=True)

    def on_step(self, t, s, u, key):
        n = s.n + 1
        leaps = n % self.apart == 0
        return dict(n=n, y=s.y + jnp.where(leaps, 1.0, 0.0)), dict(spike=leaps)


def by_hand(y, z, k, dt, steps, leaps=lambda n: False):
    """The scheme in NumPy, for any number of units: started, and started again after a leap, by a midpoint rule."""
    found, before = [], None
    for n in range(steps):
        t = n * dt
        f, g = explicit(t, y, z, np), given(t, y, k, np) - k * z
        if before is None:
            half = y + dt / 2 * f
            slope = explicit(t + dt / 2, half, (z + dt / 2 * given(t + dt / 2, half, k, np)) / (1 + k * dt / 2), np)
        else:
            slope = 1.5 * f - 0.5 * before
        y = y + dt * slope
        z = (z + dt / 2 * (g + given(t + dt, y, k, np))) / (1 + k * dt / 2)
        before = f
        if np.any(leaps(n)):
            y, before = y + leaps(n), None
        found.append((y, z))
    return np.array(found)


def together(ds):
    return np.stack([ds.y.values, ds.z.values], axis=1)


@pytest.mark.parametrize("k", [0.0, 50.0, 1e6])
def test_the_trajectory_is_that_of_the_scheme(k):
    ds = bn.simulate(Scalar(k=k), T=20, dt=0.05, method=STIFF, init=dict(y=1.1, z=0.2))
    np.testing.assert_allclose(together(ds), by_hand(1.1, 0.2, k, 0.05, 400), rtol=1e-12, atol=1e-13)
    other = bn.simulate(Scalar(k=k), T=20, dt=0.05, method=bn.integrators.CrankNicolson(stiff="z"))
    assert np.abs(ds.y - other.y).max() > 1e-5


def test_many_units_are_stepped_as_by_hand():
    """As many as are stepped in kernels; the stiff state of each is solved with those of all others."""
    y0 = np.linspace(0.5, 1.5, 300)
    ds = bn.simulate(Scalar(), T=2, dt=0.05, size=300, method=STIFF, init=dict(y=y0))
    np.testing.assert_allclose(together(ds), by_hand(y0, np.zeros(300), 50.0, 0.05, 40), rtol=1e-12, atol=1e-13)


def order(model, method, exact):
    """As on the page of orders; ``model`` builds one, perhaps from the number of steps in a ms."""
    runs = [bn.simulate(model(n), T=4, dt=4 / n, every=n // 8, method=method) for n in deterministic.STEPS]
    return deterministic.leading([together(ds) - exact for ds in runs], 2)


EXACT = {
    "scalar": (lambda n: Scalar(k=10.0), lambda t: np.stack([np.exp(np.sin(t)), np.sin(t)], 1)),
    "vector": (lambda n: Vector(), lambda t: np.stack([deterministic.of_saturation(t), np.sin(t[:, None] * RATES)], 1)),
}


@pytest.mark.parametrize("problem", EXACT)
def test_the_order_is_2_with_both_parts(problem):
    model, exact = EXACT[problem]

    assert order(model, STIFF, exact(deterministic.TIMES)) == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize("stiff", ["V", "w"])
def test_the_order_is_2_whichever_half_of_a_neuron_is_stiff(stiff):
    found = deterministic.leading(
        [deterministic.errors(CNAB(stiff=stiff), "coupled", n) for n in deterministic.STEPS], 2
    )
    assert found == pytest.approx(2, abs=0.15)


def test_a_delay_costs_no_order():
    _, found, _ = delayed.of_method(CNAB(stiff=["q", "z"]))
    assert [found["scalar"], found["between"]] == pytest.approx([2, 2], abs=0.2)
    assert min(found.values()) > 1.8, found


@pytest.mark.parametrize("k", [1e2, 1e4, 1e6])
def test_what_is_stiff_may_be_as_stiff_as_it_likes(k):
    """Where two explicit steps end in less than a millisecond."""
    ds = bn.simulate(Scalar(k=k), T=50, dt=0.05, method=STIFF)
    t = ds.time.values
    np.testing.assert_allclose(ds.z, np.sin(t), atol=2e-3)
    np.testing.assert_allclose(ds.y, np.exp(np.sin(t)), atol=2e-2)
    with pytest.raises(bn.NumericalFailure):
        bn.simulate(Scalar(k=k), T=50, dt=0.05, method="heun", init=dict(z=0.1))


# --- leaps ---------------------------------------------------------------------------------------------------------


def test_after_a_leap_of_any_unit_all_start_anew():
    """A clock that ticks in every step is no leap: its state has no equation."""

    class Once(Leap):
        def on_step(self, t, s, u, key):
            changed, seen = super().on_step(t, s, u, key)
            return changed | dict(y=jnp.where(jnp.arange(2) == 0, changed["y"], s.y)), seen

    ds = bn.simulate(Once(), T=5, dt=0.1, size=2, method=STIFF)
    expected = by_hand(np.ones(2), np.zeros(2), 50.0, 0.1, 50, lambda n: np.array([1.0, 0.0]) * (n % 10 == 9))
    np.testing.assert_allclose(together(ds), expected, rtol=1e-12, atol=1e-13)


def test_a_leap_on_the_grid_costs_no_order():
    """One every ms; old slopes beyond a leap would leave order 1."""
    exact = together(bn.simulate(Leap(apart=1280), T=4, dt=4 / 5120, every=640, method="rk4"))
    assert order(lambda n: Leap(apart=n // 4), STIFF, exact) == pytest.approx(2, abs=0.15)


def test_an_input_that_jumps_is_felt_with_half_a_step():
    class Sum(bn.Model):
        y = bn.state(0.0)
        z = bn.state(0.0)
        I = bn.input(0.0)

        def vector_field(self, t, s, u):
            return dict(y=u.I, z=-s.z)

    ds = bn.simulate(Sum(), T=2, dt=0.125, I=bn.inputs.Step(amplitude=3.0, start=1.0), method=STIFF)
    assert ds.y.values[-1] - 3.0 == pytest.approx(3.0 * 0.125 / 2, abs=1e-12)
