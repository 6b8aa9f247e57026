"""The fast generator in a run: other numbers, the same process, told apart wherever results are kept."""

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.integrators import METHODS, RK4, Euler, ExponentialEuler, Milstein, Strang


class Walk(bn.Model):
    """Ornstein-Uhlenbeck in every unit, and one source that all hear."""

    tau: bn.Param = bn.param(10.0, "ms", "time constant", bounds=(1, 100))
    own: bn.Param = bn.param(1.0, "ms**-0.5", "own noise", bounds=(0, 5))
    common: bn.Param = bn.param(0.0, "ms**-0.5", "common noise", bounds=(0, 5))
    x = bn.state(0.0, "1", "position", bounds=(-10, 10))

    def vector_field(self, t, s, u):
        return dict(x=-s.x / self.tau)

    def diffusion(self, t, s, u):
        return dict(x={"own": self.own, bn.Common("all"): self.common})


class Alone(Walk):
    """The same without what all hear: every method takes it."""

    def diffusion(self, t, s, u):
        return dict(x=self.own)


def run(method, model=None, **options):
    given = dict(T=200, dt=0.5, size=500, seed=1) | options
    return bn.simulate(model or Walk(), method=method, **given)


def test_the_process_is_the_same_and_the_numbers_are_others():
    slow, fast = run(Euler()), run(Euler(generator="fast"))
    expected = np.sqrt(5.0 / (1 - 0.5 / 20))  # Euler-Maruyama at this dt
    for ds in (slow, fast):
        late = ds.x.sel(time=slice(60, None))
        assert float(late.std()) == pytest.approx(expected, rel=0.03)
        assert abs(float(late.mean())) < 0.15
    assert abs(np.corrcoef(slow.x.values.ravel(), fast.x.values.ravel())[0, 1]) < 0.05
    lag = fast.x.values[120:-20] * fast.x.values[140:]
    assert lag.mean() / expected**2 == pytest.approx(np.exp(-1), abs=0.06)


def test_units_and_seeds_hear_noise_of_their_own():
    a, b = (run(Euler(generator="fast"), seed=seed).x.values for seed in (1, 2))
    steps = np.diff(a, axis=0)
    pairs = np.corrcoef(steps.T)[np.triu_indices(500, 1)] * np.sqrt(len(steps))
    assert pairs.std() == pytest.approx(1.0, abs=0.02)
    assert abs(np.corrcoef(steps.ravel(), np.diff(b, axis=0).ravel())[0, 1]) < 0.01


def test_common_noise_is_common():
    ds = run(Euler(generator="fast"), Walk(own=0.0, common=1.0))
    assert np.ptp(ds.x.values, axis=1).max() == 0.0
    assert float(ds.x.std("time").max()) > 1.0


def test_methods_follow_one_path():
    """With one seed, one generator and a small step: the noise belongs to the run, not to the method."""
    paths = [
        run(m(generator="fast"), T=20, dt=0.01, size=5).x.values for m in (Euler, ExponentialEuler, Strang, Milstein)
    ]
    for other in paths[1:]:
        np.testing.assert_allclose(other, paths[0], atol=0.02)


def test_both_precisions_follow_one_path():
    wide, narrow = (run(Euler(generator="fast"), T=50, precision=p).x for p in ("float64", "float32"))
    np.testing.assert_allclose(wide, narrow, atol=1e-4)


def test_a_continued_run_goes_on_in_the_same_noise():
    method = Euler(generator="fast")
    whole, first = run(method, T=20), run(method, T=10)
    second = run(method, T=10, init=first)
    np.testing.assert_array_equal(second.x, whole.x[20:])


def test_sweeps_equal_single_runs():
    method = Euler(generator="fast")
    ds = bn.sweep(Walk(), {"tau": [5.0, 20.0]}, T=10, dt=0.5, size=7, seed=3, method=method)
    for tau in (5.0, 20.0):
        alone = run(method, Walk(tau=tau), T=10, size=7, seed=3)
        np.testing.assert_allclose(ds.x.sel(tau=tau), alone.x, atol=1e-12)


def test_results_say_where_their_noise_comes_from(tmp_path):
    assert run(Euler(generator="fast"), T=1).attrs["method"] == "euler(generator='fast')"
    assert run(Euler(), T=1).attrs["method"] == "euler"
    run(Euler(), T=1, store=tmp_path / "run")
    with pytest.raises(bn.StoreError, match="generator='fast'"):
        run(Euler(generator="fast"), T=1, store=tmp_path / "run")


@pytest.mark.parametrize("name", [n for n, m in METHODS.items() if m.strong_order is not None])
def test_every_stochastic_method_takes_it(name):
    ds = run(METHODS[name](generator="fast"), Alone(), T=5, dt=0.1, size=3)
    assert np.isfinite(ds.x).all()
    assert float(ds.x.std()) > 0


def test_mistakes_are_answered():
    with pytest.raises(ValueError, match=r"No generator `quick`.*threefry, fast"):
        Euler(generator="quick")
    with pytest.raises(ValueError, match="RK4 takes no noise, so there is no generator to choose"):
        RK4(generator="fast")


def test_gradients_pass_through():
    from brainnb.core import randoms

    slope = jax.grad(lambda a: (a * randoms.normal(jax.random.key(0), (10,))).sum())(2.0)
    assert float(slope) == pytest.approx(float(randoms.normal(jax.random.key(0), (10,)).sum()))
