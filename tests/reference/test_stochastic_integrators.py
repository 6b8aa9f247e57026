"""Strong and weak orders of every method that takes noise, in both senses; docs/_ext/orders measures them."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from orders import mean_square, paths, stochastic, weak
from orders.noise_problems import ONE_SOURCE, TWO_SOURCES, Additive, Coupled, Geometric, Itô, Stratonovich

import brainnb as bn
from brainnb import integrators
from brainnb.integrators.base import advance
from brainnb.integrators.wiener import kick


class Claim(NamedTuple):
    integral: str
    strong: float
    weak: float


CLAIMS = {
    "euler": Claim(Itô, 0.5, 1),
    "sequential_euler": Claim(Itô, 0.5, 1),
    "exponential_euler": Claim(Itô, 0.5, 1),
    "rush_larsen": Claim(Itô, 0.5, 1),
    "strang": Claim(Itô, 0.5, 1),
    "splitting": Claim(Itô, 0.5, 1),
    "imex_euler": Claim(Itô, 0.5, 1),
    "tamed_euler": Claim(Itô, 0.5, 1),
    "euler_heun": Claim(Stratonovich, 1, 1),
    "stochastic_heun": Claim(Stratonovich, 1, 1),
    "milstein": Claim(Itô, 1, 1),
    "milstein (stratonovich)": Claim(Stratonovich, 1, 1),
    "milstein_grad_free": Claim(Itô, 1, 1),
    "milstein_grad_free (stratonovich)": Claim(Stratonovich, 1, 1),
    "klpl": Claim(Itô, 1, 1),
    "srk1w1": Claim(Itô, 1.5, 1.5),
    "srk2w1": Claim(Itô, 1.5, 1.5),
}


def test_every_method_that_takes_noise_is_in_the_table():
    """In every sense it can read; a new method without a row fails here."""
    found = {label: Claim(m.integral, m.strong_order, m.weak_order) for label, m in stochastic.methods().items()}
    assert found == CLAIMS


# --- orders ------------------------------------------------------------------------------------------------------


def assert_claimed(orders, claim):
    """Kept on every problem, and not too modest: on one of them it is no more than that."""
    found = {name: order for name, order in orders.items() if order is not None}
    assert len(found) >= 3
    assert min(found.values()) == pytest.approx(claim, abs=0.05), found


@pytest.mark.parametrize("label", CLAIMS)
def test_strong_order(label):
    assert_claimed(stochastic.measured(label).strong, CLAIMS[label].strong)


@pytest.mark.parametrize("label", CLAIMS)
def test_weak_order(label):
    assert_claimed(stochastic.measured(label).weak, CLAIMS[label].weak)


@pytest.mark.parametrize("label", CLAIMS)
def test_where_chance_remains_it_is_small(label):
    for _, standard_error in (stochastic.on_diagonal(method(label)), stochastic.on_coupled(method(label))):
        assert standard_error < 0.05


def method(label):
    return stochastic.methods()[label]


@pytest.mark.parametrize("label", CLAIMS)
def test_what_refuses_two_sources_says_so_before_the_first_step(label):
    """The columns that are empty on the page are those that a run refuses."""
    names = ("a", "b")

    class Noisy(bn.Model):
        x = bn.state(1.0)
        y = bn.state(0.5)

        def vector_field(self, t, s, u):
            return TWO_SOURCES.field(t, s)

        def diffusion(self, t, s, u):
            heard = TWO_SOURCES.diffusion(t, s)
            return {k: dict(zip(names, heard[k].values, strict=True)) for k in "xy"}

    if stochastic.measured(label).strong["two sources"] is None:
        with pytest.raises(bn.ModelError, match="several state-dependent sources meet"):
            bn.simulate(Noisy(), T=1, method=method(label))
    else:
        assert np.isfinite(bn.simulate(Noisy(), T=1, method=method(label)).x).all()


class Shear:
    """x hears a, y hears b in proportion to x: the end is W_a(1) and the Itô integral of W_a over W_b."""

    def begin(self, paths):
        return bn.Record(x=jnp.zeros(paths), y=jnp.zeros(paths))

    def field(self, t, s):
        return dict(x=0.0 * s.x, y=0.0 * s.y)

    def diffusion(self, t, s):
        return dict(x=jnp.ones_like(s.x), y=s.x)

    def laid_out(self, dW):
        return bn.Record(x=dW[0], y=dW[1])


@pytest.mark.parametrize("name", ["euler", "euler_heun", "stochastic_heun"])
def test_sources_that_do_not_commute_leave_order_one_half(name):
    levels = paths.wiener(7, 11, 1024, 2)
    a, b = levels[0][1]
    before = np.cumsum(a, axis=0) - a  # Itô and Stratonovich agree: a and b are independent
    exact = dict(x=a.sum(axis=0), y=(before * b).sum(axis=0))
    order, standard_error = paths.strong(method(name), Shear(), exact, levels[4:])
    assert order == pytest.approx(0.5, abs=0.05 + 3 * standard_error)


class Driven(Coupled):
    """The coupled states with amplitudes that do not depend on them: the two senses are one."""

    def __init__(self, sense):
        self.shift = 0.0

    def diffusion(self, t, s):
        return dict(x=0.4 * jnp.ones_like(s.x), y=0.2 * jnp.ones_like(s.y))


@pytest.mark.parametrize("name", [label for label, claim in CLAIMS.items() if claim.strong == 0.5])
def test_additive_noise_leaves_order_one(name):
    levels, truth = paths.wiener(7, 11, 1024, 2)[4:], paths.truth(Driven, 11, 1024, 2)
    order, standard_error = paths.strong(method(name), Driven(Itô), truth, levels)
    assert order == pytest.approx(1.0, abs=0.07 + 3 * standard_error)


# --- the measurements themselves ---------------------------------------------------------------------------------


def test_areas_have_the_joint_law_of_the_integral():
    """Var = h³/3 and covariance h²/2 at every level, also after joining steps."""
    for h, dW, area in paths.wiener(4, 6, 8192):
        assert (dW**2).mean() == pytest.approx(h, rel=0.02)
        assert (area**2).mean() == pytest.approx(h**3 / 3, rel=0.02)
        assert (dW * area).mean() == pytest.approx(h**2 / 2, rel=0.02)


@pytest.mark.parametrize("steps", [4, 64])
def test_expectations_carried_backward_are_exact(steps):
    """Euler's moments in closed form, of geometric Brownian motion and of Ornstein and Uhlenbeck."""
    h, euler = 1 / steps, integrators.Euler()
    assert weak.expectation(euler, Geometric(), steps) == pytest.approx(((1 + h / 2) ** 2 + h / 4) ** steps, rel=1e-7)
    left = (1 - h) ** (2 * steps)
    exact = left + 0.64 * h * (1 - left) / (1 - (1 - h) ** 2)
    assert weak.expectation(euler, Additive(), steps) == pytest.approx(exact, rel=1e-7)


@pytest.mark.parametrize("label", ["euler", "milstein", "srk2w1"])
def test_moments_agree_with_paths(label):
    ((h, dW, area),) = paths.wiener(1, 4, 32768)
    exact = ONE_SOURCE.solution(dW.sum(axis=1), Itô)
    (found,) = paths.ends(method(label), ONE_SOURCE, [(h, dW, area)])
    squares = sum((np.asarray(found[k]) - exact[k]) ** 2 for k in "xy")
    expected = mean_square.errors(method(label), ONE_SOURCE, 16)[0] ** 2
    assert squares.mean() == pytest.approx(expected, abs=4 * squares.std() / squares.size**0.5)


# --- the two senses, and mistakes that were made elsewhere ------------------------------------------------------------


class Brownian(bn.Model):
    """Geometric Brownian motion, as a user writes it."""

    mu: bn.Param = bn.param(0.5, "1", "growth per ms", bounds=(-2, 2))
    sigma: bn.Param = bn.param(0.8, "1", "noise", bounds=(0, 2))
    x = bn.state(1.0, "1", "size")

    def vector_field(self, t, s, u):
        return dict(x=self.mu * s.x)

    def diffusion(self, t, s, u):
        return dict(x=self.sigma * s.x)


@pytest.mark.parametrize("label", CLAIMS)
def test_the_mean_tells_the_sense_of_the_noise(label):
    """exp(mu T) for Itô, exp((mu + sigma²/2) T) for Stratonovich: 1.65 and 2.27."""
    size, dt = (1500, 0.1) if label == "imex_euler" else (40000, 0.02)  # its solve holds all units
    ds = bn.simulate(Brownian(), T=1, dt=dt, size=size, method=method(label), seed=11)
    x = ds.x.values[-1]
    rate = 0.5 + (0.32 if CLAIMS[label].integral == Stratonovich else 0.0)
    assert x.mean() == pytest.approx(np.exp(rate), abs=4 * x.std() / np.sqrt(x.size) + 0.03)
    assert ds.attrs["method"] == label


class ForgottenRoot(integrators.EulerHeun):
    """The predictor's noise without sqrt(dt)."""

    def step_noise(self, field, diffusion, t, s, dt, w):
        far = jax.tree.map(lambda x: x / jnp.sqrt(dt), w.dW)
        now = kick(diffusion(t, s), w.dW)
        then = kick(diffusion(t + dt, advance(s, kick(diffusion(t, s), far), 1.0)), w.dW)
        return advance(advance(advance(s, field(t, s), dt), now, 0.5), then, 0.5)


class WrongSense(integrators.Milstein):
    """The Itô correction left out."""

    integrals = ("stratonovich",)


class WrongWeight(integrators.SRK1W1):
    """One entry of the tableau with another sign."""

    beta = ((-1.0, 4 / 3, 2 / 3, 0.0), (1.0, -4 / 3, 1 / 3, 0.0), *integrators.SRK1W1.beta[2:])


@pytest.mark.parametrize(("wrong", "sense"), [(ForgottenRoot, Stratonovich), (WrongSense, Itô), (WrongWeight, Itô)])
def test_classical_mistakes_would_be_found(wrong, sense):
    far, near = (mean_square.errors(wrong(), ONE_SOURCE, n, sense)[0] for n in (64, 256))
    assert np.log(far / near) / np.log(4) < wrong.strong_order - 0.4
