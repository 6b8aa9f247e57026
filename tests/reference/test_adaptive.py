"""The adaptive pairs keep their tolerance, take the steps that it asks for, and say when they cannot."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import brainnb as bn
from brainnb.core.record import Record
from brainnb.integrators import EMBEDDED, DormandPrince

PAIRS = pytest.mark.parametrize("pair", EMBEDDED, ids=lambda m: m.name)


class Pendulum(bn.Model):
    """x'' = -x: cos t."""

    x = bn.state(1.0)
    v = bn.state(0.0)

    def vector_field(self, t, s, u):
        return dict(x=s.v, v=-s.x)


@PAIRS
def test_the_error_follows_the_tolerance(pair):
    """The error over 20 ms is some tens of tolerances, and a thousandth of the tolerance is a thousandth of the error."""
    rough = pair.name == "rkf12"  # its estimate is 1/512 of the usual; see its docstring
    loose, factor = (1e-5, 5000) if rough else (1e-4, 100)
    errors = []
    for tolerance in (loose, loose * 1e-3):
        method = pair(rtol=tolerance, atol=tolerance, max_steps=100_000)
        ds = bn.simulate(Pendulum(), T=20, dt=2.5, method=method)
        errors.append(float(np.abs(ds.x - np.cos(ds.time)).max()))
        assert errors[-1] < factor * tolerance
    assert errors[0] / 3000 < errors[1] < errors[0] / 300


@PAIRS
def test_the_spacing_of_the_output_does_not_matter(pair):
    """Two spacings differ by what the tolerance allows, far less than the coarse spacing as a step would."""
    fhn = bn.neurons.FitzHughNagumo()
    tolerance = 1e-7 if pair.order > 2 else 1e-5
    method = pair(rtol=tolerance, atol=tolerance)
    coarse = bn.simulate(fhn, T=40, dt=5, I=0.5, method=method)
    fine = bn.simulate(fhn, T=40, dt=0.5, every=10, I=0.5, method=method)
    np.testing.assert_allclose(coarse.V, fine.V, atol=2000 * tolerance)


def test_a_spike_of_hodgkin_and_huxley_is_followed():
    found = bn.simulate(bn.neurons.HodgkinHuxley(), T=20, dt=0.5, I=10, method=DormandPrince(rtol=1e-9, atol=1e-9))
    exact = bn.simulate(bn.neurons.HodgkinHuxley(), T=20, dt=0.0025, every=200, I=10, method="rk4")
    np.testing.assert_allclose(found.V, exact.V, atol=2e-5)


def evaluations(method, rate, dt=10.0):
    """How often the field is asked in one step of x' = -rate (x - cos t)."""
    asked = []

    def field(t, s):
        jax.debug.callback(lambda _: asked.append(1), t)
        return dict(x=-rate * (s.x - jnp.cos(t)))

    jax.block_until_ready(method.step(field, jnp.array(0.0), Record(x=jnp.array(0.0)), jnp.array(dt)))
    jax.effects_barrier()
    return len(asked)


def test_steps_are_as_many_as_the_equations_ask_for():
    gentle, stiff = (evaluations(DormandPrince(rtol=1e-4, atol=1e-4), rate) for rate in (1.0, 50.0))
    loose, tight = (evaluations(DormandPrince(rtol=tol, atol=tol), 1.0) for tol in (1e-3, 1e-9))
    assert stiff > 3 * gentle
    assert 3 * loose < tight < 100 * loose


@PAIRS
def test_too_few_steps_end_in_a_message_and_keep_what_was_done(pair):
    fast = bn.inputs.Step(amplitude=10.0, start=5.0)
    with pytest.raises(bn.NumericalFailure, match=r"`V` became NaN at t = \d") as caught:
        bn.simulate(bn.neurons.HodgkinHuxley(), T=20, dt=2.5, I=fast, method=pair(max_steps=12))
    assert np.isfinite(caught.value.partial.V[:1]).all()


def test_a_solution_that_ends_is_told_with_its_time():
    class Blowup(bn.Model):
        x = bn.state(1.0)

        def vector_field(self, t, s, u):
            return dict(x=s.x**2)

    with pytest.raises(bn.NumericalFailure, match=r"`x` became NaN at t = 1(\.1)? ms") as caught:
        bn.simulate(Blowup(), T=5, dt=0.1, method="rkdp")
    partial = caught.value.partial
    np.testing.assert_allclose(partial.x[:9], 1 / (1 - partial.time[:9]), rtol=1e-4)


def test_a_sweep_equals_single_runs():
    """Every run has its own steps, also inside a batch."""
    fhn = bn.neurons.FitzHughNagumo()
    currents = [0.0, 0.5, 1.0]
    swept = bn.sweep(fhn, {"I": currents}, T=20, dt=2.0, method="rkdp")
    for I in currents:
        single = bn.simulate(fhn, T=20, dt=2.0, I=I, method="rkdp")
        np.testing.assert_allclose(swept.V.sel(I=I), single.V, rtol=1e-12)


def test_one_unit_is_as_accurate_in_a_crowd():
    """The largest error of all counts, not the mean: 199 resting units hide no spike."""
    hh = bn.neurons.HodgkinHuxley()
    I = np.zeros(200)
    I[7] = 10.0
    crowd = bn.simulate(hh, T=10, dt=1.0, I=I, size=200, record=["V"], method="rkdp")
    single = bn.simulate(hh, T=10, dt=1.0, I=10.0, record=["V"], method="rkdp")
    np.testing.assert_allclose(crowd.V[:, 7], single.V, atol=2e-3)


def test_the_derivative_forward_is_exact():
    """d/dk of exp(-k t) through the controlled steps."""

    def end(k):
        method = DormandPrince(rtol=1e-10, atol=1e-10)
        return method.step(lambda t, s: dict(x=-k * s.x), jnp.array(0.0), Record(x=jnp.array(1.0)), jnp.array(2.0)).x

    value, slope = jax.jvp(end, (jnp.array(0.7),), (jnp.array(1.0),))
    assert float(value) == pytest.approx(np.exp(-1.4), rel=1e-8)
    assert float(slope) == pytest.approx(-2 * np.exp(-1.4), rel=1e-6)


def test_without_control_the_derivative_backward_is_exact():
    def end(k):
        method = DormandPrince(adaptive=False)
        return method.step(lambda t, s: dict(x=-k * s.x), jnp.array(0.0), Record(x=jnp.array(1.0)), jnp.array(0.1)).x

    assert float(jax.grad(end)(0.7)) == pytest.approx(-0.1 * np.exp(-0.07), rel=1e-7)
