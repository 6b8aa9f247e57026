"""Near one state: the matrix, its modes, what is said where there is nothing to say."""

import jax
import numpy as np
import pytest

import brainnb as bn
from brainnb.run import cache


def test_the_matrix_of_a_planar_neuron():
    model = bn.neurons.FitzHughNagumo()
    at = bn.linearize(model, {"V": 0.5, "w": 0.0}, I=0.2)
    np.testing.assert_allclose(at.jacobian, [[0.75, -1], [0.08, -0.064]], rtol=1e-12)
    np.testing.assert_allclose(at.input_jacobian, [[1], [0]], atol=1e-14)
    np.testing.assert_allclose(at.slope, [0.5 - 0.125 / 3 + 0.2, 1.2 / 12.5], rtol=1e-12)
    values = at.eigenvalue.values
    np.testing.assert_allclose(np.poly(values), [1, -(0.75 - 0.064), -0.75 * 0.064 + 0.08], rtol=1e-10)
    np.testing.assert_allclose(at.right.values @ np.diag(values) @ at.left.values, at.jacobian, atol=1e-12)
    np.testing.assert_allclose(at.left.values @ at.right.values, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(at.time_constant, -1 / values.real)
    np.testing.assert_allclose(at.frequency, abs(values.imag) / (2 * np.pi) * 1000)
    for variable in at.data_vars.values():
        assert {"units", "long_name"} <= variable.attrs.keys()


def test_without_a_state_it_goes_to_rest_and_says_when_there_is_none():
    at = bn.linearize(bn.neurons.FitzHughNagumo(), I=0.0)
    assert at.V.item() == pytest.approx(-1.1994080351, abs=1e-9)
    assert at.stability.item() == "stable focus"
    with pytest.raises(ValueError, match=r"no resting point was reached .* give a state"):
        bn.linearize(bn.neurons.QIF.normal_form(), I=1.0)


def test_values_compile_nothing_and_single_precision_is_enough():
    model = bn.neurons.FitzHughNagumo()
    bn.linearize(model, I=0.0)
    before = cache.trace_count()
    for I in np.linspace(0, 1, 100):
        bn.linearize(model.replace(a=0.6 + 0.1 * I), I=I)
    assert cache.trace_count() == before
    with jax.enable_x64(False):
        at = bn.linearize(bn.neurons.FitzHughNagumo(), I=0.0)
    assert at.V.item() == pytest.approx(-1.1994080351, abs=1e-9)


def test_a_map_is_compared_with_the_unit_circle():
    turn = 0.5 * np.array([[0.0, 1.0], [-1.0, 0.0]])
    at = bn.linearize(lambda x: turn @ x, [0.0, 0.0], map=True)
    assert at.stability.item() == "stable focus"
    np.testing.assert_allclose(at.time_constant, 1 / np.log(2))
    np.testing.assert_allclose(at.frequency, 0.25)
    assert at.frequency.attrs["units"] == "1/step"


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda: bn.linearize(lambda x: x), "give states of it as an array"),
        (lambda: bn.linearize(lambda x: x[:1], [0.0, 1.0]), r"of shape \(2,\) became \(1,\)"),
        (lambda: bn.linearize(bn.neurons.FitzHughNagumo(), [0.0]), "1 numbers were given; 2 were expected"),
        (lambda: bn.linearize(bn.neurons.FitzHughNagumo(), {"q": 1.0}), "`q`"),
        (lambda: bn.slow_points(bn.neurons.FitzHughNagumo(), np.zeros((3, 5))), "does not hold states of 2 numbers"),
        (lambda: bn.slow_points(lambda x: x, np.zeros((3, 2)), I=1.0), "takes no inputs"),
    ],
)
def test_what_is_wrong_is_said(ask, answer):
    with pytest.raises((bn.ModelError, bn.UnknownName), match=answer):
        ask()
