"""Quasi-Newton, Gauss-Newton, SciPy, populations and several starts on one objective."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

import brainnb as bn
from brainnb.core.errors import ModelError, UnknownName
from brainnb.train import CMAES, LBFGS, DifferentialEvolution, Evosax, LevenbergMarquardt, Nevergrad, SciPy, Weights
from brainnb.train.gradients.quasi_newton import moved, newton, shortened
from brainnb.train.search.cma import adapted, cloud
from brainnb.train.transforms import Above, Between

LEARNED = dict(train=["w", "tau"], memory="all")


def learned(leaky, data, method, **more):
    return bn.fit(leaky(), data, method=method, **LEARNED | more)


METHODS = {
    "lbfgs": ("lbfgs", 60, 1e-9),
    "levenberg_marquardt": ("levenberg_marquardt", 20, 1e-9),
    "scipy": (SciPy("L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-12}), None, 1e-5),
    "cma": ("cma", 120, 1e-6),
    "differential_evolution": ("differential_evolution", 80, 1e-6),
    "evosax": (Evosax("CMA_ES", 16), 60, 1e-6),
    "nevergrad": (Nevergrad("TwoPointsDE", budget=800, size=40), None, 0.2),
}


@pytest.fixture(scope="module")
def runs(leaky):
    """Every method on the same data."""
    from .conftest import courses

    with jax.enable_x64(True):
        data = courses(leaky(w=2.0, tau=5.0))
        return {name: learned(leaky, data, rule, steps=steps) for name, (rule, steps, _) in METHODS.items()}


@pytest.mark.parametrize("name", METHODS)
def test_all_find_what_made_the_data(runs, name):
    run, within = runs[name], METHODS[name][2]
    assert float(run.model.w) == pytest.approx(2.0, rel=within)
    assert float(run.model.tau) == pytest.approx(5.0, rel=within)
    assert float(run.model.b) == 0.0
    assert run.history.attrs["method"]


@pytest.mark.parametrize(
    "rule",
    [
        LBFGS(),
        LevenbergMarquardt(),
        SciPy(iterations=2),
        CMAES(),
        DifferentialEvolution(),
        Nevergrad("OnePlusOne", 800, 40),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_some_steps_and_the_rest_later_are_all_steps(leaky, data, tmp_path, rule):
    whole = learned(leaky, data, rule, steps=5, keep="last")
    learned(leaky, data, rule, steps=2, keep="last", checkpoint=tmp_path)
    if isinstance(rule, Nevergrad):
        rule.live.clear()  # as in another process
    rest = learned(leaky, data, rule, steps=5, keep="last", checkpoint=tmp_path)
    assert rest.made < whole.made or whole.step < 5
    assert float(rest.model.w).hex() == float(whole.model.w).hex()
    assert np.array_equal(rest.history.loss, whole.history.loss)


def test_the_two_loops_are_the_bfgs_formula():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(4, 4))
    A = A @ A.T + np.eye(4)
    steps = rng.normal(size=(3, 4))  # newest first
    falls = steps @ A
    H = np.eye(4) * (steps[0] @ falls[0]) / (falls[0] @ falls[0])
    for s, y in zip(steps[::-1], falls[::-1], strict=True):
        V = np.eye(4) - np.outer(y, s) / (s @ y)
        H = V.T @ H @ V + np.outer(s, s) / (s @ y)
    g = rng.normal(size=4)
    assert np.allclose(newton(jnp.array(g), jnp.array(steps), jnp.array(falls), jnp.int32(3)), H @ g, rtol=1e-12)
    two = newton(jnp.array(g), jnp.array(steps).at[2].set(0), jnp.array(falls).at[2].set(0), jnp.int32(2))
    padded = newton(jnp.array(g), jnp.array(steps), jnp.array(falls), jnp.int32(2))
    assert np.allclose(two, padded, rtol=1e-14)


def rosenbrock(x):
    return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_quasi_newton_along_a_curved_valley():
    x = jnp.array([-1.2, 1.0])
    zero, past = jnp.zeros(()), jnp.zeros((10, 2))
    from brainnb.train.gradients.quasi_newton import Search

    at = Search(x, zero, 0 * x, 0 * x, zero, past, past, jnp.int32(0), jnp.bool_(False), jnp.int32(0))

    @jax.jit
    def update(at):
        x = at.at + at.length * at.direction
        loss, g = jax.value_and_grad(rosenbrock)(x)
        promised = at.length * at.gradient @ at.direction
        good = ~at.begun | ((loss <= at.loss + 1e-4 * promised) & (promised < 0))
        after = moved(at, x, loss, g), shortened(at, loss, promised, jnp.isfinite(loss))
        return jax.tree.map(lambda a, b: jnp.where(good, a, b), *after)

    for _ in range(60):  # SciPy's needs 48 evaluations
        at = update(at)
    assert np.allclose(at.at, 1.0, atol=1e-6)


def test_cma_on_rosenbrock_needs_what_the_reference_needs():
    """About 2000 evaluations in five dimensions to 1e-9 (Hansen's own code)."""

    @jax.jit
    def update(state, key):
        population = CMAES().ask(state, key)
        losses = jax.vmap(rosenbrock)(population)
        return adapted(state, population, losses), losses.min()

    counts = []
    for seed in range(3):
        state = cloud(jnp.zeros(5), 0.5)
        for k in range(600):
            state, least = update(state, jax.random.fold_in(jax.random.key(seed), k))
            if least < 1e-9:
                break
        counts.append(8 * (k + 1))
        assert np.allclose(state.C, state.C.T)
    assert 1200 < np.median(counts) < 3200


def test_a_bound_is_given_to_scipy_as_it_is(leaky, data):
    """The best time constant lies outside: it ends on the bound, which a transform never reaches."""
    beyond = data.assign(V=data.V * 0 + data.I)  # no time constant is short enough
    run = learned(leaky, beyond, SciPy(), train="tau")
    assert float(run.model.tau) == 1.0
    assert run.stop_reason == "SciPy's L-BFGS-B has converged"
    least = scipy.optimize.minimize_scalar(
        lambda tau: bn.train.evaluate(leaky(tau=tau), beyond), bounds=(1, 100), method="bounded", options={"maxiter": 6}
    )
    assert run.loss <= least.fun


def test_bounds_that_were_asked_for_are_given_to_scipy_in_place_of_its_own(leaky, data):
    """``tau`` may be 1 to 100 ms; asked to stay above 5, it ends there, and on either side of one bound."""
    beyond = data.assign(V=data.V * 0 + data.I)
    for way in (Between(5.0, 50.0), Above(5.0)):
        run = learned(leaky, beyond, SciPy(), train="tau", transforms={"tau": way})
        assert float(run.model.tau) == 5.0
    slower = learned(leaky, data.assign(V=data.V * 0), SciPy(), train="tau", transforms={"tau": Above(30.0, -1)})
    assert float(slower.model.tau) == 30.0


def test_gauss_newton_squares_the_error(leaky, data):
    run = learned(leaky, data, LevenbergMarquardt(1e-8), train=["w", "b"], steps=4)
    assert float(run.history.loss[0]) > 1e-3
    exact = learned(leaky, data.assign(V=data.V + 0.3), LevenbergMarquardt(1e-12), train=["w", "b"], steps=3)
    lstsq = scipy.optimize.least_squares(lambda x: residuals(leaky(w=x[0], b=x[1]), data), [1.0, 0.0])
    assert float(exact.model.w) == pytest.approx(lstsq.x[0], rel=1e-6)  # linear in both: one step is enough
    assert float(exact.history.loss[1]) == pytest.approx(float(exact.history.loss[2]), rel=1e-9)


def residuals(model, data):
    from .conftest import courses

    return (courses(model).V.values - data.V.values - 0.3).ravel()


def test_several_starts_in_one_program(leaky, data):
    run = learned(leaky, data, "lbfgs", starts=6, steps=40)
    assert run.history.start_loss.dims == ("start", "step")
    assert run.history.attrs["starts"] == 6
    assert np.allclose(run.history.start_loss.min("start"), run.history.loss)
    assert float(run.model.tau) == pytest.approx(5.0, rel=1e-6)
    alone = learned(leaky, data, "lbfgs", steps=40)
    first = run.history.start_loss.sel(start=0)
    assert np.allclose(first[: alone.step], alone.history.loss[: first.size], rtol=1e-6, atol=1e-20)
    models = run.chunks.rule.models(run.chunks.problem, run.chunks.now.carry)
    assert len({float(m.tau) for m in models}) > 1
    assert all(1 <= float(m.tau) <= 100 for m in models)


def test_a_lost_start_ends_nothing(leaky, data):
    def loss(seen, targets):
        V = seen["V"]
        return jnp.where(jnp.max(jnp.abs(V)) > 1.5, jnp.nan, jnp.mean((V - targets["V"]) ** 2))

    judged = bn.train.FromFunction(loss, ("V",))
    run = learned(leaky, data, "bptt", starts=4, spread=5.0, train="w", steps=3, loss=judged, keep="last")
    lost = np.isnan(run.history.start_loss.values[:, -1])
    assert 0 < lost.sum() < 4
    assert run.stop_reason == "all steps were made"
    assert np.isfinite(float(run.model.w))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (dict(method="lbfgs", batch=2), ModelError, "same trials"),
        (dict(method="scipy", batch=2), ModelError, "same trials"),
        (dict(method="levenberg_marquardt", loss="mae"), ModelError, "MAE is not a sum of squares"),
        (
            dict(method="levenberg_marquardt", loss=bn.train.MSE("V") + Weights("w", power=1)),
            ModelError,
            "Weights is not",
        ),
        (dict(method="lbfgs", optimizer=0.1), ModelError, "no such setting; it takes memory"),
        (dict(method=LBFGS(), optimizer=0.1), ModelError, "give it to the rule"),
        (dict(method="scipy", starts=4), ModelError, "works on the host"),
        (dict(spread=1.0), ModelError, "say how many, starts=16"),
        (dict(starts=4, spread=-1.0), ModelError, "above 0"),
    ],
)
def test_mistakes(leaky, data, change, error, message):
    with pytest.raises(error, match=message):
        bn.fit(leaky(), data, **dict(train="w", steps=1) | change)


def test_numbers_and_names_that_make_no_sense():
    for make, error, said in [
        (lambda: LBFGS(0), ModelError, "memory=0"),
        (lambda: CMAES(sigma=0.0), ModelError, "sigma=0.0"),
        (lambda: CMAES(size=2), ModelError, "4 members"),
        (lambda: DifferentialEvolution(crossover=0.0), ModelError, "crossover=0.0"),
        (lambda: LevenbergMarquardt(0.0), ModelError, "damping=0.0"),
        (lambda: SciPy("L-BFGS"), UnknownName, "L-BFGS-B"),
        (lambda: SciPy(iterations=0), ModelError, "iterations=0"),
        (lambda: Evosax("CMAES"), UnknownName, "CMA_ES"),
        (lambda: Nevergrad("TwoPointDE"), UnknownName, "TwoPointsDE"),
        (lambda: Nevergrad("CMA", budget=5, size=9), ModelError, "members from 1 to the budget"),
    ]:
        with pytest.raises(error, match=said):
            make()


def test_packages_that_are_not_there_are_named(monkeypatch):
    for package, make, said in [
        ("evosax", lambda: Evosax("CMA_ES"), "pip install evosax"),
        ("nevergrad", lambda: Nevergrad("CMA"), "pip install nevergrad"),
        ("sklearn", lambda: bn.train.lasso(), "pip install scikit-learn"),
    ]:
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(ModelError, match=said):
            make()
