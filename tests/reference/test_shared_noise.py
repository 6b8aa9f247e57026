"""Noise that states share by name: covariances, sources that do not commute, and what higher methods refuse."""

import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb import integrators

Itô, Stratonovich = "ito", "stratonovich"
METHODS = [cls for cls in integrators.METHODS.values() if cls.strong_order is not None]


class Driven(bn.Model):
    """Two leaky quantities, the second fed by the first; one source is theirs together, one is the second's."""

    x = bn.state(0.0, "1", "first")
    y = bn.state(0.0, "1", "second")

    def vector_field(self, t, s, u):
        return dict(x=-s.x, y=0.5 * s.x - 2 * s.y)

    def diffusion(self, t, s, u):
        return dict(y={"b": 0.6, "a": -0.5}, x={"a": 1.0})


def stationary_covariance():
    """The solution of A C + C A' + B B' = 0."""
    A, B = np.array([[-1, 0], [0.5, -2]]), np.array([[1.0, 0.0], [-0.5, 0.6]])
    eye = np.eye(2)
    return np.linalg.solve(np.kron(A, eye) + np.kron(eye, A), -(B @ B.T).ravel()).reshape(2, 2)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_shared_noise_has_the_covariance_of_its_sources(method):
    """Over independent units and moments; additive noise means the same in both senses."""
    implicit = method is integrators.ImexEuler  # it solves all units together, so a few of them, for long
    T, size = (4000, 10) if implicit else (8, 12000)
    ds = bn.simulate(Driven(), T=T, dt=0.02, every=400, size=size, method=method, seed=2)
    x, y = ds.x.values.ravel(), ds.y.values.ravel()
    C = stationary_covariance()
    n = np.sqrt(x.size)
    for found, wanted in ((x * x, C[0, 0]), (x * y, C[0, 1]), (y * y, C[1, 1])):
        assert found.mean() == pytest.approx(wanted, abs=4 * found.std() / n + 0.03 * np.sqrt(C[0, 0] * C[1, 1]))


class Shear(bn.Model):
    """x hears a, y hears b in proportion to x: the area between the two sources matters."""

    x = bn.state(0.0, "1", "first")
    y = bn.state(0.0, "1", "second")

    def vector_field(self, t, s, u):
        return dict(x=0.0, y=0.0)

    def diffusion(self, t, s, u):
        return dict(x=1.0, y=s.x)


NEEDS = {name: m.noise for name, m in integrators.METHODS.items() if m.noise != "any"}


def test_the_methods_of_higher_order_say_what_they_need():
    assert NEEDS == {
        "milstein": "commutative",
        "milstein_grad_free": "separate",
        "klpl": "separate",
        "srk1w1": "separate",
        "srk2w1": "separate",
    }


@pytest.mark.parametrize("method", NEEDS)
def test_sources_that_do_not_commute_are_refused(method):
    with pytest.raises(bn.ModelError, match=rf"'{method}' needs noise whose sources commute.*`y`"):
        bn.simulate(Shear(), T=1, method=method)


class Both(Driven):
    """Two sources that both states hear in proportion to themselves: they commute, and they meet."""

    def init_state(self, size=(), key=None):
        return bn.Record(x=jnp.ones(size), y=jnp.ones(size))

    def diffusion(self, t, s, u):
        return dict(x={"a": 0.3 * s.x, "b": 0.4 * s.x}, y={"a": 0.2 * s.y, "b": -0.3 * s.y})

    def vector_field(self, t, s, u):
        return dict(x=0.0, y=0.0)


@pytest.mark.parametrize("integral", [Itô, Stratonovich])
def test_milstein_takes_sources_that_commute_and_meet(integral):
    """Means 1 in the Itô sense; exp of half the squared amplitudes in the other."""
    method = integrators.Milstein(integral=integral)
    ds = bn.simulate(Both(), T=1, dt=0.02, every=50, size=20000, method=method, seed=4)
    for name, total in (("x", 0.25), ("y", 0.13)):
        x = ds[name].values[-1]
        mean = np.exp(total / 2) if integral == Stratonovich else 1.0
        assert x.mean() == pytest.approx(mean, abs=4 * x.std() / np.sqrt(x.size))
        logs = np.log(x)
        assert logs.var() == pytest.approx(total, abs=0.02)
    with pytest.raises(bn.ModelError, match=r"'srk1w1' is for one source.*`x` and `y`.*'milstein'"):
        bn.simulate(Both(), T=1, method="srk1w1")


# --- who shares what ------------------------------------------------------------------------------------------------


class Cells(bn.Model):
    """Three quantities a unit, one of them an array of two."""

    x = bn.state(0.0, "1", "alone")
    y = bn.state(0.0, "1", "with z")
    z = bn.state([0.0, 0.0], "1", "with y")

    def vector_field(self, t, s, u):
        return dict(x=-s.x, y=-s.y, z=-s.z)

    def diffusion(self, t, s, u):
        return dict(x=1.0, y={"a": 1.0, bn.Common("all"): 1.0}, z={"a": jnp.array([1.0, -2.0])})


@pytest.mark.parametrize("method", ["euler", "milstein", "srk1w1"])
def test_a_source_belongs_to_a_unit_and_a_common_one_to_all(method):
    ds = bn.simulate(Cells(), T=0.1, dt=0.1, size=3, method=method, seed=3)
    x, y, z = (ds[n].values[-1] for n in "xyz")
    assert len(np.unique(np.abs(x))) == 3
    np.testing.assert_allclose(z[:, 1], -2 * z[:, 0], rtol=1e-12)
    assert len(np.unique(z[:, 0])) == 3
    rest = y - z[:, 0]
    np.testing.assert_allclose(rest, rest[0], rtol=1e-9)
    assert abs(rest[0]) > 1e-3


class Twin(bn.Model):
    """Two parts that hear one source; their states are equal for ever."""

    left: Driven = bn.part(Driven)
    right: Driven = bn.part(Driven)

    def vector_field(self, t, s, u):
        return dict(left=self.left.vector_field(t, s.left, u), right=self.right.vector_field(t, s.right, u))

    def diffusion(self, t, s, u):
        return dict(left=self.left.diffusion(t, s.left, u), right=dict(x={"a": 1.0}))


def test_parts_share_sources_by_name():
    ds = bn.simulate(Twin(), T=5, dt=0.05, seed=1, record=["left.x", "right.x"])
    np.testing.assert_array_equal(ds["left.x"], ds["right.x"])
    assert float(np.abs(ds["left.x"]).max()) > 0.1


class SharedStimulus(bn.inputs.Noise):
    """Noise whose source happens to bear the name of one of the model's."""

    def diffusion(self, t, s, u):
        return dict(x={"a": 1.0})


class Listener(bn.Model):
    """A state that hears the source `a` and is given an input."""

    x = bn.state(0.0, "1", "own noise")
    I = bn.input(0.0, "1", "given")

    def vector_field(self, t, s, u):
        return dict(x=-s.x / 5.0)

    def diffusion(self, t, s, u):
        return dict(x={"a": 1.0})


def test_sources_of_a_stimulus_are_its_own():
    stimulus = SharedStimulus(tau=5.0, sigma=0.0)
    ds = bn.simulate(Listener(), T=2000, dt=0.5, I=stimulus, record=["x", "I"], seed=1)
    assert abs(np.corrcoef(ds.x, ds.I)[0, 1]) < 0.3
    assert float(ds.I.std()) > 0.5


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_one_seed_is_one_path_and_a_run_continues_it(method):
    options = dict(dt=0.05, method=method, seed=9)
    whole = bn.simulate(Driven(), T=2, **options)
    first = bn.simulate(Driven(), T=1, **options)
    second = bn.simulate(Driven(), T=1, init=first, **options)
    np.testing.assert_array_equal(np.concatenate([first.y, second.y]), whole.y)
    other = bn.simulate(Driven(), T=2, **options | dict(seed=10))
    assert not np.array_equal(other.y, whole.y)


def test_methods_follow_the_same_path():
    runs = [bn.simulate(Driven(), T=2, dt=0.002, method=m, seed=5).y for m in ("euler", "stochastic_heun", "srk2w1")]
    for run in runs[1:]:
        np.testing.assert_allclose(run, runs[0], atol=0.02)
    assert float(np.abs(runs[0]).max()) > 0.1


def test_a_sweep_of_the_amplitude_equals_single_runs_and_never_retraces():
    class Loud(Driven):
        sigma: bn.Param = bn.param(0.5, "1", "noise", bounds=(0, 2))

        def diffusion(self, t, s, u):
            return dict(x={"a": self.sigma * s.y}, y={"a": 0.2})

    options = dict(T=1, dt=0.05, method="milstein", seed=1)
    grid = bn.sweep(Loud(), {"sigma": [0.0, 1.0]}, **options)
    bn.simulate(Loud(), **options)
    before = bn.run.cache.trace_count()
    for sigma in (0.0, 1.0):
        one = bn.simulate(Loud(sigma=sigma), **options)
        np.testing.assert_allclose(grid.x.sel(sigma=sigma), one.x, rtol=1e-12, atol=1e-14)
    assert bn.run.cache.trace_count() == before


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_without_noise_a_method_is_its_deterministic_part(method):
    ds = bn.simulate(bn.neurons.FitzHughNagumo(), T=20, dt=0.01, I=0.5, method=method)
    exact = bn.simulate(bn.neurons.FitzHughNagumo(), T=20, dt=0.01, I=0.5, method="rk4")
    np.testing.assert_allclose(ds.V, exact.V, atol=0.1)
