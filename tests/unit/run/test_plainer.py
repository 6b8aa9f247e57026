"""Where nobody takes a derivative, 0 or 1 as a number is the flag it came from."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from brainnb.run.plainer import plainer
from brainnb.run.written import Program, done

X = jnp.asarray([-2.0, -0.5, 0.0, 0.5, 1.0, 3.0, jnp.nan, jnp.inf, -jnp.inf])


def rewritten(step, *arguments):
    """The results of the plainer program, and the names of its operations on arrays."""
    program = Program(step, *arguments)
    plainer(program)
    at = program.begun(arguments)
    done(program.ops, at)
    return program.ended(at), [op.name for op in program.ops if op.made[0].shape]


def check(step, *arguments):
    found, names = rewritten(step, *arguments)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(step(*arguments)), strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_array_equal(a, b)
    return names


def spike(x):
    return (x - 0.5 >= 0.0).astype(x.dtype)


@pytest.mark.parametrize(
    "reset",
    [
        lambda x, s: (1.0 - s) * x + s * -65.0,
        lambda x, s: -65.0 * s + x * (1.0 - s),
        lambda x, s: x * (1.0 - s) + s * jnp.full_like(x, 2.0),
    ],
)
def test_a_reset_is_a_choice(reset):
    names = check(lambda x: reset(x, spike(x)), X)  # a cell that ran to infinity is no number after it, and shows
    assert "convert_element_type" not in names
    assert "sub" not in names
    assert names.count("select_n") == 1


def test_a_reset_by_a_number_that_is_not_a_flag_stays():
    names = check(lambda x, s: (1.0 - s) * x + s * -65.0, X, jnp.linspace(0.0, 1.0, 9))
    assert "select_n" not in names


def test_a_difference_is_compared_as_it_is():
    bound = jnp.roll(X, 1)
    assert check(lambda x, y: (x - y > 0.0, x - y <= 0.0), X[:6], bound[:6]) == ["gt", "le"]
    assert check(lambda x: x - 0.5 < 1.0, X) == ["sub", "lt"]


def test_whole_numbers_are_compared_as_they_are_written():
    most = jnp.asarray([np.iinfo(np.int32).min, 3], jnp.int32)
    assert "sub" in check(lambda n: n - 1 >= 0, most)


def test_questions_to_a_flag_are_answered_by_it():
    names = check(lambda x: (spike(x) != 0, spike(x) > 0, spike(x).astype(bool), spike(x).astype(int) != 0), X)
    assert set(names) == {"ge"}


def test_a_choice_of_flags_is_a_flag():
    def step(x, was):
        fired = jnp.where(was, 0.0, spike(x))
        return fired != 0, fired

    names = check(step, X, jnp.arange(9) % 2 == 0)
    assert "ne" not in names


def test_what_is_known_is_computed_at_once():
    names = check(lambda x: x * jnp.float32(np.pi).astype(jnp.float32) + jnp.exp(jnp.zeros((), x.dtype)), X)
    assert names == ["mul", "add"]
