"""A model as dx/dt = f(x, p): the same numbers as its vector field, one kernel for all values."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.analysis.cases import case
from brainnb.analysis.flow import kernel
from brainnb.run import cache


@kernel
def slope(flow, x, p):
    return flow(x, p), jax.jacfwd(flow)(x, p)


def test_it_is_the_vector_field_of_the_model():
    found = case(bn.neurons.FitzHughNagumo(), I=0.5)
    assert found.names == ("V", "w")
    f, J = slope(found.flow, np.array([0.3, -0.2]), found.p)
    np.testing.assert_allclose(f, [0.3 - 0.3**3 / 3 + 0.2 + 0.5, (0.3 + 0.7 + 0.8 * 0.2) / 12.5], rtol=1e-15)
    np.testing.assert_allclose(J, [[1 - 0.09, -1], [1 / 12.5, -0.8 / 12.5]], rtol=1e-14)


def test_single_precision_is_read_as_typed():
    """The user's float32 model: 0.7 is 0.7, not 0.699999988."""
    with jax.enable_x64(False):
        found = case(bn.neurons.FitzHughNagumo(), I=0.33128133745475)
    assert found.value("a") == 0.7
    assert found.value("I") == 0.33128133745475
    assert jnp.zeros(1).dtype == jnp.float64  # the suite's own setting, as it was


def test_values_compile_nothing():
    model = bn.neurons.HodgkinHuxley()
    one = case(model, I=1.0)
    slope(one.flow, one.x, one.p)
    before = cache.trace_count()
    for I in range(5):
        other = case(model.replace(g_K=30.0 + I), I=I)
        slope(other.flow, other.x, other.p)
        slope(other.flow, other.x, one.p.put(one.constant("g_Na"), 100.0))
    assert cache.trace_count() == before


def test_a_held_state_becomes_a_constant():
    found = case(bn.neurons.HindmarshRose(), hold=["z"], I=2.0)
    assert found.names == ("x", "y")
    other = found.with_value("z", 1.5)
    f, _ = slope(other.flow, np.array([0.2, -1.0]), other.p)
    np.testing.assert_allclose(f, [-1.0 - 0.2**3 + 3 * 0.04 + 2.0 - 1.5, 1 - 5 * 0.04 + 1.0], rtol=1e-13)


def test_states_in_parts_and_arrays_have_names():
    neuron = bn.neurons.Cell(
        channels={"Na": bn.channels.SodiumHH1952(), "K": bn.channels.PotassiumHH1952(), "leak": bn.channels.Leak()}
    )
    assert case(neuron).names == ("V", "Na.m", "Na.h", "K.n")
    ring = case(bn.rates.CANN())
    assert ring.names[:2] == ("U[0]", "U[1]")
    with pytest.raises(bn.ModelError, match=r"`U` of CANN is an array; name one of its numbers, such as 'U\[0\]'"):
        ring.state("U")


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda m: case(m, I=bn.inputs.Step(amplitude=1.0)), "Step changes in time; analysis asks"),
        (lambda m: case(m, I=lambda t: t), "changes in time"),
        (lambda m: case(m, J=1.0), "no input or option `J`|`J`"),
        (lambda m: case(m, hold=["q"]), "`q`"),
        (lambda m: case(m, hold=["V", "w"]), "All states of FitzHughNagumo are held"),
        (lambda m: case(m).constant("V"), "a state of FitzHughNagumo that evolves; a parameter or an input"),
        (lambda m: case(m).constant("ta"), "tau"),
        (lambda m: case(type(m)), "build a model first"),
        (lambda m: case(bn.rates.MackeyGlass()), "reads its own past"),
        (lambda m: case(bn.neurons.FractionalIzhikevich()), "fractional order"),
    ],
)
def test_what_cannot_be_analysed_is_said(ask, answer):
    with pytest.raises((bn.ModelError, bn.UnknownName), match=answer):
        ask(bn.neurons.FitzHughNagumo())


def test_a_field_that_asks_for_the_time_is_refused():
    class Clock(bn.Model):
        x = bn.state(0.0, "1", "position")

        def vector_field(self, t, s, u):
            return dict(x=jnp.sin(t) - s.x)

    with pytest.raises(bn.ModelError, match="depends on the time t; make what changes an input"):
        case(Clock())
