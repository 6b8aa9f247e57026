"""The run that is differentiated: the same numbers as ``simulate``, and gradients that are right."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import brainnb as bn
from brainnb.train import batches, losses
from brainnb.train.problem import problem
from brainnb.train.select import select
from brainnb.train.unroll import best_block

pytestmark = pytest.mark.as_run

STEPS = 60


def posed(model, data, train, loss="mse", block="all", window=None, dt=1.0, **given):
    """A problem, its free numbers, a batch and a key: what an objective takes."""
    source = batches.source(model, data, None)
    made = problem(
        select(model, train), source, losses.loss(loss, tuple(data.data_vars)[:1]), {}, given,
        dt=dt, method=None, size=(), block=block, window=window,
    )  # fmt: skip
    return made, made.selection.start(), source.batch(jax.random.key(0), 0), jax.random.key(0)


def gradient(made, free, batch, key):
    return jax.grad(lambda free: made.objective(free, batch, key)[0])(free)


@pytest.fixture(scope="module")
def hh():
    """A Hodgkin–Huxley spike and a model that misses it."""
    with jax.enable_x64(True):
        true = bn.simulate(bn.neurons.HodgkinHuxley(), T=8, dt=0.02, I=12)
        return bn.neurons.HodgkinHuxley().replace({"g_Na": 100.0}), true[["V"]]


def test_it_does_what_simulate_does(hh):
    model, data = hh
    made, free, batch, key = posed(model, data, "g_Na", dt=0.02, I=12.0)
    seen = made.seen(made.selection.with_values(free), batch, key)["V"][0]
    alone = bn.simulate(model, T=8, dt=0.02, I=12).V.values
    assert np.allclose(seen, alone, rtol=0, atol=1e-9)


def test_gradients_are_those_of_finite_differences_with_slope_two(hh):
    model, data = hh
    made, free, batch, key = posed(model, data, ["g_Na", "g_K"], dt=0.02, I=12.0, block="sqrt")
    value = jax.jit(lambda free: made.objective(free, batch, key)[0])
    exact = gradient(made, free, batch, key)["g_Na"]
    errors = []
    for h in (1e-2, 1e-3):
        up, down = (value(free | {"g_Na": free["g_Na"] + d}) for d in (h, -h))
        errors.append(abs((up - down) / (2 * h) / exact - 1))
    assert errors[1] < 1e-4
    assert np.log10(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.1)


def net(seed=0):
    return bn.rates.RateNetwork(6, 1, 1, tau=3.0, g=1.2, seed=seed).replace(
        {"readout.weight": np.random.default_rng(seed).normal(size=(1, 6))}
    )


@pytest.fixture(scope="module")
def wanted():
    rng = np.random.default_rng(3)
    course = {
        "out": (("trial", "time"), rng.normal(size=(3, STEPS))),
        "I": (("trial", "time"), rng.normal(size=(3, STEPS))),
    }
    return xr.Dataset(course, {"time": ("time", np.arange(STEPS) * 1.0, {"units": "ms"})})


@pytest.mark.parametrize("block", ["sqrt", 7, STEPS])
def test_blocks_change_the_memory_and_not_the_gradient(wanted, block):
    plain = gradient(*posed(net(), wanted, ["weight", "tau", "weight_in"]))
    blocked = gradient(*posed(net(), wanted, ["weight", "tau", "weight_in"], block=block))
    for path in plain:
        assert np.allclose(blocked[path], plain[path], rtol=1e-12, atol=1e-15)


def test_memory_grows_with_the_root_of_the_length():
    def kept(steps, block):
        data = xr.Dataset({"out": ("time", np.zeros(steps))}, {"time": ("time", np.arange(steps) * 1.0)})
        made, free, batch, key = posed(bn.rates.RateNetwork(100, tau=3.0), data, "weight", block=block)
        compiled = jax.jit(gradient).lower(made, free, batch, key).compile()
        return compiled.memory_analysis().temp_size_in_bytes

    assert kept(1024, "all") / kept(1024, "sqrt") > 5
    assert kept(4096, "sqrt") / kept(1024, "sqrt") < 2.2
    assert best_block(1000) == 31


def test_a_window_as_long_as_the_run_is_the_run_and_a_short_one_is_not(wanted):
    whole = gradient(*posed(net(), wanted, "weight"))["weight"]
    assert np.array_equal(gradient(*posed(net(), wanted, "weight", window=STEPS))["weight"], whole)
    short = gradient(*posed(net(), wanted, "weight", window=2))["weight"]
    assert not np.allclose(short, whole, rtol=0.05)
    assert float(jnp.vdot(short, whole)) > 0


def test_a_batch_is_the_mean_of_its_trials_in_any_order(wanted):
    whole = gradient(*posed(net(), wanted, "weight"))["weight"]
    parts = [gradient(*posed(net(), wanted.isel(trial=[i]), "weight"))["weight"] for i in range(3)]
    assert np.allclose(whole, np.mean(parts, 0), rtol=1e-12)
    turned = gradient(*posed(net(), wanted.isel(trial=[2, 0, 1]), "weight"))["weight"]
    assert np.allclose(turned, whole, rtol=1e-12)


def test_a_leaky_membrane_has_its_closed_form():
    class Membrane(bn.Model):
        """A leaky membrane below threshold."""

        default_method = "euler"
        w: bn.Param = bn.param(0.7, "1", "weight")
        alpha: bn.Param = bn.param(0.1, "1", "leak")
        V = bn.state(0.0, "1", "potential")
        I = bn.input(0.0, "1", "drive")

        def vector_field(self, t, s, u):
            return dict(V=self.alpha * (self.w * u.I - s.V))

    rng = np.random.default_rng(0)
    x = rng.normal(size=STEPS)
    only_last = np.zeros(STEPS)
    only_last[-1] = 1
    data = xr.Dataset(
        {"V": ("time", np.zeros(STEPS)), "I": ("time", x), "weight": ("time", only_last)},
        {"time": np.arange(STEPS) * 1.0},
    )
    made, free, batch, key = posed(Membrane(), data, ["w", "alpha"])
    seen = made.seen(made.selection.with_values(free), batch, key)["V"][0, -1]
    ago = np.arange(STEPS)[::-1]
    assert float(seen) == pytest.approx(0.7 * 0.1 * 0.9**ago @ x, rel=1e-13)
    # the loss is V(T)^2, whose slope in a parameter is 2 V(T) times that of V(T)
    found = gradient(made, free, batch, key)
    assert float(found["w"]) == pytest.approx(2 * float(seen) ** 2 / 0.7, rel=1e-12)
    in_alpha = 0.7 * (0.9**ago - 0.1 * ago * 0.9 ** (ago - 1.0)) @ x
    assert float(found["alpha"]) == pytest.approx(2 * float(seen) * in_alpha, rel=1e-12)
