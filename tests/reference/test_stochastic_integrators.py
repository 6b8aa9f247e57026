"""Strong and weak orders of every method that takes noise, in both senses, against solutions in closed form.

Steps of all sizes follow the same Wiener paths, so that the slope of the error is not hidden by chance; what chance
remains is measured over independent batches of paths.
"""

from functools import cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import integrators
from brainnb.core.noise import Sources
from brainnb.integrators import Wiener

Itô, Stratonovich = "ito", "stratonovich"
BATCHES = 16


class Claim(NamedTuple):
    integral: str
    strong: float
    weak: float


CLAIMS = {
    "euler": Claim(Itô, 0.5, 1),
    "sequential_euler": Claim(Itô, 0.5, 1),
    "exponential_euler": Claim(Itô, 0.5, 1),
    "strang": Claim(Itô, 0.5, 1),
    "tamed_euler": Claim(Itô, 0.5, 1),
    "euler_heun": Claim(Stratonovich, 1, 1),
    "stochastic_heun": Claim(Stratonovich, 1, 1),
    "milstein": Claim(Itô, 1, 1),
    "milstein (stratonovich)": Claim(Stratonovich, 1, 1),
    "milstein_grad_free": Claim(Itô, 1, 1),
    "milstein_grad_free (stratonovich)": Claim(Stratonovich, 1, 1),
    "klpl": Claim(Itô, 1, 1),
    "srk1w1": Claim(Itô, 1.5, 2),
    "srk2w1": Claim(Itô, 1.5, 2),
}


def build(label):
    name, _, integral = label.partition(" (")
    return integrators.METHODS[name](integral=integral.rstrip(")") or None)


def test_every_method_that_takes_noise_is_in_the_table():
    """In every sense it can read; a new method without a row fails here."""
    found = {
        m.label: Claim(m.integral, m.strong_order, m.weak_order)
        for cls in integrators.METHODS.values()
        if cls.strong_order is not None
        for m in (cls(integral=sense) for sense in cls.integrals)
    }
    assert found == CLAIMS


# --- paths -------------------------------------------------------------------------------------------------------


@cache
def wiener(levels, finest, paths, sources=1):
    """Increments and areas of the same paths over [0, 1] in 2^k steps, k = finest - levels + 1 ... finest."""
    n = 2**finest
    with jax.enable_x64(True):
        a, b = jax.random.normal(jax.random.key(7), (2, sources, n, paths))
    h = 1 / n
    dW = np.asarray(a) * h**0.5
    area = 0.5 * h * (dW + np.asarray(b) * (h / 3) ** 0.5)
    found = [(h, dW, area)]
    for _ in range(levels - 1):
        first, second = dW[:, 0::2], dW[:, 1::2]
        area = area[:, 0::2] + area[:, 1::2] + h * first
        dW, h = first + second, 2 * h
        found.append((h, dW, area))
    return found


def test_areas_have_the_joint_law_of_the_integral():
    """Var = h³/3 and covariance h²/2 at every level, also after joining steps."""
    for h, dW, area in wiener(4, 6, 8192):
        assert (dW**2).mean() == pytest.approx(h, rel=0.02)
        assert (area**2).mean() == pytest.approx(h**3 / 3, rel=0.02)
        assert (dW * area).mean() == pytest.approx(h**2 / 2, rel=0.02)


@partial(jax.jit, static_argnums=(0, 1))
def follow(method, problem, h, dW, area):
    """The end of all paths of ``problem`` under given increments."""

    def one(carry, now):
        t, s = carry
        s = method.step_noise(problem.field, problem.diffusion, t, s, h, Wiener(*map(problem.laid_out, now)))
        return (t + h, s), None

    start = bn.Record({k: jnp.full(dW.shape[-1], x) for k, x in problem.start.items()})
    increments = (jnp.moveaxis(dW, 1, 0), jnp.moveaxis(area, 1, 0))
    return jax.lax.scan(one, (jnp.asarray(0.0), start), increments)[0][1]


def slope(steps, errors):
    """Order and its standard error from errors of shape (steps, batches)."""
    orders = [np.polyfit(np.log(steps), np.log(e), 1)[0] for e in errors.T]
    return np.polyfit(np.log(steps), np.log(errors.mean(axis=1)), 1)[0], np.std(orders) / len(orders) ** 0.5


def strong(method, problem, exact, levels):
    """Order of the mean distance of paths at the end."""
    errors = []
    for h, dW, area in levels:
        found = follow(method, problem, h, dW, area)
        distance = sum(np.abs(np.asarray(found[k]) - exact[k]) for k in exact)
        errors.append(distance.reshape(BATCHES, -1).mean(axis=1))
    return slope([h for h, *_ in levels], np.array(errors))


# --- problems ----------------------------------------------------------------------------------------------------


class Geometric:
    """dX = mu X dt + sigma X dW."""

    def __init__(self, mu, sigma):
        self.mu, self.sigma, self.start = mu, sigma, dict(x=1.0)

    def field(self, t, s):
        return dict(x=self.mu * s.x)

    def diffusion(self, t, s):
        return dict(x=self.sigma * s.x)

    def laid_out(self, dW):
        return bn.Record(x=dW[0])

    def exact(self, W, integral):
        drift = self.mu - (self.sigma**2 / 2 if integral == Itô else 0.0)
        return dict(x=np.exp(drift + self.sigma * W))


class Tanh(Geometric):
    """X = tanh(a t + b W + artanh X0): curved slope and amplitude."""

    a, b = -0.5, 0.8

    def __init__(self, integral):
        self.integral, self.start = integral, dict(x=0.3)

    def field(self, t, s):
        inner = 1 - s.x**2
        return dict(x=inner * (self.a - (self.b**2 * s.x if self.integral == Itô else 0.0)))

    def diffusion(self, t, s):
        return dict(x=self.b * (1 - s.x**2))

    def exact(self, W, integral):
        return dict(x=np.tanh(self.a + self.b * W + np.arctanh(0.3)))


class Pair:
    """Two coupled states, each with noise of its own; the Stratonovich sense wants the slope without its drift."""

    def __init__(self, integral):
        self.start = dict(x=0.8, y=0.5)
        self.shift = 0.5 if integral == Stratonovich else 0.0

    def drift(self, s):
        """Sum of the derivatives of the amplitudes along themselves."""
        return 0.36 * s.x, 0.09 * s.y

    def field(self, t, s):
        dx, dy = self.drift(s)
        return dict(
            x=s.x - s.x**3 / 3 - s.y - self.shift * dx, y=0.5 * (s.x + 0.7 - 0.8 * s.y) - self.shift * dy + 0.0 * t
        )

    def diffusion(self, t, s):
        return dict(x=0.6 * s.x, y=0.3 * s.y)

    def laid_out(self, dW):
        return bn.Record(x=dW[0], y=dW[1])


class OneSource(Pair):
    """The same slopes; one source that both hear, each with the other's value as amplitude."""

    def drift(self, s):
        return 0.2 * s.x, 0.2 * s.y

    def diffusion(self, t, s):
        return dict(x=Sources(["a"], [0.5 * s.y], 0), y=Sources(["a"], [0.4 * s.x], 0))

    def laid_out(self, dW):
        return bn.Record({k: Sources(["a"], [dW[0]], 0) for k in "xy"})


# --- orders ------------------------------------------------------------------------------------------------------


def assert_order(found, claimed):
    order, se = found
    assert order == pytest.approx(claimed, abs=0.15 + 4 * se), f"{order:.3f} ± {se:.3f}"
    assert se < 0.1


@pytest.mark.parametrize("label", CLAIMS)
def test_strong_order_on_geometric_brownian_motion(label):
    levels, claim = wiener(4, 8, 4096), CLAIMS[label]
    problem = Geometric(0.2, 0.8)
    exact = problem.exact(levels[0][1][0].sum(axis=0), claim.integral)
    assert_order(strong(build(label), problem, exact, levels), claim.strong)


@pytest.mark.parametrize("label", CLAIMS)
def test_strong_order_on_a_curved_problem(label):
    levels, claim = wiener(4, 8, 4096), CLAIMS[label]
    problem = Tanh(claim.integral)
    exact = problem.exact(levels[0][1][0].sum(axis=0), claim.integral)
    assert_order(strong(build(label), problem, exact, levels), claim.strong)


@cache
def truth(kind, finest, paths):
    """The pair on the finest paths by the most accurate method; the tests take steps of 16 times its own or more."""
    h, dW, area = wiener(8, finest, paths, 2)[0]
    with jax.enable_x64(True):
        return {k: np.asarray(x) for k, x in follow(build("srk2w1"), kind(Itô), h, dW, area).items()}


@pytest.mark.parametrize("kind", [Pair, OneSource])
@pytest.mark.parametrize("label", CLAIMS)
def test_strong_order_on_coupled_states(label, kind):
    levels, claim = wiener(8, 11, 1024, 2)[4:], CLAIMS[label]
    assert_order(strong(build(label), kind(claim.integral), truth(kind, 11, 1024), levels), claim.strong)


@pytest.mark.parametrize("label", CLAIMS)
def test_weak_order_on_geometric_brownian_motion(label):
    """Second moment; the exact solution on the same paths takes most of the chance out of the difference."""
    levels, claim = wiener(4, 6, 65536), CLAIMS[label]
    problem = Geometric(0.5, 0.5)
    exact = problem.exact(levels[0][1][0].sum(axis=0), claim.integral)["x"] ** 2
    errors = []
    for h, dW, area in levels:
        found = np.asarray(follow(build(label), problem, h, dW, area).x) ** 2
        errors.append(np.abs((found - exact).reshape(BATCHES, -1).mean(axis=1)))
    assert_order(slope([h for h, *_ in levels], np.array(errors)), claim.weak)


class ShearPaths:
    """x hears a, y hears b in proportion to x: the end is W_a(1) and the Itô integral of W_a over W_b."""

    def __init__(self):
        self.start = dict(x=0.0, y=0.0)

    def field(self, t, s):
        return dict(x=0.0 * s.x, y=0.0 * s.y)

    def diffusion(self, t, s):
        return dict(x=jnp.ones_like(s.x), y=s.x)

    def laid_out(self, dW):
        return bn.Record(x=dW[0], y=dW[1])


@pytest.mark.parametrize("method", ["euler", "euler_heun", "stochastic_heun"])
def test_sources_that_do_not_commute_leave_order_one_half(method):
    levels = wiener(8, 11, 1024, 2)
    _, (a, b), _ = levels[0]
    before = np.cumsum(a, axis=0) - a  # Itô and Stratonovich agree: a and b are independent
    exact = dict(x=a.sum(axis=0), y=(before * b).sum(axis=0))
    assert_order(strong(build(method), ShearPaths(), exact, levels[4:]), 0.5)


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
    ds = bn.simulate(Brownian(), T=1, dt=0.01, size=40000, method=build(label), seed=11)
    x = ds.x.values[-1]
    rate = 0.5 + (0.32 if CLAIMS[label].integral == Stratonovich else 0.0)
    assert x.mean() == pytest.approx(np.exp(rate), abs=4 * x.std() / np.sqrt(x.size) + 0.02)
    assert ds.attrs["method"] == label


class ForgottenRoot(integrators.EulerHeun):
    """The predictor's noise without sqrt(dt)."""

    def step_noise(self, field, diffusion, t, s, dt, w):
        far = jax.tree.map(lambda x: x / jnp.sqrt(dt), w.dW)
        kicks = diffusion(t, s)["x"] * w.dW.x
        then = diffusion(t + dt, bn.Record(x=s.x + diffusion(t, s)["x"] * far.x))["x"] * w.dW.x
        return bn.Record(x=s.x + dt * field(t, s)["x"] + 0.5 * (kicks + then))


class WrongSense(integrators.Milstein):
    """The Itô correction left out."""

    integrals = ("stratonovich",)


class WrongWeight(integrators.SRK1W1):
    """One entry of the tableau with another sign."""

    beta = ((-1.0, 4 / 3, 2 / 3, 0.0), (1.0, -4 / 3, 1 / 3, 0.0), *integrators.SRK1W1.beta[2:])


@pytest.mark.parametrize(("wrong", "integral"), [(ForgottenRoot, Stratonovich), (WrongSense, Itô), (WrongWeight, Itô)])
def test_classical_mistakes_would_be_found(wrong, integral):
    levels = wiener(4, 8, 4096)
    problem = Geometric(0.2, 0.8)
    exact = problem.exact(levels[0][1][0].sum(axis=0), integral)
    order, _ = strong(wrong(), problem, exact, levels)
    assert order < 0.6 < wrong.strong_order - 0.15
