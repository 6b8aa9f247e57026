"""The eighteen surrogate slopes: formula, primitive, tails, and the smooth spike for tests of gradients."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.core.surrogates import SURROGATES, Sigmoid, Surrogate, smooth

ALL = pytest.mark.parametrize("slope", [s() for s in SURROGATES.values()], ids=SURROGATES)

# Slope at -1, -0.1, 0, 0.1, 1, worked out by hand from the published formulas.
S = 1 / (1 + np.exp(-np.array([-4, -0.4, 0, 0.4, 4])))
BY_HAND = {
    "sigmoid": 4 * S * (1 - S),
    "piecewise_quadratic": [0, 0.9, 1, 0.9, 0],
    "piecewise_exp": [0.5 / np.e, 0.5 * np.exp(-0.1), 0.5, 0.5 * np.exp(-0.1), 0.5 / np.e],
    "soft_sign": [0.125, 0.5 / 1.21, 0.5, 0.5 / 1.21, 0.125],
    "arctan": 0.5 / (1 + (np.pi / 2 * np.array([1, 0.1, 0, 0.1, 1])) ** 2),
    "nonzero_sign_log": [0.5, 1 / 1.1, 1, 1 / 1.1, 0.5],
    "erf": np.exp([-1, -0.01, 0, -0.01, -1]) / np.sqrt(np.pi),
    "piecewise_leaky_relu": [0.5] * 5,
    "squarewave_fourier_series": 0.5 * (np.cos(np.pi / 4 * np.array([1, 0.1, 0, 0.1, 1])) + np.cos(3 * np.pi / 4 * np.array([1, 0.1, 0, 0.1, 1]))),
    "s2nn": [*(4 * S * (1 - S))[:2], 1, 1 / 1.1, 0.5],
    "q_pseudo_spike": [1 / 9, 1 / 1.44, 1, 1 / 1.44, 1 / 9],
    "leaky_relu": [0.1, 0.1, 1, 1, 1],
    "log_tailed_relu": [0, 0, 1, 1, 1],
    "relu_grad": [0, 0.27, 0.3, 0.27, 0],
    "gaussian_grad": np.exp([-2, -0.02, 0, -0.02, -2]) / np.sqrt(2 * np.pi),
    "inv_square_grad": [1 / 101**2, 1 / 121, 1, 1 / 121, 1 / 101**2],
    "slayer_grad": np.exp([-1, -0.1, 0, -0.1, -1]),
}  # fmt: skip


def normal(x, m, s):
    return np.exp(-0.5 * ((x - m) / s) ** 2) / (s * np.sqrt(2 * np.pi))


AT = np.array([-1, -0.1, 0, 0.1, 1])
BY_HAND["multi_gaussian_grad"] = 0.5 * (
    1.15 * normal(AT, 0, 0.5) - 0.15 * normal(AT, 0.5, 3.0) - 0.15 * normal(AT, -0.5, 3.0)
)


def test_eighteen_and_each_checked_by_hand():
    assert len(SURROGATES) == 18
    assert BY_HAND.keys() == SURROGATES.keys()


@pytest.mark.parametrize("name", SURROGATES)
def test_slope_is_the_published_formula(name):
    slope = SURROGATES[name]()
    np.testing.assert_allclose(slope(jnp.asarray(AT)), BY_HAND[name], rtol=1e-12, atol=1e-15)
    found = jax.vmap(jax.grad(lambda x: bn.spike(x, slope)))(jnp.asarray(AT))
    np.testing.assert_allclose(found, BY_HAND[name], rtol=1e-12, atol=1e-15)


@ALL
def test_forward_is_a_step_that_is_one_at_threshold(slope):
    assert bn.spike(jnp.array([-1e4, -1e-6, 0.0, 1e-6, 1e4]), slope).tolist() == [0, 0, 1, 1, 1]


@ALL
def test_finite_far_from_threshold_in_single_precision(slope):
    x = jnp.array([-1e4, -3.5, -1.0, 0.0, 1.0, 3.5, 1e4], jnp.float32)
    for function in (bn.spike, smooth):
        value, gradient = jax.vmap(jax.value_and_grad(lambda x, f=function: f(x, slope)))(x)
        assert value.dtype == gradient.dtype == jnp.float32
        assert np.isfinite(value).all()
        assert np.isfinite(gradient).all()


@ALL
def test_finite_differences_of_the_smooth_spike_equal_the_slope(slope):
    x = np.random.default_rng(3).uniform(-3, 3, 60)
    x = x[np.min(np.abs(np.abs(x)[:, None] - [0.0, 1.0]), axis=1) > 1e-3]  # off the kinks
    h = 1e-6
    difference = (smooth(x + h, slope) - smooth(x - h, slope)) / (2 * h)
    np.testing.assert_allclose(difference, slope(jnp.asarray(x)), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(jax.vmap(jax.grad(smooth), (0, None))(x, slope), slope(jnp.asarray(x)), rtol=1e-14)
    np.testing.assert_allclose(
        jax.vmap(jax.grad(slope.primitive))(jnp.asarray(x)), slope(jnp.asarray(x)), rtol=1e-9, atol=1e-14
    )


@ALL
def test_the_smooth_spike_is_continuous(slope):
    x = jnp.linspace(-1.5, 1.5, 30001)
    assert float(jnp.abs(jnp.diff(smooth(x, slope))).max()) < 1.5e-4


def test_a_chain_through_time_by_finite_differences():
    """A recurrent chain of smooth spikes: the gradient of the whole equals its finite difference."""
    slope = Sigmoid(3.0)

    def loss(w):
        v, total = 0.2, 0.0
        for _ in range(20):
            v = 0.9 * v + w * smooth(v - 0.5, slope) + 0.05
            total = total + v**2
        return total

    h = 1e-6
    assert float(jax.grad(loss)(0.13)) == pytest.approx(float(loss(0.13 + h) - loss(0.13 - h)) / (2 * h), rel=1e-7)


def test_built_anew_it_compiles_once():
    traces = []

    @jax.jit
    def run(x):
        traces.append(1)
        return bn.spike(x, Sigmoid(8.0))

    run(0.1), run(0.2)
    assert len(traces) == 1
    assert Sigmoid(8.0) == Sigmoid(8.0)
    assert hash(Sigmoid(8.0)) == hash(Sigmoid(8.0))


def test_own_slopes():
    @dataclasses.dataclass(frozen=True)
    class Box(Surrogate):
        half: float = 0.5

        def __call__(self, x):
            return jnp.where(jnp.abs(x) < self.half, 0.5 / self.half, 0.0)

        def primitive(self, x):
            return 0.5 + 0.5 * jnp.clip(x / self.half, -1, 1)

    assert float(jax.grad(bn.spike)(0.2, Box())) == 1.0
    assert float(jax.grad(smooth)(0.7, Box())) == 0.0
    assert float(smooth(0.25, Box())) == 0.75

    def slope(x):
        return jnp.exp(-(x**2))

    assert float(jax.grad(bn.spike)(0.0, slope)) == 1.0
    with pytest.raises(bn.ModelError, match=r"smooth takes a Surrogate.*got slope"):
        smooth(0.1, slope)
