"""What is one number for all cells is computed once, and the result is the same."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from brainnb.run.narrow import narrowed
from brainnb.run.written import Program

X = jnp.linspace(-2.0, 3.0, 7)
MASK = X > 0.5


def check(step, *arguments):
    """The step gives the same; returns the operations on arrays that remain."""
    kept = {}

    def look(*given):
        inside = narrowed(step, *given)
        kept["names"] = [op.name for op in Program(inside, *given).ops if op.made[0].shape]
        return inside(*given)

    found = jax.jit(look)(*arguments)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(step(*arguments)), strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=1e-6)
    return kept["names"]


def test_an_exponential_of_equal_numbers_is_taken_once():
    names = check(lambda x, tau: x + jnp.exp(-jnp.ones_like(x) / tau), X, jnp.float32(3.0))
    assert "exp" not in names
    assert "div" not in names


def test_division_by_a_number_multiplies():
    assert check(lambda x, tau: x / tau, X, jnp.float32(3.0)) == ["mul"]


def test_one_of_two_numbers_is_followed():
    def step(x, tau):
        slope = jnp.where(x > 0.5, -1.0 / tau, 0.0)
        return x * jnp.where(jnp.abs(slope) < 0.01, 1.0, jnp.exp(slope))

    names = check(step, X, jnp.float32(3.0))
    assert "exp" not in names
    assert names.count("select_n") == 1


def test_two_masks_stay():
    check(lambda x, a: jnp.where(x > 0.5, a, 0.0) * jnp.where(x > 1.5, a, 1.0), X, jnp.float32(3.0))


def test_what_only_decays_is_one_product():
    def step(g, tau):
        g = g + 0.05 * (-g / tau)
        return g - 0.05 * (g / tau)

    assert check(step, X, jnp.float32(5.0)) == ["mul"]


def test_sums_of_different_arrays_stay():
    assert sorted(check(lambda x, y, a: x * a - y * a, X, X + 1.0, jnp.float32(2.0))) == ["mul", "mul", "sub"]


@pytest.mark.parametrize("a", [jnp.int32(3), jnp.float32(3.0)])
def test_whole_numbers_stay_whole(a):
    check(lambda x: (jnp.arange(5) * a, jnp.full(5, a) // 2, x), X)


def test_results_that_are_numbers_or_constants():
    check(lambda x, a: (a, 2.0 * a, jnp.zeros(3), jnp.full(4, a), jnp.where(MASK, a, 1.0)), X, jnp.float32(2.0))


def test_programs_within_are_written_out():
    assert "jit" not in check(lambda x, a: jnp.where(x > a, jax.nn.relu(x), 0.0), X, jnp.float32(0.1))


def test_what_is_not_elementwise_stays():
    assert "cumsum" in check(lambda x, a: jnp.cumsum(x * a) / a, X, jnp.float32(2.0))


def test_a_sign_is_followed_and_not_multiplied_with():
    def step(x, y, g):
        open_, close = -x * g, -y * g
        return x * g, y * g, jnp.tanh((open_ + close) / 3.0), (-x) * jnp.sin(y)

    names = check(step, X, X + 1.0, jnp.float32(2.0))
    assert names.count("neg") <= 1
    assert names.count("mul") <= 5


@pytest.mark.parametrize(
    "step",
    [
        lambda x, y: (-x - y, -x + y, x - -y, -x * -y),
        lambda x, y: (jnp.negative(-x), -(2.0 * x) - (-3.0 * x), (-x) / 4.0),
        lambda x, y: (-x + -y) * 0.5,
        lambda x, y: -(x * 0.25) * y,
        lambda x, y: jnp.where(x > 0.5, -x, 0.0) * jnp.where(x > 0.5, 2.0, 3.0),
        lambda x, y: jnp.where(x > 0.5, 0.0, -x / 5.0) * jnp.where(x > 0.5, 2.0, 3.0) * 7.0,
        lambda x, y: jnp.where(x > 0.5, x * 2.0, 0.0) * jnp.where(y > 0.5, 2.0, 3.0),
    ],
)
def test_signs_and_zeros_stay_right(step):
    check(step, X, 1.0 - X)


def test_what_rests_is_scaled_after_the_choice():
    def step(v, drive, tau, gain):
        free = v > 0.0
        slope = jnp.where(free, drive / tau, 0.0)
        return v + 0.1 * slope * gain * jnp.where(free, jnp.exp(-0.1 / tau), 1.0)

    names = check(step, X, X + 2.0, jnp.float32(3.0), jnp.float32(2.0))
    assert (names.count("mul"), names.count("select_n")) == (1, 1)


@pytest.mark.parametrize(
    "step",
    [
        lambda x, tau: jnp.where(tau > 0, x / tau, 0.0),
        lambda x, tau: jnp.where(jnp.full(x.shape, tau > 0), x / tau, 0.0),
        lambda x, tau: jnp.where(jnp.full_like(x, tau) > 0, x / tau, 0.0) + x,
    ],
)
def test_a_division_that_is_kept_away_stays_away(step):
    check(step, X, jnp.float32(0.0))
    check(step, X, jnp.float32(2.0))
