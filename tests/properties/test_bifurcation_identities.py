"""What must hold for any parameters: symmetry, shifts, and what eigenvalues are at special points."""

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
