"""What must hold for any parameters: symmetry, shifts, and what eigenvalues are at special points."""

import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import brainnb as bn


@settings(max_examples=15, deadline=None)
@given(a=st.floats(0.3, 1.0), b=st.floats(0.4, 1.9), tau=st.floats(4.0, 40.0))
def test_the_symmetry_of_fitzhugh_nagumo(a, b, tau):
    r"""$I \to 2a/b - I$ with $(V, w) \to (-V, 2a/b - w)$ maps special points to special points."""
    middle = a / b
    found = bn.bifurcation(bn.neurons.FitzHughNagumo(a=a, b=b, tau=tau), "I", (middle - 5, middle + 5), cycles=False)
    values, V, l1 = found.special_value.values, found.special_V.values, found.special_coefficient.values
    there, back = np.argsort(values), np.argsort(-values)
    np.testing.assert_allclose(values[there], 2 * middle - values[back], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(V[there], -V[back], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(np.abs(l1[there]), np.abs(l1[back]), rtol=1e-3, atol=1e-3)
    # the Hopf points in closed form: V^2 = 1 - b/tau, where the determinant is positive
    square = 1 - b / tau
    exists = square > 0 and 1 - b * (1 - square) > 1e-3
    if exists:
        hopf = np.sort(V[found.special_kind.values == "hopf"])
        np.testing.assert_allclose(hopf, [-np.sqrt(square), np.sqrt(square)], rtol=1e-5)
        frequency = found.special_frequency.values[found.special_kind.values == "hopf"]
        np.testing.assert_allclose(frequency, np.sqrt((1 - b**2 / tau) / tau), rtol=1e-4)
    # and the folds, where an eigenvalue is zero: V^2 = 1 - 1/b
    if abs(b - 1) > 1e-2:
        fold = np.sort(V[found.special_kind.values == "fold"])
        expected = np.sqrt(1 - 1 / b) * np.array([-1, 1]) if b > 1 else []
        np.testing.assert_allclose(fold, expected, rtol=1e-4)


@settings(max_examples=6, deadline=None)
@given(shift=st.floats(-3.0, 3.0))
def test_the_leak_shifts_all_currents_of_hodgkin_huxley(shift):
    r"""$\Delta I = -g_L \Delta E_L$, exactly."""
    one = bn.bifurcation(bn.neurons.HodgkinHuxley(E_L=-54.4), "I", (0, 200), cycles=False)
    two = bn.bifurcation(bn.neurons.HodgkinHuxley(E_L=-54.4 + shift), "I", (0, 200), cycles=False)
    given_shift = np.float32(-54.4 + shift).astype(float) - np.float32(-54.4).astype(float)
    np.testing.assert_allclose(
        np.sort(two.special_value.values), np.sort(one.special_value.values) - 0.3 * given_shift, rtol=0, atol=1e-4
    )


class TwoUnits(bn.Model):
    """x' = -x + W tanh x + b: far out it points to the middle, so that the indices of its resting points add up to 1."""

    W: bn.Param = bn.param(np.eye(2), "1", "weights")
    b: bn.Param = bn.param(np.zeros(2), "1", "bias")
    x = bn.state(np.zeros(2), "1", "activity")

    def vector_field(self, t, s, u):
        return dict(x=-s.x + self.W @ jnp.tanh(s.x) + self.b)


@settings(max_examples=15, deadline=None)
@given(
    W=st.lists(st.floats(-3, 3), min_size=4, max_size=4),
    b=st.lists(st.floats(-1, 1), min_size=2, max_size=2),
)
def test_indices_add_up_to_the_degree(W, b):
    model = TwoUnits(W=np.reshape(W, (2, 2)), b=np.array(b))
    found = bn.fixed_points(model, bounds={"x[0]": (-8, 8), "x[1]": (-8, 8)})
    sign = np.sign(np.prod(found.eigenvalue.values, axis=1).real)
    if (found.stability != "degenerate").all():
        assert found.attrs["complete"] == 1
        assert sign.sum() == 1
    x = np.stack([found["x[0]"].values, found["x[1]"].values], 1)
    np.testing.assert_allclose(np.tanh(x) @ np.reshape(W, (2, 2)).T + b, x, atol=1e-5)
